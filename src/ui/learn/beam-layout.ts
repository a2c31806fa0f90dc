import type { Run } from '../../core/run.ts';
import type { BeamLevel } from '../../view/learn/beam.ts';

/** A candidate at a level. Columns are levels, rows ranks, both from 0; those never made stand below the ranked. */
export interface BeamSlot {
  readonly key: string;
  readonly candidate: string;
  readonly level: number;
  readonly column: number;
  readonly row: number;
  readonly aggregate: number | null;
  readonly kept: boolean;
  readonly unmade: boolean;
}

/** From a kept candidate to itself or its child a level later, as an SVG path in columns and rows. */
export interface BeamEdge {
  readonly key: string;
  readonly path: string;
  /** It leads to one that is kept too. */
  readonly kept: boolean;
}

/** How many rows the tallest level takes. */
export function beamRows(levels: readonly BeamLevel[]): number {
  return Math.max(0, ...levels.map((l) => l.ranking.length + l.unmade.length));
}

export function beamSlots(levels: readonly BeamLevel[]): readonly BeamSlot[] {
  return levels.flatMap(({ level, ranking, kept, unmade }, column) => {
    const all = [
      ...ranking.map((r) => ({ ...r, unmade: false })),
      ...unmade.map((candidate) => ({ candidate, aggregate: null, unmade: true })),
    ];
    return all.map((one, row) => ({
      ...one,
      key: `${String(level)} ${one.candidate}`,
      level,
      column,
      row,
      kept: !one.unmade && row < kept,
    }));
  });
}

export function beamEdges(run: Run, levels: readonly BeamLevel[]): readonly BeamEdge[] {
  const parents = new Map(run.candidates.map((c) => [c.id, c.parent]));
  return levels.slice(1).flatMap(({ level, ranking, kept }, i) => {
    const before = levels[i]?.ranking.map((r) => r.candidate) ?? [];
    return ranking.flatMap(({ candidate }, row) => {
      const own = before.indexOf(candidate);
      const from = own >= 0 ? own : before.indexOf(parents.get(candidate) ?? '');
      if (from < 0) return [];
      const key = `${String(level)} ${candidate}`;
      return [{ key, path: bend(i + 0.5, from + 0.5, i + 1.5, row + 0.5), kept: row < kept }];
    });
  });
}

function bend(x1: number, y1: number, x2: number, y2: number): string {
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}
