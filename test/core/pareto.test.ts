import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beats, criterionMeans, paretoBeam, type Scored } from '../../src/core/pareto.ts';
import type { Attempt } from '../../src/core/events.ts';

const scored = (overall: number, scores: Readonly<Record<string, number>>): Scored => ({
  overall,
  scores: new Map(Object.entries(scores)),
});

const score = fc.integer({ min: 1, max: 5 });
const whole = fc
  .record({ Clarity: score, Depth: score, Factuality: score })
  .map((s) => scored((s.Clarity + s.Depth + s.Factuality) / 3, s));

describe('a Pareto beam', () => {
  test('keeps what is best somewhere though it is not second overall', () => {
    const best = scored(4, { Clarity: 4, Depth: 4 });
    const second = scored(3.9, { Clarity: 3.9, Depth: 3.9 });
    const deep = scored(3, { Clarity: 1, Depth: 5 });
    expect(paretoBeam([second, deep, best], 2)).toEqual([best, deep]);
  });

  test('keeps nothing that another one beats, the best overall first, and no more than its width', () => {
    fc.assert(
      fc.property(
        fc.array(whole, { maxLength: 12 }),
        fc.integer({ min: 1, max: 6 }),
        (all, width) => {
          const kept = paretoBeam(all, width);
          expect(kept.length).toBeLessThanOrEqual(width);
          expect(kept.length === 0).toBe(all.length === 0);
          for (const one of kept) for (const other of all) expect(beats(other, one)).toBe(false);
          for (const { overall } of all) expect(kept[0]?.overall).toBeGreaterThanOrEqual(overall);
        },
      ),
    );
  });

  test('has the best of every criterion, where there is room for all', () => {
    fc.assert(
      fc.property(fc.array(whole, { minLength: 1, maxLength: 12 }), (all) => {
        const kept = paretoBeam(all, all.length);
        for (const name of ['Clarity', 'Depth', 'Factuality']) {
          const best = (of: readonly Scored[]) =>
            Math.max(...of.map(({ scores }) => scores.get(name) ?? 0));
          expect(best(kept)).toBe(best(all));
        }
      }),
    );
  });

  test('compares only on criteria that both were rated on', () => {
    expect(beats(scored(3, { Clarity: 3 }), scored(2, { Depth: 5 }))).toBe(true);
    expect(beats(scored(3, { Clarity: 3 }), scored(2, { Clarity: 5 }))).toBe(false);
  });
});

test('means by criterion leave out what could not be read', () => {
  const attempt = (ratings: Attempt['ratings']): Attempt => ({
    candidate: 'p1',
    query: 'q',
    split: 'train',
    examples: [],
    answer: 'x',
    answerCut: false,
    ratings,
    reward: null,
    cuts: [],
    replies: [],
  });
  const means = criterionMeans([
    attempt([
      { criterion: 'Depth', score: 2 },
      { criterion: 'Clarity', score: 5 },
    ]),
    attempt(null),
    attempt([{ criterion: 'Depth', score: 3 }]),
  ]);
  expect([...means]).toEqual([
    ['Depth', 2.5],
    ['Clarity', 5],
  ]);
});
