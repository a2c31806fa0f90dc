import type { Arm } from './events.ts';

/** `tells`: the judge rated the examples' own answers above answers to other queries, and the interval leaves out 0. */
export interface JudgeCheck {
  readonly right: number;
  readonly wrong: number;
  readonly pairs: number;
  readonly interval: Interval;
  readonly tells: boolean;
}

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

/** The found prompt against another, on the queries that both were rated on. */
export interface Comparison {
  readonly against: Arm;
  readonly difference: number;
  readonly interval: Interval;
  readonly pairs: number;
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  readonly outcome: 'better' | 'no-difference' | 'worse';
}

/** `outcome` is that of the comparison with the starting prompt; `why` says what kept a difference from counting. */
export interface Verdict {
  readonly outcome: 'better' | 'no-difference' | 'worse';
  readonly why: 'measured' | 'unchanged' | 'judge-cannot-tell' | 'too-few-pairs' | 'not-tested';
  readonly arms: readonly ArmResult[];
  readonly comparisons: readonly Comparison[];
}
