import type { Message } from '../../core/llm.ts';

/** The part of web-llm's MLCEngine that is used. What is private to it (optional here) is reached through the functions below. */
export interface MlcEngine {
  reload(modelId: string, options: MlcOptions): Promise<void>;
  resetChat(keepStats: boolean, modelId: string): Promise<void>;
  interruptGenerate(): Promise<void>;
  getMessage(modelId: string): Promise<string>;
  readonly chat: { readonly completions: MlcCreate };
  readonly completions: MlcCreate;
  readonly loadedModelIdToPipeline?: ReadonlyMap<string, unknown>;
}

/** What a model's own configuration is overruled with. Either size is −1 where the other is used. */
export interface MlcOptions {
  readonly context_window_size: number;
  readonly sliding_window_size: -1;
}

export interface MlcCreate {
  create(request: MlcRequest & { readonly stream: true }): Promise<AsyncIterable<MlcChunk>>;
  create(request: MlcRequest & { readonly stream: false }): Promise<MlcChunk>;
}

/** A request to either of web-llm's two calls, with the fields that we send. */
export interface MlcRequest {
  readonly messages?: readonly { readonly role: Message['role']; readonly content: string }[];
  readonly prompt?: string;
  readonly max_tokens: number;
  readonly temperature: number;
  readonly top_p: number;
  readonly seed: number;
  readonly repetition_penalty: 1;
  readonly frequency_penalty: 0;
  readonly presence_penalty: 0;
  readonly ignore_eos?: true;
  readonly logprobs?: true;
  readonly top_logprobs?: number;
  readonly logit_bias?: Readonly<Record<string, number>>;
  readonly response_format?: { readonly type: 'grammar'; readonly grammar: string };
  readonly stream_options?: { readonly include_usage: true };
  readonly extra_body?: { readonly enable_thinking: false };
}

/** A reply, or a piece of one. */
export interface MlcChunk {
  readonly choices: readonly {
    readonly text?: string;
    readonly delta?: { readonly content?: string | null };
    readonly finish_reason?: string | null;
    readonly logprobs?: {
      readonly content:
        | readonly {
            readonly top_logprobs: readonly { readonly token: string; readonly logprob: number }[];
          }[]
        | null;
    } | null;
  }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

/**
 * `decode` of part of a character gives U+FFFD. Ids run from 0 to `getVocabSize() - 1`; `idToToken` spells one as the tokenizer's file
 * does.
 */
export interface MlcTokenizer {
  encode(text: string): Int32Array;
  decode(ids: Int32Array): string;
  getVocabSize(): number;
  idToToken(id: number): string;
}

/** web-llm's hook between the model and the sampling of a token: what it returns is sampled from. */
export interface LogitProcessor {
  processLogits(logits: Float32Array): Float32Array;
  processSampledToken(token: number): void;
  resetState(): void;
}

/** The place of that hook. While a processor is there, every token's logits are copied off the graphics device and back. */
export interface LogitHost {
  logitProcessor: LogitProcessor | undefined;
}

/** A prompt as the pipeline hands it on: stretches of tokens (and images, which we never send), its length, how long an image is. */
export type InputData = readonly [
  data: readonly (readonly number[])[],
  tokens: number,
  sizeOfImage: unknown,
];

/** The private parts of a pipeline that prefix reuse rests on. `filledKVCacheLength` counts the tokens that the KV cache holds. */
export interface PagedPipeline {
  readonly kvCache: unknown;
  readonly device: { sync(): Promise<void> };
  readonly tvm: {
    beginScope(): void;
    endScope(): void;
    getGlobalFunc(name: string): (...args: readonly unknown[]) => unknown;
    detachFromCurrentScope<T>(value: T): T;
    scalar(value: number, type: string): unknown;
  };
  prefillChunkSize: number;
  filledKVCacheLength: number;
  resetKVCache: () => void;
  getInputData: () => Promise<InputData>;
  embedAndForward: (data: InputData[0], tokens: number) => Promise<unknown>;
}

/** The engine's own tokenizer; null if this version has it elsewhere. */
export function tokenizerOf(engine: MlcEngine, id: string): MlcTokenizer | null {
  const tokenizer = at(pipelineOf(engine, id), 'tokenizer');
  return hasMethods(tokenizer, ['encode', 'decode', 'getVocabSize', 'idToToken'])
    ? (tokenizer as MlcTokenizer)
    : null;
}

/** Where a logit processor may be put; null if this version has no such place, or one is there that is not ours. */
export function logitHostOf(engine: MlcEngine, id: string): LogitHost | null {
  const pipeline = pipelineOf(engine, id);
  if (!isObject(pipeline) || !('logitProcessor' in pipeline)) return null;
  const samples = hasMethods(pipeline, ['sampleFromRawLogits', 'updateLogitsOnCPU']);
  return samples && pipeline.logitProcessor === undefined ? (pipeline as LogitHost) : null;
}

/**
 * The pipeline, if its state is one plain paged KV cache and it has every part that reuse needs; null otherwise: recurrent and hybrid
 * models cannot step back, a sliding window has forgotten what it would step back to, and models that see or hear go another way.
 */
export function pagedPipelineOf(engine: MlcEngine, id: string): PagedPipeline | null {
  const pipeline = pipelineOf(engine, id);
  const plain =
    at(pipeline, 'kvStateKind') === 'kv_cache' &&
    at(pipeline, 'slidingWindowSize') === -1 &&
    isObject(at(pipeline, 'kvCache')) &&
    ['rnnState', 'artifact', 'image_embed'].every((part) => at(pipeline, part) === undefined);
  const whole =
    hasMethods(pipeline, ['resetKVCache', 'getInputData', 'embedAndForward']) &&
    hasMethods(at(pipeline, 'device'), ['sync']) &&
    hasMethods(at(pipeline, 'tvm'), tvmMethods) &&
    ['prefillChunkSize', 'filledKVCacheLength'].every(
      (part) => typeof at(pipeline, part) === 'number',
    );
  return plain && whole ? (pipeline as PagedPipeline) : null;
}

const tvmMethods = [
  'beginScope',
  'endScope',
  'getGlobalFunc',
  'detachFromCurrentScope',
  'scalar',
] as const;

/** Settles when the browser takes the graphics device away, with its reason; null where this version hides the device. */
export function deviceLossOf(engine: MlcEngine, id: string): Promise<string> | null {
  const library = at(at(pipelineOf(engine, id), 'tvm'), 'lib');
  const lost = at(at(at(library, 'webGPUContext'), 'device'), 'lost');
  return lost instanceof Promise ? lost.then((info: unknown) => String(at(info, 'message'))) : null;
}

function pipelineOf(engine: MlcEngine, id: string): unknown {
  return engine.loadedModelIdToPipeline?.get(id);
}

function isObject(value: unknown): value is object {
  // What the runtime hands out are functions as often as objects.
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

function at(value: unknown, key: string): unknown {
  return isObject(value) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return names.every((name) => typeof at(value, name) === 'function');
}
