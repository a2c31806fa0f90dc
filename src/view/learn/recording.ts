import type { Attempt, Query } from '../../core/events.ts';
import type { RunRecord } from '../../core/run-record.ts';
import { candidateOf, type ArmState, type Run } from '../../core/run.ts';

/** A kept run, read whole: what went in, and what it said. */
export interface Recording {
  readonly record: RunRecord;
  readonly run: Run;
}

/** Every query of the run by its id. */
export function queriesOf({ data }: RunRecord): ReadonlyMap<string, Query> {
  return new Map([...data.train, ...data.select, ...data.test].map((query) => [query.id, query]));
}

/** What a prompt of the verdict answered to the test queries, by query. */
export function testAttempts(run: Run, { candidate }: ArmState): ReadonlyMap<string, Attempt> {
  const all = candidateOf(run, candidate)?.attempts ?? run.armAttempts;
  const own = all.filter((a) => a.candidate === candidate && a.split === 'test');
  return new Map(own.map((attempt) => [attempt.query, attempt]));
}

/** The first query of each kind, in the order given. */
export function oneOfEachKind(queries: readonly Query[]): readonly Query[] {
  return queries.filter(({ kind }, i) => queries.findIndex((q) => q.kind === kind) === i);
}
