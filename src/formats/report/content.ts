import { foundCandidate, foundPrompt } from '../../core/found.ts';
import type { RoleCost } from '../../core/journal-entry.ts';
import type { Role } from '../../core/llm.ts';
import type { Prompt } from '../../core/prompt.ts';
import type { RunRecord } from '../../core/run-record.ts';
import { candidateOf, type Candidate, type Run } from '../../core/run.ts';
import { numbersIn, type Numbers } from '../../view/numbers.ts';

/** What a report is made from. */
export interface ReportContent {
  readonly record: RunRecord;
  readonly run: Run;
  /** What the replies kept have cost; a role that was never asked is absent. */
  readonly cost: Readonly<Partial<Record<Role, RoleCost>>>;
  readonly app: { readonly name: string; readonly version: string };
  /** When the report is written: a moment such as 2026-01-31T12:00:00.000Z. */
  readonly written: string;
  /** For numbers and dates, such as `de-CH`. The words are English. */
  readonly locale: string;
  /** For dates, such as `Europe/Zurich`; absent: the machine's. */
  readonly timeZone?: string;
}

/** A report's content with what all its sections look up. */
export interface Told extends ReportContent {
  readonly numbers: Numbers;
  readonly date: (iso: string) => string;
  /** The text of a query or an example's query; its id where the run does not have it. */
  readonly query: (id: string) => string;
  readonly found: Prompt;
  /** The candidates from the start to the found prompt, the start first; none where the search made none. */
  readonly path: readonly Candidate[];
}

/** The report's content ready to be told. Throws a RangeError for a locale or time zone that is none. */
export function telling(content: ReportContent): Told {
  const { record, run, locale, timeZone } = content;
  const { train, select, test, examples } = record.data;
  const queries = new Map([
    ...examples.map((e) => [e.id, e.query] as const),
    ...[...train, ...select, ...test].map((q) => [q.id, q.text] as const),
  ]);
  const dates = new Intl.DateTimeFormat(locale, {
    dateStyle: 'long',
    timeStyle: 'short',
    ...(timeZone !== undefined && { timeZone }),
  });
  return {
    ...content,
    numbers: numbersIn(locale),
    date: (iso) => {
      const moment = new Date(iso);
      return Number.isNaN(moment.getTime()) ? 'unknown date' : dates.format(moment);
    },
    query: (id) => queries.get(id) ?? id,
    found: foundPrompt(run, record.startingPrompt),
    path: pathTo(run, foundCandidate(run)),
  };
}

function pathTo(run: Run, id: string | null): readonly Candidate[] {
  const path: Candidate[] = [];
  let step = id === null ? undefined : candidateOf(run, id);
  // A file made by hand may have a candidate that descends from itself.
  while (step && !path.includes(step)) {
    path.unshift(step);
    step = step.parent === null ? undefined : candidateOf(run, step.parent);
  }
  return path;
}
