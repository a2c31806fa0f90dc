import type { Arm, Attempt } from './events.ts';
import type { JudgeCheck } from './judge-check.ts';
import { seedAt } from './random.ts';
import { mean } from './rating.ts';
import type { IntervalMethod } from './settings.ts';
import {
  claimStrength,
  holm,
  intervalsOf,
  pairedDifference,
  usualError,
  type IntervalAt,
} from './statistics.ts';

/** A two-sided 95 % interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** One prompt's result on the test queries. `mean` is null where nothing could be read. */
export interface ArmResult {
  readonly arm: Arm;
  readonly mean: number | null;
  readonly readable: number;
  readonly queries: number;
  /** Mean characters of its answers. */
  readonly answerChars: number;
}

/**
 * The found prompt against another, on the queries that both were rated on. `interval` is the 95 % interval of this difference alone.
 * `outcome` is what may be claimed: against the starting prompt, the one comparison that was chosen beforehand, what the interval
 * says; against the others no more than stands when they are corrected for their number (Holm 1979), so that it may be
 * 'no-difference' although the interval lies to one side of 0.
 */
export interface Comparison {
  readonly against: Arm;
  readonly difference: number;
  readonly interval: Interval;
  readonly pairs: number;
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  readonly outcome: Outcome;
}

export type Outcome = 'better' | 'no-difference' | 'worse';

/**
 * The found prompt against the starting prompt on one criterion, over the queries on which both were rated on it: mean ratings, 1 to 5,
 * their difference with its 95 % interval. For reading, not for claiming: of a dozen criteria one lies off 0 by chance every other time.
 */
export interface CriterionComparison {
  readonly criterion: string;
  readonly found: number;
  readonly start: number;
  readonly difference: number;
  readonly interval: Interval;
  readonly pairs: number;
}

/** `outcome` is that of the comparison with the starting prompt; `why` says what kept a difference from counting. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly why: 'measured' | 'unchanged' | 'judge-cannot-tell' | 'too-few-pairs' | 'not-tested';
  readonly arms: readonly ArmResult[];
  readonly comparisons: readonly Comparison[];
  /** How the intervals were found. Absent in verdicts of before: by percentiles, which were too narrow on few queries. */
  readonly method?: IntervalMethod;
  /** In the order in which the criteria first appear; absent in verdicts of before. */
  readonly criteria?: readonly CriterionComparison[];
}

/** How a verdict is measured: what its dice begin with, and how its intervals are found. */
export interface Measure {
  readonly seed: number;
  readonly method: IntervalMethod;
}

/** Fewer readable pairs than this prove nothing, whatever their mean. */
export const fewestPairs = 5;

/** Rewards this close are a tie. */
const tie = 1e-9;

/** The comparison that decides. */
const primary = 'start' satisfies Arm;

/** One prompt of the verdict with its attempts on the test queries. */
export interface TestedArm {
  readonly arm: Arm;
  readonly attempts: readonly Attempt[];
}

export function armResult({ arm, attempts }: TestedArm): ArmResult {
  const rewards = attempts.flatMap((a) => a.reward ?? []);
  return {
    arm,
    mean: rewards.length === 0 ? null : mean(rewards),
    readable: rewards.length,
    queries: attempts.length,
    answerChars: attempts.length === 0 ? 0 : mean(attempts.map((a) => a.answer.length)),
  };
}

/** The found prompt against another, query by query; a query that either could not be rated on is left out. Not corrected. */
export function compare(found: TestedArm, other: TestedArm, measure: Measure): Comparison {
  return compared(found, other, measure).comparison;
}

interface Compared {
  readonly comparison: Comparison;
  readonly at: IntervalAt;
}

function compared(found: TestedArm, other: TestedArm, { seed, method }: Measure): Compared {
  const rewards = new Map(other.attempts.map((a) => [a.query, a.reward]));
  const differences = found.attempts.flatMap((a) => {
    const against = rewards.get(a.query);
    return a.reward === null || against === null || against === undefined ? [] : a.reward - against;
  });
  const at = intervalsOf(differences, seedAt(seed, 'verdict', other.arm), method);
  const interval = at(usualError);
  const comparison = {
    against: other.arm,
    difference: differences.length === 0 ? 0 : mean(differences),
    interval,
    pairs: differences.length,
    wins: differences.filter((d) => d > tie).length,
    ties: differences.filter((d) => Math.abs(d) <= tie).length,
    losses: differences.filter((d) => d < -tie).length,
    outcome: outcomeOf(differences.length, interval),
  };
  return { comparison, at };
}

/** The found prompt against each of the others, those besides the starting prompt corrected for their number. */
export function compareAll(
  found: TestedArm,
  others: readonly TestedArm[],
  measure: Measure,
): readonly Comparison[] {
  const all = others.map((other) => compared(found, other, measure));
  const corrected = all.filter(({ comparison }) => comparison.against !== primary);
  const strengths = corrected.map(({ comparison, at }) =>
    comparison.pairs < fewestPairs ? 0 : claimStrength(at, corrected.length),
  );
  const stands = holm(strengths);
  const fallen = new Set(corrected.filter((_, i) => !stands[i]));
  return all.map((one) =>
    fallen.has(one) ? { ...one.comparison, outcome: 'no-difference' } : one.comparison,
  );
}

/** The found prompt against another on each criterion that both were rated on. */
export function compareByCriterion(
  found: TestedArm,
  other: TestedArm,
  { seed, method }: Measure,
): readonly CriterionComparison[] {
  const against = new Map(other.attempts.map((a) => [a.query, a]));
  const pairs = new Map<string, { readonly found: number; readonly start: number }[]>();
  for (const attempt of found.attempts) {
    const scores = scoresOf(against.get(attempt.query));
    for (const [criterion, score] of scoresOf(attempt)) {
      const start = scores.get(criterion);
      if (start === undefined) continue;
      pairs.set(criterion, [...(pairs.get(criterion) ?? []), { found: score, start }]);
    }
  }
  return [...pairs].map(([criterion, both]) => ({
    criterion,
    found: mean(both.map((p) => p.found)),
    start: mean(both.map((p) => p.start)),
    ...pairedDifference(
      both.map((p) => p.found - p.start),
      seedAt(seed, 'verdict', other.arm, criterion),
      method,
    ),
    pairs: both.length,
  }));
}

function scoresOf(attempt: Attempt | undefined): ReadonlyMap<string, number> {
  return new Map(attempt?.ratings?.map((r) => [r.criterion, r.score]));
}

/** What the interval of a mean paired difference says; nothing where there are too few pairs. */
export function outcomeOf(pairs: number, { low, high }: Interval): Outcome {
  if (pairs < fewestPairs) return 'no-difference';
  if (low > 0) return 'better';
  return high < 0 ? 'worse' : 'no-difference';
}

/**
 * What the test says of the found prompt, and no more. A judge that cannot tell a right answer from a wrong one proves
 * nothing, whatever it says.
 */
export function verdictOf(
  arms: readonly TestedArm[],
  judgeCheck: JudgeCheck | null,
  measure: Measure,
): Verdict {
  const found = arms.find((a) => a.arm === 'found');
  const others = arms.filter((a) => a.arm !== 'found');
  const start = others.find((a) => a.arm === primary);
  const comparisons = found ? compareAll(found, others, measure) : [];
  const say = (why: Verdict['why'], outcome: Outcome = 'no-difference'): Verdict => ({
    outcome,
    why,
    arms: arms.map(armResult),
    comparisons,
    ...(measure.method === 'studentised' && {
      method: measure.method,
      criteria: found && start ? compareByCriterion(found, start, measure) : [],
    }),
  });
  const decisive = comparisons.find((c) => c.against === primary);
  if (!decisive) return say(found ? 'unchanged' : 'not-tested');
  if (judgeCheck && !judgeCheck.tells) return say('judge-cannot-tell');
  if (decisive.pairs < fewestPairs) return say('too-few-pairs');
  return say('measured', decisive.outcome);
}
