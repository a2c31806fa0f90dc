import { expect, test } from 'vitest';
import { DrpoError } from '../../../src/core/errors.ts';
import type { Llm, LlmReply } from '../../../src/core/llm.ts';
import type {
  MlcChunk,
  MlcEngine,
  MlcRequest,
  MlcTokenizer,
} from '../../../src/llm/web-llm/contract.ts';
import { mlcError } from '../../../src/llm/web-llm/errors.ts';
import { openWebLlm } from '../../../src/llm/web-llm/engine.ts';
import { webLlmModels, type ListedModel } from '../../../src/llm/web-llm/models.ts';
import { progressOf } from '../../../src/llm/web-llm/progress.ts';
import { weightsOf } from '../../../src/llm/web-llm/prompt.ts';
import { aRequest, chat, digits, saying, text, words } from '../requests.ts';

function model(id: string): ListedModel {
  const found = webLlmModels.find((listed) => listed.id.startsWith(id));
  if (!found) throw new Error(`no ${id}`);
  return found;
}

const smol = model('SmolLM2-360M');
const qwen3 = model('Qwen3-0.6B');
const base = model('Ministral-3-3B-Base');

type Asked = MlcRequest & { readonly stream: boolean };
type Top = readonly { readonly token: string; readonly logprob: number }[];

/** What an engine does; a test says only what matters to it. */
interface Behaviour {
  readonly says?: readonly string[];
  readonly finish?: string;
  readonly top?: Top;
  readonly reload?: () => void;
  readonly ask?: () => void;
  readonly tokenizer?: null;
  /** Tokens that its template adds to each turn. */
  readonly perTurn?: number;
}

interface Fake extends MlcEngine {
  /** What was asked since the model was opened. */
  readonly asked: Asked[];
  readonly calls: string[];
}

// One token for each character, and for nothing else.
const tokenizer: MlcTokenizer = {
  encode: (written) => Int32Array.from(written, (c) => c.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...ids),
  getVocabSize: () => 128,
  idToToken: (id) => String.fromCharCode(id),
};

/** An engine with web-llm's shape, of which nothing private can be reached but the tokenizer. */
function fakeEngine(behaviour: Behaviour = {}): Fake {
  const { says = ['Hel', 'lo'], finish = 'stop', top = [], perTurn = 2 } = behaviour;
  const asked: Asked[] = [];
  const calls: string[] = [];
  let interrupted = false;
  let message = '';
  async function* stream(usage: MlcChunk['usage']): AsyncGenerator<MlcChunk> {
    for (const content of says) {
      await Promise.resolve();
      if (interrupted) break;
      message += content;
      yield { choices: [{ delta: { content } }] };
    }
    yield { choices: [{ finish_reason: interrupted ? 'abort' : finish }] };
    yield { choices: [], ...(usage && { usage }) };
  }
  function create(request: MlcRequest & { stream: true }): Promise<AsyncIterable<MlcChunk>>;
  function create(request: MlcRequest & { stream: false }): Promise<MlcChunk>;
  function create(request: Asked): Promise<AsyncIterable<MlcChunk> | MlcChunk> {
    interrupted = false;
    message = '';
    asked.push(request);
    calls.push(request.messages ? 'chat' : 'completion');
    behaviour.ask?.();
    const choice = { logprobs: { content: [{ top_logprobs: top }] } };
    const prompt_tokens = (request.messages ?? []).reduce(
      (n, m) => n + m.content.length + perTurn,
      5,
    );
    const usage = { prompt_tokens, completion_tokens: 3 };
    return Promise.resolve(request.stream ? stream(usage) : { choices: [choice], usage });
  }
  return {
    asked,
    calls,
    reload: (id, { context_window_size, sliding_window_size }) => {
      calls.push(`reload ${id} ${context_window_size} ${sliding_window_size}`);
      behaviour.reload?.();
      return Promise.resolve();
    },
    resetChat: () => {
      calls.push('reset');
      return Promise.resolve();
    },
    interruptGenerate: () => {
      calls.push('interrupt');
      interrupted = true;
      return Promise.resolve();
    },
    getMessage: () => Promise.resolve(message),
    chat: { completions: { create } },
    completions: { create },
    loadedModelIdToPipeline: new Map(
      webLlmModels.map(({ id }) => [id, behaviour.tokenizer === null ? {} : { tokenizer }]),
    ),
  };
}

interface Opened {
  readonly engine: Fake;
  readonly llm: Llm;
}

interface Loading {
  readonly fetch?: () => Promise<string>;
  readonly forget?: () => Promise<void>;
}

function load(listed: ListedModel, engine: Fake, loading: Loading = {}): Promise<Llm> {
  return openWebLlm({
    engine,
    model: listed,
    weights: weightsOf(listed, null),
    library: 'v1',
    contextSize: null,
    emit: () => undefined,
    fetch: () => Promise.resolve('d1g357'),
    forget: () => Promise.resolve(),
    ...loading,
  });
}

async function open(listed: ListedModel, behaviour: Behaviour = {}): Promise<Opened> {
  const engine = fakeEngine(behaviour);
  const llm = await load(listed, engine);
  engine.asked.length = 0;
  engine.calls.length = 0;
  return { engine, llm };
}

const textOf = (reply: LlmReply): string => (reply.type === 'text' ? reply.text : '');

test('a listed model says what it is and is loaded with a context of 2,048', async () => {
  const engine = fakeEngine();
  const { info } = await load(smol, engine);
  expect(info).toEqual({
    engine: 'web-llm 0.2.86',
    id: smol.id,
    revision: 'd1g357 v1',
    contextSize: 2048,
    name: smol.name,
    form: 'chat',
    canEmbed: false,
    concurrency: 1,
    notes: [saying(/five most probable/), saying(/Prefix reuse is off/)],
  });
  expect(engine.calls[0]).toBe(`reload ${smol.id} 2048 -1`);
});

test('a chat is sent with an explicit system message, safe sampling, its seed and no penalty', async () => {
  const { llm, engine } = await open(smol);
  const reply = await llm.ask(
    aRequest({ content: chat('Hi'), output: words(9, 'END'), sampling: { topP: 1, seed: 0 } }),
  );
  expect(engine.asked[0]).toEqual({
    messages: [
      { role: 'system', content: '' },
      { role: 'user', content: 'Hi' },
    ],
    max_tokens: 9,
    temperature: 1,
    top_p: 0.9999,
    seed: 1,
    repetition_penalty: 1,
    frequency_penalty: 0,
    presence_penalty: 0,
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(reply).toMatchObject({
    type: 'text',
    text: 'Hello',
    finish: 'stop',
    cut: [],
    usage: { promptTokens: 11, reusedTokens: 0, outputTokens: 3 },
  });
});

test('every request begins from a cleared chat', async () => {
  const { llm, engine } = await open(smol);
  const request = aRequest({ content: chat('Hi') });
  await Promise.all([llm.ask(request), llm.ask(request)]);
  expect(engine.calls).toEqual(['reset', 'chat', 'reset', 'chat']);
});

test('a reply ends before the first of its stops, and nothing of a stop is heard', async () => {
  const says = ['Hello', '\n#', '#', ' More ##', ' and more'];
  const { llm, engine } = await open(smol, { says });
  const heard: string[] = [];
  const request = aRequest({ content: chat('Hi'), output: words(50, ' More', '\n##') });
  const reply = await llm.ask(request, { onText: (said) => heard.push(said) });
  expect(reply).toMatchObject({ text: 'Hello', finish: 'stop' });
  expect(new Set(heard)).toEqual(new Set(['Hello']));
  expect(engine.calls).toContain('interrupt');
});

test('a reply that ends in half a character was cut', async () => {
  const { llm } = await open(smol, { says: ['caf', '\ufffd'] });
  const reply = await llm.ask(aRequest({ content: chat('Hi') }));
  expect(reply).toMatchObject({ text: 'caf', finish: 'length' });
});

test('a reply cut by the token limit says so', async () => {
  const { llm } = await open(smol, { finish: 'length' });
  expect(await llm.ask(aRequest({ content: chat('Hi') }))).toMatchObject({ finish: 'length' });
});

test('Qwen3 is asked not to think, and its empty thought is neither shown nor counted', async () => {
  const says = ['<think>', '\n\n</think>\n\n', 'Yes', '.'];
  const { llm, engine } = await open(qwen3, { says });
  const heard: string[] = [];
  const request = aRequest({ content: chat('Hi'), output: words(10) });
  const reply = await llm.ask(request, { onText: (t) => heard.push(t) });
  expect(engine.asked[0]).toMatchObject({
    max_tokens: 10 + '<think>\n\n</think>\n\n'.length,
    extra_body: { enable_thinking: false },
  });
  expect([textOf(reply), [...new Set(heard)]]).toEqual(['Yes.', ['', 'Yes', 'Yes.']]);
});

test('a base model continues a text that begins with its own first token', async () => {
  const { llm, engine } = await open(base);
  await llm.ask(aRequest({ content: text('Costs $5') }));
  expect(engine.calls.at(-1)).toBe('completion');
  expect(engine.asked[0]?.prompt).toBe('<s>Costs $5');
});

const top = (...pairs: readonly [string, number][]): Top =>
  pairs.map(([token, p]) => ({ token, logprob: Math.log(p) }));

test('without logits, a choice in a chat is one constrained token, its probabilities summed by text', async () => {
  const likely = top(['4', 0.5], ['5', 0.2], ['4', 0.1], ['3', 0.1], ['x', 0.1]);
  const { llm, engine } = await open(smol, { top: likely });
  const reply = await llm.ask(
    aRequest({ content: chat('Rate'), output: digits, sampling: { temperature: 0 } }),
  );
  expect(engine.asked[0]).toMatchObject({
    response_format: { type: 'grammar', grammar: 'root ::= "1" | "2" | "3" | "4" | "5"' },
    temperature: 1,
    max_tokens: 1,
    logprobs: true,
    top_logprobs: 5,
    stream: false,
  });
  if (reply.type !== 'choice') throw new Error('no choice');
  expect(reply.lostMass).toBeUndefined();
  const expected = [0, 0, 1 / 9, 6 / 9, 2 / 9];
  expected.forEach((p, i) => expect(reply.probabilities[i]).toBeCloseTo(p, 12));
});

test('without logits, a choice in a text raises the tokens that the tokenizer names', async () => {
  const { llm, engine } = await open(base, { top: top(['1', 0.5], ['2', 0.5]) });
  await llm.ask(aRequest({ content: text('Rate'), output: digits }));
  expect(engine.asked[0]?.logit_bias).toEqual({ 49: 100, 50: 100, 51: 100, 52: 100, 53: 100 });
});

test.each([
  ['has several tokens', { type: 'choice', choices: ['yes', 'no'] } as const, {}],
  ['nobody can name, as the tokenizer is gone', digits, { tokenizer: null }],
])('a choice that %s is refused', async (_name, output, behaviour) => {
  const { llm } = await open(base, behaviour);
  const asked = llm.ask(aRequest({ content: text('Rate'), output }));
  await expect(asked).rejects.toMatchObject({ code: 'settings-invalid' });
});

test('embeddings are refused', async () => {
  const { llm } = await open(smol);
  const asked = llm.ask(aRequest({ content: text('a'), output: { type: 'embedding' } }));
  await expect(asked).rejects.toMatchObject({ code: 'settings-invalid' });
});

test('what exceeds the context is cut, and the reply says what', async () => {
  const drop = { order: 1, how: 'middle', what: 'query' } as const;
  for (const behaviour of [{}, { tokenizer: null }]) {
    const { llm, engine } = await open(base, behaviour);
    const content = text('Query: ', { text: 'é'.repeat(3000), drop });
    const reply = await llm.ask(aRequest({ content, output: words(100) }));
    const sent = engine.asked[0]?.prompt ?? '';
    expect(reply.cut).toEqual([
      { what: 'query', removedChars: 3000 - (sent.length - 10 - 3), ofChars: 3000 },
    ]);
    expect(sent.length).toBeLessThanOrEqual(1948);
  }
});

test('a template that adds much to a turn is measured, and room left for it', async () => {
  const drop = { order: 1, how: 'middle', what: 'query' } as const;
  const content = {
    type: 'chat',
    messages: [{ role: 'user', parts: [{ text: 'a'.repeat(3000), drop }] }],
  } as const;
  const { llm } = await open(smol, { perTurn: 150 });
  const { usage } = await llm.ask(aRequest({ content, output: words(100) }));
  expect(usage.promptTokens).toBeLessThanOrEqual(1948);
  expect(usage.promptTokens).toBeGreaterThan(1900);
});

test('an abort interrupts the engine, rejects, and leaves it to be asked again', async () => {
  const { llm, engine } = await open(smol, { says: ['a', 'b', 'c'] });
  const leaving = new AbortController();
  const request = aRequest({ content: chat('Hi') });
  const first = llm.ask(request, { signal: leaving.signal, onText: () => leaving.abort() });
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  expect(engine.calls.filter((call) => call === 'interrupt')).toEqual(['interrupt']);
  expect(textOf(await llm.ask(request))).toBe('abc');
});

test('a request aborted while it waits never reaches the engine', async () => {
  const { llm, engine } = await open(smol);
  const leaving = new AbortController();
  const request = aRequest({ content: chat('Hi') });
  const first = llm.ask(request);
  const second = llm.ask(request, { signal: leaving.signal });
  leaving.abort();
  await expect(second).rejects.toMatchObject({ name: 'AbortError' });
  await first;
  expect(engine.asked.length).toBe(1);
});

const named = (name: string, message = ''): Error => Object.assign(new Error(message), { name });

test('nothing is loaded before every file is there, and why not is what the caller hears', async () => {
  const engine = fakeEngine();
  const why = new DrpoError('network', 'The download broke off.');
  const opening = load(smol, engine, { fetch: () => Promise.reject(why) });
  await expect(opening).rejects.toBe(why);
  expect(engine.calls).toEqual([]);
});

test('a page in place of a file is removed from the cache', async () => {
  const engine = fakeEngine({
    reload: () => {
      throw new SyntaxError('Unexpected token \'<\', "<!DOCTYPE" is not valid JSON');
    },
  });
  const forgotten: string[] = [];
  const forget = () => Promise.resolve(void forgotten.push(smol.id));
  await expect(load(smol, engine, { forget })).rejects.toMatchObject({ code: 'model-invalid' });
  expect(forgotten).toEqual([smol.id]);
});

test('an engine that lost its device says so once it is asked', async () => {
  const state = { lost: false };
  const { llm } = await open(smol, {
    ask: () => {
      if (state.lost) throw named('ModelNotLoadedError');
    },
  });
  state.lost = true;
  const asked = llm.ask(aRequest({ content: chat('Hi') }));
  await expect(asked).rejects.toMatchObject({ code: 'device-lost' });
});

test.each([
  ['load', named('WebGPUNotAvailableError'), 'no-webgpu', /GGUF file/],
  ['load', new Error('Unable to find a compatible GPU.'), 'no-webgpu', /GGUF file/],
  [
    'load',
    new Error('Cannot initialize runtime because of requested maxBufferSize'),
    'no-webgpu',
    /GGUF/,
  ],
  ['load', named('ShaderF16SupportError'), 'no-shader-f16', /SmolLM2-360M-Instruct-q4f32_1-MLC/],
  ['load', named('FeatureSupportError'), 'no-shader-f16', /q4f32_1/],
  ['load', named('DeviceLostError'), 'out-of-memory', new RegExp(`${smol.memoryMb} MB`)],
  ['load', named('QuotaExceededError'), 'storage-full', /storage is full/],
  ['load', new TypeError('Failed to fetch'), 'network', /what has come is kept/],
  [
    'load',
    named('NetworkError', 'Cache.add() encountered a network error'),
    'network',
    /try again/,
  ],
  ['load', named('IntegrityError'), 'model-invalid', /removed/],
  ['load', named('ModelNotFoundError'), 'model-missing', /Choose one of the list/],
  ['load', named('MissingModelWasmError'), 'model-load-failed', /another model/],
  [
    'load',
    new Error('Cannot find parameter in cache: lm_head'),
    'model-load-failed',
    /fit together/,
  ],
  ['load', named('UnsupportedTokenizerFilesError'), 'tokenizer-missing', /no tokenizer/],
  ['load', named('LinkError', 'WebAssembly.instantiate()'), 'model-load-failed', /fit together/],
  ['load', named('CompileError', 'expected magic word'), 'model-invalid', /removed/],
  ['load', 'Engine.unload() is called.', 'model-load-failed', /Try again/],
  ['ask', named('DeviceLostError'), 'device-lost', /Load .* again/],
  ['ask', named('AbortError', 'mapAsync failed: [Device] is lost.'), 'device-lost', /again/],
  [
    'ask',
    named('OperationError', 'A valid external Instance reference no longer exists.'),
    'device-lost',
    /again/,
  ],
  ['ask', new Error('Aborted(OOM). out of memory'), 'out-of-memory', /no memory/],
  ['ask', new Error('Module has already been disposed'), 'engine-failed', /again/],
  ['ask', named('ContextWindowSizeExceededError'), 'context-too-small', /4096 tokens/],
  ['ask', named('GrammarMatcherInitError'), 'engine-failed', /Load the model again/],
  ['ask', new Error('Grammar matcher rejected the newly sampled token'), 'engine-failed', /again/],
  ['ask', named('RuntimeError', 'unreachable'), 'engine-failed', /again/],
  ['ask', new Error('who knows'), 'engine-failed', /could not answer/],
] as const)('while it should %s, “%s” is %s', (type, error, code, sentence) => {
  const known = mlcError(error, { type, model: smol, name: smol.name });
  expect(known.code).toBe(code);
  expect(known.message).toMatch(sentence);
  expect(known.details).toBeTruthy();
});

test.each([
  ['Start to fetch params', 0, 'load', 0],
  ['Loading model from cache[3/10]', 0.5, 'load', smol.sizeMb / 2],
  ['Loading GPU shader modules[1/80]', 0.5, 'prepare', smol.sizeMb / 2],
] as const)('the progress “%s” is told as a phase', (words, share, phase, doneMb) => {
  const progress = progressOf(words, share, smol.sizeMb);
  expect(progress).toEqual({ phase, doneMb: Math.round(doneMb), totalMb: smol.sizeMb });
});
