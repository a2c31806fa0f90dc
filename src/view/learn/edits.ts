import type { Attempt } from '../../core/events.ts';
import type { Rating } from '../../core/rating.ts';
import { candidateOf, type Candidate, type Run } from '../../core/run.ts';
import { meanOn } from '../standing.ts';

/** An edit of the search, from the answer that called for it to what came of it. */
export interface Lesson {
  readonly parent: Candidate;
  readonly child: Candidate;
  /** The parent's weak answer, its weakest rating, and why the judge rated it so, where it was asked. */
  readonly weak: Attempt;
  readonly weakest: Rating;
  readonly reason: string | null;
  /** A query that parent and child both met afterwards, on which they differ most. */
  readonly before: Attempt;
  readonly after: Attempt;
  /** The child's mean on the block they both met, less the parent's. */
  readonly gain: number;
}

/** Every edit whose story the run tells whole, the one that gained most first. */
export function lessonsOf(run: Run): readonly Lesson[] {
  return run.candidates
    .flatMap((child) => lessonOf(run, child) ?? [])
    .toSorted((a, b) => b.gain - a.gain);
}

function lessonOf(run: Run, child: Candidate): Lesson | null {
  const parent = child.parent === null ? undefined : candidateOf(run, child.parent);
  const weak = parent?.attempts.find((a) => a.query === child.query);
  const [weakest] = (weak?.ratings ?? []).toSorted((a, b) => a.score - b.score);
  const block = run.levels.find((l) => l.level === child.level)?.queries;
  if (!parent || !weak || !weakest || !block) return null;
  const outcome = outcomeOn(parent, child, new Set(block));
  if (!outcome) return null;
  const why = parent.explanations.find(
    (e) => e.query === weak.query && e.criterion === weakest.criterion,
  );
  return { parent, child, weak, weakest, reason: why?.reason ?? null, ...outcome };
}

function outcomeOn(
  parent: Candidate,
  child: Candidate,
  block: ReadonlySet<string>,
): Pick<Lesson, 'before' | 'after' | 'gain'> | null {
  const [was, is] = [meanOn(parent, block), meanOn(child, block)];
  const [widest] = parent.attempts
    .filter((a) => block.has(a.query))
    .flatMap((before) => {
      const after = child.attempts.find((a) => a.query === before.query);
      if (!after || before.reward === null || after.reward === null) return [];
      return [{ before, after, apart: Math.abs(after.reward - before.reward) }];
    })
    .toSorted((a, b) => b.apart - a.apart);
  if (was === null || is === null || !widest) return null;
  return { before: widest.before, after: widest.after, gain: is - was };
}
