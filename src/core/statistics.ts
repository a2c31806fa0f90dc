import { dice } from './random.ts';
import { mean } from './rating.ts';
import type { IntervalMethod } from './settings.ts';
import type { Interval } from './verdict.ts';

const resamples = 4000;

/** What a 95 % interval may miss. */
export const usualError = 0.05;

/** Rewards lie in 1 to 5, so no difference lies outside; unlike infinity it can be written to a file. */
const anyDifference: Interval = { low: -4, high: 4 };

/** Differences whose mean has a smaller standard error than this are the same but for the last digits of a sum. */
const noSpread = 1e-9;

/** A resample's standard error counts as at least this share of the sample's. */
const leastShare = 1 / 3;

/** A two-sided interval that misses the truth with about the probability `error`, 0 to 1: 0.05 gives a 95 % interval. */
export type IntervalAt = (error: number) => Interval;

/** A 95 % interval of the mean of paired differences, each in [-4, 4]; `intervalsOf` says how it is found. */
export function pairedInterval(
  differences: readonly number[],
  seed: number,
  method: IntervalMethod = 'studentised',
): Interval {
  return intervalsOf(differences, seed, method)(usualError);
}

/**
 * Intervals of the mean of paired differences, each in [-4, 4], by 4,000 resamples with seeded dice; none leaves [-4, 4]. Of fewer
 * than two differences they exclude nothing. At a smaller error they are no narrower.
 */
export function intervalsOf(
  differences: readonly number[],
  seed: number,
  method: IntervalMethod = 'studentised',
): IntervalAt {
  if (differences.length < 2) return () => anyDifference;
  switch (method) {
    case 'percentile':
      return percentileIntervals(differences, seed);
    case 'studentised':
      return studentisedIntervals(differences, seed);
  }
}

/** The percentile bootstrap (Efron & Tibshirani 1993, ch. 13). Of a dozen differences it holds the truth in some 90 of 100 cases only. */
function percentileIntervals(differences: readonly number[], seed: number): IntervalAt {
  const n = differences.length;
  const roll = dice(seed);
  const means = Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += differences[roll(n)] ?? 0;
    return sum / n;
  }).sort((a, b) => a - b);
  return (error) => ({ low: quantile(means, error / 2), high: quantile(means, 1 - error / 2) });
}

/**
 * The studentised bootstrap (bootstrap-t; Efron & Tibshirani 1993, §12.5; Davison & Hinkley 1997, §5.2.1), which is never narrower on either
 * side than Student's interval. Two departures, since many pairs tie:
 * resamples of few differences that are not ties have next to no variance, or none, and would throw their t anywhere: their standard
 * error counts as at least a third of the sample's. And where half of the pairs or more tie, a sample that happens to lean to one
 * side gives far too short a tail on the other: Student's quantile is the least. Where all differences are the same there is nothing
 * to estimate a spread from, and the interval is that difference.
 */
function studentisedIntervals(differences: readonly number[], seed: number): IntervalAt {
  const centre = mean(differences);
  const deviations = differences.map((d) => d - centre);
  const spread = standardError(sumOf(deviations), sumOf(deviations.map(square)), deviations.length);
  if (spread < noSpread) return () => ({ low: centre, high: centre });
  const ts = studentisedMeans(deviations, spread * leastShare, seed);
  return (error) => {
    const least = studentQuantile(1 - error / 2, deviations.length - 1);
    const below = Math.max(least, quantile(ts, 1 - error / 2));
    const above = Math.max(least, -quantile(ts, error / 2));
    return {
      low: Math.max(anyDifference.low, centre - below * spread),
      high: Math.min(anyDifference.high, centre + above * spread),
    };
  };
}

/** Means of resampled deviations in units of their own standard errors, which count as at least `least`; from the lowest up. */
function studentisedMeans(
  deviations: readonly number[],
  least: number,
  seed: number,
): readonly number[] {
  const n = deviations.length;
  const roll = dice(seed);
  return Array.from({ length: resamples }, () => {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const deviation = deviations[roll(n)] ?? 0;
      sum += deviation;
      squares += deviation * deviation;
    }
    return sum / n / Math.max(least, standardError(sum, squares, n));
  }).sort((a, b) => a - b);
}

/** Of the mean of `n` values, from their sum and the sum of their squares. */
function standardError(sum: number, squares: number, n: number): number {
  return Math.sqrt(Math.max(0, squares - (sum * sum) / n) / (n - 1) / n);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function square(value: number): number {
  return value * value;
}

/** The value below which a share `p`, 0.5 to 1, of Student's t lies, for whole degrees of freedom from 1 on. */
export function studentQuantile(p: number, freedom: number): number {
  const share = 2 * p - 1;
  let [low, high] = [0, Math.PI / 2];
  // The share grows with the angle, whose tangent is the quantile: halved until no digit is left to gain.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (shareWithin(middle, freedom) < share) low = middle;
    else high = middle;
  }
  return Math.sqrt(freedom) * Math.tan(low);
}

/** P(|t| ≤ √ν tan θ) for whole ν: the finite series of Abramowitz & Stegun, 26.7.3 and 26.7.4. */
function shareWithin(angle: number, freedom: number): number {
  const odd = freedom % 2 === 1;
  let term = odd ? Math.cos(angle) : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < freedom; k += 2) {
    term *= ((k - 1) / k) * Math.cos(angle) ** 2;
    sum += term;
  }
  const series = Math.sin(angle) * sum;
  return odd ? (2 / Math.PI) * (angle + series) : series;
}

/** The value below which a share `p` of sorted values lies, interpolated. */
export function quantile(sorted: readonly number[], p: number): number {
  const at = p * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Mean and 95 % interval of paired differences; of none it is 0. */
export function pairedDifference(
  differences: readonly number[],
  seed: number,
  method: IntervalMethod = 'studentised',
): { readonly difference: number; readonly interval: Interval } {
  return {
    difference: differences.length === 0 ? 0 : mean(differences),
    interval: pairedInterval(differences, seed, method),
  };
}

/**
 * For how many claims made at once this one could be corrected by Bonferroni and still stand: the largest m, at most `most`, for which the
 * interval that errs with 0.05 / m lies to one side of 0. 0 where not even the 95 % interval does.
 */
export function claimStrength(at: IntervalAt, most: number): number {
  for (let m = most; m >= 1; m--) {
    const { low, high } = at(usualError / m);
    if (low > 0 || high < 0) return m;
  }
  return 0;
}

/**
 * Which of several claims stand together, so that one or more of them are false in at most 5 of 100 cases: Holm's step-down (1979), from
 * the strength of each (`claimStrength`). Of k claims the strongest must stand corrected for k, the next for k − 1, and so on.
 */
export function holm(strengths: readonly number[]): readonly boolean[] {
  const order = strengths
    .map((_, i) => i)
    .sort((a, b) => (strengths[b] ?? 0) - (strengths[a] ?? 0));
  const fails = order.findIndex((claim, i) => (strengths[claim] ?? 0) < order.length - i);
  const stand = new Set(fails < 0 ? order : order.slice(0, fails));
  return strengths.map((_, i) => stand.has(i));
}
