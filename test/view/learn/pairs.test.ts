import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dice } from '../../../src/core/random.ts';
import { mean } from '../../../src/core/rating.ts';
import { findingOf, pairingsOf, resample } from '../../../src/view/learn/pairs.ts';
import { recorded } from './recorded.ts';

const recording = recorded();
const { run } = recording;

describe('paired differences', () => {
  test('of all test queries say what the run’s verdict says', () => {
    for (const { against, difference, interval } of run.verdict?.comparisons ?? []) {
      const pairing = pairingsOf(recording).find((p) => p.key === against);
      expect(pairing && findingOf(pairing)).toMatchObject({ mean: difference, interval });
    }
  });

  test('of a few queries prove nothing', () => {
    const [pairing] = pairingsOf(recording);
    expect(pairing && findingOf(pairing, 4).outcome).toBe('no-difference');
  });

  test('drawn again are as many, and their mean is that of those drawn', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 2 ** 30 }),
        (differences, seed) => {
          const drawn = resample(differences, dice(seed));
          expect(drawn.times.reduce((a, b) => a + b, 0)).toBe(differences.length);
          const all = differences.flatMap((d, i) => Array<number>(drawn.times[i] ?? 0).fill(d));
          expect(drawn.mean).toBeCloseTo(mean(all), 9);
        },
      ),
    );
  });
});
