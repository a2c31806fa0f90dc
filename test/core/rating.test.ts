import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectedScore, judgeNoise, mean, reward } from '../../src/core/rating.ts';
import { around } from './builders.ts';

test('the noise between two answers is that of their mean ratings together', () => {
  const torn = { criterion: 'Clarity', score: 3, probabilities: [0.5, 0, 0, 0, 0.5] };
  const sure = { criterion: 'Depth', score: 4, probabilities: [0, 0, 0, 1, 0] };
  expect(judgeNoise([torn], [sure])).toBeCloseTo(2);
  expect(judgeNoise([torn, sure], [sure, sure])).toBeCloseTo(1);
  expect(judgeNoise([torn], [torn])).toBeCloseTo(Math.SQRT2 * 2);
  expect(judgeNoise([{ criterion: 'Clarity', score: 3 }], [sure])).toBe(0);
  expect(judgeNoise([], [])).toBe(0);
});

test('a reward is the mean of the ratings', () => {
  expect(
    reward([
      { criterion: 'Clarity', score: 2 },
      { criterion: 'Depth', score: 5 },
    ]),
  ).toBe(3.5);
});

test('an unreadable rating has no reward, and neither has one of no criteria', () => {
  expect(reward(null)).toBeNull();
  expect(reward([])).toBeNull();
});

test('an expected score lies within 1 to 5, at the ends for a judge that is sure', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(weights, (given) => {
      const total = given.reduce((a, b) => a + b, 0);
      fc.pre(total > 0);
      const score = expectedScore(given.map((w) => w / total));
      expect(score).toBeGreaterThanOrEqual(1 - 1e-9);
      expect(score).toBeLessThanOrEqual(5 + 1e-9);
    }),
  );
  expect(expectedScore(around(1))).toBe(1);
  expect(expectedScore(around(5))).toBe(5);
  expect(expectedScore([0.2, 0.2, 0.2, 0.2, 0.2])).toBeCloseTo(3);
});

test('a mean of nothing is not a number', () => {
  expect(mean([])).toBeNaN();
});
