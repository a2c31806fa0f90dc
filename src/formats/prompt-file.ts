import * as v from 'valibot';
import { DrpoError } from '../core/errors.ts';
import type { Example } from '../core/events.ts';
import { promptText, type Prompt } from '../core/prompt.ts';
import type { Settings } from '../core/settings.ts';
import type { Verdict } from '../core/verdict.ts';
import { readFile, writeFile, type FileFormat } from './file.ts';
import { lineageSchema, type Lineage } from './lineage.ts';
import { decodingSchema, type Decoding } from './run-file.ts';
import { label, labels, list, seed, text } from './schema-basics.ts';
import { exampleSchema, promptSchema, verdictSchema } from './schemas.ts';
import { settingsSchema } from './settings-schema.ts';
import type { Upgrades } from './upgrade.ts';

/**
 * What someone needs who wants to use a found prompt elsewhere: the words, how to ask with them, which model they were
 * found for, and how they did. `text` is `prompt` as the model reads it.
 */
export interface PromptFileContent {
  readonly prompt: Prompt;
  readonly text: string;
  readonly examples: readonly Example[];
  readonly decoding: Decoding;
  readonly stop: readonly string[];
  /** Id of the profile that lays out prompt, examples and query. */
  readonly profile: string;
  readonly model: { readonly id: string; readonly revision: string; readonly engine: string };
  readonly seed: number;
  readonly settings: Settings;
  readonly verdict: Verdict | null;
  readonly lineage: Lineage | null;
}

/** Schema of `PromptFileContent`. */
export const promptFileSchema = v.looseObject({
  prompt: promptSchema,
  text,
  examples: list(exampleSchema),
  decoding: decodingSchema,
  stop: labels,
  profile: label,
  model: v.looseObject({ id: label, revision: label, engine: label }),
  seed,
  settings: settingsSchema,
  verdict: v.nullable(verdictSchema),
  lineage: v.nullable(lineageSchema),
}) satisfies v.GenericSchema<unknown, PromptFileContent>;

const upgrades: Upgrades = {};

/** The prompt file: `drpo-prompt`, version 1. */
export const promptFileFormat: FileFormat<PromptFileContent> = {
  format: 'drpo-prompt',
  version: 1,
  what: 'prompt file',
  maxChars: 40_000_000,
  upgrades,
  schema: promptFileSchema,
  lists: [],
};

/** A found prompt as a file's text. */
export function exportPromptFile(content: PromptFileContent): string {
  return writeFile(promptFileFormat, content);
}

/**
 * The prompt in a file's text; what this version does not know is kept. Throws `file-not-ours`, `file-newer`,
 * `file-too-large`, or `file-invalid`: also where someone edited `text` and left `prompt` as it was.
 */
export function readPromptFile(text: string): PromptFileContent {
  const content = readFile(promptFileFormat, text);
  if (content.text === promptText(content.prompt)) return content;
  throw new DrpoError(
    'file-invalid',
    'This prompt file holds two different prompts: "text" is not what "prompt" reads as. Make the two say the same, or paste the text you want as a starting prompt.',
  );
}
