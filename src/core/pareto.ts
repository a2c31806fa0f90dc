import type { Attempt } from './events.ts';
import { mean } from './rating.ts';

/** Something with a score by criterion; a criterion that it was not rated on is absent. `overall`: what it is ranked by otherwise. */
export interface Scored {
  readonly overall: number;
  readonly scores: ReadonlyMap<string, number>;
}

/** Scores this close are equal. */
const tie = 1e-9;

/**
 * At most `width` of all, none of which another one beats: the best overall first, then those that are best on some criterion, on most of them
 * first, then the others that nothing beats, better ones first (a Pareto front, as in GEPA; Agrawal et al. 2025, arXiv 2507.19457).
 */
export function paretoBeam<T extends Scored>(all: readonly T[], width: number): readonly T[] {
  const sorted = all.toSorted((a, b) => b.overall - a.overall);
  const front = sorted.filter((one) => !sorted.some((other) => beats(other, one)));
  const bests = bestScores(front);
  const wins = (one: T) =>
    [...one.scores].filter(([name, score]) => score >= (bests.get(name) ?? 0) - tie).length;
  const [first, ...others] = front;
  return first ? [first, ...others.sort((a, b) => wins(b) - wins(a))].slice(0, width) : [];
}

/** As good overall and on every criterion that both were rated on, and better in one of these. */
export function beats(one: Scored, other: Scored): boolean {
  const gains = [...other.scores].flatMap(([name, score]) => {
    const own = one.scores.get(name);
    return own === undefined ? [] : [own - score];
  });
  const all = [one.overall - other.overall, ...gains];
  return all.every((gain) => gain >= -tie) && all.some((gain) => gain > tie);
}

function bestScores(all: readonly Scored[]): ReadonlyMap<string, number> {
  const best = new Map<string, number>();
  for (const { scores } of all) {
    for (const [name, score] of scores) best.set(name, Math.max(score, best.get(name) ?? score));
  }
  return best;
}

/** The mean rating on each criterion over attempts, in the order in which criteria first appear. */
export function criterionMeans(attempts: readonly Attempt[]): ReadonlyMap<string, number> {
  const ratings = new Map<string, number[]>();
  for (const { criterion, score } of attempts.flatMap((attempt) => attempt.ratings ?? [])) {
    ratings.set(criterion, [...(ratings.get(criterion) ?? []), score]);
  }
  return new Map([...ratings].map(([criterion, scores]) => [criterion, mean(scores)]));
}
