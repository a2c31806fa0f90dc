import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Arm } from '../../src/core/events.ts';
import { checkJudge, type JudgeCheck } from '../../src/core/judge-check.ts';
import {
  armResult,
  compare,
  compareAll,
  compareByCriterion,
  fewestPairs,
  verdictOf,
  type Measure,
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

const measure: Measure = { seed: 1, method: 'studentised' };

describe('comparing two prompts', () => {
  test('pairs them query by query and leaves out what either was not rated on', () => {
    const found = arm('found', [4, null, 3, 5, 2]);
    const start = arm('start', [3, 5, null, 5, 4]);
    expect(compare(found, start, measure)).toMatchObject({
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
        const one = compare(arm('found', a), arm('start', b), measure);
        const other = compare(arm('found', b), arm('start', a), measure);
        expect(other.difference).toBeCloseTo(-one.difference, 9);
        expect([other.wins, other.ties, other.losses]).toEqual([one.losses, one.ties, one.wins]);
        expect(other.interval.low).toBeCloseTo(-one.interval.high, 9);
        expect(other.interval.high).toBeCloseTo(-one.interval.low, 9);
        const turned = { better: 'worse', worse: 'better', 'no-difference': 'no-difference' };
        expect(other.outcome).toBe(turned[one.outcome]);
      }),
      { numRuns: 30 },
    );
  });

  test('wins, ties and losses are all the pairs', () => {
    const rewards = fc.array(fc.option(fc.constantFrom(1, 2, 3.5, 5)), { maxLength: 9 });
    fc.assert(
      fc.property(rewards, rewards, (a, b) => {
        const { pairs, wins, ties, losses } = compare(arm('found', a), arm('start', b), measure);
        expect(wins + ties + losses).toBe(pairs);
      }),
      { numRuns: 30 },
    );
  });
});

describe('comparing with several prompts', () => {
  const others = ['start', 'hand-written', 'found-alone', 'none'] as const;
  const start = [3, 3, 3, 3, 3, 3, 3, 3, 3, 3];
  const by = (differences: readonly number[]) => differences.map((d) => 3 + d);
  /** Just above 0 on its own, and no longer where it is one of two. */
  const barely = by([0.6, -0.1, 0.5, 0.3, 0, 0.4, 0.1, 0.5, -0.1, 0.4]);
  const outcomes = (name: (typeof others)[number][], method: Measure['method'] = 'studentised') =>
    compareAll(
      arm('found', barely),
      name.map((n) => arm(n, start)),
      { seed: 1, method },
    ).map((c) => [c.against, c.outcome]);

  test('a difference that stands alone falls where three were looked at, but not against the start', () => {
    expect(outcomes(['hand-written'])).toEqual([['hand-written', 'better']]);
    expect(outcomes([...others])).toEqual([
      ['start', 'better'],
      ['hand-written', 'no-difference'],
      ['found-alone', 'no-difference'],
      ['none', 'no-difference'],
    ]);
  });

  test('a strong difference stands whatever the others do', () => {
    const found = by([2, 1.8, 2.1, 1.9, 2.2, 1.7, 2, 2.1, 1.9, 2]);
    const same = found.map((r, i) => r + (i % 2 ? 0.1 : -0.1));
    expect(
      compareAll(
        arm('found', found),
        [
          arm('start', start),
          arm('none', start),
          arm('hand-written', same),
          arm('found-alone', same),
        ],
        measure,
      ).map((c) => c.outcome),
    ).toEqual(['better', 'better', 'no-difference', 'no-difference']);
  });

  test('never claims more than each comparison does alone, and nothing less against the start', () => {
    const reward = fc.constantFrom(1, 2, 2.5, 3, 3.5, 4, 5);
    const rewards = fc.array(reward, { minLength: 4, maxLength: 9 });
    const names = fc.subarray([...others]);
    fc.assert(
      fc.property(
        rewards,
        fc.array(rewards, { minLength: 4, maxLength: 4 }),
        names,
        (a, b, some) => {
          const found = arm('found', a);
          const against = some.map((name, i) => arm(name, b[i] ?? []));
          compareAll(found, against, measure).forEach((corrected, i) => {
            const alone = compare(found, against[i] ?? arm('none', []), measure);
            const claimed = corrected.outcome !== 'no-difference';
            if (claimed || corrected.against === 'start') expect(corrected).toEqual(alone);
            else expect({ ...corrected, outcome: alone.outcome }).toEqual(alone);
            if (corrected.outcome === 'better') expect(corrected.interval.low).toBeGreaterThan(0);
            if (corrected.outcome === 'worse') expect(corrected.interval.high).toBeLessThan(0);
          });
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('comparing criterion by criterion', () => {
  const of = (name: Arm, all: readonly (readonly number[] | null)[]): TestedArm => ({
    arm: name,
    attempts: all.map((scores, i) => attempt(name, `x${i}`, scores)),
  });

  test('takes the queries on which both were rated on it, and says how many', () => {
    const found = of('found', [[5, 4], [4, 4, 2], [3], null]);
    const start = of('start', [
      [2, 4],
      [3, 5],
      [3, 1],
      [1, 1],
    ]);
    expect(compareByCriterion(found, start, measure)).toMatchObject([
      { criterion: 'Helpfulness', found: 4, start: 8 / 3, difference: 4 / 3, pairs: 3 },
      { criterion: 'Clarity', found: 4, start: 4.5, difference: -0.5, pairs: 2 },
    ]);
  });

  test('a criterion on which nothing differs has no difference', () => {
    const same = Array.from({ length: 6 }, () => [4, 4]);
    const [first] = compareByCriterion(of('found', same), of('start', same), measure);
    expect(first).toEqual({
      criterion: 'Helpfulness',
      found: 4,
      start: 4,
      difference: 0,
      interval: { low: 0, high: 0 },
      pairs: 6,
    });
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
    expect(verdictOf(arms, check, measure)).toMatchObject({ outcome, why });
  });

  test('is about the start, whatever the hand-written prompt does', () => {
    const verdict = verdictOf(
      [arm('start', low), arm('hand-written', [5, 5, 5, 5, 5, 5]), arm('found', high)],
      fit,
      measure,
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
          measure,
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

  test('says how it was found, and how the two did on each criterion', () => {
    const verdict = verdictOf([arm('start', low), arm('found', high)], fit, measure);
    expect(verdict.method).toBe('studentised');
    expect(verdict.criteria).toMatchObject([{ criterion: 'Helpfulness', pairs: 6 }]);
  });

  test('of a run from before there was a choice says what it said then', () => {
    const verdict = verdictOf([arm('start', low), arm('found', high)], fit, {
      seed: 1,
      method: 'percentile',
    });
    expect(Object.keys(verdict)).toEqual(['outcome', 'why', 'arms', 'comparisons']);
  });

  test('of a found prompt that was tested alone compares it with nothing', () => {
    expect(verdictOf([arm('found', high)], fit, measure)).toMatchObject({
      comparisons: [],
      criteria: [],
    });
  });

  test('holds no number that a file cannot hold', () => {
    const verdict = verdictOf([arm('start', [null, 3]), arm('found', [2, null])], fit, measure);
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  });
});
