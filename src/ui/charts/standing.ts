import { mean } from '../../core/rating.ts';
import type { Candidate, Run } from '../../core/run.ts';

/** Where a candidate stands: chosen in the end, in the beam, out of it, or not decided yet. */
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
  if (!last) return run.ended === null ? 'open' : 'dropped';
  return last.kept ? 'kept' : 'dropped';
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

/** The best candidate known: the selected one, else the best of the last decided level, else the start. */
export function bestSoFar(run: Run): Candidate | undefined {
  const byId = (id: string) => run.candidates.find((c) => c.id === id);
  if (run.selected !== null) return byId(run.selected);
  const kept = run.levels.findLast((l) => l.kept !== null)?.kept ?? [];
  const first = kept.reduce<(typeof kept)[number] | undefined>(
    (best, r) => (best && (best.aggregate ?? 0) >= (r.aggregate ?? 0) ? best : r),
    undefined,
  );
  return first ? byId(first.candidate) : run.candidates[0];
}

/** A candidate and everything it descends from, as ids. */
export function lineage(run: Run, id: string | null): ReadonlySet<string> {
  const seen = new Set<string>();
  const byId = new Map(run.candidates.map((c) => [c.id, c]));
  for (let at = id; at !== null && !seen.has(at); at = byId.get(at)?.parent ?? null) seen.add(at);
  return seen;
}

/** What a candidate is called on screen: "Start" for the first, its id in capitals otherwise. */
export function candidateName(id: string): string {
  return id === 'p0' ? 'Start' : id.toUpperCase();
}
