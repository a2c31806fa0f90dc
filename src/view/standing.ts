import { foundCandidate } from '../core/found.ts';
import { mean } from '../core/rating.ts';
import { candidateOf, type Candidate, type Run } from '../core/run.ts';

/**
 * Where a candidate stands: chosen in the end, in the beam, out of it, or not decided yet. A proposal whose lines are only mixed with others is
 * out of it as soon as its level is over.
 */
export type Standing = 'selected' | 'kept' | 'dropped' | 'open';

export const standingWords: Readonly<Record<Standing, string>> = {
  selected: 'selected',
  kept: 'kept',
  dropped: 'dropped',
  open: 'being tried',
};

/** Where a candidate stands now: by the last level that ranked it. */
export function standing(run: Run, candidate: Candidate): Standing {
  if (run.selected === candidate.id) return 'selected';
  const last = candidate.ranks.at(-1);
  if (!last) {
    const over = run.ended !== null || passedUntried(run, candidate);
    return over ? 'dropped' : 'open';
  }
  return last.kept ? 'kept' : 'dropped';
}

/** True for a proposal that its level ended without trying. */
export function passedUntried(run: Run, { id, parent, level }: Candidate): boolean {
  if (parent === null || candidateOf(run, id)?.attempts.length !== 0) return false;
  return run.candidates.some((c) => c.ranks.some((rank) => rank.level >= level));
}

/** The mean reward of a candidate's readable attempts on these queries, or null if there are none yet. */
export function meanOn(candidate: Candidate, queries: ReadonlySet<string>): number | null {
  const rewards = candidate.attempts.flatMap((a) =>
    queries.has(a.query) && a.reward !== null ? [a.reward] : [],
  );
  return rewards.length > 0 ? mean(rewards) : null;
}

/** The newest score of a candidate: what it was last ranked by, else the mean of its training attempts so far. */
export function newestScore(candidate: Candidate): number | null {
  const last = candidate.ranks.at(-1);
  if (last) return last.aggregate;
  return trainMean(candidate);
}

/** The mean reward of a candidate's readable attempts on training queries. */
export function trainMean(candidate: Candidate): number | null {
  const rewards = candidate.attempts.flatMap((a) =>
    a.split === 'train' && a.reward !== null ? [a.reward] : [],
  );
  return rewards.length > 0 ? mean(rewards) : null;
}

/** The candidate that a run has found so far; the start while there is no other, undefined before it is tried. */
export function bestSoFar(run: Run): Candidate | undefined {
  const id = foundCandidate(run);
  return id === null ? undefined : candidateOf(run, id);
}

/** A candidate and everything it descends from, as ids. */
export function lineage(run: Run, id: string | null): ReadonlySet<string> {
  const seen = new Set<string>();
  const byId = new Map(run.candidates.map((c) => [c.id, c]));
  for (let at = id; at !== null && !seen.has(at); at = byId.get(at)?.parent ?? null) seen.add(at);
  return seen;
}

/** What a level is called: level 0 is the start alone, before the first proposals. */
export function levelName(level: number): string {
  return level === 0 ? 'Start' : `Level ${String(level)}`;
}

/** What a candidate is called on screen: "Start" for the first, its id in capitals otherwise. */
export function candidateName(id: string): string {
  return id === 'p0' ? 'Start' : id.toUpperCase();
}
