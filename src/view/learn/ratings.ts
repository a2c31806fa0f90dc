import { spread, type Rating } from '../../core/rating.ts';
import type { Attempt } from '../../core/events.ts';
import type { Run } from '../../core/run.ts';

/** A rating with the answer it is of. */
export interface RatedAnswer {
  readonly rating: Rating;
  readonly attempt: Attempt;
}

/** Probabilities with the one at `at` set to `share`, 0 to 1: the others keep their proportions, and all sum to 1. */
export function withShare(
  probabilities: readonly number[],
  at: number,
  share: number,
): readonly number[] {
  const others = probabilities.filter((_, i) => i !== at);
  const sum = others.reduce((a, b) => a + b, 0);
  const rest = 1 - share;
  return probabilities.map((p, i) => {
    if (i === at) return share;
    // Where the others have nothing, they have no proportions either.
    return sum > 0 ? (p / sum) * rest : rest / others.length;
  });
}

/**
 * Ratings worth a look, each of another answer: those of which the judge was least sure, most unsure first, then the surest. Only ratings with
 * probabilities; `count` of them in all, or as many as there are.
 */
export function tellingRatings(run: Run, count: number): readonly RatedAnswer[] {
  const attempts = [...run.candidates.flatMap((c) => c.attempts), ...run.armAttempts];
  const all = attempts
    .flatMap((attempt) => (attempt.ratings ?? []).map((rating) => ({ rating, attempt })))
    .filter(({ rating }) => rating.probabilities)
    .toSorted((a, b) => (spread(b.rating) ?? 0) - (spread(a.rating) ?? 0));
  const distinct = all.filter(
    (one, i) => all.findIndex((other) => other.attempt.answer === one.attempt.answer) === i,
  );
  return distinct.length <= count
    ? distinct
    : [...distinct.slice(0, count - 1), ...distinct.slice(-1)];
}
