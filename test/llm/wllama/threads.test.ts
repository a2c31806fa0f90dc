import { expect, test } from 'vitest';
import { threadsFor, threadsNote } from '../../../src/llm/wllama/threads.ts';

const big = 1e9;
const small = 3e6;
const cores = (logical: number, isolated = true): Parameters<typeof threadsFor>[1] => ({
  isolated,
  logical,
});

test.each([
  [big, cores(16), 8],
  [big, cores(64), 8],
  [big, cores(8), 4],
  [big, cores(4), 2],
  [big, cores(3), 1],
  [big, cores(2), 1],
  [big, cores(1), 1],
  [big, cores(8, false), 1],
  [small, cores(8), 1],
])('a file of %d bytes on %o takes %d threads', (bytes, machine, threads) => {
  expect(threadsFor(bytes, machine)).toBe(threads);
});

test('a person is told what it runs on, and what more there could be', () => {
  expect(threadsNote(big, cores(8))).toBe('Runs on 4 processor threads.');
  expect(threadsNote(small, cores(8, false))).toBe('Runs on one processor thread.');
  expect(threadsNote(big, cores(8, false))).toMatch(/not isolated\. Reload it.* run on 4\.$/);
});
