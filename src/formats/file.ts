import * as v from 'valibot';
import { DrpoError } from '../core/errors.ts';
import { problemOf } from './problem.ts';
import { upgrade, type JsonObject, type Upgrades } from './upgrade.ts';

/** One of our file formats: how it names itself, its newest version, and how older ones become it. */
export interface FileFormat<TContent> {
  readonly format: string;
  readonly version: number;
  /** "run file": what sentences call it. */
  readonly what: string;
  readonly maxChars: number;
  readonly upgrades: Upgrades;
  readonly schema: v.GenericSchema<unknown, TContent & object>;
  /** Top-level lists that are written one item a line. */
  readonly lists: readonly string[];
}

const megabyte = 1_000_000;

function megabytes(chars: number): string {
  return `${(chars / megabyte).toFixed(chars < 10 * megabyte ? 1 : 0)} MB`;
}

/** Throws `file-too-large`, naming both sizes, where `text` is longer than the format allows. */
function checkSize(text: string, what: string, maxChars: number): void {
  if (text.length <= maxChars) return;
  throw new DrpoError(
    'file-too-large',
    `This ${what} has ${megabytes(text.length)}; at most ${megabytes(maxChars)} can be read. Choose a smaller one.`,
  );
}

/** The file's text: readable by people, long lists one item a line so that two files can be compared line by line. */
export function writeFile<TContent extends object>(
  format: FileFormat<TContent>,
  content: TContent,
): string {
  const file = { ...content, format: format.format, version: format.version };
  const entries = new Map<string, unknown>([
    ['format', null],
    ['version', null],
  ]);
  for (const [key, value] of Object.entries(file)) entries.set(key, value);
  const lines = [...entries]
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => `${JSON.stringify(key)}: ${valueText(value, format.lists.includes(key))}`,
    );
  const text = `{\n${lines.join(',\n')}\n}\n`;
  checkSize(text, format.what, format.maxChars);
  return text;
}

function valueText(value: unknown, isList: boolean): string {
  if (!isList || !Array.isArray(value)) return JSON.stringify(value, null, 2);
  return value.length === 0
    ? '[]'
    : `[\n${value.map((item) => JSON.stringify(item)).join(',\n')}\n]`;
}

/**
 * The content of a file's text, brought to the newest version and checked. Throws a DrpoError: `file-too-large`,
 * `file-not-ours`, `file-newer` or `file-invalid`.
 */
export function readFile<TContent>(format: FileFormat<TContent>, text: string): TContent {
  checkSize(text, format.what, format.maxChars);
  const file = parseOurs(format, text);
  const version = versionOf(format, file);
  const upgraded = upgrade(file, version, format.version, format.upgrades);
  if (upgraded.type === 'refused') {
    throw new DrpoError(
      'file-invalid',
      `This ${format.what} of version ${version} cannot be brought to version ${format.version}: ${upgraded.reason}. Ask for a new export of it.`,
    );
  }
  const result = v.safeParse(format.schema, withoutHeader(upgraded.file), { abortEarly: true });
  if (result.success) return result.output;
  const problem = problemOf(result.issues[0]);
  throw new DrpoError(
    'file-invalid',
    `This ${format.what} cannot be read: ${problem}. It may have been edited or cut short; ask for a new export of it.`,
  );
}

function withoutHeader(file: JsonObject): JsonObject {
  const content = Object.entries(file).filter(([key]) => key !== 'format' && key !== 'version');
  return Object.fromEntries(content);
}

function parseOurs(format: FileFormat<unknown>, text: string): JsonObject {
  const file = parseJson(format, text.replace(/^\uFEFF/, ''));
  if (isObject(file)) {
    if (file['format'] === format.format) return file;
    if (file['format'] === 'drpo-run' || file['format'] === 'drpo-prompt') {
      throw new DrpoError(
        'file-not-ours',
        `This is a ${file['format'] === 'drpo-run' ? 'run' : 'prompt'} file, and a ${format.what} is needed here. Choose another file.`,
      );
    }
  }
  throw new DrpoError(
    'file-not-ours',
    `This is JSON, but not a ${format.what}: it lacks "format": "${format.format}". Choose a file that DRPO Web exported.`,
  );
}

function parseJson(format: FileFormat<unknown>, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const details = error instanceof Error ? error.message : String(error);
    if (text.slice(0, 200).includes(`"${format.format}"`)) {
      throw new DrpoError(
        'file-invalid',
        `This ${format.what} is damaged or cut short: it is not whole JSON. Ask for a new export of it.`,
        details,
      );
    }
    throw new DrpoError(
      'file-not-ours',
      `This is not a ${format.what}: it is not JSON. Choose a file that DRPO Web exported.`,
      details,
    );
  }
}

function versionOf(format: FileFormat<unknown>, file: JsonObject): number {
  const version = file['version'];
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw new DrpoError(
      'file-invalid',
      `This ${format.what} cannot be read: at version there should be a whole number from 1, not ${shown(version)}. Ask for a new export of it.`,
    );
  }
  if (version > format.version) {
    throw new DrpoError(
      'file-newer',
      `This ${format.what} has version ${version}; this DRPO Web reads up to version ${format.version}. Reload the page to get the newest DRPO Web, then open the file again.`,
    );
  }
  return version;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
}
