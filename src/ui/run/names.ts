import type { RunHead } from '../../app/session.svelte.ts';
import type { Criterion } from '../../core/criteria.ts';
import type { Query } from '../../core/events.ts';
import type { Run } from '../../core/run.ts';
import type { JudgeSettings } from '../../core/settings.ts';

/** What the ids in a run stand for. Unknown ids come back as they are: a run file may lack them. */
export interface Names {
  readonly query: (id: string) => string;
  readonly kind: (id: string) => string;
  /** The criterion of that name, in the list or proposed by the judge for that query. */
  readonly criterion: (name: string, query: string) => Criterion | null;
  /** How this run counts a rating that could not be read. */
  readonly unreadable: JudgeSettings['unreadable'];
}

/** Looks ids up in the run's head, and proposed criteria in the run. */
export function namesOf(head: RunHead | null, criteria: Run['criteria']): Names {
  const { train = [], select = [], test = [], examples = [] } = head?.data ?? {};
  const queries = new Map<string, Query>([...train, ...select, ...test].map((q) => [q.id, q]));
  const examplesById = new Map(examples.map((e) => [e.id, e]));
  const listed = new Map(head?.criteria.map((c) => [c.name, c]));
  return {
    query: (id) => queries.get(id)?.text ?? examplesById.get(id)?.query ?? id,
    kind: (id) => queries.get(id)?.kind ?? '',
    criterion: (name, query) => {
      const proposed = criteria.get(query)?.proposed;
      return proposed?.name === name ? proposed : (listed.get(name) ?? null);
    },
    unreadable: head?.settings.judge.unreadable ?? 'leave-out',
  };
}

/** A criterion as a reader's definition: what it is, what a 1 and a 5 look like. */
export function definitionOf(criterion: Criterion): string {
  const { definition, low, high } = criterion;
  const ends = low && high ? ` 1: ${low} 5: ${high}` : '';
  return `${definition}${ends}`;
}
