import * as v from 'valibot';
import { DrpoError } from '../../core/errors.ts';
import { joinParts, type Content } from '../../core/llm.ts';
import { abortError } from '../abort.ts';
import {
  askFailure,
  endedFailure,
  isFatal,
  wordsOf,
  type EngineLog,
  type Trouble,
} from './failures.ts';

/** A request in the names that llama.cpp's server knows; the package's own types have some that it ignores. */
export interface Body {
  readonly prompt?: string;
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
  readonly max_tokens: number;
  readonly stop: readonly string[];
  readonly seed: number;
  readonly temperature: number;
  readonly top_p: number;
  readonly top_k: number;
  readonly min_p: number;
  readonly samplers: readonly string[];
  /** By token id; false forbids it. */
  readonly logit_bias: readonly (readonly [id: number, bias: number | false])[];
  readonly grammar?: string;
  readonly n_probs?: number;
  readonly post_sampling_probs?: boolean;
}

/** A token with its probability. */
export interface Weighed {
  readonly id: number;
  readonly p: number;
}

/**
 * A piece of a reply as it comes: new text, and where probabilities were asked for the token that was drawn and the most
 * probable ones, from the top.
 */
export interface Piece {
  readonly text: string;
  readonly drawn: Weighed | null;
  readonly top: readonly Weighed[];
}

export interface End {
  /** `stop`, `length`, or `broken` where the model wrote something that is not a text. */
  readonly finish: string;
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly outputTokens: number;
}

/**
 * A loaded engine. One call at a time: more than one would hang it. Calls reject with `engine-failed`, `out-of-memory`, `device-lost`
 * or `context-too-small`; one that broke down rejects whatever it is asked from then on.
 */
export interface Native {
  /** Tokens that the engine really gave. */
  readonly contextSize: number;
  /** Whether its weights are on a graphics device. */
  readonly usesGraphics: boolean;
  complete(
    body: Body,
    signal: AbortSignal | undefined,
    onPiece: (piece: Piece) => void,
  ): Promise<End>;
  /** Tokens of a prompt that is larger than the context, which the engine refuses; 0 if it did not. */
  countRefused(prompt: Pick<Body, 'prompt' | 'messages'>): Promise<number>;
  /** A unit vector; null for a text of more tokens than a batch holds. */
  embed(
    text: string,
  ): Promise<{ readonly vector: readonly number[]; readonly tokens: number } | null>;
  /** The error of a reply that makes no sense, with the engine's last words. */
  failed(what: string): DrpoError;
  /** Ends it and frees its memory. */
  close(): Promise<void>;
}

/** The prompt as the engine wants it: one text, or chat turns that it writes by the model's own template. */
export function promptOf(content: Content): Pick<Body, 'prompt' | 'messages'> {
  if (content.type === 'text') return { prompt: joinParts(content.parts) };
  return {
    messages: content.messages.map(({ role, parts }) => ({ role, content: joinParts(parts) })),
  };
}

const weighed = v.object({ id: v.number(), prob: v.number() });
const logWeighed = v.object({ id: v.number(), logprob: v.number() });

/** The probabilities of a token: after sampling in one form, raw in the other. */
const probabilities = v.union([
  v.object({ ...weighed.entries, top_probs: v.array(weighed) }),
  v.object({ ...logWeighed.entries, top_logprobs: v.array(logWeighed) }),
]);

const chunkSchema = v.object({
  choices: v.array(
    v.object({
      text: v.optional(v.string()),
      delta: v.optional(v.object({ content: v.nullish(v.string()) })),
      finish_reason: v.nullish(v.string()),
      logprobs: v.nullish(v.object({ content: v.array(probabilities) })),
    }),
  ),
  prompt_progress: v.optional(v.object({ total: v.number(), cache: v.number() })),
  timings: v.optional(
    v.object({ cache_n: v.number(), prompt_n: v.number(), predicted_n: v.number() }),
  ),
});

const embeddingSchema = v.object({
  data: v.tuple([v.object({ embedding: v.array(v.number()) })]),
  usage: v.object({ prompt_tokens: v.number() }),
});

/** wllama's calls as they really are: fields its types lack, and replies that are checked when they come. */
export interface Calls {
  createCompletion(body: unknown): Promise<unknown>;
  createChatCompletion(body: unknown): Promise<unknown>;
  createEmbedding(body: unknown): Promise<unknown>;
  exit(): Promise<void>;
}

/** What a loaded engine is made of. `crashed` rejects when it breaks down in a way that no call tells of. */
export interface NativeParts {
  readonly calls: Calls;
  readonly crashed: Promise<never>;
  readonly log: EngineLog;
  readonly name: string;
  readonly contextSize: number;
  readonly onAlive: () => void;
}

/** An engine that has its model. */
export function nativeOf(parts: NativeParts): Native {
  return new Loaded(parts);
}

class Loaded implements Native {
  readonly contextSize: number;
  readonly usesGraphics: boolean;
  readonly #parts: NativeParts;
  #ended: Trouble | null = null;

  constructor(parts: NativeParts) {
    this.#parts = parts;
    this.contextSize = parts.contextSize;
    this.usesGraphics = parts.log.usesGraphics;
  }

  async complete(
    body: Body,
    signal: AbortSignal | undefined,
    onPiece: (piece: Piece) => void,
  ): Promise<End> {
    let end: End = { finish: 'length', promptTokens: 0, reusedTokens: 0, outputTokens: 0 };
    let pieces = 0;
    const onData = (data: unknown): void => {
      this.#parts.onAlive();
      const { choices, timings, prompt_progress: progress } = v.parse(chunkSchema, data);
      // The timings come last, and not at all where the reply breaks off.
      if (progress) {
        end = { ...end, promptTokens: progress.total, reusedTokens: progress.cache };
        return;
      }
      const [choice] = choices;
      if (timings) end = { ...end, ...tokensOf(timings) };
      if (!choice) return;
      pieces += 1;
      end = { ...end, finish: choice.finish_reason ?? end.finish };
      const text = choice.text ?? choice.delta?.content ?? '';
      onPiece({ text, ...weightsOf(choice.logprobs?.content[0]) });
    };
    try {
      await this.#send(body, { stream: true, return_progress: true, onData, signal });
    } catch (error) {
      const failure = this.#failureOf(error);
      if (signal?.aborted) throw abortError(signal);
      // Nonsense is a reply too: what came before the broken character is one.
      if (this.#ended || !this.#parts.log.text.includes('UTF-8')) throw failure;
      return { ...end, finish: 'broken', outputTokens: pieces };
    }
    return end;
  }

  async countRefused(prompt: Pick<Body, 'prompt' | 'messages'>): Promise<number> {
    try {
      await this.#send({ ...prompt, max_tokens: 1 }, {});
      return 0;
    } catch (error) {
      const count = /request \((\d+) tokens\) exceeds/.exec(wordsOf(error))?.[1];
      if (count === undefined) throw this.#failureOf(error);
      return Number(count);
    }
  }

  async embed(text: string): ReturnType<Native['embed']> {
    this.#parts.onAlive();
    try {
      const reply = await this.#call((calls) => calls.createEmbedding({ input: text }));
      const { data, usage } = v.parse(embeddingSchema, reply);
      return { vector: data[0].embedding, tokens: usage.prompt_tokens };
    } catch (error) {
      if (/too large to process|exceeds the available context/.test(wordsOf(error))) return null;
      throw this.#failureOf(error);
    }
  }

  failed(what: string): DrpoError {
    const { log, name } = this.#parts;
    return askFailure({ words: what, log: log.text, name });
  }

  async close(): Promise<void> {
    this.#ended = { words: 'it was closed', log: '', name: this.#parts.name };
    await this.#parts.calls.exit();
  }

  async #send(body: Partial<Body>, options: SendOptions): Promise<void> {
    const { signal, ...rest } = options;
    const call = { ...body, ...rest, ...(signal && { abortSignal: signal }) };
    await this.#call((calls) =>
      body.messages ? calls.createChatCompletion(call) : calls.createCompletion(call),
    );
  }

  #call<T>(run: (calls: Calls) => Promise<T>): Promise<T> {
    const { calls, crashed, log } = this.#parts;
    if (this.#ended) throw endedFailure(this.#ended);
    log.clear();
    return Promise.race([run(calls), crashed]);
  }

  /** What to reject with; one that cannot be mended is kept for whatever is asked from now on. */
  #failureOf(error: unknown): DrpoError {
    if (error instanceof DrpoError) return error;
    const { log, name } = this.#parts;
    const trouble = { words: wordsOf(error), log: log.text, name };
    if (!isFatal(error)) return askFailure(trouble);
    this.#ended = trouble;
    return endedFailure(trouble);
  }
}

interface SendOptions {
  readonly stream?: true;
  readonly return_progress?: true;
  readonly onData?: (data: unknown) => void;
  readonly signal?: AbortSignal | undefined;
}

function tokensOf(timings: {
  readonly cache_n: number;
  readonly prompt_n: number;
  readonly predicted_n: number;
}): Omit<End, 'finish'> {
  const { cache_n, prompt_n, predicted_n } = timings;
  return {
    promptTokens: cache_n + prompt_n,
    reusedTokens: cache_n,
    outputTokens: predicted_n,
  };
}

function weightsOf(
  told: v.InferOutput<typeof probabilities> | undefined,
): Pick<Piece, 'drawn' | 'top'> {
  if (!told) return { drawn: null, top: [] };
  if ('prob' in told) {
    const plain = ({ id, prob }: v.InferOutput<typeof weighed>): Weighed => ({ id, p: prob });
    return { drawn: plain(told), top: told.top_probs.map(plain) };
  }
  const plain = ({ id, logprob }: v.InferOutput<typeof logWeighed>): Weighed => ({
    id,
    p: Math.exp(logprob),
  });
  return { drawn: plain(told), top: told.top_logprobs.map(plain) };
}
