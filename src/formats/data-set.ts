import { DrpoError } from '../core/errors.ts';
import { cell, readTable, type Table } from './table.ts';

/** Queries of a person's file. `skipped` counts the rows left out: empty, double, too long, or past the limit. */
export interface QueryFile {
  readonly queries: readonly { readonly text: string; readonly kind: string }[];
  /** All columns found; none where the file is plain lines or a list of texts. */
  readonly columns: readonly string[];
  /** The column taken. */
  readonly column: string | null;
  readonly skipped: number;
}

/** Examples of a person's file, each with a query and an answer; `skipped` as in `QueryFile`. */
export interface ExampleFile {
  readonly examples: readonly { readonly query: string; readonly answer: string }[];
  readonly columns: readonly string[];
  readonly queryColumn: string;
  readonly answerColumn: string;
  readonly skipped: number;
}

/** At most this many queries or examples are taken from a file. */
export const maxRows = 10_000;

/** A longer query (or answer) is left out: a small model could not read it. */
export const maxTextChars = 4_000;

// Most likely first.
const queryNames = [
  ...['query', 'question', 'prompt', 'instruction', 'input', 'text', 'user', 'request'],
  ...['message', 'content', 'sentence', 'queries', 'questions', 'prompts'],
];
const answerNames = [
  ...['answer', 'response', 'output', 'completion', 'reply', 'target', 'chosen', 'assistant'],
  ...['answers', 'label', 'result'],
];
const kindNames = ['kind', 'category', 'type', 'task', 'domain', 'topic'];

/**
 * Reads a person's queries from JSON, JSON lines, CSV, TSV or plain lines. A likely column is chosen unless
 * `options.column` names one. Throws `data-empty`, `data-no-column`, `data-invalid` or `file-too-large`.
 */
export function readQueries(
  text: string,
  fileName: string,
  options: { readonly column?: string } = {},
): QueryFile {
  const named = options.column === undefined ? [] : [options.column];
  const table = readTable(text, fileName, hasName([...named, ...queryNames]));
  const column = named[0] ?? likelyColumn(table, queryNames, []);
  if (column !== null) checkColumn(table, fileName, column);
  const kindColumn = byName(
    table.columns.filter((name) => name !== column),
    kindNames,
  );
  const rows = table.rows.map((row) => ({
    text: cell(row, column),
    kind: typeof row === 'string' ? '' : cell(row, kindColumn).slice(0, 60),
  }));
  const queries = keep(rows, (row) => [row.text]);
  if (queries.length === 0) throw noneLeft(fileName, 'query', rows.length);
  return { queries, columns: table.columns, column, skipped: rows.length - queries.length };
}

/** Reads examples, a query and an answer a row, as `readQueries` does. Both columns can be named. */
export function readExamples(
  text: string,
  fileName: string,
  options: { readonly queryColumn?: string; readonly answerColumn?: string } = {},
): ExampleFile {
  const named = [options.queryColumn, options.answerColumn].filter((name) => name !== undefined);
  const table = readTable(text, fileName, hasName([...named, ...queryNames, ...answerNames]));
  const answerColumn =
    options.answerColumn ?? byName(without(table.columns, options.queryColumn), answerNames);
  if (answerColumn === null) throw noColumn(table, fileName, 'for the answers');
  checkColumn(table, fileName, answerColumn);
  const queryColumn = options.queryColumn ?? likelyColumn(table, queryNames, [answerColumn]);
  if (queryColumn === null) throw noColumn(table, fileName, 'for the queries');
  checkColumn(table, fileName, queryColumn);
  const rows = table.rows.map((row) => ({
    query: typeof row === 'string' ? '' : cell(row, queryColumn),
    answer: typeof row === 'string' ? '' : cell(row, answerColumn),
  }));
  const examples = keep(rows, (row) => [row.query, row.answer]);
  if (examples.length === 0) throw noneLeft(fileName, 'example', rows.length);
  const skipped = rows.length - examples.length;
  return { examples, columns: table.columns, queryColumn, answerColumn, skipped };
}

/** The rows whose texts are all there and not too long, the first of each, up to the limit. */
function keep<TRow>(rows: readonly TRow[], textsOf: (row: TRow) => readonly string[]): TRow[] {
  const seen = new Set<string>();
  const kept: TRow[] = [];
  for (const row of rows) {
    const texts = textsOf(row);
    const first = texts[0] ?? '';
    if (kept.length === maxRows) break;
    if (seen.has(first) || texts.some((t) => t === '' || t.length > maxTextChars)) continue;
    seen.add(first);
    kept.push(row);
  }
  return kept;
}

function hasName(names: readonly string[]): (cells: readonly string[]) => boolean {
  return (cells) => byName(cells, names) !== null;
}

/** The column whose name comes first in `names`, whatever its case. */
function byName(columns: readonly string[], names: readonly string[]): string | null {
  for (const name of names) {
    const found = columns.find((column) => column.trim().toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
  }
  return null;
}

function without(columns: readonly string[], name: string | undefined): readonly string[] {
  return columns.filter((column) => column !== name);
}

/** By name, else the one that holds most text; null where there are none. */
function likelyColumn(
  table: Table,
  names: readonly string[],
  taken: readonly string[],
): string | null {
  const columns = table.columns.filter((column) => !taken.includes(column));
  const chars = (column: string) =>
    table.rows.reduce(
      (sum, row) => sum + (typeof row === 'string' ? 0 : cell(row, column).length),
      0,
    );
  return (
    byName(columns, names) ??
    columns
      .map((column) => ({ column, chars: chars(column) }))
      .reduce<{ column: string | null; chars: number }>((a, b) => (b.chars > a.chars ? b : a), {
        column: null,
        chars: 0,
      }).column
  );
}

function checkColumn(table: Table, fileName: string, column: string): void {
  if (!table.columns.includes(column)) throw noColumn(table, fileName, `“${column}”`);
}

function noColumn(table: Table, fileName: string, wanted: string): DrpoError {
  const names = table.columns.slice(0, 20).map((name) => `“${name.slice(0, 40)}”`);
  const there =
    names.length > 0
      ? `It has ${names.join(', ')}. Rename the right one, for instance to “query” or “answer”`
      : 'It has no columns at all. Give it a first line that names them';
  return new DrpoError('data-no-column', `${fileName} has no column ${wanted}. ${there}.`);
}

function noneLeft(fileName: string, what: 'query' | 'example', rows: number): DrpoError {
  return new DrpoError(
    'data-empty',
    `${fileName} has no ${what} that can be used: each of its ${rows} rows is empty or longer than ${maxTextChars} characters. Choose another file or column.`,
  );
}
