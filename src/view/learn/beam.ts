import type { Run } from '../../core/run.ts';

/** A level as it would have gone with a beam of another width. Candidates by id, those that were ranked best first. */
export interface BeamLevel {
  readonly level: number;
  readonly ranking: readonly { readonly candidate: string; readonly aggregate: number | null }[];
  /** The first `kept` of the ranking are the beam. */
  readonly kept: number;
  /** Ranked in the run, but with this width nothing would have led to them. */
  readonly unmade: readonly string[];
}

/**
 * Which candidates of a run a beam of `width` would have kept, level by level, as far as the run knows: those whose parents had been dropped
 * would not have been made, and what a wider beam would have made of its further members is in no record. At the run's own width it is the run.
 */
export function beamAt(run: Run, width: number): readonly BeamLevel[] {
  const parents = new Map(run.candidates.map((c) => [c.id, c.parent]));
  const levels: BeamLevel[] = [];
  let beam = new Set<string | null>([null]);
  for (const { level, kept, dropped } of run.levels) {
    if (!kept || !dropped) break;
    const all = [...kept, ...dropped];
    const known = ({ candidate }: { readonly candidate: string }) =>
      beam.has(candidate) || beam.has(parents.get(candidate) ?? null);
    const ranking = all.filter(known);
    const unmade = all.filter((r) => !known(r)).map((r) => r.candidate);
    levels.push({ level, ranking, kept: Math.min(width, ranking.length), unmade });
    beam = new Set(ranking.slice(0, width).map((r) => r.candidate));
  }
  return levels;
}
