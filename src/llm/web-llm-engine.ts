import { DrpoError } from '../core/errors.ts';
import {
  joinParts,
  type AskOptions,
  type Content,
  type Cut,
  type Llm,
  type LlmInfo,
  type LlmReply,
  type LlmRequest,
  type Message,
  type Output,
} from '../core/llm.ts';
import { abortError, throwIfAborted } from './abort.ts';
import type { WorkerEvent } from './boundary.ts';
import { fit, type Sizer } from './fit.ts';
import { Queue } from './queue.ts';
import { mlcError, type Occasion } from './web-llm-errors.ts';
import type { Family, ListedModel } from './web-llm-models.ts';

/** The part of web-llm's MLCEngine that is used, its private parts (optional here) among it. */
export interface MlcEngine {
  reload(modelId: string, options: { readonly context_window_size: number }): Promise<void>;
  resetChat(keepStats: boolean, modelId: string): Promise<void>;
  interruptGenerate(): Promise<void>;
  getMessage(modelId: string): Promise<string>;
  readonly chat: { readonly completions: MlcCreate };
  readonly completions: MlcCreate;
  readonly loadedModelIdToPipeline?: ReadonlyMap<string, { readonly tokenizer?: MlcTokenizer }>;
}

export interface MlcTokenizer {
  encode(text: string): Int32Array;
  decode(ids: Int32Array): string;
}

interface MlcCreate {
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
  readonly stop?: readonly string[];
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

/** What to load. `library` is the version of the compiled model libraries: part of the model's reference. */
export interface WebLlmOrder {
  readonly engine: MlcEngine;
  readonly model: ListedModel;
  readonly library: string;
  readonly contextSize: number | null;
  readonly emit: (event: WorkerEvent) => void;
  /** Removes the model from the browser's cache. */
  readonly forget: () => Promise<void>;
  readonly pause: (ms: number) => Promise<void>;
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

const thinkBlock = '<think>\n\n</think>\n\n';
const thinkTokens = 4;

/**
 * Less memory than the 4,096 that web-llm would take (hundreds of MB for some models), and enough for a prompt, three
 * examples and an answer, or for a rewrite with five former prompts.
 */
const usualContextSize = 2048;

const attempts = 3;

/** A model of web-llm's list behind the port. Rejects as `mlcError` says. */
export async function openWebLlm(order: WebLlmOrder): Promise<Llm> {
  const { engine, model, library } = order;
  const contextSize = Math.min(order.contextSize ?? usualContextSize, model.contextSize);
  await reload(order, contextSize);
  const tokenizer = tokenizerOf(engine, model.id);
  const info: LlmInfo = {
    engine: 'web-llm 0.2.86',
    id: model.id,
    revision: library,
    contextSize,
    name: model.name,
    form: model.kind === 'instruct' ? 'chat' : 'text',
    canEmbed: false,
    concurrency: 1,
  };
  const desk: Desk = {
    engine,
    model,
    info,
    tokenizer,
    sizer: sizerOf(model, tokenizer),
    emit: order.emit,
  };
  const queue = new Queue();
  return {
    info,
    ask: (request, options = {}) => queue.run(() => answer(desk, request, options), options.signal),
  };
}

interface Desk {
  readonly engine: MlcEngine;
  readonly model: ListedModel;
  readonly info: LlmInfo;
  readonly tokenizer: MlcTokenizer | null;
  readonly sizer: Sizer;
  readonly emit: (event: WorkerEvent) => void;
}

/** Downloads what is missing and loads. Shards that have come stay, so a network error is worth another try. */
async function reload(order: WebLlmOrder, contextSize: number): Promise<void> {
  const { engine, model } = order;
  for (let attempt = 1; ; attempt++) {
    try {
      await engine.reload(model.id, { context_window_size: contextSize });
      return;
    } catch (error) {
      const known = mlcError(error, { type: 'load', model });
      // A page that answered in place of a file would stay in the cache for good.
      if (known.code === 'model-invalid') await order.forget();
      if (known.code !== 'network' || attempt === attempts) throw known;
      await order.pause(1000 * 3 ** (attempt - 1));
    }
  }
}

/** The engine's own tokenizer, which is private to it: null if this version has it elsewhere. */
function tokenizerOf(engine: MlcEngine, id: string): MlcTokenizer | null {
  const tokenizer = engine.loadedModelIdToPipeline?.get(id)?.tokenizer;
  const whole = typeof tokenizer?.encode === 'function' && typeof tokenizer.decode === 'function';
  return whole ? tokenizer : null;
}

// What a template adds: role markers and separators for each turn, and the header of the reply.
const turnTokens = 8;
const replyTokens = 16;

function sizerOf(model: ListedModel, tokenizer: MlcTokenizer | null): Sizer {
  const size = (content: Content, ofText: (text: string) => number): number =>
    content.type === 'text'
      ? ofText(beginnings[model.family] + joinParts(content.parts))
      : content.messages.reduce(
          (sum, message) => sum + turnTokens + ofText(joinParts(message.parts)),
          replyTokens,
        );
  const bytes = (text: string): number => new TextEncoder().encode(text).length;
  const tokens = (text: string): number => tokenizer?.encode(text).length ?? bytes(text);
  return {
    atMost: (content) => size(content, bytes),
    count: (content) => Promise.resolve(size(content, tokens)),
  };
}

async function answer(desk: Desk, request: LlmRequest, options: AskOptions): Promise<LlmReply> {
  throwIfAborted(options.signal);
  const { engine, info, model } = desk;
  try {
    // web-llm goes on from the last chat where it can, and a reply must not depend on what was asked before.
    await engine.resetChat(false, info.id);
    switch (request.output.type) {
      case 'text':
        return await answerText(desk, request, request.output, options);
      case 'choice':
        return await answerChoice(desk, request, request.output, options);
      case 'embedding':
        throw new DrpoError(
          'settings-invalid',
          `${info.name} gives no embeddings. Choose similar examples by their words instead.`,
        );
    }
  } catch (error) {
    if (options.signal?.aborted) throw abortError(options.signal);
    const occasion: Occasion = { type: 'ask', model };
    throw error instanceof DrpoError ? error : mlcError(error, occasion);
  }
}

async function answerText(
  desk: Desk,
  request: LlmRequest,
  output: Output & { type: 'text' },
  { signal, onText }: AskOptions,
): Promise<LlmReply> {
  const started = performance.now();
  const { prompt, cut, call } = await prepare(desk, request, output.maxTokens);
  const thinks = prompt.extra_body !== undefined;
  const read = thinks ? withoutThinking : (text: string): string => text;
  const stop = output.stop.filter((text) => text !== '');
  const interrupt = (): void => void desk.engine.interruptGenerate();
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const chunks = await call.create({
      ...prompt,
      ...samplingOf(request),
      max_tokens: output.maxTokens + (thinks ? thinkTokens : 0),
      ...(stop.length > 0 && { stop }),
      stream: true,
      stream_options: { include_usage: true },
    });
    const end = await collect(desk, chunks, (text) => onText?.(read(text)));
    throwIfAborted(signal);
    // The pieces may hold the beginning of a stop string; the engine's own message does not.
    const text = read(await desk.engine.getMessage(desk.info.id));
    return { type: 'text', text, finish: end.finish, cut, usage: usageOf(end, started) };
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}

interface End {
  readonly finish: 'stop' | 'length';
  readonly usage: MlcChunk['usage'];
}

async function collect(
  { emit }: Desk,
  chunks: AsyncIterable<MlcChunk>,
  onText: (text: string) => void,
): Promise<End> {
  let text = '';
  let end: End = { finish: 'length', usage: undefined };
  for await (const { choices, usage } of chunks) {
    emit({ type: 'alive' });
    const [choice] = choices;
    const piece = choice?.text ?? choice?.delta?.content ?? '';
    text += piece;
    if (piece !== '') onText(text);
    end = {
      finish: choice?.finish_reason === 'stop' ? 'stop' : end.finish,
      usage: usage ?? end.usage,
    };
  }
  return end;
}

/** Without the empty block that stands for "no thinking"; of a block that is still coming, nothing. */
function withoutThinking(text: string): string {
  if (text.startsWith(thinkBlock)) return text.slice(thinkBlock.length);
  return thinkBlock.startsWith(text) ? '' : text;
}

async function answerChoice(
  desk: Desk,
  request: LlmRequest,
  { choices }: Output & { type: 'choice' },
  { signal }: AskOptions,
): Promise<LlmReply> {
  const started = performance.now();
  const { prompt, cut, call } = await prepare(desk, request, 1);
  const reply = await call.create({
    ...prompt,
    ...(request.content.type === 'chat'
      ? { response_format: { type: 'grammar', grammar: grammarOf(choices) } as const }
      : { logit_bias: biasOf(desk, choices) }),
    ...samplingOf(request),
    temperature: 1,
    max_tokens: 1,
    logprobs: true,
    top_logprobs: 5,
    stream: false,
  });
  throwIfAborted(signal);
  const top = reply.choices[0]?.logprobs?.content?.[0]?.top_logprobs ?? [];
  // Several tokens may decode to the same text.
  const masses = choices.map((choice) =>
    top
      .filter(({ token }) => token === choice)
      .reduce((sum, { logprob }) => sum + Math.exp(logprob), 0),
  );
  const total = masses.reduce((a, b) => a + b, 0);
  if (!(total > 0)) throw noSingleToken(choices);
  const probabilities = masses.map((mass) => mass / total);
  const usage = usageOf({ finish: 'length', usage: reply.usage }, started);
  return { type: 'choice', probabilities, cut, usage };
}

/** EBNF, as web-llm wants it; JSON's way of writing a string is also its own. */
function grammarOf(choices: readonly string[]): string {
  return `root ::= ${choices.map((choice) => JSON.stringify(choice)).join(' | ')}`;
}

/** Text completion knows no grammar: the choices' tokens are raised above all others instead. */
function biasOf({ tokenizer }: Desk, choices: readonly string[]): Record<string, number> {
  // After a line break no tokenizer adds a space of its own.
  const before = tokenizer?.encode('\n').length ?? 0;
  const ids = choices.map((choice) => tokenizer?.encode(`\n${choice}`).slice(before));
  if (!ids.every((own) => own?.length === 1)) throw noSingleToken(choices);
  return Object.fromEntries(ids.map((own) => [String(own?.[0]), 100]));
}

function noSingleToken(choices: readonly string[]): DrpoError {
  return new DrpoError(
    'settings-invalid',
    `This model gives no probabilities for ${choices.map((c) => `“${c}”`).join(', ')} in one step. Use written ratings, or another model.`,
  );
}

interface Prepared {
  readonly prompt: Pick<MlcRequest, 'messages' | 'prompt' | 'extra_body'>;
  readonly cut: readonly Cut[];
  readonly call: MlcCreate;
}

async function prepare(desk: Desk, { content }: LlmRequest, room: number): Promise<Prepared> {
  const { engine, model, info, sizer } = desk;
  const thinks = content.type === 'chat' && model.family === 'qwen3';
  const space = { contextSize: info.contextSize, room: room + (thinks ? thinkTokens : 0) };
  const { content: fitted, cut } = await fit(content, space, sizer);
  if (fitted.type === 'text') {
    const prompt = { prompt: beginnings[model.family] + joinParts(fitted.parts) };
    return { prompt, cut, call: engine.completions };
  }
  const messages = messagesOf(fitted.messages);
  const prompt = thinks
    ? { messages, extra_body: { enable_thinking: false } as const }
    : { messages };
  return { prompt, cut, call: engine.chat.completions };
}

/** Turns as web-llm can take them. Without a system message it would put in one of its own. */
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

function samplingOf({ sampling }: LlmRequest): Pick<MlcRequest, 'temperature' | 'top_p' | 'seed'> {
  return {
    temperature: sampling.temperature,
    top_p: Math.min(sampling.topP, mostTopP),
    // 0 and 1 are the same to it.
    seed: Math.max(1, sampling.seed),
  };
}

function usageOf({ usage }: End, started: number): LlmReply['usage'] {
  return {
    promptTokens: usage?.prompt_tokens ?? 0,
    reusedTokens: 0,
    outputTokens: usage?.completion_tokens ?? 0,
    elapsedMs: performance.now() - started,
  };
}
