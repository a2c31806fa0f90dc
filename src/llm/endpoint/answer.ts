import * as v from 'valibot';
import { DrpoError } from '../../core/errors.ts';
import type {
  AskOptions,
  Content,
  Cut,
  LlmInfo,
  LlmReply,
  LlmRequest,
  Output,
  Sampling,
  Usage,
} from '../../core/llm.ts';
import type { EndpointModel } from '../../core/run-record.ts';
import { throwIfAborted } from '../abort.ts';
import { callUrl, logprobsField, type Dialect } from './dialect.ts';
import { CallFailed, isAboutContext, requestJson, type Server } from './http.ts';
import {
  listedTokens,
  messagesOf,
  namedChoice,
  replySchema,
  sharesOf,
  type ProtocolReply,
} from './protocol.ts';
import { contentText, roughTokens, type EndpointSizer } from './sizer.ts';
import { completeText, type Said } from './text.ts';
import { fit, type Sizer } from '../fit.ts';

/** All that answering a request needs: the model, and what is known of its server. */
export interface Desk {
  readonly server: Server;
  readonly model: string;
  readonly api: EndpointModel['api'];
  readonly info: LlmInfo;
  readonly dialect: Dialect;
  readonly sizer: EndpointSizer;
  /** Choices that are known to be one token. */
  readonly whole: Set<string>;
}

/** A reply to a request for embeddings. */
export const embeddingSchema = v.object({
  data: v.pipe(v.array(v.object({ embedding: v.array(v.number()) })), v.minLength(1)),
  usage: v.fallback(v.nullish(v.object({ prompt_tokens: v.number() })), null),
});

/** Asks the server for a reply. Rejects with CallFailed, with `settings-invalid` or `context-too-small`, or with the signal's AbortError. */
export async function answer(
  desk: Desk,
  request: LlmRequest,
  options: AskOptions,
): Promise<LlmReply> {
  throwIfAborted(options.signal);
  const { output } = request;
  if (output.type !== 'embedding') checkForm(desk, request.content);
  switch (output.type) {
    case 'text':
      return answerText(desk, request, output, options);
    case 'choice':
      return answerChoice(desk, request, output, options);
    case 'embedding':
      return answerEmbedding(desk, request.content, options);
  }
}

function checkForm({ info, api }: Desk, content: Content): void {
  if (content.type === info.form) return;
  throw new DrpoError(
    'settings-invalid',
    api === 'chat'
      ? `${info.name} is asked in chats on this server, and this request is plain text. Choose the profile for instruction-tuned models, or add the model again for completions.`
      : `${info.name} is asked for completions on this server, and this request is a chat. Choose the profile for base models, or add the model again for chats.`,
  );
}

async function answerText(
  desk: Desk,
  { content, sampling }: LlmRequest,
  { maxTokens, stop }: Output & { type: 'text' },
  { signal, onText }: AskOptions,
): Promise<LlmReply> {
  const started = performance.now();
  const { reply, cut } = await askFitted(desk, content, maxTokens, async (fitted) => {
    const body = bodyOf(desk, fitted, maxTokens, sampling);
    const url = callUrl(desk.server, desk.api);
    return completeText(desk.server, { url, body, maxTokens, stop, signal, onText });
  });
  const { text, finish } = reply;
  return { type: 'text', text, finish, cut, usage: usageOf(reply, content, started) };
}

/** Everything of a request but what it is asked for. */
function bodyOf(
  { model, api, dialect }: Desk,
  content: Content,
  maxTokens: number,
  { temperature, topP, seed }: Sampling,
): Readonly<Record<string, unknown>> {
  return {
    model,
    ...(api === 'chat' ? { messages: messagesOf(content) } : { prompt: contentText(content) }),
    [dialect.limit]: maxTokens,
    temperature,
    top_p: topP,
    ...(dialect.seed && { seed }),
    ...dialect.extras,
  };
}

// A server that refuses what should fit counts otherwise than was thought: everything is then taken to be so much longer, a few times.
const stretch = 1.35;
const mostStretches = 3;

interface Fitting<T> {
  readonly reply: T;
  readonly cut: readonly Cut[];
}

/** Asks with what fits the context. Rejects with `context-too-small`, or with CallFailed. */
async function askFitted<T>(
  { info, sizer }: Desk,
  content: Content,
  room: number,
  ask: (fitted: Content) => Promise<T>,
): Promise<Fitting<T>> {
  const space = { contextSize: info.contextSize, room };
  let refusal: CallFailed | null = null;
  for (let times = 0; times <= mostStretches; times++) {
    const fitted = await fit(content, space, stretched(sizer, stretch ** times)).catch(
      (error: unknown) => {
        throw refusal ?? error;
      },
    );
    try {
      return { reply: await ask(fitted.content), cut: fitted.cut };
    } catch (error) {
      if (!(error instanceof CallFailed) || !isAboutContext(error.reason)) throw error;
      refusal = error;
    }
  }
  throw refusal ?? new Error('a request was neither answered nor refused');
}

function stretched(sizer: Sizer, factor: number): Sizer {
  if (factor === 1) return sizer;
  return {
    atMost: (content) => sizer.atMost(content) * factor,
    count: async (content) => Math.ceil((await sizer.count(content)) * factor),
  };
}

// Enough for a word or a quotation mark before the digit.
const writtenChoiceTokens = 4;

async function answerChoice(
  desk: Desk,
  { content, sampling }: LlmRequest,
  { choices }: Output & { type: 'choice' },
  { signal }: AskOptions,
): Promise<LlmReply> {
  const started = performance.now();
  for (const choice of choices) await checkOneToken(desk, choice);
  const { server, api, dialect } = desk;
  const lists = dialect.listed > 0;
  const maxTokens = lists ? 1 : writtenChoiceTokens;
  // The list is of the model's own probabilities only where nothing is done to them.
  const draw = lists ? { temperature: 1, topP: 1, seed: 1 } : sampling;
  const { reply, cut } = await askFitted(desk, content, maxTokens, (fitted) => {
    const body = {
      ...bodyOf(desk, fitted, maxTokens, draw),
      ...logprobsField(dialect, api),
    };
    const call = { url: callUrl(server, api), body, signal, maxTokens, persist: 'always' };
    return requestJson(server, { ...call, persist: 'always' }, replySchema);
  });
  const shares = lists ? sharesOf(choices, listedTokens(reply)) : writtenShares(choices, reply);
  return { type: 'choice', ...shares, cut, usage: usageOf(reply, content, started) };
}

/** A written choice has it all; where none was written, nothing is known. */
function writtenShares(
  choices: readonly string[],
  { choices: [first] }: ProtocolReply,
): { readonly probabilities: readonly number[]; readonly lostMass?: number } {
  const named = namedChoice(choices, first?.message?.content ?? first?.text ?? '');
  if (named < 0) return { probabilities: choices.map(() => 1 / choices.length), lostMass: 1 };
  return { probabilities: choices.map((_, i) => (i === named ? 1 : 0)) };
}

async function checkOneToken({ sizer, info, whole }: Desk, choice: string): Promise<void> {
  if (whole.has(choice)) return;
  const { countText } = sizer;
  // After a line break no tokenizer adds a space of its own.
  const tokens = countText
    ? (await countText(`\n${choice}`)) - (await countText('\n'))
    : choice.trim().split(/\s+/).length;
  if (tokens > 1) {
    throw new DrpoError(
      'settings-invalid',
      `${info.name} has no single token for “${choice}”, so its probability cannot be read in one step. Use written ratings, or another model.`,
    );
  }
  whole.add(choice);
}

async function answerEmbedding(
  desk: Desk,
  content: Content,
  { signal }: AskOptions,
): Promise<LlmReply> {
  if (!desk.info.canEmbed) {
    throw new DrpoError(
      'settings-invalid',
      `This server gives no embeddings of ${desk.info.name}. Choose the nearest examples by their words, or another model.`,
    );
  }
  const started = performance.now();
  const { sum, tokens } = await embed(desk, contentText(content), signal);
  const length = Math.hypot(...sum);
  return {
    type: 'embedding',
    vector: sum.map((x) => (length > 0 ? x / length : 0)),
    cut: [],
    usage: {
      promptTokens: tokens,
      reusedTokens: 0,
      outputTokens: 0,
      elapsedMs: performance.now() - started,
    },
  };
}

interface Embedded {
  /** Sum of the unit vectors of the text's pieces, each as often as it has tokens. */
  readonly sum: readonly number[];
  readonly tokens: number;
}

/** Embeds a text of any length: one that the server refuses as too long goes in two halves, and those likewise. */
async function embed(desk: Desk, text: string, signal?: AbortSignal): Promise<Embedded> {
  const { server, model } = desk;
  const body = { model, input: text, encoding_format: 'float' };
  const call = { url: `${server.base}/embeddings`, body, signal, persist: 'always' } as const;
  const characters = Array.from(text);
  try {
    const { data, usage } = await requestJson(server, call, embeddingSchema);
    const vector = data[0]?.embedding ?? [];
    const tokens = Math.max(1, usage?.prompt_tokens ?? roughTokens(text));
    const length = Math.hypot(...vector);
    return { sum: vector.map((x) => (length > 0 ? (x / length) * tokens : 0)), tokens };
  } catch (error) {
    const tooLong = error instanceof CallFailed && isAboutContext(error.reason);
    if (!tooLong || characters.length < 2) throw error;
  }
  const middle = Math.ceil(characters.length / 2);
  const first = await embed(desk, characters.slice(0, middle).join(''), signal);
  const second = await embed(desk, characters.slice(middle).join(''), signal);
  return {
    sum: first.sum.map((x, i) => x + (second.sum[i] ?? 0)),
    tokens: first.tokens + second.tokens,
  };
}

/** What the server counted; where it counts nothing, about what it must have been. */
function usageOf(
  reply: Pick<ProtocolReply, 'usage'> & Partial<Said>,
  content: Content,
  started: number,
): Usage {
  const { usage } = reply;
  return {
    promptTokens: usage?.prompt_tokens ?? roughTokens(contentText(content)),
    reusedTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
    outputTokens: usage?.completion_tokens ?? roughTokens(reply.text ?? ''),
    elapsedMs: performance.now() - started,
  };
}
