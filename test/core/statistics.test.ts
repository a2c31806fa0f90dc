import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dice, seedAt } from '../../src/core/random.ts';
import { mean } from '../../src/core/rating.ts';
import type { IntervalMethod } from '../../src/core/settings.ts';
import {
  claimStrength,
  holm,
  intervalsOf,
  pairedDifference,
  pairedInterval,
  quantile,
  studentQuantile,
} from '../../src/core/statistics.ts';

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

/** Found minus start on the 18 test queries of a run from before there was a choice of method, with the interval it was given. */
const before = {
  differences: [
    1.1946499528484313, 0.878608697774649, 2.2711249459089418, 2.354069707632246,
    3.2050319004901917, 1.1000726724202505, 2.1226175948469344, 2.1704803384320455,
    2.061278292857719, 3.2885711765320096, 3.419267120894693, 1.912490562979611, 2.1050509513196234,
    2.3202548753093213, 3.284679870835199, 3.6356353355340074, 1.1637117729634592,
    2.121287112472011,
  ],
  seed: seedAt(1, 'verdict', 'start'),
  interval: { low: 1.8763288594803869, high: 2.6311108703204176 },
};

const ties = [0, 0, 0, 0.5, 0, 0, 1.25, 0, 0, 0, -0.25, 0, 0, 0.75, 0, 0, 0, 0.5];
const skewed = [0.1, 0, 0.2, 0.05, 3, 0.1, 0, 0.3, 0.15, 1.2, 0, 0.25];
const plain = [2.2, 1.1, 0.4, 2.6, 1.9, 1.3, -0.6, 2.1, 0.9, 1.7, 2.8, 1.2];

describe.each(['percentile', 'studentised'] as const)('the %s interval', (method) => {
  test('covers the mean and stays where differences of rewards can be', () => {
    fc.assert(
      fc.property(differences, fc.nat(), (values, seed) => {
        const { low, high } = pairedInterval(values, seed, method);
        const centre = mean(values);
        expect(low).toBeLessThanOrEqual(centre + 1e-9);
        expect(high).toBeGreaterThanOrEqual(centre - 1e-9);
        expect(low).toBeGreaterThanOrEqual(-4);
        expect(high).toBeLessThanOrEqual(4);
      }),
      { numRuns: 50 },
    );
  });

  test('moves with a constant that is added to every difference', () => {
    const small = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), {
      minLength: 8,
      maxLength: 12,
    });
    fc.assert(
      fc.property(small, fc.double({ min: -1, max: 1, noNaN: true }), (values, shift) => {
        const one = pairedInterval(values, 5, method);
        const moved = values.map((v) => v + shift);
        const other = pairedInterval(moved, 5, method);
        expect(other.low).toBeCloseTo(one.low + shift, 8);
        expect(other.high).toBeCloseTo(one.high + shift, 8);
      }),
      { numRuns: 40 },
    );
  });

  test('turns round with the sign of the differences', () => {
    fc.assert(
      fc.property(differences, fc.nat(), (values, seed) => {
        const one = pairedInterval(values, seed, method);
        const negative = values.map((v) => -v);
        const other = pairedInterval(negative, seed, method);
        expect(other.low).toBeCloseTo(-one.high, 9);
        expect(other.high).toBeCloseTo(-one.low, 9);
      }),
      { numRuns: 40 },
    );
  });

  test('is no narrower where it may err less often', () => {
    fc.assert(
      fc.property(differences, fc.nat(), (values, seed) => {
        const at = intervalsOf(values, seed, method);
        const [wide, narrow] = [at(0.01), at(0.05)];
        expect(wide.low).toBeLessThanOrEqual(narrow.low);
        expect(wide.high).toBeGreaterThanOrEqual(narrow.high);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the studentised interval', () => {
  // 400,000 resamples and a quantile by numerical integration, in another language with other dice.
  test.each([
    ['plain', plain, 0.05, 0.7449, 2.0787],
    ['plain', plain, 0.05 / 3, 0.5263, 2.2508],
    ['mostly ties', ties, 0.05, -0.0288, 0.5284],
    ['mostly ties', ties, 0.05 / 3, -0.0758, 0.6111],
    ['skewed', skewed, 0.05, -0.1058, 1.5083],
    ['skewed', skewed, 0.05 / 3, -0.261, 1.5708],
  ])('of %s differences is what an independent implementation gives', (...given) => {
    const [, values, error, low, high] = given;
    const interval = intervalsOf(values, 7)(error);
    // 4,000 resamples leave some 5 % of doubt in a tail's quantile.
    const doubt = 0.05 * (high - low);
    expect(Math.abs(interval.low - low)).toBeLessThan(doubt);
    expect(Math.abs(interval.high - high)).toBeLessThan(doubt);
  });

  test('is never narrower on either side than Student’s', () => {
    fc.assert(
      fc.property(differences, fc.nat(), (values, seed) => {
        const { low, high } = pairedInterval(values, seed);
        const [n, centre] = [values.length, mean(values)];
        const variance = values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / (n - 1);
        const half = studentQuantile(0.975, n - 1) * Math.sqrt(variance / n);
        // Differences that are the same but for their last digits count as the same.
        expect(low).toBeLessThanOrEqual(Math.max(-4, centre - half) + 1e-7);
        expect(high).toBeGreaterThanOrEqual(Math.min(4, centre + half) - 1e-7);
      }),
      { numRuns: 50 },
    );
  });

  test('reaches further to the side of a long tail, which no sample shows whole', () => {
    const { low, high } = pairedInterval(skewed, 1);
    const centre = mean(skewed);
    expect(high - centre).toBeGreaterThan(1.5 * (centre - low));
  });

  test('of two differences says next to nothing', () => {
    expect(pairedInterval([1, 2], 1)).toEqual({ low: -4, high: 4 });
  });

  test('stays bounded where resamples have no variance at all', () => {
    const one = Array.from({ length: 18 }, (_, i) => (i === 0 ? 1 : 0));
    const { low, high } = pairedInterval(one, 3);
    expect(low).toBeGreaterThan(-0.2);
    expect(high).toBeLessThan(0.5);
    expect(low).toBeLessThan(0);
  });

  test('of many ties holds the truth more often than the percentile one', () => {
    const truth = 0.4 * 0.5;
    const roll = dice(seedAt(2, 'ties'));
    const samples = Array.from({ length: 150 }, (_, seed) =>
      normal(12, 0.4, seed).map((d) => (roll(2) === 0 ? 0 : d)),
    );
    const misses = (method: IntervalMethod) =>
      samples.filter((sample, seed) => {
        const { low, high } = pairedInterval(sample, seed, method);
        return truth < low || truth > high;
      }).length;
    expect(misses('studentised')).toBeLessThan(misses('percentile'));
    expect(misses('studentised')).toBeLessThanOrEqual(15);
  });
});

test('a run from before there was a choice keeps its interval to the last digit', () => {
  expect(pairedInterval(before.differences, before.seed, 'percentile')).toEqual(before.interval);
  expect(pairedInterval(before.differences, before.seed)).not.toEqual(before.interval);
});

test.each([
  [0.975, 1, 12.7062],
  [0.975, 2, 4.3027],
  [0.995, 2, 9.9248],
  [0.975, 4, 2.7764],
  [0.995, 11, 3.1058],
  [0.975, 17, 2.1098],
  [0.975, 59, 2.001],
])('%d of Student’s t with %i degrees of freedom lies below %d', (p, freedom, value) => {
  expect(studentQuantile(p, freedom)).toBeCloseTo(value, 3);
});

describe('Holm’s correction', () => {
  const strengths = fc.array(fc.nat(5), { maxLength: 5 });

  test('claims nothing that does not stand alone', () => {
    fc.assert(
      fc.property(strengths, (all) => {
        holm(all).forEach((stands, i) => {
          if (stands) expect(all[i]).toBeGreaterThan(0);
        });
      }),
    );
  });

  test('is what it is by p-values', () => {
    const values = fc.array(fc.double({ min: 1e-6, max: 0.2, noNaN: true }), { maxLength: 5 });
    fc.assert(
      fc.property(values, (ps) => {
        const k = ps.length;
        const order = ps.map((_, i) => i).sort((a, b) => (ps[a] ?? 1) - (ps[b] ?? 1));
        let last = -1;
        while (last + 1 < k && (ps[order[last + 1] ?? 0] ?? 1) <= 0.05 / (k - last - 1)) last++;
        const rejected = new Set(order.slice(0, last + 1));
        const strength = (p: number) => Math.min(k, Math.floor(0.05 / p));
        expect(holm(ps.map(strength))).toEqual(ps.map((_, i) => rejected.has(i)));
      }),
    );
  });

  test.each([
    [[], []],
    [[1], [true]],
    [[0], [false]],
    [
      [3, 1, 2],
      [true, true, true],
    ],
    [
      [2, 2, 2],
      [false, false, false],
    ],
    [
      [3, 1, 1],
      [true, false, false],
    ],
  ])('of strengths %j is %j', (given, stands) => {
    expect(holm(given)).toEqual(stands);
  });

  test('takes the strength of a claim from its intervals', () => {
    const at = (error: number) => ({ low: error - 0.02, high: 1 });
    expect([1, 2, 3, 4].map((most) => claimStrength(at, most))).toEqual([1, 2, 2, 2]);
    expect(claimStrength(() => ({ low: -1, high: -0.1 }), 3)).toBe(3);
    expect(claimStrength(() => ({ low: -1, high: 1 }), 3)).toBe(0);
  });
});

describe('the interval of paired differences', () => {
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
