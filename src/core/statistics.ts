import { mean } from './rating.ts';
import { dice } from './random.ts';
import type { Interval } from './verdict.ts';

const resamples = 4000;

/** Rewards lie in 1 to 5, so no difference lies outside; unlike infinity it can be written to a file. */
const anyDifference: Interval = { low: -4, high: 4 };

/**
 * A 95 % interval of the mean of paired differences, by the percentile bootstrap with seeded dice (Efron & Tibshirani 1993,
 * ch. 13). One value or none gives an interval that excludes no difference of rewards.
 */
export function pairedInterval(differences: readonly number[], seed: number): Interval {
  const n = differences.length;
  if (n < 2) return anyDifference;
  const roll = dice(seed);
  const means = Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += differences[roll(n)] ?? 0;
    return sum / n;
  }).sort((a, b) => a - b);
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/** The value below which a share `p` of sorted values lies, interpolated. */
export function quantile(sorted: readonly number[], p: number): number {
  const at = p * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Mean and interval of paired differences. */
export function pairedDifference(
  differences: readonly number[],
  seed: number,
): { readonly difference: number; readonly interval: Interval } {
  return {
    difference: differences.length === 0 ? 0 : mean(differences),
    interval: pairedInterval(differences, seed),
  };
}
