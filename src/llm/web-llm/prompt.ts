import { joinParts, type Content, type LlmRequest, type Message } from '../../core/llm.ts';
import type { MlcWeights } from '../../core/run-record.ts';
import type { Sizer } from '../fit.ts';
import type { MlcRequest, MlcTokenizer } from './contract.ts';
import type { Family, ListedModel } from './models.ts';

/** Weights to load and how they are spoken to. `id` is what the engine knows them by; `beginning` stands before every text. */
export interface WebLlmWeights {
  readonly id: string;
  readonly name: string;
  readonly form: 'chat' | 'text';
  readonly beginning: string;
  /** Whether chats must be asked not to think, which puts an empty thought before the reply. */
  readonly thinks: boolean;
}

/** The literal that stands before a text, where a family needs one: web-llm's text completion puts none. */
const beginnings: Readonly<Record<Family, string>> = {
  smollm2: '',
  'qwen2.5': '',
  qwen3: '',
  'llama-3.2': '<|begin_of_text|>',
  'gemma-3': '<bos>',
  'ministral-3': '<s>',
  phi: '',
  'olmo-2': '',
};

/** A listed model's own weights, or others that its library runs. */
export function weightsOf(model: ListedModel, other: MlcWeights | null): WebLlmWeights {
  const thinks = model.family === 'qwen3';
  if (other) {
    const { name, form, beginning } = other;
    return { id: name, name, form, beginning, thinks };
  }
  const { id, name, kind, family } = model;
  const form = kind === 'instruct' ? 'chat' : 'text';
  return { id, name, form, beginning: beginnings[family], thinks };
}

const emptyThought = '<think>\n\n</think>\n\n';

/** Tokens of the empty thought, which count against the reply's limit; 0 for weights that have none. */
export function thoughtTokens({ thinks }: WebLlmWeights, tokenizer: MlcTokenizer | null): number {
  if (!thinks) return 0;
  return tokenizer?.encode(emptyThought).length ?? 4;
}

/** Without the empty thought; of one that is still coming, nothing. */
export function withoutThought(text: string): string {
  if (text.startsWith(emptyThought)) return text.slice(emptyThought.length);
  return emptyThought.startsWith(text) ? '' : text;
}

/** The content as web-llm can take it. */
export function promptOf(
  content: Content,
  { beginning, thinks }: WebLlmWeights,
): Pick<MlcRequest, 'messages' | 'prompt' | 'extra_body'> {
  if (content.type === 'text') return { prompt: beginning + joinParts(content.parts) };
  const messages = messagesOf(content.messages);
  return thinks ? { messages, extra_body: { enable_thinking: false } } : { messages };
}

/** Without a system message it would put in one of its own. */
function messagesOf(messages: readonly Message[]): NonNullable<MlcRequest['messages']> {
  const turns = messages.map(({ role, parts }) => ({ role, content: literal(joinParts(parts)) }));
  return turns[0]?.role === 'system' ? turns : [{ role: 'system', content: '' }, ...turns];
}

/**
 * The text so that web-llm's template leaves it as it is: it goes through `String.replace`, where a dollar sign is an
 * instruction, and a placeholder for functions is taken out, which only a change can prevent.
 */
function literal(text: string): string {
  return text.replaceAll('$', '$$$$').replaceAll('{function_string}', '{function string}');
}

// With 1 the engine's sampler drew impossible tokens on some devices; with this, frequencies were exact.
const mostTopP = 0.9999;

type MlcSampling = Pick<
  MlcRequest,
  'temperature' | 'top_p' | 'seed' | 'repetition_penalty' | 'frequency_penalty' | 'presence_penalty'
>;

/** Sampling as web-llm can take it. Penalties are switched off: a model's own configuration may ask for some, the request did not. */
export function samplingOf({ sampling }: LlmRequest): MlcSampling {
  return {
    temperature: sampling.temperature,
    top_p: Math.min(sampling.topP, mostTopP),
    // 0 and 1 are the same to it.
    seed: Math.max(1, sampling.seed),
    repetition_penalty: 1,
    frequency_penalty: 0,
    presence_penalty: 0,
  };
}

/** For a request of which only probabilities are read. */
export const plainSampling: MlcSampling = {
  temperature: 1,
  top_p: mostTopP,
  seed: 1,
  repetition_penalty: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
};

/** Tokens that a chat's template adds to each turn, and once to the whole. */
export interface TemplateSize {
  readonly turn: number;
  readonly once: number;
}

/** Enough for the usual templates: role markers and separators for each turn; an empty system turn and the reply's header. */
export const usualTemplate: TemplateSize = { turn: 8, once: 16 };

/**
 * What a template adds, from the tokens of a chat of one turn and of one of three, when each turn has `ofWord` tokens of its
 * own. Never less than usual.
 */
export function templateSize(ofOne: number, ofThree: number, ofWord: number): TemplateSize {
  const turn = Math.max(usualTemplate.turn, Math.ceil((ofThree - ofOne) / 2) - ofWord);
  return { turn, once: Math.max(usualTemplate.once, ofOne - ofWord - turn) };
}

/** Sizes in the model's own tokens; without a tokenizer, in bytes. */
export function sizerOf(
  { beginning }: WebLlmWeights,
  tokenizer: MlcTokenizer | null,
  { turn, once }: TemplateSize,
): Sizer {
  const size = (content: Content, ofText: (text: string) => number): number =>
    content.type === 'text'
      ? ofText(beginning + joinParts(content.parts))
      : content.messages.reduce(
          (sum, message) => sum + turn + ofText(joinParts(message.parts)),
          once,
        );
  const bytes = (text: string): number => new TextEncoder().encode(text).length;
  const tokens = (text: string): number => tokenizer?.encode(text).length ?? bytes(text);
  return {
    atMost: (content) => size(content, bytes),
    count: (content) => Promise.resolve(size(content, tokens)),
  };
}
