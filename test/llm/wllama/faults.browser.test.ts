import { Wllama, type LoadModelParams } from '@wllama/wllama/esm/index.js';
import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import { afterEach, expect, test, vi } from 'vitest';
import { loadNative, type NativeOrder } from '../../../src/llm/wllama/load.ts';
import { openWllama } from '../../../src/llm/wllama/engine.ts';
import type { Body, End, Native } from '../../../src/llm/wllama/native.ts';
import { randomModel } from '../../../tools/gguf/random-model.ts';
import { anAdapter } from '../devices.ts';
import { saying } from '../requests.ts';

const model = randomModel({ wholeText: true });
const weights = new Blob([model]);

afterEach(() => void vi.restoreAllMocks());

const order: NativeOrder = {
  file: weights,
  fileBytes: weights.size,
  name: 'random.gguf',
  contextSize: 256,
  threads: 1,
  gpu: false,
  wasmUrl: new URL(wasmUrl, location.href).href,
  emit: () => undefined,
};

/** Loads with other parameters than ours. */
function loadedWith(more: object): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own object below
  const load = Wllama.prototype.loadModel;
  vi.spyOn(Wllama.prototype, 'loadModel').mockImplementation(function (
    this: Wllama,
    blobs: Parameters<typeof load>[0],
    params?: LoadModelParams,
  ) {
    return load.call(this, blobs, { ...params, ...more });
  });
}

const body: Body = {
  prompt: 'Once',
  max_tokens: 4,
  stop: [],
  seed: 1,
  temperature: 0,
  top_p: 1,
  top_k: 0,
  min_p: 0,
  samplers: ['temperature'],
  logit_bias: [],
  grammar: 'root ::= .*',
};

function complete(native: Native): Promise<End> {
  return native.complete(body, undefined, () => undefined);
}

// The package has two faults built in for its own tests, which come with the first reply.
test.each([
  ['aborts', 'test_stack_trace_abort'],
  ['reads memory that is not there', 'test_stack_trace_oob'],
])(
  'an engine whose WebAssembly %s says so, and rejects what is asked later at once',
  async (_how, fault) => {
    loadedWith({ pooling_type: fault });
    const native = await loadNative(order);
    const calls = vi.spyOn(Wllama.prototype, 'createCompletion');
    const broken = { code: 'engine-failed', message: saying('broke down and must be loaded anew') };
    await expect(complete(native)).rejects.toMatchObject(broken);
    const started = performance.now();
    await expect(complete(native)).rejects.toMatchObject(broken);
    await expect(native.embed('Once')).rejects.toMatchObject(broken);
    await expect(native.countRefused(body)).rejects.toMatchObject(broken);
    expect(performance.now() - started).toBeLessThan(100);
    expect(calls).toHaveBeenCalledTimes(1);
  },
);

test('an engine that breaks down while it is opened is no model', async () => {
  loadedWith({ pooling_type: 'test_stack_trace_abort' });
  const opening = openWllama({ ...order, sha256: 'of the file' });
  await expect(opening).rejects.toMatchObject({ code: 'engine-failed' });
});

test('a cause that lies in the request is told, and the engine goes on', async () => {
  const native = await loadNative(order);
  const before = await complete(native);
  const badGrammar = native.complete(
    { ...body, grammar: 'root ::= (' },
    undefined,
    () => undefined,
  );
  await expect(badGrammar).rejects.toMatchObject({
    code: 'engine-failed',
    message: saying('grammar'),
  });
  const long = native.complete({ ...body, prompt: 'x'.repeat(300) }, undefined, () => undefined);
  await expect(long).rejects.toMatchObject({
    code: 'context-too-small',
    message: saying('context of random.gguf'),
  });
  expect(await complete(native)).toMatchObject({ ...before, reusedTokens: 4 });
  await native.close();
  await expect(complete(native)).rejects.toMatchObject({ message: saying('it was closed') });
});

test('an address with no engine behind it is told within seconds', async () => {
  const started = performance.now();
  const loading = loadNative({ ...order, wasmUrl: new URL('/no-engine.wasm', location.href).href });
  await expect(loading).rejects.toMatchObject({ code: 'model-load-failed' });
  expect(performance.now() - started).toBeLessThan(15_000);
});

test('a context that no memory can hold is told as such', async () => {
  const loading = loadNative({ ...order, contextSize: 20_000_000 });
  await expect(loading).rejects.toMatchObject({
    code: 'out-of-memory',
    message: saying('smaller context'),
  });
});

test('a browser without 64-bit WebAssembly memory is told which has it', async () => {
  vi.spyOn(WebAssembly, 'Memory').mockImplementation(function () {
    throw new TypeError('address must be i32');
  });
  await expect(loadNative(order)).rejects.toMatchObject({
    code: 'model-load-failed',
    message: saying('lacks 64-bit WebAssembly memory. Use a current Chrome, Edge or Firefox.'),
  });
});

test('where the engine leaves the graphics device alone, it is loaded for the processor and says so', async () => {
  const loads = vi.spyOn(Wllama.prototype, 'loadModel');
  const adapter = anAdapter({ features: ['shader-f16'] }) as GPUAdapter;
  vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(adapter);
  const { info } = await openWllama({ ...order, gpu: true, sha256: 'of the file' });
  expect(info).toMatchObject({
    engine: 'wllama 3.8.1',
    notes: ['The graphics device here cannot run it. Runs on one processor thread.'],
  });
  expect(loads.mock.calls.map(([, asked]) => asked?.n_gpu_layers)).toEqual([99_999, 0]);
});

/** The model's file with some letters of its header changed for as many others. */
function changed(from: string, to: string): Blob {
  const [before, letters] = [from, to].map((text) => new TextEncoder().encode(text));
  const at = before
    ? model.findIndex((_, i) => before.every((byte, k) => model[i + k] === byte))
    : -1;
  if (at < 0 || !letters || letters.length !== before?.length) throw new Error(`no ${from}`);
  return new Blob([model.slice(0, at), letters, model.slice(at + letters.length)]);
}

const kind = 'tokenizer.ggml.model';
const string = '\u0008\0\0\0\u0005\0\0\0\0\0\0\0';

test.each([
  ['no vocabulary', changed('ggml.tokens', 'ggml.tokenz'), 'tokenizer-missing', /no vocabulary/],
  [
    'no kind of tokenizer',
    changed(kind, 'tokenizer.ggml.modem'),
    'tokenizer-missing',
    /no tokenizer/,
  ],
  [
    'a tokenizer nobody knows',
    changed(`${kind}${string}llama`, `${kind}${string}alpac`),
    'model-load-failed',
    /tokenizer \(“alpac”\) is newer/,
  ],
] as const)('a file with %s is refused with its reason', async (_what, file, code, reason) => {
  const error: unknown = await openWllama({ ...order, file, sha256: '' }).catch((e: unknown) => e);
  expect(error).toMatchObject({ code, message: saying(reason) });
});
