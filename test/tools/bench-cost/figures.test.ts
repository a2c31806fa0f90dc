import { expect, test } from 'vitest';
import type { Purpose } from '../../../src/core/llm.ts';
import { figuresOf, linesOf } from '../../../tools/bench-cost/figures.ts';
import type { Asked, Measured } from '../../../tools/bench-cost/measure.ts';

function asked(purpose: Purpose, outputTokens: number, change: Partial<Asked> = {}): Asked {
  const usage = { promptTokens: 100, reusedTokens: 40, outputTokens, elapsedMs: 0 };
  const role = purpose === 'answer' ? 'base' : purpose === 'rewrite' ? 'optimizer' : 'evaluator';
  return { phase: 'search', role, purpose, usage, ...change };
}

/** Two answers of 101 tokens, and one more in the selection. */
function aRun(reason: number): Measured {
  return {
    search: [
      asked('choose-criteria', 11),
      ...[asked('answer', 101), asked('answer', 101)],
      ...[asked('rate', 1), asked('rate', 1), asked('rate', 1)],
      asked('explain', reason + 1),
      asked('rewrite', 21),
      asked('answer', 101, { phase: 'selection' }),
    ],
    written: [asked('rate', 61), asked('rate', 81), asked('rate', 71)],
    writtenAsRated: [asked('rate', 31), asked('rate', 41), asked('rate', 36)],
    levels: [['q1', 'q2']],
    attempts: [],
    unreadable: 1,
  };
}

test("the figures are steps over tokens, and the reasons of ours are not the paper's", () => {
  expect(figuresOf(aRun(10))).toEqual({
    decodedOverAnswers: Number(((300 + 10 + 10 + 20) / 303).toFixed(4)),
    paperDecodedOverAnswers: Number(((300 + 10 + 20 + 60 + 80 + 70) / 303).toFixed(4)),
    judgeTokensRatio: (10 + 60 + 80 + 70) / (10 + 10),
  });
});

test('an evaluator that decodes nothing counts as one token', () => {
  const run = { search: [asked('answer', 101)], written: [asked('rate', 61)] };
  expect(figuresOf(run).judgeTokensRatio).toBe(60);
});

test('the lines have costs for each answer, and say which bars are met', () => {
  const lines = linesOf(aRun(10));
  expect(lines).toContain(`${'ours'.padEnd(28)}      3.00     180.0     113.3`);
  expect(lines).toContain(`${'  reasons'.padEnd(28)}      0.33      20.0       3.3`);
  expect(lines).toContain(`${'paper protocol'.padEnd(28)}      2.67     160.0     180.0`);
  expect(lines.filter((line) => line.endsWith(': met'))).toHaveLength(2);
  expect(lines).toContain('1 written ratings could not be read.');
  expect(lines).toContain(`  without the selection: ${(240 / 202).toFixed(4)}`);
  expect(lines).toContain('  written on no more criteria than ours: 5.75');
});

test('a bar that is missed is said to be', () => {
  const lines = linesOf(aRun(110));
  expect(lines.filter((line) => line.endsWith('MISSED'))).toEqual([
    'decoded / answer tokens, ours: 1.4521 (at most 1.15): MISSED',
    "the evaluator's decoding, paper protocol / ours: 1.83 (at least 8): MISSED",
  ]);
});
