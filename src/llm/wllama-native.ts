import { Wllama } from '@wllama/wllama/esm/index.js';
import * as v from 'valibot';
import { DrpoError } from '../core/errors.ts';
import { joinParts, type Content } from '../core/llm.ts';
import { abortError } from './abort.ts';
import type { WorkerEvent } from './boundary.ts';

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

/** A piece of a reply as it comes: new text, and the probabilities of a choice. */
export interface Piece {
  readonly text: string;
  readonly probabilities: readonly { readonly id: number; readonly prob: number }[];
}

export interface End {
  /** `stop`, `length`, or `broken` where the model wrote something that is not a text. */
  readonly finish: string;
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly outputTokens: number;
}

/** A loaded engine. One call at a time: more than one would hang it. */
export interface Native {
  /** Tokens that the engine really gave. */
  readonly contextSize: number;
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
  /** An `engine-failed` with the engine's last words. */
  failed(what: string): DrpoError;
}

/** The prompt as the engine wants it: one text, or chat turns that it writes by the model's own template. */
export function promptOf(content: Content): Pick<Body, 'prompt' | 'messages'> {
  if (content.type === 'text') return { prompt: joinParts(content.parts) };
  return {
    messages: content.messages.map(({ role, parts }) => ({ role, content: joinParts(parts) })),
  };
}

export interface NativeOrder {
  readonly file: Blob;
  readonly fileBytes: number;
  readonly name: string;
  readonly contextSize: number;
  readonly gpu: boolean;
  readonly wasmUrl: string;
  readonly emit: (event: WorkerEvent) => void;
}

/**
 * Tokens of one batch. An abort waits for the batch that is being read, and a text to embed must fit in one; speed was the
 * same from 64 to 512.
 */
const batchTokens = 256;

/** Starts llama.cpp in a worker of its own and loads the file. */
export async function loadNative(order: NativeOrder): Promise<Native> {
  checkWebAssembly();
  const log = new Log();
  const wllama = new Wllama({ default: order.wasmUrl }, { logger: log.logger });
  const loading = wllama.loadModel([watched(order)], {
    n_ctx: order.contextSize,
    n_batch: batchTokens,
    n_ubatch: batchTokens,
    n_parallel: 1,
    n_gpu_layers: order.gpu ? 99_999 : 0,
    // With it, a reply from a warm cache differs from that of a cold one.
    flash_attn: false,
    embeddings: true,
    pooling_type: 'mean',
    reasoning: false,
    reasoning_format: 'none',
    skip_chat_parsing: true,
  });
  try {
    await withinTime(loading, loadSeconds(order.fileBytes));
    const info = v.parse(loaded, wllama.getLoadedContextInfo());
    if (!info.success) throw new Error('The engine says it could not load the file.');
    return new Loaded(wllama, log, Math.min(info.n_ctx, info.n_ctx_train), order.emit);
  } catch (error) {
    await wllama.exit();
    throw loadError(error, order.name, log);
  }
}

const loaded = v.object({ success: v.boolean(), n_ctx: v.number(), n_ctx_train: v.number() });

const chunkSchema = v.object({
  choices: v.array(
    v.object({
      text: v.optional(v.string()),
      delta: v.optional(v.object({ content: v.nullish(v.string()) })),
      finish_reason: v.nullish(v.string()),
      logprobs: v.nullish(
        v.object({
          content: v.array(
            v.object({
              top_probs: v.optional(v.array(v.object({ id: v.number(), prob: v.number() }))),
            }),
          ),
        }),
      ),
    }),
  ),
  timings: v.optional(
    v.object({ cache_n: v.number(), prompt_n: v.number(), predicted_n: v.number() }),
  ),
});

const embeddingSchema = v.object({
  data: v.tuple([v.object({ embedding: v.array(v.number()) })]),
  usage: v.object({ prompt_tokens: v.number() }),
});

/** The calls as they really are: fields the types lack, and replies that are checked when they come. */
interface Calls {
  createCompletion(body: unknown): Promise<unknown>;
  createChatCompletion(body: unknown): Promise<unknown>;
  createEmbedding(body: unknown): Promise<unknown>;
}

class Loaded implements Native {
  readonly contextSize: number;
  readonly #calls: Calls;
  readonly #log: Log;
  readonly #emit: (event: WorkerEvent) => void;

  constructor(wllama: Wllama, log: Log, contextSize: number, emit: NativeOrder['emit']) {
    this.#calls = wllama;
    this.#log = log;
    this.contextSize = contextSize;
    this.#emit = emit;
  }

  async complete(
    body: Body,
    signal: AbortSignal | undefined,
    onPiece: (piece: Piece) => void,
  ): Promise<End> {
    let end: End = { finish: 'length', promptTokens: 0, reusedTokens: 0, outputTokens: 0 };
    let pieces = 0;
    const onData = (data: unknown): void => {
      this.#emit({ type: 'alive' });
      const { choices, timings } = v.parse(chunkSchema, data);
      const [choice] = choices;
      if (timings) end = { ...end, ...tokensOf(timings) };
      if (!choice) return;
      pieces += 1;
      end = { ...end, finish: choice.finish_reason ?? end.finish };
      const text = choice.text ?? choice.delta?.content ?? '';
      const probabilities = choice.logprobs?.content.flatMap((c) => c.top_probs ?? []) ?? [];
      onPiece({ text, probabilities });
    };
    try {
      await this.#send(body, { stream: true, return_progress: true, onData, signal });
    } catch (error) {
      if (signal?.aborted) throw abortError(signal);
      // Nonsense is a reply too: what came before the broken character is one.
      if (!this.#log.said('UTF-8')) throw this.#errorOf(error);
      return { ...end, finish: 'broken', outputTokens: pieces };
    }
    return end;
  }

  async countRefused(prompt: Pick<Body, 'prompt' | 'messages'>): Promise<number> {
    try {
      await this.#send({ ...prompt, max_tokens: 1 }, {});
      return 0;
    } catch (error) {
      const count = /request \((\d+) tokens\) exceeds/.exec(messageOf(error))?.[1];
      if (count === undefined) throw this.#errorOf(error);
      return Number(count);
    }
  }

  async embed(text: string): ReturnType<Native['embed']> {
    this.#log.clear();
    this.#emit({ type: 'alive' });
    try {
      const reply = await this.#calls.createEmbedding({ input: text });
      const { data, usage } = v.parse(embeddingSchema, reply);
      return { vector: data[0].embedding, tokens: usage.prompt_tokens };
    } catch (error) {
      if (/too large to process|exceeds the available context/.test(messageOf(error))) return null;
      throw this.#errorOf(error);
    }
  }

  failed(what: string): DrpoError {
    return new DrpoError(
      'engine-failed',
      `The model's engine failed: ${what} Ask again; if it happens again, close the model and load it anew.`,
      this.#log.text,
    );
  }

  async #send(body: Partial<Body>, options: SendOptions): Promise<void> {
    this.#log.clear();
    const { signal, ...rest } = options;
    const call = { ...body, ...rest, ...(signal && { abortSignal: signal }) };
    if (body.messages) await this.#calls.createChatCompletion(call);
    else await this.#calls.createCompletion(call);
  }

  #errorOf(error: unknown): Error {
    const words = messageOf(error);
    const all = `${words}\n${this.#log.text}`;
    if (/out of memory|bad_alloc|failed to allocate|enlarge memory/i.test(all)) {
      return new DrpoError(
        'out-of-memory',
        'The browser has no memory left for this model. Close other tabs, load it with a smaller context, or take a smaller model.',
        all,
      );
    }
    return this.failed(words.replace(/\.?$/, '.'));
  }
}

interface SendOptions {
  readonly stream?: true;
  readonly return_progress?: true;
  readonly onData?: (data: unknown) => void;
  readonly signal?: AbortSignal | undefined;
}

function tokensOf(timings: {
  cache_n: number;
  prompt_n: number;
  predicted_n: number;
}): Omit<End, 'finish'> {
  const { cache_n, prompt_n, predicted_n } = timings;
  return {
    promptTokens: cache_n + prompt_n,
    reusedTokens: cache_n,
    outputTokens: predicted_n,
  };
}

/** What the engine said since the last request began: the true cause of an error stands only there. */
class Log {
  #lines: string[] = [];

  readonly logger = {
    debug: (): void => undefined,
    log: (): void => undefined,
    warn: (...words: unknown[]): void => this.#add(words),
    error: (...words: unknown[]): void => this.#add(words),
  };

  get text(): string {
    return this.#lines.join('\n');
  }

  clear(): void {
    this.#lines = [];
  }

  said(words: string): boolean {
    return this.#lines.some((line) => line.includes(words));
  }

  #add(words: readonly unknown[]): void {
    this.#lines = [...this.#lines.slice(-39), words.map(messageOf).join(' ')];
  }
}

function messageOf(error: unknown): string {
  if (typeof error === 'string') return error;
  return error instanceof Error ? error.message : JSON.stringify(error);
}

/** The file, telling how much of it has been read: the load says nothing else. */
function watched({ file, emit }: NativeOrder): Blob {
  const totalMb = file.size / 1e6;
  const blob = new Blob([file]);
  const slice = blob.slice.bind(blob);
  return Object.assign(blob, {
    slice: (start?: number, end?: number, type?: string): Blob => {
      const doneMb = Math.min(end ?? file.size, file.size) / 1e6;
      emit({ type: 'progress', progress: { phase: 'load', doneMb, totalMb } });
      return slice(start, end, type);
    },
  });
}

/** Generous: a slow disk reads more than 5 MB a second. A wrong address of the engine shows in nothing but time. */
function loadSeconds(fileBytes: number): number {
  return 60 + fileBytes / 5e6;
}

async function withinTime(work: Promise<void>, seconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new DrpoError(
          'engine-stalled',
          `The model did not load within ${Math.round(seconds)} seconds. Reload the page and try again; if it stays so, take a smaller model.`,
        ),
      );
    }, seconds * 1000);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function loadError(error: unknown, name: string, log: Log): Error {
  if (error instanceof DrpoError) return error;
  const details = `${messageOf(error)}\n${log.text}`;
  if (/out of memory|bad_alloc|failed to allocate|enlarge memory/i.test(details)) {
    return new DrpoError(
      'out-of-memory',
      `The browser could not get the memory for ${name}. Close other tabs, load it with a smaller context, or take a smaller model.`,
      details,
    );
  }
  const unknown = /unknown model architecture: '([^']+)'/.exec(details)?.[1];
  const why = unknown
    ? `its architecture (“${unknown}”) is newer than the engine`
    : 'the engine could not read it';
  return new DrpoError(
    'model-load-failed',
    `${name} was not loaded: ${why}. Take another file of the same model, or another model.`,
    details,
  );
}

function checkWebAssembly(): void {
  try {
    const description = { address: 'i64', initial: 1n, maximum: 1n };
    // Its type knows 32-bit memories only.
    new WebAssembly.Memory(description as unknown as WebAssembly.MemoryDescriptor);
  } catch (error) {
    throw new DrpoError(
      'model-load-failed',
      'This browser cannot run GGUF models: it lacks 64-bit WebAssembly memory. Use a current Chrome, Edge or Firefox.',
      messageOf(error),
    );
  }
}
