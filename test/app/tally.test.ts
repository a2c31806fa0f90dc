import { expect, test } from 'vitest';
import { Tally } from '../../src/app/tally.ts';
import type { RequestCounts } from '../../src/core/estimate.ts';
import type { JournalEntry } from '../../src/core/journal-entry.ts';
import type { Purpose, Role } from '../../src/core/llm.ts';

function entry(key: string, role: Role, purpose: Purpose, elapsedMs: number): JournalEntry {
  const usage = { promptTokens: 10, reusedTokens: 0, outputTokens: 2, elapsedMs };
  return {
    key,
    request: {
      role,
      purpose,
      model: { engine: 'e', id: 'm', revision: '1', contextSize: 512 },
      content: { type: 'text', parts: [] },
      output: { type: 'text', maxTokens: 8, stop: [] },
      sampling: { temperature: 0, topP: 1, seed: 1 },
    },
    reply: { type: 'text', text: '', finish: 'stop', cut: [], usage },
  };
}

const none: RequestCounts = {
  answer: 0,
  'choose-criteria': 0,
  rate: 0,
  explain: 0,
  rewrite: 0,
  improve: 0,
};

test('a reply counts once, however often it is used', () => {
  const tally = new Tally();
  tally.add(entry('a', 'base', 'answer', 100), false);
  tally.add(entry('a', 'base', 'answer', 100), true);
  tally.add(entry('b', 'base', 'answer', 50), true);
  tally.add(entry('c', 'evaluator', 'rate', 5), false);
  expect(tally.requests).toBe(3);
  expect(tally.fromJournal).toBe(1);
  expect(tally.elapsedMs).toBe(155);
  expect(tally.cost).toEqual({
    base: { requests: 2, promptTokens: 20, outputTokens: 4, elapsedMs: 150 },
    evaluator: { requests: 1, promptTokens: 10, outputTokens: 2, elapsedMs: 5 },
  });
});

test('what is left falls with every reply, to nothing', () => {
  const tally = new Tally();
  const expected = { ...none, answer: 4 };
  const left = [1, 2, 3, 4, 5].map((i) => {
    tally.add(entry(String(i), 'base', 'answer', 100), false);
    return tally.remainingMs(expected, null);
  });
  expect(left).toEqual([300, 200, 100, 0, 0]);
});

test('before a kind of request was seen its time is guessed, or nothing is said', () => {
  const tally = new Tally();
  const expected = { ...none, answer: 2, rate: 10 };
  expect(tally.remainingMs(expected, null)).toBeNull();
  expect(tally.remainingMs(expected, { ...none, answer: 100, rate: 3 })).toBe(230);
  tally.add(entry('a', 'base', 'answer', 500), false);
  expect(tally.remainingMs(expected, { ...none, answer: 100, rate: 3 })).toBe(530);
  expect(tally.remainingMs(expected, null)).toBeNull();
});
