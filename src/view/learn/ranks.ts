import { mean } from '../../core/rating.ts';
import type { Level, Run } from '../../core/run.ts';

/** A candidate's place among those of its level: 1 is best, and like rewards share a place. */
export interface Placed {
  readonly candidate: string;
  /** On one query, and its mean over the block. */
  readonly reward: number;
  readonly mean: number;
  readonly place: number;
  readonly placeInBlock: number;
}

/** Rewards this close look the same in two digits, and mean the same: the judge's last digits are noise. */
export const alike = 0.005;

/**
 * The candidates that met a whole level, best of the block first, with their places by `query` alone and by the block. Those that lack a reward on
 * one of its queries are left out.
 */
export function placesBy(run: Run, { queries }: Level, query: string): readonly Placed[] {
  const met = run.candidates.flatMap(({ id, attempts }) => {
    const rewards = new Map(attempts.map((a) => [a.query, a.reward]));
    const block = queries.flatMap((q) => rewards.get(q) ?? []);
    const reward = rewards.get(query) ?? null;
    return reward === null || block.length < queries.length
      ? []
      : [{ candidate: id, reward, mean: mean(block) }];
  });
  return met
    .map((own) => ({
      ...own,
      place: 1 + met.filter((other) => other.reward > own.reward + alike).length,
      placeInBlock: 1 + met.filter((other) => other.mean > own.mean + alike).length,
    }))
    .toSorted((a, b) => a.placeInBlock - b.placeInBlock || a.place - b.place);
}

/**
 * What a query alone says of who is best: the same as the block, several at once among whom it cannot tell, or another. `unknown` where
 * fewer than two candidates met the level whole.
 */
export type Telling = 'same' | 'tied' | 'other' | 'unknown';

export function telling(run: Run, level: Level, query: string): Telling {
  const places = placesBy(run, level, query);
  if (places.length < 2) return 'unknown';
  const first = (key: 'place' | 'placeInBlock') =>
    places.filter((p) => p[key] === 1).map((p) => p.candidate);
  const [alone, block] = [first('place'), first('placeInBlock')];
  if (!alone.some((candidate) => block.includes(candidate))) return 'other';
  return alone.every((candidate) => block.includes(candidate)) ? 'same' : 'tied';
}
