import { expect, test } from 'vitest';
import type { Llm, LlmReply } from '../../src/core/llm.ts';
import { mlcError } from '../../src/llm/web-llm-errors.ts';
import {
  openWebLlm,
  type MlcChunk,
  type MlcEngine,
  type MlcRequest,
} from '../../src/llm/web-llm-engine.ts';
import { webLlmModels, type ListedModel } from '../../src/llm/web-llm-models.ts';
import { progressOf } from '../../src/llm/web-llm-progress.ts';
import { aRequest, chat, digits, text, words } from './requests.ts';

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
  /** The engine's own message, where it differs from the pieces. */
  readonly message?: string;
  readonly finish?: string;
  readonly top?: Top;
  readonly reload?: (attempt: number) => void;
  readonly ask?: (place: number) => void;
  readonly tokenizer?: null;
}

interface Fake extends MlcEngine {
  readonly asked: readonly Asked[];
  readonly calls: readonly string[];
}

const usage = { prompt_tokens: 7, completion_tokens: 3 };

/** An engine with web-llm's shape, whose tokens are single characters. */
function fakeEngine(behaviour: Behaviour = {}): Fake {
  const { says = ['Hel', 'lo'], finish = 'stop', top = [] } = behaviour;
  const asked: Asked[] = [];
  const calls: string[] = [];
  let interrupted = false;
  let reloads = 0;
  async function* stream(): AsyncGenerator<MlcChunk> {
    for (const content of says) {
      await Promise.resolve();
      if (interrupted) break;
      yield { choices: [{ delta: { content } }] };
    }
    yield { choices: [{ finish_reason: interrupted ? 'abort' : finish }] };
    yield { choices: [], usage };
  }
  function create(request: MlcRequest & { stream: true }): Promise<AsyncIterable<MlcChunk>>;
  function create(request: MlcRequest & { stream: false }): Promise<MlcChunk>;
  function create(request: Asked): Promise<AsyncIterable<MlcChunk> | MlcChunk> {
    interrupted = false;
    asked.push(request);
    calls.push(request.messages ? 'chat' : 'completion');
    behaviour.ask?.(asked.length);
    const choice = { logprobs: { content: [{ top_logprobs: top }] } };
    return Promise.resolve(request.stream ? stream() : { choices: [choice], usage });
  }
  const tokenizer = {
    encode: (t: string) => Int32Array.from(t, (c) => c.charCodeAt(0)),
    decode: (ids: Int32Array) => String.fromCharCode(...ids),
  };
  return {
    asked,
    calls,
    reload: (id, { context_window_size }) => {
      calls.push(`reload ${id} ${context_window_size}`);
      behaviour.reload?.(++reloads);
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
    getMessage: () => Promise.resolve(behaviour.message ?? says.join('')),
    chat: { completions: { create } },
    completions: { create },
    ...(behaviour.tokenizer !== null && {
      loadedModelIdToPipeline: { get: () => ({ tokenizer }) } as unknown as ReadonlyMap<
        string,
        { tokenizer: typeof tokenizer }
      >,
    }),
  };
}

interface Opened {
  readonly engine: Fake;
  readonly llm: Llm;
  readonly pauses: readonly number[];
  readonly forgotten: readonly string[];
}

async function open(listed: ListedModel, behaviour: Behaviour = {}): Promise<Opened> {
  const engine = fakeEngine(behaviour);
  const pauses: number[] = [];
  const forgotten: string[] = [];
  const llm = await openWebLlm({
    engine,
    model: listed,
    library: 'v1',
    contextSize: null,
    emit: () => undefined,
    forget: () => Promise.resolve(void forgotten.push(listed.id)),
    pause: (ms) => Promise.resolve(void pauses.push(ms)),
  });
  return { engine, llm, pauses, forgotten };
}

const textOf = (reply: LlmReply): string => (reply.type === 'text' ? reply.text : '');

test('a listed model says what it is and is loaded with a context of 2,048', async () => {
  const { llm, engine } = await open(smol);
  expect(llm.info).toEqual({
    engine: 'web-llm 0.2.86',
    id: smol.id,
    revision: 'v1',
    contextSize: 2048,
    name: 'SmolLM2-360M-Instruct',
    form: 'chat',
    canEmbed: false,
    concurrency: 1,
  });
  expect(engine.calls).toEqual([`reload ${smol.id} 2048`]);
});

test('a chat is sent with an explicit system message, safe sampling and its seed', async () => {
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
    stop: ['END'],
    temperature: 1,
    top_p: 0.9999,
    seed: 1,
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(reply).toMatchObject({
    type: 'text',
    text: 'Hello',
    finish: 'stop',
    cut: [],
    usage: { promptTokens: 7, reusedTokens: 0, outputTokens: 3 },
  });
});

test('every request begins from a cleared chat', async () => {
  const { llm, engine } = await open(smol);
  const request = aRequest({ content: chat('Hi') });
  await Promise.all([llm.ask(request), llm.ask(request)]);
  expect(engine.calls.slice(1)).toEqual(['reset', 'chat', 'reset', 'chat']);
});

test('text that the template would change is escaped', async () => {
  const { llm, engine } = await open(smol);
  const written = "$& costs $5, $$, $' and {function_string}";
  await llm.ask(aRequest({ content: chat(written) }));
  const sent = engine.asked[0]?.messages?.[1]?.content ?? '';
  const arrives = '{user_message}'.replace('{user_message}', sent).replace('{function_string}', '');
  expect(arrives).toBe("$& costs $5, $$, $' and {function string}");
});

test('the end of a reply is the engine’s own, not the pieces that held half a stop string', async () => {
  const { llm } = await open(smol, { says: ['Hello', '\n#', '#'], message: 'Hello' });
  expect(textOf(await llm.ask(aRequest({ content: chat('Hi') })))).toBe('Hello');
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
    max_tokens: 14,
    extra_body: { enable_thinking: false },
  });
  expect([textOf(reply), heard]).toEqual(['Yes.', ['', '', 'Yes', 'Yes.']]);
});

test('a base model continues a text that begins with its own first token', async () => {
  const { llm, engine } = await open(base);
  await llm.ask(aRequest({ content: text('Costs $5') }));
  expect(engine.calls.at(-1)).toBe('completion');
  expect(engine.asked[0]?.prompt).toBe('<s>Costs $5');
});

const top = (...pairs: readonly [string, number][]): Top =>
  pairs.map(([token, p]) => ({ token, logprob: Math.log(p) }));

test('a choice in a chat is one constrained token, its probabilities summed by text', async () => {
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
  const probabilities = reply.type === 'choice' ? reply.probabilities : [];
  const expected = [0, 0, 1 / 9, 6 / 9, 2 / 9];
  expected.forEach((p, i) => expect(probabilities[i]).toBeCloseTo(p, 12));
});

test('a choice in a text raises the tokens that the tokenizer names', async () => {
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
  for (const tokenizer of [undefined, null]) {
    const { llm, engine } = await open(base, tokenizer === null ? { tokenizer } : {});
    const content = text('Query: ', { text: 'é'.repeat(3000), drop });
    const reply = await llm.ask(aRequest({ content, output: words(100) }));
    const sent = engine.asked[0]?.prompt ?? '';
    expect(reply.cut).toEqual([
      { what: 'query', removedChars: 3000 - (sent.length - 10 - 3), ofChars: 3000 },
    ]);
    expect(sent.length).toBeLessThanOrEqual(1948);
  }
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

test('a download that breaks off is tried again, from where it was', async () => {
  const { pauses, engine } = await open(smol, {
    reload: (attempt) => {
      if (attempt < 3) throw new TypeError('Failed to fetch');
    },
  });
  expect([pauses, engine.calls.length]).toEqual([[1000, 3000], 3]);
});

test('a page in place of a file is removed from the cache', async () => {
  const engine = fakeEngine({
    reload: () => {
      throw new SyntaxError('Unexpected token \'<\', "<!DOCTYPE" is not valid JSON');
    },
  });
  const forgotten: string[] = [];
  const opening = openWebLlm({
    engine,
    model: smol,
    library: 'v1',
    contextSize: null,
    emit: () => undefined,
    forget: () => Promise.resolve(void forgotten.push(smol.id)),
    pause: () => Promise.resolve(),
  });
  await expect(opening).rejects.toMatchObject({ code: 'model-invalid' });
  expect(forgotten).toEqual([smol.id]);
});

test('an engine that lost its device says so once it is asked', async () => {
  const { llm } = await open(smol, {
    ask: () => {
      throw named('ModelNotLoadedError');
    },
  });
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
  ['load', named('DeviceLostError'), 'out-of-memory', /376 MB/],
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
  ['load', 'Engine.unload() is called.', 'model-load-failed', /Try again/],
  ['ask', named('DeviceLostError'), 'device-lost', /Load .* again/],
  ['ask', named('ContextWindowSizeExceededError'), 'context-too-small', /4096 tokens/],
  ['ask', named('GrammarMatcherInitError'), 'engine-failed', /Load the model again/],
  ['ask', new Error('Grammar matcher rejected the newly sampled token'), 'engine-failed', /again/],
  ['ask', named('RuntimeError', 'unreachable'), 'engine-failed', /again/],
  ['ask', new Error('who knows'), 'engine-failed', /could not answer/],
] as const)('while it should %s, “%s” is %s', (type, error, code, sentence) => {
  const known = mlcError(error, { type, model: smol });
  expect(known.code).toBe(code);
  expect(known.message).toMatch(sentence);
  expect(known.details).toBeTruthy();
});

test.each([
  ['Start to fetch params', 0, 'download', 0],
  ['Fetching param cache[3/10]: 120MB fetched.', 0.5, 'download', smol.sizeMb / 2],
  ['Loading model from cache[3/10]', 1, 'load', smol.sizeMb],
  ['Loading GPU shader modules[1/80]', 0.5, 'prepare', smol.sizeMb / 2],
] as const)('the progress “%s” is told as a phase', (words, share, phase, doneMb) => {
  const progress = progressOf(words, share, smol.sizeMb);
  expect(progress).toEqual({ phase, doneMb: Math.round(doneMb), totalMb: smol.sizeMb });
});
