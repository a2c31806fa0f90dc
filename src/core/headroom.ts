import type { Attempt } from './events.ts';
import type { JudgeCheck } from './judge-check.ts';
import { seedAt } from './random.ts';
import { mean } from './rating.ts';
import { claimStrength, holm, intervalsOf, pairedInterval, usualError } from './statistics.ts';
import { fewestPairs, type Interval, type Measure } from './verdict.ts';

/**
 * What is tried to see how much there is to win: the starting prompt alone, the hand-written one alone, no prompt, and the starting
 * prompt with its examples as they are.
 */
export type HeadroomArm = 'start' | 'hand-written' | 'none' | 'examples';

/** How much better, in points, than the starting prompt alone, over the queries on which both could be rated. */
export interface HeadroomGain {
  readonly difference: number;
  /** The 95 % interval of this difference alone. */
  readonly interval: Interval;
  readonly pairs: number;
  /** Whether it is better, also when corrected for the number of those tried (Holm 1979). */
  readonly shown: boolean;
}

/** One of those tried: its mean reward, 1 to 5, null where nothing could be read, with a 95 % interval. `gain` is null for the start. */
export interface HeadroomResult {
  readonly arm: HeadroomArm;
  readonly mean: number | null;
  readonly interval: Interval;
  readonly readable: number;
  readonly queries: number;
  readonly gain: HeadroomGain | null;
}

/** The share, 0 to 1, of the start's ratings on a criterion that are 4.5 or more, and how many ratings there are. */
export interface TopShare {
  readonly criterion: string;
  readonly ratings: number;
  readonly top: number;
}

/**
 * Why there is `little`: `near-five`, no prompt whatever could win a quarter of a point; `none-better`, the start is good enough and
 * nothing tried is better by that much. Why there is `room`: `shown`, something tried is better; `open`, the ratings leave room, though
 * nothing tried was shown to take it. Why it is `unknown`: `too-few`, `judge-cannot-tell`.
 */
export type HeadroomWhy =
  'near-five' | 'none-better' | 'shown' | 'open' | 'too-few' | 'judge-cannot-tell';

/** How much there is to win over the starting prompt, from a few training queries, before anything is searched. */
export interface Headroom {
  readonly conclusion: 'room' | 'little' | 'unknown';
  readonly why: HeadroomWhy;
  /** In the order tried, the start first. */
  readonly arms: readonly HeadroomResult[];
  /** How far the start's mean is from 5, 0 to 4: the most that any prompt can win. Null where nothing could be read. */
  readonly gap: { readonly mean: number; readonly interval: Interval } | null;
  /** In the order in which the criteria first appear. */
  readonly tops: readonly TopShare[];
}

/** One of those tried with its attempts. */
export interface TriedArm {
  readonly arm: HeadroomArm;
  readonly attempts: readonly Attempt[];
}

/**
 * A gain below this is little, in points: 20 test queries, whose differences have a standard deviation of about half a point, leave an
 * interval of ±0.23, so that a verdict could hardly show it.
 */
export const leastGain = 0.25;

/** From here on an answer is good: the authors' own bar, above which a prompt is not rewritten (`skipAbove`). */
export const goodRating = 4.5;

/**
 * Fewer readable queries than this decide nothing. Failures that are rare and grave are what few queries miss: those that strike every
 * fifth query are in none of 8 in 17 of 100 cases, in none of 12 in 7.
 */
export const fewestTried = 8;

/**
 * How much there is to win. `little` must be shown; all that is not shown to be little is room. Ratings that could not be read are left
 * out whatever the settings say: a 0 for one would count as something to win. `arms` begin with the start.
 */
export function headroomOf(
  arms: readonly TriedArm[],
  judgeCheck: JudgeCheck | null,
  measure: Measure,
): Headroom {
  const start = arms.find((a) => a.arm === 'start')?.attempts ?? [];
  const gains = gainsOver(start, arms, measure);
  const results = arms.map(({ arm, attempts }) => ({
    arm,
    ...meanOf(attempts, arm, measure),
    gain: gains.get(arm) ?? null,
  }));
  const gap = gapOf(start, 'start', measure);
  const decided = decide(results, gap, judgeCheck);
  return { ...decided, arms: results, gap, tops: topShares(start) };
}

function decide(
  results: readonly HeadroomResult[],
  gap: Headroom['gap'],
  judgeCheck: JudgeCheck | null,
): Pick<Headroom, 'conclusion' | 'why'> {
  if (judgeCheck && !judgeCheck.tells) return { conclusion: 'unknown', why: 'judge-cannot-tell' };
  const read = results.find((r) => r.arm === 'start')?.readable ?? 0;
  if (gap === null || read < fewestTried) return { conclusion: 'unknown', why: 'too-few' };
  if (gap.interval.high < leastGain) return { conclusion: 'little', why: 'near-five' };
  const good = 5 - gap.interval.high > goodRating;
  if (good && noneBetter(results)) return { conclusion: 'little', why: 'none-better' };
  return { conclusion: 'room', why: results.some((r) => r.gain?.shown) ? 'shown' : 'open' };
}

/** Something meant to do better was tried, and of all that was tried none can be better by as much as would count. */
function noneBetter(results: readonly HeadroomResult[]): boolean {
  const rivals = results.filter((r) => r.arm !== 'start');
  return (
    rivals.some((r) => r.arm !== 'none') &&
    rivals.every((r) => r.gain !== null && r.gain.interval.high < leastGain)
  );
}

function gainsOver(
  start: readonly Attempt[],
  arms: readonly TriedArm[],
  measure: Measure,
): ReadonlyMap<HeadroomArm, HeadroomGain> {
  const rivals = arms.filter(({ arm }) => arm !== 'start');
  const compared = rivals.map(({ arm, attempts }) => {
    const differences = differencesOf(attempts, start);
    const seed = seedAt(measure.seed, 'headroom', arm);
    const at = intervalsOf(differences, seed, measure.method);
    const difference = differences.length === 0 ? 0 : mean(differences);
    const strong = differences.length < fewestPairs ? 0 : claimStrength(at, rivals.length);
    return { arm, difference, interval: at(usualError), pairs: differences.length, strong };
  });
  const stands = holm(compared.map((c) => c.strong));
  return new Map(
    compared.map(({ arm, strong: _, ...gain }, i) => [
      arm,
      { ...gain, shown: (stands[i] ?? false) && gain.difference > 0 },
    ]),
  );
}

function differencesOf(attempts: readonly Attempt[], start: readonly Attempt[]): number[] {
  const rewards = new Map(start.map((a) => [a.query, a.reward]));
  return attempts.flatMap(({ query, reward }) => {
    const before = rewards.get(query) ?? null;
    return reward === null || before === null ? [] : [reward - before];
  });
}

function meanOf(attempts: readonly Attempt[], arm: HeadroomArm, measure: Measure) {
  const gap = gapOf(attempts, arm, measure);
  return {
    mean: gap && 5 - gap.mean,
    interval: gap
      ? { low: 5 - gap.interval.high, high: 5 - gap.interval.low }
      : { low: 1, high: 5 },
    readable: attempts.filter((a) => a.reward !== null).length,
    queries: attempts.length,
  };
}

function gapOf(
  attempts: readonly Attempt[],
  arm: HeadroomArm,
  { seed, method }: Measure,
): Headroom['gap'] {
  const gaps = attempts.flatMap(({ reward }) => (reward === null ? [] : [5 - reward]));
  if (gaps.length === 0) return null;
  const { low, high } = pairedInterval(gaps, seedAt(seed, 'headroom', 'gap', arm), method);
  return { mean: mean(gaps), interval: { low: Math.max(0, low), high } };
}

function topShares(attempts: readonly Attempt[]): readonly TopShare[] {
  const scores = new Map<string, number[]>();
  for (const { criterion, score } of attempts.flatMap((a) => a.ratings ?? [])) {
    scores.set(criterion, [...(scores.get(criterion) ?? []), score]);
  }
  return [...scores].map(([criterion, all]) => ({
    criterion,
    ratings: all.length,
    top: all.filter((score) => score >= goodRating).length / all.length,
  }));
}
