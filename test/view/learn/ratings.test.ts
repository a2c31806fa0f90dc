import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tellingRatings, withShare } from '../../../src/view/learn/ratings.ts';
import { recorded } from './recorded.ts';

describe('five probabilities of which one is moved', () => {
  const five = fc
    .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 })
    .map((weights) => {
      const sum = weights.reduce((a, b) => a + b, 0);
      return sum > 1e-6 ? weights.map((w) => w / sum) : [1, 0, 0, 0, 0];
    });

  test('still sum to 1, and the others keep their proportions', () => {
    fc.assert(
      fc.property(
        five,
        fc.nat({ max: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (p, at, s) => {
          const moved = withShare(p, at, s);
          expect(moved.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
          expect(moved[at]).toBe(s);
          expect(moved.every((x) => x >= 0)).toBe(true);
          const others = [0, 1, 2, 3, 4].filter((i) => i !== at);
          const sum = others.reduce((a, i) => a + (p[i] ?? 0), 0);
          for (const i of sum > 0 ? others : []) {
            expect((moved[i] ?? 0) * sum).toBeCloseTo((p[i] ?? 0) * (1 - s), 9);
          }
        },
      ),
    );
  });

  test('share the rest evenly where the others had nothing', () => {
    expect(withShare([1, 0, 0, 0, 0], 0, 0.2)).toEqual([0.2, 0.2, 0.2, 0.2, 0.2]);
  });
});

test('the ratings to look at begin with the least sure, and no answer comes twice', () => {
  const ratings = tellingRatings(recorded().run, 4);
  expect(ratings.length).toBe(4);
  expect(new Set(ratings.map((r) => r.attempt.answer)).size).toBe(4);
  const [first, last] = [ratings[0], ratings.at(-1)].map((r) =>
    Math.max(...(r?.rating.probabilities ?? [])),
  );
  expect(first).toBeLessThan(last ?? 0);
});
