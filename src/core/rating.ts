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
