import * as v from 'valibot';
import type { Example, SearchEvent } from '../core/events.ts';
import type { JournalEntry } from '../core/journal-entry.ts';
import type { ModelSource, NumberedSteer, RunRecord } from '../core/run-record.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Verdict } from '../core/verdict.ts';
import { searchEventSchema, steerSchema } from './event-schemas.ts';
import { readFile, writeFile, type FileFormat } from './file.ts';
import { lineageSchema, type Lineage } from './lineage.ts';
import { journalEntrySchema, llmInfoSchema, perRole } from './llm-schemas.ts';
import { count, label, labels, list, number, text, time } from './schema-basics.ts';
import {
  criterionSchema,
  exampleSchema,
  plantedTextsSchema,
  promptSchema,
  querySchema,
  verdictSchema,
} from './schemas.ts';
import { settingsSchema } from './settings-schema.ts';
import type { Upgrades } from './upgrade.ts';

/** How the found prompt is to be used: sampling of its answers. */
export interface Decoding {
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
}

/** What came of a run, for readers of the file; it follows from the rest and is not read back into a run. */
export interface RunResult {
  readonly text: string;
  readonly prompt: Prompt;
  readonly examples: readonly Example[];
  readonly decoding: Decoding;
  readonly stop: readonly string[];
  readonly evaluation: Verdict | null;
  readonly lineage: Lineage | null;
}

/** A whole run: what went in, every model reply, what was asked of it on the way, what it said, what came of it. */
export interface RunFileContent {
  /** When the file was written. */
  readonly created: string;
  readonly app: { readonly name: string; readonly version: string };
  readonly run: RunRecord;
  readonly result: RunResult | null;
  readonly events: readonly SearchEvent[];
  readonly steers: readonly NumberedSteer[];
  readonly journal: readonly JournalEntry[];
}

/** Schema of `ModelSource`. */
export const modelSourceSchema = v.variant('type', [
  v.looseObject({ type: v.literal('gguf-file'), name: label, sha256: label }),
  v.looseObject({ type: v.literal('gguf-url'), url: label }),
  v.looseObject({ type: v.literal('built-in'), id: label }),
  v.looseObject({ type: v.literal('web-llm'), id: label }),
  v.looseObject({
    type: v.literal('mlc'),
    name: label,
    url: label,
    library: label,
    libraryUrl: v.exactOptional(label),
    beginning: text,
    form: v.picklist(['chat', 'text']),
  }),
  v.looseObject({
    type: v.literal('endpoint'),
    url: label,
    model: label,
    api: v.picklist(['chat', 'completions']),
    contextSize: count,
    concurrency: count,
  }),
]) satisfies v.GenericSchema<unknown, ModelSource>;

/** Schema of `Decoding`. */
export const decodingSchema = v.looseObject({
  temperature: number,
  topP: number,
  maxTokens: count,
}) satisfies v.GenericSchema<unknown, Decoding>;

/** Schema of `RunRecord`. */
export const runHeadSchema = v.looseObject({
  id: label,
  name: label,
  created: time,
  updated: time,
  status: v.picklist(['running', 'paused', 'finished', 'stopped', 'failed']),
  settings: settingsSchema,
  models: perRole(llmInfoSchema),
  modelSources: perRole(modelSourceSchema),
  criteria: list(criterionSchema),
  planted: v.exactOptional(plantedTextsSchema),
  data: v.looseObject({
    train: list(querySchema),
    select: list(querySchema),
    test: list(querySchema),
    examples: list(exampleSchema),
  }),
  startingPrompt: promptSchema,
  handWritten: v.nullable(text),
  summary: v.looseObject({
    verdict: v.nullable(verdictSchema),
    candidates: count,
    requests: count,
    best: v.nullable(number),
    steps: count,
  }),
  error: v.exactOptional(v.looseObject({ code: v.exactOptional(label), message: text })),
}) satisfies v.GenericSchema<unknown, RunRecord>;

/** Schema of `RunResult`. */
export const runResultSchema = v.looseObject({
  text,
  prompt: promptSchema,
  examples: list(exampleSchema),
  decoding: decodingSchema,
  stop: labels,
  evaluation: v.nullable(verdictSchema),
  lineage: v.nullable(lineageSchema),
}) satisfies v.GenericSchema<unknown, RunResult>;

/** Schema of `RunFileContent`. */
export const runFileSchema = v.looseObject({
  created: time,
  app: v.looseObject({ name: label, version: label }),
  run: runHeadSchema,
  result: v.nullable(runResultSchema),
  events: list(searchEventSchema),
  steers: list(v.looseObject({ point: count, steer: steerSchema })),
  journal: list(journalEntrySchema),
}) satisfies v.GenericSchema<unknown, RunFileContent>;

const upgrades: Upgrades = {};

/** The run file: `drpo-run`, version 1. */
export const runFileFormat: FileFormat<RunFileContent> = {
  format: 'drpo-run',
  version: 1,
  what: 'run file',
  maxChars: 400_000_000,
  upgrades,
  schema: runFileSchema,
  lists: ['events', 'steers', 'journal'],
};

/** A run as a file's text. Throws `file-too-large` where it would be one that cannot be read again. */
export function exportRunFile(run: RunFileContent): string {
  return writeFile(runFileFormat, run);
}

/**
 * The run in a file's text; what this version does not know is kept. Throws `file-not-ours`, `file-newer`,
 * `file-invalid` or `file-too-large`.
 */
export function readRunFile(text: string): RunFileContent {
  return readFile(runFileFormat, text);
}
