import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dice, seedAt } from '../../src/core/random.ts';
import { mean } from '../../src/core/rating.ts';
import { pairedDifference, pairedInterval, quantile } from '../../src/core/statistics.ts';

/** Seeded normal values, by Box and Muller. */
function normal(count: number, centre: number, seed: number): readonly number[] {
  const roll = dice(seedAt(seed, 'normal'));
  const uniform = () => (roll(1_000_000) + 0.5) / 1_000_000;
  return Array.from(
    { length: count },
    () => centre + Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

const differences = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), {
  minLength: 2,
  maxLength: 12,
});

describe('the interval of paired differences', () => {
  test('covers their mean and lies within their range', () => {
    fc.assert(
      fc.property(differences, fc.nat(), (values, seed) => {
        const { low, high } = pairedInterval(values, seed);
        const centre = mean(values);
        expect(low).toBeLessThanOrEqual(centre + 1e-9);
        expect(high).toBeGreaterThanOrEqual(centre - 1e-9);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(high).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
      }),
      { numRuns: 50 },
    );
  });

  test('narrows as there are more of them, about with the root of their number', () => {
    const width = (count: number) => {
      const { low, high } = pairedInterval(normal(count, 0, 3), 1);
      return high - low;
    };
    expect(width(40)).toBeLessThan(width(10));
    expect(width(160)).toBeLessThan(width(40));
    expect(width(40) / width(160)).toBeGreaterThan(1.5);
    expect(width(40) / width(160)).toBeLessThan(2.5);
  });

  test('is the same for the same seed, and another for another', () => {
    const values = normal(20, 0.3, 5);
    expect(pairedInterval(values, 8)).toEqual(pairedInterval(values, 8));
    expect(pairedInterval(values, 8)).not.toEqual(pairedInterval(values, 9));
  });

  test('of 20 normal differences holds their true mean in 90 to 97 of 100 runs', () => {
    const truth = 0.4;
    const runs = Array.from({ length: 400 }, (_, seed) => {
      const { low, high } = pairedInterval(normal(20, truth, seed), seed);
      return low <= truth && truth <= high;
    });
    const covered = runs.filter(Boolean).length / runs.length;
    expect(covered).toBeGreaterThanOrEqual(0.9);
    expect(covered).toBeLessThanOrEqual(0.97);
  });

  test('of equal differences is that difference', () => {
    expect(pairedInterval([0.5, 0.5, 0.5, 0.5], 1)).toEqual({ low: 0.5, high: 0.5 });
  });

  test.each([[[]], [[4]]])('of %j excludes no difference that ratings can have', (values) => {
    const { low, high } = pairedInterval(values, 1);
    expect(low).toBeLessThanOrEqual(-4);
    expect(high).toBeGreaterThanOrEqual(4);
  });

  test.each([[[]], [[4]], [[1, 2]]])('of %j can be written to a file and read again', (values) => {
    const interval = pairedInterval(values, 1);
    expect(JSON.parse(JSON.stringify(interval))).toEqual(interval);
  });
});

describe('quantiles', () => {
  test('are the ends, the middle, and between neighbours in proportion', () => {
    const sorted = [0, 10, 20, 30];
    expect([0, 0.5, 1, 0.25].map((p) => quantile(sorted, p))).toEqual([0, 15, 30, 7.5]);
  });
});

test('a difference comes with its interval; of nothing it is none', () => {
  expect(pairedDifference([1, 1, 1], 4)).toEqual({
    difference: 1,
    interval: { low: 1, high: 1 },
  });
  expect(pairedDifference([], 4).difference).toBe(0);
});
