import * as v from 'valibot';
import type { JournalEntry } from '../core/journal-entry.ts';
import type {
  Content,
  Cut,
  LlmInfo,
  LlmReply,
  LlmRequest,
  Message,
  ModelRef,
  Output,
  Part,
  Role,
  Sampling,
  Usage,
} from '../core/llm.ts';
import { count, label, labels, list, number, text } from './schema-basics.ts';

/** Who is asking. */
export const roleSchema = v.picklist(['base', 'evaluator', 'optimizer']) satisfies v.GenericSchema<
  unknown,
  Role
>;

const refEntries = { engine: label, id: label, revision: label, contextSize: count };

/** Which weights, in which build. */
export const modelRefSchema = v.looseObject(refEntries) satisfies v.GenericSchema<
  unknown,
  ModelRef
>;

/** What a loaded model is and can do. */
export const llmInfoSchema = v.looseObject({
  ...refEntries,
  name: label,
  form: v.picklist(['chat', 'text']),
  profile: v.exactOptional(label),
  canEmbed: v.boolean(),
  concurrency: count,
  notes: v.exactOptional(labels),
}) satisfies v.GenericSchema<unknown, LlmInfo>;

/** A stretch of a request's text. */
export const partSchema = v.looseObject({
  text,
  drop: v.exactOptional(
    v.looseObject({ order: number, how: v.picklist(['whole', 'middle']), what: label }),
  ),
}) satisfies v.GenericSchema<unknown, Part>;

/** One turn of a chat. */
export const messageSchema = v.looseObject({
  role: v.picklist(['system', 'user', 'assistant']),
  parts: list(partSchema),
}) satisfies v.GenericSchema<unknown, Message>;

/** Chat turns, or plain text to continue. */
export const contentSchema = v.variant('type', [
  v.looseObject({ type: v.literal('chat'), messages: list(messageSchema) }),
  v.looseObject({ type: v.literal('text'), parts: list(partSchema) }),
]) satisfies v.GenericSchema<unknown, Content>;

/** What is wanted back. */
export const outputSchema = v.variant('type', [
  v.looseObject({ type: v.literal('text'), maxTokens: count, stop: labels }),
  v.looseObject({ type: v.literal('choice'), choices: labels }),
  v.looseObject({ type: v.literal('embedding') }),
]) satisfies v.GenericSchema<unknown, Output>;

/** How the next token is drawn. */
export const samplingSchema = v.looseObject({
  temperature: number,
  topP: number,
  seed: count,
}) satisfies v.GenericSchema<unknown, Sampling>;

/** Everything that decides a reply. */
export const llmRequestSchema = v.looseObject({
  role: roleSchema,
  purpose: v.picklist([
    'answer',
    'choose-criteria',
    'rate',
    'explain',
    'rewrite',
    'improve',
    'embed',
  ]),
  model: modelRefSchema,
  content: contentSchema,
  output: outputSchema,
  sampling: samplingSchema,
}) satisfies v.GenericSchema<unknown, LlmRequest>;

/** One thing given up to fit the context. */
export const cutSchema = v.looseObject({
  what: label,
  removedChars: count,
  ofChars: count,
}) satisfies v.GenericSchema<unknown, Cut>;

/** Tokens and time of one reply. */
export const usageSchema = v.looseObject({
  promptTokens: count,
  reusedTokens: count,
  outputTokens: count,
  elapsedMs: number,
}) satisfies v.GenericSchema<unknown, Usage>;

const replyEntries = {
  cut: list(cutSchema),
  usage: usageSchema,
  key: v.exactOptional(label),
};

/** A model's reply. */
export const llmReplySchema = v.variant('type', [
  v.looseObject({
    type: v.literal('text'),
    text,
    finish: v.picklist(['stop', 'length']),
    ...replyEntries,
  }),
  v.looseObject({
    type: v.literal('choice'),
    probabilities: list(number),
    lostMass: v.exactOptional(number),
    ...replyEntries,
  }),
  v.looseObject({ type: v.literal('embedding'), vector: list(number), ...replyEntries }),
]) satisfies v.GenericSchema<unknown, LlmReply>;

/** A reply under the hash of its request. */
export const journalEntrySchema = v.looseObject({
  key: label,
  request: llmRequestSchema,
  reply: llmReplySchema,
}) satisfies v.GenericSchema<unknown, JournalEntry>;

/** The same thing for each of the three roles. */
export function perRole<const TSchema extends v.GenericSchema>(schema: TSchema) {
  return v.looseObject({ base: schema, evaluator: schema, optimizer: schema });
}
