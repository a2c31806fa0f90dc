import { mean } from './rating.ts';

/** A prompt on its way through a block: its rewards so far, query by query in the block's order; null where none could be read. */
export interface Runner {
  readonly id: string;
  readonly rewards: readonly (number | null)[];
}

export interface Race {
  /** How many are kept in the end. */
  readonly width: number;
  /** Queries of the block that nobody has met yet. */
  readonly left: number;
}

/** A runner goes where it would come up to the last that is kept in fewer than one of twenty cases (one-sided, normal). */
const doubt = 1.645;

/** So few pairs say nothing of how much they vary: the race's other pairs are taken in as these many. */
const borrowedPairs = 2;

/**
 * The runners that can hardly catch up any more, by their ids: compared query by query with the last of those that would be kept now, their
 * deficit at the block's end lies below 0 by more than what pairs so far leave in doubt (racing by paired differences, after Maron & Moore 1993; the
 * rest of the block is finite, so doubt shrinks to none at its end). Whoever is as good on every query stays, and so do as many as are kept.
 */
export function outOfRace(runners: readonly Runner[], { width, left }: Race): readonly string[] {
  const sorted = runners.toSorted((a, b) => meanOf(b) - meanOf(a));
  const last = sorted[width - 1];
  const behind = sorted.slice(width);
  if (!last) return [];
  const pairs = behind.map((runner) => ({ id: runner.id, differences: against(runner, last) }));
  const borrowed = spreadOf(pairs.map((p) => p.differences));
  return pairs.filter((p) => cannotCatchUp(p.differences, left, borrowed)).map((p) => p.id);
}

/** A prompt of which nothing could be read is behind all others. */
function meanOf({ rewards }: Runner): number {
  const read = rewards.filter((reward) => reward !== null);
  return read.length === 0 ? 0 : mean(read);
}

function against(runner: Runner, other: Runner): readonly number[] {
  return runner.rewards.flatMap((reward, i) => {
    const rival = other.rewards[i];
    return reward === null || rival === null || rival === undefined ? [] : [reward - rival];
  });
}

/** Variance of differences around their own mean, over all runners together. */
function spreadOf(groups: readonly (readonly number[])[]): number {
  const squares = groups.flatMap((group) => {
    const centre = group.length === 0 ? 0 : mean(group);
    return group.map((d) => (d - centre) ** 2);
  });
  const freedom = squares.length - groups.filter((group) => group.length > 0).length;
  return freedom <= 0 ? 1 : squares.reduce((a, b) => a + b, 0) / freedom;
}

function cannotCatchUp(differences: readonly number[], left: number, borrowed: number): boolean {
  const met = differences.length;
  if (met < 2) return false;
  const centre = mean(differences);
  const own = differences.reduce((sum, d) => sum + (d - centre) ** 2, 0);
  const variance = (own + borrowedPairs * borrowed) / (met - 1 + borrowedPairs);
  const unmet = left / (met + left);
  return centre + doubt * Math.sqrt((variance / met) * unmet) < 0;
}
