import { seedAt } from '../../core/random.ts';
import { mean } from '../../core/rating.ts';
import { candidateOf, type Run } from '../../core/run.ts';
import type { Attempt } from '../../core/events.ts';
import type { IntervalMethod } from '../../core/settings.ts';
import { pairedInterval } from '../../core/statistics.ts';
import { outcomeOf, type Interval, type Outcome } from '../../core/verdict.ts';
import { candidateName } from '../standing.ts';
import { armNames } from '../verdict-words.ts';
import { testAttempts, type Recording } from './recording.ts';

/** Two prompts on the same queries: how much higher the first was rated on each, in the order asked. */
export interface Pairing {
  readonly key: string;
  readonly name: string;
  readonly differences: readonly number[];
  /** What the dice of its interval begin with, and how it is found: as in the run. */
  readonly seed: number;
  readonly method: IntervalMethod;
  /** Queries for testing that nothing was chosen by, or those that the winner was chosen by. */
  readonly split: 'test' | 'select';
}

/** The comparisons of the run's verdict, and that of its two finalists where there were two. */
export function pairingsOf({ record, run }: Recording): readonly Pairing[] {
  const { seed } = record.settings;
  // Verdicts of before do not say it.
  const method = run.verdict?.method ?? 'percentile';
  const found = run.arms.find((a) => a.arm === 'found');
  const tested = run.arms.flatMap((other): Pairing[] => {
    if (!found || other === found) return [];
    const differences = apart(testAttempts(run, found), testAttempts(run, other));
    const name = `${armNames.found} against: ${armNames[other.arm].toLowerCase()}`;
    const its = seedAt(seed, 'verdict', other.arm);
    return [{ key: other.arm, name, differences, seed: its, method, split: 'test' }];
  });
  return [...tested, ...finalists(run, seed, method)].filter((p) => p.differences.length > 1);
}

function finalists(run: Run, seed: number, method: IntervalMethod): readonly Pairing[] {
  const [first, second] = run.selection.map((r) => candidateOf(run, r.candidate));
  if (!first || !second) return [];
  const chosenBy = (attempts: readonly Attempt[]) =>
    new Map(attempts.filter((a) => a.split === 'select').map((a) => [a.query, a]));
  const differences = apart(chosenBy(first.attempts), chosenBy(second.attempts));
  const name = `The two finalists: ${candidateName(first.id)} against ${candidateName(second.id)}`;
  const its = seedAt(seed, 'finalists');
  return [{ key: 'finalists', name, differences, seed: its, method, split: 'select' }];
}

function apart(
  found: ReadonlyMap<string, Attempt>,
  other: ReadonlyMap<string, Attempt>,
): readonly number[] {
  return [...found].flatMap(([query, { reward }]) => {
    const against = other.get(query)?.reward ?? null;
    return reward === null || against === null ? [] : [reward - against];
  });
}

/** What the first `count` differences of a pairing say. */
export interface Finding {
  readonly differences: readonly number[];
  readonly mean: number;
  readonly interval: Interval;
  readonly outcome: Outcome;
}

/** The finding from the first `count` queries, at least one; from all of a verdict's it is the verdict's own. */
export function findingOf(
  { differences: all, seed, method }: Pairing,
  count = all.length,
): Finding {
  const differences = all.slice(0, Math.max(1, count));
  const interval = pairedInterval(differences, seed, method);
  const outcome = outcomeOf(differences.length, interval);
  return { differences, mean: mean(differences), interval, outcome };
}

/** As many of the differences again, drawn with repeats: how often each one was, and the mean of those drawn. */
export interface Resample {
  readonly times: readonly number[];
  readonly mean: number;
}

/** One draw of the bootstrap. `differences` has one at least. */
export function resample(
  differences: readonly number[],
  roll: (below: number) => number,
): Resample {
  const drawn = differences.map(() => roll(differences.length));
  return {
    times: differences.map((_, i) => drawn.filter((at) => at === i).length),
    mean: mean(drawn.map((at) => differences[at] ?? 0)),
  };
}
