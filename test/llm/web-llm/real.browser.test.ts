import { expect, test, vi } from 'vitest';
import type { Content, Llm, LlmReply, Part } from '../../../src/core/llm.ts';
import type { MlcWeights } from '../../../src/core/run-record.ts';
import { openWebLlm } from '../../../src/llm/web-llm/engine.ts';
import { webLlmModels } from '../../../src/llm/web-llm/models.ts';
import { weightsOf } from '../../../src/llm/web-llm/prompt.ts';
import { contract, type RawLogProbabilities } from '../contract.ts';
import { toyEngine, toyToken, type ToyEngine, type ToyModel } from './fake-mlc-runtime.ts';
import { aRequest, chat, digits, saying, text, words } from '../requests.ts';

interface Open extends ToyEngine {
  readonly llm: Llm;
}

interface Setting extends ToyModel {
  /** The beginning of a listed model's id, whose form and family the toy takes. A base model if not given. */
  readonly as?: string;
  readonly weights?: MlcWeights;
  readonly contextSize?: number;
  /** What the loaded pipeline has of its own, as if another version or model did. */
  readonly pipeline?: object;
}

/** A logit processor that is not ours. */
const foreign = {
  logitProcessor: {
    processLogits: (logits: Float32Array) => logits,
    processSampledToken: () => undefined,
    resetState: () => undefined,
  },
};

async function open(setting: Setting = {}): Promise<Open> {
  const model = webLlmModels.find(({ id }) => id.startsWith(setting.as ?? 'phi-2-'));
  if (!model) throw new Error(`no ${setting.as}`);
  const weights = weightsOf(model, setting.weights ?? null);
  const toy = await toyEngine(weights.id, setting);
  const { engine } = toy;
  const reload = engine.reload.bind(engine);
  engine.reload = async (id, options) => {
    await reload(id, options);
    const pipeline = engine.loadedModelIdToPipeline?.get(id);
    Object.assign(pipeline ?? {}, setting.pipeline);
  };
  const llm = await openWebLlm({
    engine,
    model,
    weights,
    library: 'v0_2_86/base',
    contextSize: setting.contextSize ?? 1024,
    emit: () => undefined,
    fetch: () => Promise.resolve('d1g357'),
    forget: () => Promise.resolve(),
  });
  toy.steps.length = 0;
  return { ...toy, llm };
}

/** The logarithms of the toy's own probabilities, from its logits after the whole content was prefilled. */
function rawOf(openOne: () => Promise<Open>): RawLogProbabilities {
  let toy: Promise<Open> | null = null;
  return async (content, choices) => {
    toy ??= openOne();
    const { llm, logitsNow } = await toy;
    await llm.ask(aRequest({ content, output: words(1) }));
    const logits = Float64Array.from(logitsNow());
    const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
    return choices.map((choice) => (logits[toyToken(choice)] ?? NaN) - total);
  };
}

const accents = 'Ça va? Été 😀 naïve – voilà 東京 fin.';

contract('web-llm, a base model', open, {
  raw: rawOf(() => open()),
  spanning: {
    open: () => open({ says: { after: 'say it: ', text: accents } }),
    prompt: 'Now say it: ',
    text: accents,
  },
});

contract('web-llm, a chat model', () => open({ as: 'SmolLM2-360M' }), {
  raw: rawOf(() => open({ as: 'SmolLM2-360M' })),
  spanning: {
    open: () => open({ as: 'SmolLM2-360M', says: { after: 'assistant\n', text: accents } }),
    prompt: 'Say it.',
    text: accents,
  },
});

contract(
  'web-llm without its logits, a chat model',
  () => open({ as: 'Qwen3-0.6B', pipeline: foreign }),
  {
    raw: { cannot: 'only the five most probable tokens are told, and the grammar leaves five' },
    spanning: { cannot: 'tried with the logits' },
    lostMass: { cannot: 'the engine tells probabilities after its mask only' },
  },
);

/** Exactly so many of the toy's tokens, which are bytes; the first characters name the text. */
function sized(tokens: number, name = ''): Content {
  return text((name + 'abcdefghijklmnopqrstuvwxyz').repeat(80).slice(0, tokens));
}

const essence = ({ usage: _, ...reply }: LlmReply): unknown => reply;

test('whole blocks of a known beginning are not prefilled again', async () => {
  const { llm, steps } = await open();
  expect(llm.info.notes).toBeUndefined();
  expect(llm.info.revision).toBe('d1g357 v0_2_86/base b64');
  const shared = sized(200);
  const asked = (tail: string, tokens: number) =>
    llm.ask(aRequest({ content: text(...partsOf(shared), tail), output: words(tokens) }));
  const first = await asked('one', 5);
  expect(first.usage).toMatchObject({ promptTokens: 203, reusedTokens: 0 });
  steps.length = 0;
  const second = await asked('two', 1);
  expect(second.usage).toMatchObject({ promptTokens: 203, reusedTokens: 192 });
  expect(steps).toEqual([
    { type: 'pop', tokens: 203 + 4 - 192 },
    { type: 'prefill', at: 192, tokens: 11 },
  ]);
});

const partsOf = (content: Content): readonly Part[] =>
  content.type === 'text' ? content.parts : [];

test('a prompt that is all there is prefilled from its last block on', async () => {
  const { llm, steps } = await open();
  const request = aRequest({ content: sized(128), output: words(1) });
  await llm.ask(request);
  steps.length = 0;
  const { usage } = await llm.ask(request);
  expect(usage).toMatchObject({ promptTokens: 128, reusedTokens: 64 });
  expect(steps).toEqual([
    { type: 'pop', tokens: 64 },
    { type: 'prefill', at: 64, tokens: 64 },
  ]);
});

test('what was decoded is never reused, though it is the next prompt’s beginning', async () => {
  const { llm } = await open();
  const prompt = sized(40);
  const reply = await llm.ask(aRequest({ content: prompt, output: words(100) }));
  const said = reply.type === 'text' ? reply.text : '';
  const longer = text(...partsOf(prompt), said, ' And so on.');
  const warm = await llm.ask(aRequest({ content: longer }));
  expect(warm.usage.reusedTokens).toBe(0);
  const cold = await (await open()).llm.ask(aRequest({ content: longer }));
  expect(essence(warm)).toEqual(essence(cold));
});

test('prompts of all lengths round a block say warm what they say cold', async () => {
  const warm = await open();
  for (const tokens of [63, 64, 65, 66, 127, 128, 129, 192, 193, 200]) {
    for (const name of ['', 'x']) {
      const request = aRequest({ content: sized(tokens, name), output: words(6) });
      const choice = aRequest({ content: sized(tokens, name), output: digits });
      const cold = await open();
      expect(essence(await warm.llm.ask(request))).toEqual(essence(await cold.llm.ask(request)));
      expect(essence(await warm.llm.ask(choice))).toEqual(essence(await cold.llm.ask(choice)));
    }
  }
});

test.each([
  ['nothing', /other probabilities/],
  ['one too many', /other probabilities/],
  ['throws', /stepping back .* failed/],
  ['missing', /cannot step back/],
] as const)(
  'a step back that is wrong (%s) is noticed at load, and nothing reused',
  async (popn, note) => {
    const { llm } = await open({ popn });
    expect(llm.info.notes).toEqual([saying(note)]);
    const request = aRequest({ content: sized(150) });
    const first = await llm.ask(request);
    expect(essence(await llm.ask(request))).toEqual(essence(first));
    expect((await llm.ask(request)).usage).toMatchObject({ promptTokens: 150, reusedTokens: 0 });
    // All but the last still cut prompts into blocks, so that the model is the same with reuse and without.
    const honest = await open();
    expect(llm.info.revision === honest.llm.info.revision).toBe(popn !== 'missing');
    if (popn !== 'missing') {
      expect(essence(await honest.llm.ask(request))).toEqual(essence(first));
    }
  },
);

test.each([
  ['a recurrent state', { kind: 'rnn_state' } as const],
  ['a sliding window', { pipeline: { slidingWindowSize: 512 } }],
  ['eyes', { pipeline: { image_embed: () => undefined } }],
  ['parts elsewhere', { pipeline: { filledKVCacheLength: undefined } }],
])('a model with %s is left as web-llm has it', async (_name, toy) => {
  const { llm, steps } = await open(toy);
  expect(llm.info.notes).toEqual([saying(/Prefix reuse is off: .* cannot step back/)]);
  expect(llm.info.revision).toBe('d1g357 v0_2_86/base');
  await llm.ask(aRequest({ content: sized(150), output: words(1) }));
  expect(steps.filter(({ type }) => type === 'prefill')).toEqual([
    { type: 'prefill', at: 0, tokens: 150 },
  ]);
});

test('a sliding window in a model’s own configuration is overruled', async () => {
  const { llm } = await open({ window: 512 });
  expect(llm.info.notes).toBeUndefined();
});

test('a rating is one forward pass over what is new, with no grammar compiled', async () => {
  const { llm, engine, steps } = await open({ as: 'SmolLM2-360M' });
  const long = 'Of this answer, rate the criterion. '.repeat(6);
  await llm.ask(aRequest({ content: chat(`${long}Clarity`), output: digits }));
  steps.length = 0;
  const { usage } = await llm.ask(aRequest({ content: chat(`${long}Honesty`), output: digits }));
  expect(steps.map(({ type }) => type)).toEqual(['pop', 'prefill']);
  expect(usage.promptTokens - usage.reusedTokens).toBeLessThanOrEqual(64);
  const pipeline = engine.loadedModelIdToPipeline?.get(llm.info.id);
  expect(pipeline).toMatchObject({ grammarMatcher: undefined, xgTokenizerInfo: undefined });
  expect(pipeline).toMatchObject({ logitProcessor: undefined });
});

test('without its logits a rating still agrees with them, but for the mass that is lost', async () => {
  const request = aRequest({ content: chat('Rate this: '), output: digits });
  const exact = await (await open({ as: 'SmolLM2-360M' })).llm.ask(request);
  const { llm } = await open({ as: 'SmolLM2-360M', pipeline: foreign });
  expect(llm.info.notes).toEqual([saying(/five most probable/), saying(/without .* logits/)]);
  const masked = await llm.ask(request);
  if (exact.type !== 'choice' || masked.type !== 'choice') throw new Error('no choices');
  expect(exact.lostMass).toBeGreaterThan(0.1);
  expect(masked.lostMass).toBeUndefined();
  const gaps = masked.probabilities.map((p, i) => Math.abs(p - (exact.probabilities[i] ?? 0)));
  expect(Math.max(...gaps)).toBeLessThan(1e-4);
});

test('where the engine’s sampler draws wrongly, tokens are drawn without it', async () => {
  const { llm } = await open({ races: true });
  expect(llm.info.notes).toEqual([saying(/draws tokens wrongly/)]);
  expect(llm.info.revision).toBe('d1g357 v0_2_86/base b64 drawn');
  const texts = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const reply = await llm.ask(aRequest({ output: words(8), sampling: { seed, topP: 0.9 } }));
    texts.add(reply.type === 'text' ? reply.text : '');
  }
  expect(texts.size).toBeGreaterThan(15);
  for (const said of texts) expect(said).toMatch(/^[ -~]{8}$/);
  const request = aRequest({ output: words(8), sampling: { temperature: 0 } });
  const honest = await (await open()).llm.ask(request);
  expect(essence(await llm.ask(request))).toEqual(essence(honest));
});

test('the real cache code of web-llm finds every file, and fetches none', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch');
  try {
    await open();
    expect(fetched).not.toHaveBeenCalled();
  } finally {
    fetched.mockRestore();
  }
});

test('an abort in a long prompt ends it between two blocks, and the cache stays true', async () => {
  const leaving = new AbortController();
  let passes = 0;
  const { llm, steps } = await open({
    onForward: () => {
      if (++passes === 100) leaving.abort();
    },
  });
  passes = 97;
  const request = aRequest({ content: sized(800), output: words(4) });
  const asked = llm.ask(request, { signal: leaving.signal });
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  expect(steps.filter(({ type }) => type === 'prefill').length).toBe(8);
  const warm = await llm.ask(request);
  expect(warm.usage).toMatchObject({ promptTokens: 800, reusedTokens: 512 });
  const cold = await (await open()).llm.ask(request);
  expect(essence(warm)).toEqual(essence(cold));
});

test('an abort while it writes leaves a cache that is true', async () => {
  const { llm } = await open();
  const leaving = new AbortController();
  const request = aRequest({ content: sized(150), output: words(40) });
  const asked = llm.ask(request, {
    signal: leaving.signal,
    onText: (said) => said.length > 3 && leaving.abort(),
  });
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  const warm = await llm.ask(request);
  expect(warm.usage.reusedTokens).toBe(128);
  expect(essence(warm)).toEqual(essence(await (await open()).llm.ask(request)));
});

test('after a failed pass nothing of the cache is trusted', async () => {
  let broken = false;
  const { llm, steps } = await open({
    onForward: (tokens) => {
      if (broken && tokens === 22) throw new WebAssembly.RuntimeError('unreachable');
    },
  });
  const request = aRequest({ content: sized(150), output: words(4) });
  const before = await llm.ask(request);
  broken = true;
  await expect(llm.ask(request)).rejects.toMatchObject({ code: 'engine-failed' });
  broken = false;
  steps.length = 0;
  const after = await llm.ask(request);
  expect(steps[0]).toEqual({ type: 'clear' });
  expect(after.usage.reusedTokens).toBe(0);
  expect(essence(after)).toEqual(essence(before));
});

test('a device that is lost ends what waits for it, and whatever is asked later', async () => {
  let lose = (): void => undefined;
  const { llm, loseDevice } = await open({ onForward: () => lose() });
  lose = loseDevice;
  const request = aRequest({ content: sized(70), output: words(500) });
  const [first, second] = [llm.ask(request), llm.ask(request)];
  await expect(first).rejects.toMatchObject({ code: 'device-lost' });
  await expect(second).rejects.toMatchObject({ code: 'device-lost' });
});

test('a device that is lost in the first requests had no memory', async () => {
  const id = 'phi-2-q4f16_1-MLC';
  const toy: { current: ToyEngine | null } = { current: null };
  const setting = { onForward: () => toy.current?.loseDevice() };
  toy.current = await toyEngine(id, setting);
  const model = webLlmModels.find((one) => one.id === id);
  if (!model) throw new Error(`no ${id}`);
  const opening = openWebLlm({
    engine: toy.current.engine,
    model,
    weights: weightsOf(model, null),
    library: 'v1',
    contextSize: null,
    emit: () => undefined,
    fetch: () => Promise.resolve(''),
    forget: () => Promise.resolve(),
  });
  await expect(opening).rejects.toMatchObject({ code: 'out-of-memory' });
});

test('other weights run on a listed library, with their own beginning before a text', async () => {
  const weights: MlcWeights = {
    type: 'mlc',
    name: 'Home-made base',
    url: 'https://local.invalid/x/resolve/main/',
    library: 'SmolLM2-360M',
    beginning: '<s>',
    form: 'text',
  };
  const { llm, textNow } = await open({ as: 'SmolLM2-360M', weights });
  expect(llm.info).toMatchObject({ id: 'Home-made base', name: 'Home-made base', form: 'text' });
  await llm.ask(aRequest({ content: text('Hello'), output: words(1) }));
  expect(textNow()).toBe('<s>Hello');
});

test('a chat reaches the model as it was written, dollars and all', async () => {
  const { llm, textNow } = await open({ as: 'SmolLM2-360M' });
  const written = "$& costs $5, $$, $' and $`";
  await llm.ask(aRequest({ content: chat(written), output: words(1) }));
  expect(textNow()).toBe(
    `<|turn|>system\n<|end|>\n<|turn|>user\n${written}<|end|>\n<|turn|>assistant\n`,
  );
});

test('Qwen3 thinks an empty thought, in which no stop is looked for', async () => {
  const says = { after: '</think>\n\n', text: 'Yes.\n\nNo.' };
  const { llm, textNow } = await open({ as: 'Qwen3-0.6B', says });
  const heard: string[] = [];
  const request = aRequest({ content: chat('Hi'), output: words(20, '\n\n') });
  const reply = await llm.ask(request, { onText: (said) => heard.push(said) });
  expect(reply).toMatchObject({ type: 'text', text: 'Yes.', finish: 'stop' });
  expect(textNow()).toContain('<|turn|>assistant\n<think>\n\n</think>\n\nYes.');
  // The line break that may begin the stop is held back.
  expect([...new Set(heard)]).toEqual(['Y', 'Ye', 'Yes', 'Yes.']);
});
