import { csvParseRows, dsvFormat, tsvParseRows } from 'd3-dsv';
import { DrpoError } from '../core/errors.ts';
import { jsonErrorLine } from './json-line.ts';

/** Rows of a file: plain text where it has no columns, else a cell for each column that has one. */
export type Row = string | Readonly<Record<string, unknown>>;

/** A data file as rows, with the columns that hold text somewhere, in the order they first appear. */
export interface Table {
  readonly rows: readonly Row[];
  readonly columns: readonly string[];
}

/** Whether a first line names columns: only its words can tell. */
type Header = (cells: readonly string[]) => boolean;

const maxChars = 20_000_000;

/**
 * Reads JSON (a list of strings or of objects, or an object with one list in it), JSON lines, CSV, TSV or plain lines;
 * which, the content and the file's ending say. `looksLikeHeader` decides where only the words can tell. Throws
 * `data-empty`, `data-invalid` or `file-too-large`.
 */
export function readTable(text: string, fileName: string, looksLikeHeader: Header): Table {
  if (text.length > maxChars) {
    throw new DrpoError(
      'file-too-large',
      `${fileName} has ${(text.length / 1e6).toFixed(0)} MB; at most 20 MB can be read. Take a part of it.`,
    );
  }
  const clean = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  if (clean.trim() === '') {
    throw new DrpoError('data-empty', `${fileName} is empty. Choose a file with a query a line.`);
  }
  if (clean.includes('\0')) {
    throw new DrpoError(
      'data-invalid',
      `${fileName} is not a text file. Save it as CSV, JSON or plain lines in UTF-8.`,
    );
  }
  const rows = readRows(clean, fileName, looksLikeHeader);
  return { rows, columns: columnsOf(rows) };
}

function readRows(text: string, fileName: string, looksLikeHeader: Header): readonly Row[] {
  const ending = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
  if (ending === 'jsonl' || ending === 'ndjson') return readJsonLines(text, fileName);
  if (ending === 'json') return readJson(text, fileName);
  if (ending === 'tsv' || ending === 'tab') return withHeader(tsvParseRows(text), looksLikeHeader);
  if (ending === 'csv') return withHeader(csvParser(text)(text), looksLikeHeader);
  if (/^\s*[[{"]/.test(text)) {
    const rows = tryJson(text) ?? tryJsonLines(text);
    if (rows) return rows;
  }
  return tryTable(text, looksLikeHeader) ?? text.split('\n').filter((line) => line.trim() !== '');
}

/** Null unless there is a header with names we know and as many cells in every line. */
function tryTable(text: string, looksLikeHeader: Header): readonly Row[] | null {
  const firstLine = text.trimStart().split('\n', 1)[0] ?? '';
  const parse = firstLine.includes('\t') ? tsvParseRows : csvParser(text);
  const header = parse(firstLine)[0] ?? [];
  if (header.length < 2 || !looksLikeHeader(header)) return null;
  const table = parse(text.trim());
  return table.every((cells) => cells.length === header.length)
    ? withHeader(table, looksLikeHeader)
    : null;
}

/** Spreadsheets write semicolons where the comma is the decimal sign. Only `…Rows`: d3's other readers need eval. */
function csvParser(text: string): (text: string) => string[][] {
  const firstLine = text.trimStart().split('\n', 1)[0] ?? '';
  const semicolons = firstLine.split(';').length > firstLine.split(',').length;
  return semicolons ? (from) => dsvFormat(';').parseRows(from) : (from) => csvParseRows(from);
}

/** A single column needs no name: its first line is a query unless it looks like a header. */
function withHeader(
  table: readonly (readonly string[])[],
  looksLikeHeader: Header,
): readonly Row[] {
  const lines = table.filter((cells) => cells.some((cell) => cell.trim() !== ''));
  const header = (lines[0] ?? []).map((cell) => cell.trim());
  if (header.length <= 1 && !looksLikeHeader(header)) return lines.map((cells) => cells[0] ?? '');
  return lines
    .slice(1)
    .map((cells) => Object.fromEntries(header.map((name, i) => [name, cells[i]])));
}

function readJson(text: string, fileName: string): readonly Row[] {
  const isWhole = parsed(text) !== undefined;
  const rows = isWhole ? tryJson(text) : tryJsonLines(text);
  if (rows) return rows;
  throw new DrpoError(
    'data-invalid',
    isWhole
      ? `${fileName} holds no list that can be read. It should be a list of texts or of objects, or one object with one such list in it.`
      : `${fileName} is not JSON: line ${jsonErrorLine(text)} cannot be read. Correct it or choose another file.`,
  );
}

function tryJson(text: string): readonly Row[] | null {
  const list = listIn(parsed(text));
  return list?.every(isRow) ? list : null;
}

/** Null unless there is a JSON text or object on every line. */
function tryJsonLines(text: string): readonly Row[] | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const rows = lines.map(parsed);
  return rows.every(isRow) ? rows : null;
}

function readJsonLines(text: string, fileName: string): readonly Row[] {
  const rows: Row[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = parsed(line);
    if (!isRow(row)) {
      throw new DrpoError(
        'data-invalid',
        `${fileName} cannot be read: line ${i + 1} is not a JSON text or object. Correct or remove it.`,
      );
    }
    rows.push(row);
  }
  return rows;
}

/** The JSON value, or undefined, which no JSON is. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function listIn(value: unknown): readonly unknown[] | null {
  if (isList(value)) return value;
  if (!isObject(value)) return null;
  const lists = Object.values(value).filter(isList);
  return lists.length === 1 ? (lists[0] ?? null) : null;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'string' || isObject(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function columnsOf(rows: readonly Row[]): readonly string[] {
  const columns = new Set<string>();
  for (const row of rows) {
    if (typeof row === 'string') continue;
    for (const name of Object.keys(row)) if (cell(row, name) !== '') columns.add(name);
  }
  return [...columns];
}

/** The text in a row's column, trimmed; '' where there is none. A row without columns is its own text. */
export function cell(row: Row, column: string | null): string {
  const value = typeof row === 'string' ? row : column === null ? '' : row[column];
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' ? String(value) : '';
}
