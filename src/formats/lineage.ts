import * as v from 'valibot';
import type { NewCandidate, SearchEvent } from '../core/events.ts';
import { promptText, type Origin } from '../core/prompt.ts';
import { count, label, list, text } from './schema-basics.ts';
import { originSchema } from './schemas.ts';

/** How a found prompt came about: each bullet's origin, and the candidates from the start to it, the start first. */
export interface Lineage {
  readonly bullets: readonly {
    readonly id: string;
    readonly text: string;
    readonly origin: Origin;
  }[];
  readonly path: readonly {
    readonly candidate: string;
    readonly level: number;
    /** The query whose attempt called for it; null for the start. */
    readonly query: string | null;
    readonly text: string;
  }[];
}

/** Schema of `Lineage`. */
export const lineageSchema = v.looseObject({
  bullets: list(v.looseObject({ id: label, text, origin: originSchema })),
  path: list(v.looseObject({ candidate: label, level: count, query: v.nullable(label), text })),
}) satisfies v.GenericSchema<unknown, Lineage>;

/** The lineage of the candidate with this id, or null where the events do not have it. */
export function lineageOf(events: readonly SearchEvent[], candidate: string): Lineage | null {
  const known = new Map<string, NewCandidate>();
  for (const event of events) {
    if (event.type === 'candidate') known.set(event.candidate.id, event.candidate);
  }
  const found = known.get(candidate);
  if (!found) return null;
  return {
    bullets: found.prompt.bullets.map(({ id, text, origin }) => ({ id, text, origin })),
    path: pathTo(found, known).map(({ id, level, query, prompt }) => ({
      candidate: id,
      level,
      query,
      text: promptText(prompt),
    })),
  };
}

function pathTo(found: NewCandidate, known: Map<string, NewCandidate>): readonly NewCandidate[] {
  const path: NewCandidate[] = [];
  const seen = new Set<NewCandidate>();
  let step: NewCandidate | undefined = found;
  // A file made by hand may have a candidate that descends from itself.
  while (step && !seen.has(step)) {
    path.unshift(step);
    seen.add(step);
    step = step.parent === null ? undefined : known.get(step.parent);
  }
  return path;
}
