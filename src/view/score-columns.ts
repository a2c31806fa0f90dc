import type { Ranked } from '../core/events.ts';
import { candidateOf, type Candidate, type Level, type Run } from '../core/run.ts';
import { levelName, meanOn, standing, trainMean, type Standing } from './standing.ts';

/** One candidate's score at one level. */
export interface Dot {
  readonly candidate: string;
  readonly score: number;
  readonly standing: Standing;
}

/** One level of the search, or the selection after it. `best` is null until the level is decided. */
export interface Column {
  readonly key: string;
  readonly label: string;
  readonly dots: readonly Dot[];
  readonly best: number | null;
}

/** What the score chart shows, and its table: the same list for both. Dots are sorted best first. */
export function scoreColumns(run: Run): readonly Column[] {
  const levels = run.levels.map((level) => levelColumn(run, level));
  return metForSelection(run) ? [...levels, selectionColumn(run)] : levels;
}

/** The start's mean rating over every training query it was tried on, or null before the first. */
export function startScore(run: Run): number | null {
  const start = run.candidates[0];
  return start ? trainMean(start) : null;
}

function levelColumn(run: Run, level: Level): Column {
  const { kept, dropped } = level;
  const key = `level-${String(level.level)}`;
  const label = levelName(level.level);
  if (!kept) return { key, label, dots: openDots(run.candidates, level), best: null };
  const keptDots = kept.flatMap((r) => dot(r, run.selected === r.candidate ? 'selected' : 'kept'));
  const dots = sorted([...keptDots, ...(dropped ?? []).flatMap((r) => dot(r, 'dropped'))]);
  return { key, label, dots, best: sorted(keptDots)[0]?.score ?? null };
}

/** A search without a selection of its own names its winner too, on queries of the search. */
function metForSelection(run: Run): boolean {
  return run.selection.some((r) =>
    candidateOf(run, r.candidate)?.attempts.some((a) => a.split === 'select'),
  );
}

function selectionColumn(run: Run): Column {
  const dots = run.selection.flatMap((r) => {
    const candidate = candidateOf(run, r.candidate);
    return dot(r, candidate ? standing(run, candidate) : 'open');
  });
  return { key: 'selection', label: 'Selection', dots: sorted(dots), best: null };
}

function openDots(candidates: readonly Candidate[], level: Level): readonly Dot[] {
  const queries = new Set(level.queries);
  const dots = candidates.flatMap((c) =>
    dot({ candidate: c.id, aggregate: meanOn(c, queries) }, 'open'),
  );
  return sorted(dots);
}

function dot({ candidate, aggregate }: Ranked, standing: Standing): readonly Dot[] {
  return aggregate === null ? [] : [{ candidate, score: aggregate, standing }];
}

function sorted(dots: readonly Dot[]): readonly Dot[] {
  return dots.toSorted((a, b) => b.score - a.score);
}
