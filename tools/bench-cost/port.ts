import { DrpoError } from '../../src/core/errors.ts';
import {
  joinParts,
  type ChoiceReply,
  type Content,
  type Cut,
  type Llm,
  type LlmReply,
  type LlmRequest,
  type Output,
  type TextReply,
  type Usage,
} from '../../src/core/llm.ts';
import { fit, type Sizer } from '../../src/llm/fit.ts';
import { generate, Shelf, type Wish } from '../serve-model/generate.ts';
import { softmax, type Llama, type Sequence } from '../serve-model/llama.ts';
import type { LoadedModel } from './model.ts';

/** What a port is made to say in place of the model's own words. */
export type SetReply =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'choice'; readonly probabilities: readonly number[] };

/** Words for a request; null where the model is to find its own. */
export type Writer = (request: LlmRequest) => SetReply | null;

/**
 * Steps of decoding that a reply took. Its first token is drawn from what reading the prompt left, and each further one, the end token
 * among them, takes a step: n tokens and the end take n, n tokens cut at the limit n − 1, a rating in one token 0.
 */
export function decodeSteps({ outputTokens }: Usage): number {
  return Math.max(0, outputTokens - 1);
}

/** Tokens of the prompt that were read, which the cache did not know. */
export function prefilled({ promptTokens, reusedTokens }: Usage): number {
  return promptTokens - reusedTokens;
}

/**
 * A model behind the port of the app, one request after another, with one cache: a request begins where it stops agreeing with the one
 * before. `outputTokens` counts every token drawn, the end token too. Words that are set are read by the model token by token as if it
 * had drawn them, so that every step is made. Answers go on to their token limit whatever the model would say: its end token and the
 * request's stops are passed over there.
 */
export function llamaPort(model: LoadedModel, writer: Writer): Llm {
  const desk = { model, writer, shelf: new Shelf(model.llama) };
  let last: Promise<unknown> = Promise.resolve();
  return {
    info: model.info,
    ask: (request) => {
      const reply = last.then(() => replyTo(desk, request));
      last = reply.catch(() => null);
      return reply;
    },
  };
}

interface Desk {
  readonly model: LoadedModel;
  readonly writer: Writer;
  readonly shelf: Shelf;
}

async function replyTo({ model, writer, shelf }: Desk, request: LlmRequest): Promise<LlmReply> {
  const { llama } = model;
  const { content, output } = request;
  const room = output.type === 'text' ? output.maxTokens : 1;
  const space = { contextSize: request.model.contextSize, room };
  const fitted = await fit(content, space, sizerOf(llama));
  const asked = { llama, shelf, request, prompt: tokensOf(llama, fitted.content), cut: fitted.cut };
  const set = writer(request);
  switch (output.type) {
    case 'choice':
      return choose(asked, output, set, textOf(llama, fitted.content));
    case 'text':
      return set?.type === 'text' ? write(asked, output, set.text) : speak(asked, output);
    case 'embedding':
      throw new DrpoError('settings-invalid', 'Embeddings are not counted here.');
  }
}

interface Prompted {
  readonly llama: Llama;
  readonly shelf: Shelf;
  readonly request: LlmRequest;
  readonly prompt: readonly number[];
  readonly cut: readonly Cut[];
}

/** The prompt, read as far as the cache does not know it. */
function read({ shelf, prompt }: Prompted) {
  const sequence = shelf.take(prompt);
  const reusedTokens = sequence.tokens.length;
  return { sequence, reusedTokens, logits: readOn(sequence, prompt.slice(reusedTokens)) };
}

function readOn(sequence: Sequence, tokens: readonly number[]): Float32Array {
  let logits: Float32Array = new Float32Array();
  for (const token of tokens) logits = sequence.read(token);
  return logits;
}

function choose(
  asked: Prompted,
  { choices }: Extract<Output, { type: 'choice' }>,
  set: SetReply | null,
  said: string,
): ChoiceReply {
  const { llama, shelf, prompt, cut } = asked;
  const ids = choices.map((choice) => choiceId(llama, prompt, said, choice));
  const { sequence, reusedTokens, logits } = read(asked);
  const own = softmax(ids.map((id) => logits[id] ?? -Infinity));
  shelf.give(sequence);
  const probabilities = set?.type === 'choice' ? set.probabilities : own;
  const usage = { promptTokens: prompt.length, reusedTokens, outputTokens: 1, elapsedMs: 0 };
  return { type: 'choice', probabilities, cut, usage };
}

function choiceId(llama: Llama, prompt: readonly number[], said: string, choice: string): number {
  const tokens = llama.tokenizer.encode(said + choice);
  const id = tokens.at(-1);
  if (id !== undefined && tokens.length === prompt.length + 1) return id;
  throw new DrpoError(
    'settings-invalid',
    `“${choice}” is not one token of ${llama.name} here. Choose another model for --model.`,
  );
}

/** A reply that is set: every one of its tokens but the last drawn is read, as in any decoding. */
function write(
  asked: Prompted,
  { maxTokens }: Extract<Output, { type: 'text' }>,
  text: string,
): TextReply {
  const { llama, shelf, prompt, cut } = asked;
  const { tokenizer } = llama;
  // Without the token that only begins a text.
  const words = tokenizer.encode(text).slice(tokenizer.encode('').length);
  const kept = words.slice(0, maxTokens);
  const ends = words.length < maxTokens;
  const { sequence, reusedTokens } = read(asked);
  readOn(sequence, ends ? kept : kept.slice(0, -1));
  shelf.give(sequence);
  const outputTokens = kept.length + Number(ends);
  return {
    type: 'text',
    text: ends ? text : spelt(llama, kept),
    finish: ends ? 'stop' : 'length',
    cut,
    usage: { promptTokens: prompt.length, reusedTokens, outputTokens, elapsedMs: 0 },
  };
}

function spelt({ tokenizer }: Llama, tokens: readonly number[]): string {
  return new TextDecoder().decode(
    Uint8Array.from(tokens.flatMap((id) => [...tokenizer.bytes(id)])),
  );
}

/** The model's own words. */
async function speak(
  { llama, shelf, request, prompt, cut }: Prompted,
  { maxTokens, stop }: Extract<Output, { type: 'text' }>,
): Promise<TextReply> {
  const endless = request.purpose === 'answer';
  const wish: Wish = { maxTokens, stop: endless ? [] : stop, ...request.sampling, alternatives: 0 };
  const { signal } = new AbortController();
  const run = generate(endless ? withoutEnd(llama) : llama, shelf, prompt, wish, signal);
  let next = await run.next();
  while (!next.done) next = await run.next();
  const { text, finish, promptTokens, reusedTokens, outputTokens } = next.value;
  const usage = { promptTokens, reusedTokens, outputTokens, elapsedMs: 0 };
  return { type: 'text', text, finish, cut, usage };
}

function withoutEnd(llama: Llama): Llama {
  return { ...llama, tokenizer: { ...llama.tokenizer, ends: () => false } };
}

function tokensOf(llama: Llama, content: Content): readonly number[] {
  return llama.tokenizer.encode(textOf(llama, content));
}

/** A chat in ChatML where the vocabulary has its markers, and as its texts one after another elsewhere. */
function textOf({ tokenizer: { hasChatMarkers } }: Llama, content: Content): string {
  if (content.type === 'text') return joinParts(content.parts);
  const turns = content.messages.map(({ role, parts }) =>
    hasChatMarkers ? `<|im_start|>${role}\n${joinParts(parts)}<|im_end|>\n` : joinParts(parts),
  );
  return turns.join('') + (hasChatMarkers ? '<|im_start|>assistant\n' : '');
}

function sizerOf(llama: Llama): Sizer {
  return {
    // No token is less than a byte, but for what begins a text.
    atMost: (content) => new TextEncoder().encode(textOf(llama, content)).length + 2,
    count: (content) => Promise.resolve(tokensOf(llama, content).length),
  };
}
