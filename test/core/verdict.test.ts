import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Arm } from '../../src/core/events.ts';
import {
  armResult,
  checkJudge,
  compare,
  fewestPairs,
  verdictOf,
  type JudgeCheck,
  type TestedArm,
} from '../../src/core/verdict.ts';
import { attempt } from './builders.ts';

/** An arm with one reward a query; null for an unreadable one. */
function arm(name: Arm, rewards: readonly (number | null)[]): TestedArm {
  return {
    arm: name,
    attempts: rewards.map((r, i) => attempt(name, `x${i}`, r === null ? null : [r])),
  };
}

const fit = checkJudge(
  Array.from({ length: 6 }, () => ({ right: 4, wrong: 2 })),
  1,
);
const unfit = checkJudge(
  Array.from({ length: 6 }, () => ({ right: 3, wrong: 3 })),
  1,
);

describe('the judge check', () => {
  test('a judge that rates right answers higher tells', () => {
    expect(fit).toEqual({
      right: 4,
      wrong: 2,
      pairs: 6,
      interval: { low: 2, high: 2 },
      tells: true,
    });
  });

  test.each<[string, readonly { right: number; wrong: number }[]]>([
    ['rates all alike', Array.from({ length: 12 }, () => ({ right: 3, wrong: 3 }))],
    ['prefers wrong answers', Array.from({ length: 12 }, () => ({ right: 2, wrong: 4 }))],
    [
      'is right half of the time',
      Array.from({ length: 12 }, (_, i) => ({ right: 3, wrong: i % 2 ? 2 : 4 })),
    ],
    ['could be read nowhere', []],
    ['could be read once', [{ right: 5, wrong: 1 }]],
    ['could be read too rarely', Array.from({ length: 3 }, () => ({ right: 5, wrong: 1 }))],
  ])('a judge that %s does not tell', (_, pairs) => {
    expect(checkJudge(pairs, 1).tells).toBe(false);
  });
});

describe('comparing two prompts', () => {
  test('pairs them query by query and leaves out what either was not rated on', () => {
    const found = arm('found', [4, null, 3, 5, 2]);
    const start = arm('start', [3, 5, null, 5, 4]);
    expect(compare(found, start, 1)).toMatchObject({
      against: 'start',
      difference: -1 / 3,
      pairs: 3,
      wins: 1,
      ties: 1,
      losses: 1,
      outcome: 'no-difference',
    });
  });

  test('swapping the two turns the difference round', () => {
    const rewards = fc.array(fc.double({ min: 1, max: 5, noNaN: true }), {
      minLength: 6,
      maxLength: 12,
    });
    fc.assert(
      fc.property(rewards, rewards, (a, b) => {
        const one = compare(arm('found', a), arm('start', b), 1);
        const other = compare(arm('found', b), arm('start', a), 1);
        expect(other.difference).toBeCloseTo(-one.difference, 9);
        expect([other.wins, other.ties, other.losses]).toEqual([one.losses, one.ties, one.wins]);
      }),
      { numRuns: 30 },
    );
  });

  test('wins, ties and losses are all the pairs', () => {
    const rewards = fc.array(fc.option(fc.constantFrom(1, 2, 3.5, 5)), { maxLength: 9 });
    fc.assert(
      fc.property(rewards, rewards, (a, b) => {
        const { pairs, wins, ties, losses } = compare(arm('found', a), arm('start', b), 1);
        expect(wins + ties + losses).toBe(pairs);
      }),
      { numRuns: 30 },
    );
  });
});

test('an arm’s result counts what could be read and what was asked', () => {
  expect(armResult(arm('found', [4, null, 2]))).toEqual({
    arm: 'found',
    mean: 3,
    readable: 2,
    queries: 3,
    answerChars: 'answer of found to x0'.length,
  });
  expect(armResult(arm('found', [null])).mean).toBeNull();
  expect(armResult(arm('found', []))).toEqual({
    arm: 'found',
    mean: null,
    readable: 0,
    queries: 0,
    answerChars: 0,
  });
});

describe('the verdict', () => {
  const high = [4, 4.2, 4.4, 4.1, 4.3, 4.2];
  const low = [3, 3.1, 3.2, 3.1, 2.9, 3];
  const few = high.slice(0, fewestPairs - 1);
  const fewLow = low.slice(0, fewestPairs - 1);

  test.each<[string, readonly TestedArm[], JudgeCheck | null, string, string]>([
    ['better', [arm('start', low), arm('found', high)], fit, 'better', 'measured'],
    ['worse', [arm('start', high), arm('found', low)], fit, 'worse', 'measured'],
    ['the same', [arm('start', low), arm('found', low)], fit, 'no-difference', 'measured'],
    [
      'now better, now worse',
      [arm('start', [3, 4, 3, 4, 3, 4]), arm('found', [4, 3, 4, 3, 4, 3])],
      fit,
      'no-difference',
      'measured',
    ],
    [
      'better, the judge unchecked',
      [arm('start', low), arm('found', high)],
      null,
      'better',
      'measured',
    ],
    [
      'better, by a judge that cannot tell',
      [arm('start', low), arm('found', high)],
      unfit,
      'no-difference',
      'judge-cannot-tell',
    ],
    [
      'better on too few queries',
      [arm('start', fewLow), arm('found', few)],
      fit,
      'no-difference',
      'too-few-pairs',
    ],
    [
      'unreadable',
      [
        arm('start', low),
        arm(
          'found',
          low.map(() => null),
        ),
      ],
      fit,
      'no-difference',
      'too-few-pairs',
    ],
    ['the start itself', [arm('found', high)], fit, 'no-difference', 'unchanged'],
    [
      'the start itself, worse than the hand-written',
      [arm('hand-written', high), arm('found', low)],
      fit,
      'no-difference',
      'unchanged',
    ],
    ['nowhere', [], fit, 'no-difference', 'not-tested'],
  ])('a found prompt that is %s', (_, arms, check, outcome, why) => {
    expect(verdictOf(arms, check, 1)).toMatchObject({ outcome, why });
  });

  test('is about the start, whatever the hand-written prompt does', () => {
    const verdict = verdictOf(
      [arm('start', low), arm('hand-written', [5, 5, 5, 5, 5, 5]), arm('found', high)],
      fit,
      1,
    );
    expect(verdict.outcome).toBe('better');
    expect(verdict.comparisons.map((c) => [c.against, c.outcome])).toEqual([
      ['start', 'better'],
      ['hand-written', 'worse'],
    ]);
    expect(verdict.arms.map((a) => a.arm)).toEqual(['start', 'hand-written', 'found']);
  });

  test('is never "better" unless the whole interval lies above 0', () => {
    const reward = fc.option(fc.double({ min: 1, max: 5, noNaN: true }), { freq: 8 });
    const pair = fc.array(fc.tuple(reward, reward), { maxLength: 12 });
    fc.assert(
      fc.property(pair, (pairs) => {
        const verdict = verdictOf(
          [
            arm(
              'start',
              pairs.map((p) => p[0]),
            ),
            arm(
              'found',
              pairs.map((p) => p[1]),
            ),
          ],
          null,
          1,
        );
        const [comparison] = verdict.comparisons;
        if (verdict.outcome === 'better') {
          expect(comparison?.interval.low).toBeGreaterThan(0);
          expect(comparison?.pairs).toBeGreaterThanOrEqual(fewestPairs);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('holds no number that a file cannot hold', () => {
    const verdict = verdictOf([arm('start', [null, 3]), arm('found', [2, null])], fit, 1);
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  });
});
