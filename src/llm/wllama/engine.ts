import { DrpoError } from '../../core/errors.ts';
import {
  joinParts,
  type AskOptions,
  type Content,
  type Cut,
  type Llm,
  type LlmInfo,
  type LlmReply,
  type LlmRequest,
  type ModelRef,
  type Output,
  type Usage,
} from '../../core/llm.ts';
import { throwIfAborted } from '../abort.ts';
import type { WorkerEvent } from '../boundary.ts';
import { probeDevice } from '../device.ts';
import { fit } from '../fit.ts';
import { checkMemory, readGguf, type GgufFacts } from '../gguf.ts';
import { usualContextSize } from '../memory.ts';
import { Queue } from '../queue.ts';
import { neverTextIds, tokenIds } from '../vocabulary.ts';
import { choose } from './choice.ts';
import { loadNative } from './load.ts';
import { promptOf, type Body, type Native } from './native.ts';
import { wllamaSizer } from './sizer.ts';
import { threadsFor, threadsNote, type Cores } from './threads.ts';

/** What to load. `emit` hears of progress, and that the engine is at work. */
export interface WllamaOrder {
  readonly file: Blob;
  readonly name: string;
  /** Hex SHA-256 of the file, taken as it is. */
  readonly sha256: string;
  /** Tokens; null for `usualContextSize` or what the model was trained for, whichever is less. */
  readonly contextSize: number | null;
  /** Whether to use WebGPU where there is a real one. */
  readonly gpu: boolean;
  readonly wasmUrl: string;
  readonly emit: (event: WorkerEvent) => void;
}

/** With its pinned version: another llama.cpp may reply otherwise. */
const engineName = 'wllama 3.8.1';

/**
 * A GGUF model behind the port, run by llama.cpp in WebAssembly. For a worker of ours: it blocks nobody there.
 * Rejects with `model-invalid`, `tokenizer-missing`, `model-too-large`, `model-load-failed`, `out-of-memory` or `engine-stalled`.
 */
export async function openWllama(order: WllamaOrder): Promise<Llm> {
  const facts = await readGguf(order.file);
  const trained = facts.contextLength || usualContextSize;
  const contextSize = Math.min(order.contextSize ?? usualContextSize, trained);
  const device = await probeDevice();
  checkMemory(facts, contextSize, device.deviceMemoryGb);
  const cores = { isolated: device.crossOriginIsolated, logical: device.threads };
  // Without 16-bit arithmetic the engine would take the processor by itself.
  const gpu = order.gpu && device.webgpu && !device.fallback && device.shaderF16;
  const native = await loadWhere({ ...order, contextSize, cores, gpu });
  const info: LlmInfo = {
    engine: native.usesGraphics ? `${engineName} (WebGPU)` : engineName,
    id: order.name,
    revision: order.sha256,
    contextSize: Math.min(contextSize, native.contextSize),
    name: facts.name ?? order.name,
    form: facts.hasChatTemplate ? 'chat' : 'text',
    ...(facts.profile !== null && { profile: facts.profile }),
    canEmbed: true,
    // Requests at once would share batches, and a batch's other rows change a row's last digits.
    concurrency: 1,
    notes: [noteOf(order, native, cores)],
  };
  const desk: Desk = {
    native,
    info,
    facts,
    sizer: await wllamaSizer(native, facts, info.contextSize),
    never: neverTextIds(facts.vocabulary),
    choiceIds: new Map(),
  };
  const queue = new Queue();
  return {
    info,
    ask: (request, options = {}) => queue.run(() => answer(desk, request, options), options.signal),
  };
}

interface Place extends WllamaOrder {
  readonly contextSize: number;
  readonly cores: Cores;
}

/** Loads on the graphics device if so ordered, and where the engine then puts the weights elsewhere, as for the processor. */
async function loadWhere(place: Place): Promise<Native> {
  const fileBytes = place.file.size;
  const threads = threadsFor(fileBytes, place.cores);
  const native = await loadNative({ ...place, threads, fileBytes });
  if (!place.gpu || native.usesGraphics) return native;
  await native.close();
  return loadNative({ ...place, threads, fileBytes, gpu: false });
}

/** What it runs on. */
function noteOf({ gpu, file }: WllamaOrder, native: Native, cores: Cores): string {
  if (native.usesGraphics) return 'Runs on the graphics device.';
  const note = threadsNote(file.size, cores);
  return gpu ? `The graphics device here cannot run it. ${note}` : note;
}

interface Desk {
  readonly native: Native;
  readonly info: LlmInfo;
  readonly facts: GgufFacts;
  readonly sizer: Awaited<ReturnType<typeof wllamaSizer>>;
  readonly never: readonly number[];
  readonly choiceIds: Map<string, readonly number[]>;
}

async function answer(desk: Desk, request: LlmRequest, options: AskOptions): Promise<LlmReply> {
  throwIfAborted(options.signal);
  const { content, output } = request;
  if (content.type === 'chat' && desk.info.form === 'text') {
    throw new DrpoError(
      'settings-invalid',
      `${desk.info.name} has no chat template, so it cannot be asked in chat turns. Choose a profile for base models, or an instruction-tuned model.`,
    );
  }
  switch (output.type) {
    case 'text':
      return answerText(desk, request, output, options);
    case 'choice':
      return answerChoice(desk, request, output, options);
    case 'embedding':
      return answerEmbedding(desk, content);
  }
}

/** A request may be for a smaller context than there is: what is cut depends on it. */
function contextOf({ info }: Desk, { contextSize }: ModelRef): number {
  return Math.min(contextSize, info.contextSize);
}

// One token is kept free: the engine stops when the context is full, not when it is over.
const spare = 1;

async function answerText(
  desk: Desk,
  { content, sampling, model }: LlmRequest,
  { maxTokens, stop }: Output & { type: 'text' },
  { signal, onText }: AskOptions,
): Promise<LlmReply> {
  const started = performance.now();
  const contextSize = contextOf(desk, model);
  const fitted = await fit(content, { contextSize, room: maxTokens + spare }, desk.sizer);
  const body: Body = {
    ...promptOf(fitted.content),
    max_tokens: maxTokens,
    stop: stop.filter((text) => text !== ''),
    seed: sampling.seed,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: 0,
    min_p: 0,
    samplers: ['temperature', 'top_p'],
    logit_bias: desk.never.map((id) => [id, false]),
    // Any text at all, but a text: half a character ends the engine's request with an exception. The grammar looks at
    // the token that was drawn and only at others if it will not do, so it costs nothing that could be measured.
    grammar: 'root ::= .*',
  };
  let text = '';
  const end = await desk.native.complete(body, signal, (piece) => {
    text += piece.text;
    if (piece.text !== '') onText?.(text);
  });
  return {
    type: 'text',
    text,
    finish: end.finish === 'stop' ? 'stop' : 'length',
    ...accountOf(fitted.cut, end, started),
  };
}

async function answerChoice(
  desk: Desk,
  { content, model }: LlmRequest,
  { choices }: Output & { type: 'choice' },
  { signal }: AskOptions,
): Promise<LlmReply> {
  const started = performance.now();
  const ids = choices.map((choice) => idsOf(desk, choice));
  const contextSize = contextOf(desk, model);
  const fitted = await fit(content, { contextSize, room: 1 + spare }, desk.sizer);
  const chosen = await choose(desk.native, promptOf(fitted.content), ids, signal);
  if (!chosen) throw desk.native.failed('it gave no probabilities for a choice.');
  const { probabilities, lostMass, end } = chosen;
  return {
    type: 'choice',
    probabilities,
    ...(lostMass !== undefined && { lostMass }),
    ...accountOf(fitted.cut, end, started),
  };
}

function idsOf({ facts, choiceIds }: Desk, choice: string): readonly number[] {
  const known = choiceIds.get(choice) ?? tokenIds(facts.vocabulary, choice);
  choiceIds.set(choice, known);
  if (known.length > 0) return known;
  throw new DrpoError(
    'settings-invalid',
    `This model has no single token for “${choice}”, so its probability cannot be read in one step. Use written ratings, or another model.`,
  );
}

async function answerEmbedding(desk: Desk, content: Content): Promise<LlmReply> {
  const started = performance.now();
  const text =
    content.type === 'text'
      ? joinParts(content.parts)
      : content.messages.map((message) => joinParts(message.parts)).join('\n');
  const { sum, tokens } = await embed(desk.native, text);
  const length = Math.hypot(...sum);
  const vector = sum.map((x) => (length > 0 ? x / length : 0));
  const end = { finish: 'stop', promptTokens: tokens, reusedTokens: 0, outputTokens: 0 };
  return { type: 'embedding', vector, ...accountOf([], end, started) };
}

interface Embedded {
  /** Sum of the unit vectors of the text's windows, each as often as it has tokens. */
  readonly sum: readonly number[];
  readonly tokens: number;
}

/** Embeds a text of any length: one that is more than a batch holds goes in two halves, and those likewise. */
async function embed(native: Native, text: string): Promise<Embedded> {
  const whole = await native.embed(text);
  if (whole) return { sum: whole.vector.map((x) => x * whole.tokens), tokens: whole.tokens };
  const characters = Array.from(text);
  const middle = Math.ceil(characters.length / 2);
  const first = await embed(native, characters.slice(0, middle).join(''));
  const second = await embed(native, characters.slice(middle).join(''));
  return {
    sum: first.sum.map((x, i) => x + (second.sum[i] ?? 0)),
    tokens: first.tokens + second.tokens,
  };
}

function accountOf(
  cut: readonly Cut[],
  end: Omit<Usage, 'elapsedMs'>,
  started: number,
): { readonly cut: readonly Cut[]; readonly usage: Usage } {
  const { promptTokens, reusedTokens, outputTokens } = end;
  const elapsedMs = performance.now() - started;
  return { cut, usage: { promptTokens, reusedTokens, outputTokens, elapsedMs } };
}
