import * as v from 'valibot';
import { statusOf } from '../download/fetch-again.ts';
import type { MlcConfig } from './config.ts';

const token = v.union([v.string(), v.object({ content: v.string() })]);

const tokenizerConfigSchema = v.object({
  add_bos_token: v.optional(v.nullable(v.boolean())),
  bos_token: v.optional(v.nullable(token)),
});

const templateSchema = v.object({
  type: v.literal('TemplateProcessing'),
  single: v.array(
    v.union([
      v.object({ SpecialToken: v.object({ id: v.string() }) }),
      v.object({ Sequence: v.unknown() }),
    ]),
  ),
});

const tokenizerSchema = v.object({ post_processor: v.optional(v.unknown()) });

/**
 * The literal text that a tokenizer puts before every text (its BOS token); empty where it puts none. web-llm encodes
 * without it, so it has to be in the text. Said by `tokenizer_config.json`, else by what `tokenizer.json` does to a text.
 * `get` reads a file of the model; one that is not there counts as saying nothing.
 */
export async function beginningOf(
  get: (name: string) => Promise<string>,
  { tokenizerFiles }: MlcConfig,
): Promise<string> {
  const read = (name: string): Promise<string | null> =>
    tokenizerFiles.includes(name) ? orNothing(get(name)) : Promise.resolve(null);
  const config = v.safeParse(tokenizerConfigSchema, asJson(await read('tokenizer_config.json')));
  const bos = config.success ? textOf(config.output.bos_token) : null;
  const adds = config.success ? config.output.add_bos_token : undefined;
  if (adds === false || (config.success && bos === null)) return '';
  if (adds === true && bos !== null) return bos;
  const tokenizer = v.safeParse(tokenizerSchema, asJson(await read('tokenizer.json')));
  if (tokenizer.success) return firstToken(tokenizer.output.post_processor);
  // A SentencePiece model alone: those that people still use begin so.
  return tokenizerFiles.includes('tokenizer.json') ? '' : (bos ?? '<s>');
}

function firstToken(processor: unknown): string {
  const steps = v.safeParse(v.object({ processors: v.array(v.unknown()) }), processor);
  const candidates = steps.success ? steps.output.processors : [processor];
  for (const candidate of candidates) {
    const template = v.safeParse(templateSchema, candidate);
    const [first] = template.success ? template.output.single : [];
    if (first && 'SpecialToken' in first) return first.SpecialToken.id;
  }
  return '';
}

function textOf(value: v.InferOutput<typeof token> | null | undefined): string | null {
  if (value == null) return null;
  return typeof value === 'string' ? value : value.content;
}

function asJson(text: string | null): unknown {
  try {
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

async function orNothing(text: Promise<string>): Promise<string | null> {
  try {
    return await text;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (statusOf(error) === 404 || code === 'file-invalid') return null;
    throw error;
  }
}
