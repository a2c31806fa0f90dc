import type { Arm, Attempt } from './events.ts';
import { seedAt } from './random.ts';
import { mean } from './rating.ts';
import { pairedDifference } from './statistics.ts';

/** A two-sided 95 % interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Whether the judge can be believed: mean ratings of the examples' own answers (`right`) and of answers to other queries
 * put in their place (`wrong`). `tells`: there are enough pairs, and the interval of their differences lies above 0.
 */
export interface JudgeCheck {
  readonly right: number;
  readonly wrong: number;
  readonly pairs: number;
  readonly interval: Interval;
  readonly tells: boolean;
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

/** The found prompt against another, on the queries that both were rated on. */
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

/** `outcome` is that of the comparison with the starting prompt; `why` says what kept a difference from counting. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly why: 'measured' | 'unchanged' | 'judge-cannot-tell' | 'too-few-pairs' | 'not-tested';
  readonly arms: readonly ArmResult[];
  readonly comparisons: readonly Comparison[];
}

/** Fewer examples than this cannot show that a judge is fit. */
export const fewestChecked = 4;

/** Fewer readable pairs than this prove nothing, whatever their mean. */
export const fewestPairs = 5;

/** Rewards this close are a tie. */
const tie = 1e-9;

/** The check from rewards of right and wrong answers of the same queries. */
export function checkJudge(
  pairs: readonly { readonly right: number; readonly wrong: number }[],
  seed: number,
): JudgeCheck {
  const differences = pairs.map((p) => p.right - p.wrong);
  const { interval } = pairedDifference(differences, seedAt(seed, 'judge-check'));
  return {
    right: pairs.length === 0 ? 0 : mean(pairs.map((p) => p.right)),
    wrong: pairs.length === 0 ? 0 : mean(pairs.map((p) => p.wrong)),
    pairs: pairs.length,
    interval,
    tells: pairs.length >= fewestChecked && interval.low > 0,
  };
}

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

/** The found prompt against another, query by query; a query that either could not be rated on is left out. */
export function compare(found: TestedArm, other: TestedArm, seed: number): Comparison {
  const rewards = new Map(other.attempts.map((a) => [a.query, a.reward]));
  const differences = found.attempts.flatMap((a) => {
    const against = rewards.get(a.query);
    return a.reward === null || against === null || against === undefined ? [] : a.reward - against;
  });
  const { difference, interval } = pairedDifference(
    differences,
    seedAt(seed, 'verdict', other.arm),
  );
  return {
    against: other.arm,
    difference,
    interval,
    pairs: differences.length,
    wins: differences.filter((d) => d > tie).length,
    ties: differences.filter((d) => Math.abs(d) <= tie).length,
    losses: differences.filter((d) => d < -tie).length,
    outcome: outcomeOf(differences.length, interval),
  };
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
  seed: number,
): Verdict {
  const results = arms.map(armResult);
  const found = arms.find((a) => a.arm === 'found');
  const others = arms.filter((a) => a.arm !== 'found');
  const comparisons = found ? others.map((other) => compare(found, other, seed)) : [];
  const primary = comparisons.find((c) => c.against === 'start');
  const say = (why: Verdict['why'], outcome: Outcome = 'no-difference'): Verdict => ({
    outcome,
    why,
    arms: results,
    comparisons,
  });
  if (!primary) return say(found ? 'unchanged' : 'not-tested');
  if (judgeCheck && !judgeCheck.tells) return say('judge-cannot-tell');
  if (primary.pairs < fewestPairs) return say('too-few-pairs');
  return say('measured', primary.outcome);
}
