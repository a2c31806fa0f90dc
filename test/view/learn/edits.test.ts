import { expect, test } from 'vitest';
import { lessonsOf } from '../../../src/view/learn/edits.ts';
import { recorded } from './recorded.ts';

const { run } = recorded();

test('an edit’s story runs from a weak answer of the parent to a query that both met later', () => {
  const lessons = lessonsOf(run);
  expect(lessons.length).toBe(run.candidates.length - 1);
  for (const { parent, child, weak, weakest, before, after, gain } of lessons) {
    expect(weak.candidate).toBe(parent.id);
    expect(weak.ratings?.every((r) => r.score >= weakest.score)).toBe(true);
    expect([before.candidate, after.candidate]).toEqual([parent.id, child.id]);
    expect(after.query).toBe(before.query);
    expect(after.query).not.toBe(child.query);
    expect(Number.isFinite(gain)).toBe(true);
  }
  expect(lessons.map((l) => l.gain)).toEqual(lessons.map((l) => l.gain).toSorted((a, b) => b - a));
});
