/**
 * How well an answer does on one criterion: `score` in [1, 5], an expected value where `probabilities` (of 1 to 5, summing
 * to 1) are there, a whole number where the evaluator wrote it. `reason` is the evaluator's, where it was asked.
 */
export interface Rating {
  readonly criterion: string;
  readonly score: number;
  readonly probabilities?: readonly number[];
  readonly reason?: string;
}

/**
 * The mean of an answer's ratings, 1 to 5, or null if the evaluator's reply could not be read.
 * DRPO, dynamic rewarding. The authors score an unreadable reply 0; that punishes the prompt for the judge, so it is a
 * switch (`judge.unreadable`) whose paper value is theirs.
 */
export function reward(ratings: readonly Rating[] | null): number | null {
  if (!ratings || ratings.length === 0) return null;
  return mean(ratings.map((r) => r.score));
}

/** The arithmetic mean; NaN for no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** The expected score of probabilities of 1…5. */
export function expectedScore(probabilities: readonly number[]): number {
  return probabilities.reduce((sum, p, i) => sum + p * (i + 1), 0);
}

/**
 * How unsure the judge was of a rating: the standard deviation of its probabilities of 1…5, 0 (sure) to 2 (torn between 1 and 5);
 * null for a written rating, which says nothing of that.
 */
export function spread({ probabilities }: Rating): number | null {
  if (!probabilities) return null;
  const expected = expectedScore(probabilities);
  return Math.sqrt(probabilities.reduce((sum, p, i) => sum + p * (i + 1 - expected) ** 2, 0));
}

/**
 * The standard error of the difference of two answers' rewards by what the judge itself said of how unsure it was: as if each rating were drawn
 * from its probabilities. 0 for written ratings, which say nothing of that.
 */
export function judgeNoise(a: readonly Rating[], b: readonly Rating[]): number {
  const variance = (ratings: readonly Rating[]) =>
    ratings.length === 0 ? 0 : mean(ratings.map((r) => (spread(r) ?? 0) ** 2)) / ratings.length;
  return Math.sqrt(variance(a) + variance(b));
}

/** The mean of several distributions over the same choices, choice by choice. */
export function meanProbabilities(
  distributions: readonly (readonly number[])[],
): readonly number[] {
  const [first = []] = distributions;
  return distributions.length < 2
    ? first
    : first.map((_, i) => mean(distributions.map((d) => d[i] ?? 0)));
}
