import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Attempt } from '../../src/core/events.ts';
import { headroomOf, leastGain, type HeadroomArm, type TriedArm } from '../../src/core/headroom.ts';
import type { JudgeCheck } from '../../src/core/judge-check.ts';
import { attempt } from './builders.ts';

const measure = { seed: 7, method: 'studentised' } as const;

/** An arm that got these rewards, query by query; null where its rating could not be read. */
function arm(name: HeadroomArm, rewards: readonly (number | null)[]): TriedArm {
  const attempts = rewards.map((r, i): Attempt =>
    attempt(`headroom-${name}`, `t${i}`, r === null ? null : [r]),
  );
  return { arm: name, attempts };
}

/** Twelve rewards about a centre that follow each other in a small wave, the same for all arms but for `shift`. */
const about = (centre: number, width = 0.1) =>
  Array.from({ length: 12 }, (_, i) => centre + width * Math.sin(i * 2.1));

/** As `about`, with a wave of another length. */
const anew = (centre: number, width = 0.1) =>
  Array.from({ length: 12 }, (_, i) => centre + width * Math.sin(i * 1.3 + 1));

const told = (arms: readonly TriedArm[], check: JudgeCheck | null = null) => {
  const { conclusion, why } = headroomOf(arms, check, measure);
  return [conclusion, why];
};

const check = (tells: boolean): JudgeCheck => ({
  right: 4,
  wrong: tells ? 2 : 4,
  pairs: 8,
  interval: tells ? { low: 1, high: 3 } : { low: -1, high: 1 },
  tells,
});

describe('how much there is to win', () => {
  test('is little where not even a perfect prompt could win a quarter of a point', () => {
    const arms = [arm('start', about(4.85)), arm('none', anew(2)), arm('hand-written', anew(4.9))];
    expect(told(arms)).toEqual(['little', 'near-five']);
  });

  test('is little where the start is good and nothing tried can be better by a quarter of a point', () => {
    const arms = [arm('start', about(4.65)), arm('hand-written', anew(4.68))];
    expect(told(arms)).toEqual(['little', 'none-better']);
  });

  test('is room where something tried is better, however good the start is rated', () => {
    const arms = [arm('start', about(4.6)), arm('none', anew(4)), arm('examples', anew(4.89))];
    expect(told(arms)).toEqual(['room', 'shown']);
  });

  test('is room where the start is no better than fair, though nothing tried beats it', () => {
    const arms = [arm('start', about(3.2)), arm('hand-written', anew(3.1)), arm('none', anew(3.2))];
    expect(told(arms)).toEqual(['room', 'open']);
  });

  test('is room where a good start has not been set against anything that could do better', () => {
    expect(told([arm('start', about(4.65)), arm('none', anew(4.65))])).toEqual(['room', 'open']);
    expect(told([arm('start', about(4.65))])).toEqual(['room', 'open']);
  });

  test('is not known from fewer than eight readable answers, nor from a judge that cannot tell', () => {
    const seven = about(5, 0).map((r, i) => (i < 7 ? r : null));
    const eight = about(5, 0).map((r, i) => (i < 8 ? r : null));
    expect(told([arm('start', seven)])).toEqual(['unknown', 'too-few']);
    expect(told([arm('start', eight)])).toEqual(['little', 'near-five']);
    expect(told([arm('start', about(4.9))], check(false))).toEqual([
      'unknown',
      'judge-cannot-tell',
    ]);
    expect(told([arm('start', about(4.9))], check(true))).toEqual(['little', 'near-five']);
    expect(told([arm('start', [null, null])])).toEqual(['unknown', 'too-few']);
    expect(told([])).toEqual(['unknown', 'too-few']);
  });

  test('leaves ratings that could not be read out of means, and pairs queries by name', () => {
    const start = arm('start', [4, null, 2, 3, 3, 4, 5, 3, 4]);
    const rival = arm('none', [5, 5, 3, null, 4, 5, 5, 4, 5]);
    const { arms, gap } = headroomOf([start, { ...rival, attempts: rival.attempts.toReversed() }], null, measure); // prettier-ignore
    expect(arms[0]).toMatchObject({ arm: 'start', mean: 3.5, readable: 8, queries: 9, gain: null });
    expect(arms[1]).toMatchObject({ arm: 'none', mean: 4.5, readable: 8, queries: 9 });
    expect(arms[1]?.gain).toMatchObject({ pairs: 7, difference: 6 / 7, shown: true });
    expect(gap?.mean).toBe(1.5);
  });

  test('gives each criterion’s share of ratings from 4.5 on, of the start alone', () => {
    const attempts = [attempt('a', 't0', [5, 2]), attempt('a', 't1', [4.5, 4.6]), attempt('a', 't2', [4.4])]; // prettier-ignore
    const arms: TriedArm[] = [{ arm: 'start', attempts }, arm('none', [1, 1, 1])];
    expect(headroomOf(arms, null, measure).tops).toEqual([
      { criterion: 'Helpfulness', ratings: 3, top: 2 / 3 },
      { criterion: 'Clarity', ratings: 2, top: 1 / 2 },
    ]);
  });

  test('corrects what is better for the number of those tried', () => {
    const start = arm('start', about(3, 0));
    // On its own the interval lies just above 0.
    const gain = about(0.1, 0.205);
    const better = arm('examples', gain.map((d) => 3 + d)); // prettier-ignore
    const alone = headroomOf([start, better], null, measure).arms[1]?.gain;
    const among = [start, better, arm('none', anew(2)), arm('hand-written', anew(3))];
    const corrected = headroomOf(among, null, measure).arms[1]?.gain;
    expect(alone?.interval.low).toBeGreaterThan(0);
    expect(alone?.shown).toBe(true);
    expect(corrected).toEqual({ ...alone, shown: false });
  });

  test('is never little while something tried may be better by that much and the start may be below the bar', () => {
    const reward = fc.option(fc.double({ min: 1, max: 5, noNaN: true }), { freq: 8 });
    const rewards = fc.array(reward, { maxLength: 14 });
    fc.assert(
      fc.property(rewards, rewards, rewards, (a, b, c) => {
        const arms = [arm('start', a), arm('hand-written', b), arm('none', c)];
        const said = headroomOf(arms, null, measure);
        for (const one of said.arms) {
          expect(one.interval.low).toBeLessThanOrEqual((one.mean ?? 5) + 1e-9);
          expect(one.interval.high).toBeGreaterThanOrEqual((one.mean ?? 1) - 1e-9);
          expect(one.interval.low).toBeGreaterThanOrEqual(1);
          expect(one.interval.high).toBeLessThanOrEqual(5);
        }
        if (said.conclusion !== 'little') return;
        const most = said.gap?.interval.high ?? 4;
        const beaten = said.arms.some((r) => (r.gain?.interval.high ?? 0) >= leastGain);
        expect(most).toBeLessThan(beaten ? leastGain : 0.5);
      }),
      { numRuns: 60 },
    );
  });
});
