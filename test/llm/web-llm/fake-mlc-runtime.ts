import type { MlcEngine } from '../../../src/llm/web-llm/contract.ts';

/**
 * What lies below web-llm's MLCEngine (TVM's runtime, the compiled model and the graphics device), in JavaScript: the tokenizer, templates,
 * chunks, sampling order, grammars, locks, streams and caches above it are web-llm's real ones.
 *
 * The model is a toy, but a faithful one where a prefix cache can go wrong: what a token leaves in the KV cache depends on all
 * tokens before it, and on how many were prefilled with it, as with real kernels. Logits follow from the last of these alone.
 */
export interface ToyModel {
  readonly kind?: 'kv_cache' | 'rnn_state';
  readonly window?: number;
  /** What the runtime's step back does; `true` where it works. */
  readonly popn?: true | 'missing' | 'nothing' | 'one too many' | 'throws';
  /** Whether its sampler adds up some probabilities twice, as one does whose threads race. */
  readonly races?: boolean;
  /** After this text the model says that one, most probably, and then ends. */
  readonly says?: { readonly after: string; readonly text: string };
  /** Hears of each forward pass; what it throws comes out of the runtime. */
  readonly onForward?: (tokens: number) => void;
}

/** One forward pass of the toy, or a step back of its cache. */
export type Step =
  | { readonly type: 'prefill' | 'decode'; readonly at: number; readonly tokens: number }
  | { readonly type: 'pop'; readonly tokens: number }
  | { readonly type: 'clear' };

interface Entry {
  readonly token: number;
  readonly stamp: number;
}

class Tensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly #data: Float32Array | Int32Array;
  #disposed = false;

  constructor(shape: readonly number[], dtype: string, data?: Float32Array | Int32Array) {
    this.shape = shape;
    this.dtype = dtype;
    const size = shape.reduce((a, b) => a * b, 1);
    this.#data = data ?? (dtype === 'int32' ? new Int32Array(size) : new Float32Array(size));
    if (this.#data.length !== size) throw new Error(`${this.#data.length} numbers, not ${size}`);
  }

  get data(): Float32Array | Int32Array {
    if (this.#disposed) throw new Error('Tensor has already been disposed');
    return this.#data;
  }

  copyFrom(from: Tensor | ArrayLike<number>): this {
    this.data.set(from instanceof Tensor ? from.data : from);
    return this;
  }

  view(shape: readonly number[]): Tensor {
    return new Tensor(shape, this.dtype, this.data);
  }

  toArray(): Float32Array | Int32Array {
    return this.data.slice();
  }

  dispose(): void {
    this.#disposed = true;
  }
}

const mix = (hash: number, value: number): number => {
  const h = Math.imul(hash ^ value, 0x9e3779b1);
  return (h ^ (h >>> 15)) >>> 0;
};

/** The KV cache of one sequence. */
class Cache {
  entries: Entry[] = [];
  #announced = 0;

  begin(tokens: number): void {
    this.#announced = tokens;
  }

  append(tokens: ArrayLike<number>, room: number): void {
    if (tokens.length !== this.#announced) throw new Error('another length than announced');
    for (const token of Array.from(tokens)) {
      const before = this.entries.at(-1)?.stamp ?? 7;
      this.entries.push({ token, stamp: mix(mix(before, tokens.length), token + 1) });
    }
    if (this.entries.length > room) throw new Error(`the cache has no room for more than ${room}`);
  }

  end(): void {
    this.#announced = 0;
  }

  dispose(): void {
    this.entries = [];
  }
}

type PackedFunction = ((...args: never[]) => unknown) & { dispose: () => void };

function packed(f: (...args: never[]) => unknown): PackedFunction {
  return Object.assign(f, { dispose: () => undefined });
}

/** A turn of the event loop: messages and timers get theirs. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Stands for TVM's Instance with its virtual machine, and for one model in it. */
class Runtime {
  readonly steps: Step[] = [];
  readonly lib: { webGPUContext?: { device: unknown } } = {};
  readonly cache = new Cache();
  readonly #toy: ToyModel;
  readonly #parts: RealParts;
  readonly #script: { after: readonly number[]; text: readonly number[] } | undefined;
  #contextSize = 0;
  #random = 1;

  constructor(toy: ToyModel, parts: RealParts) {
    this.#toy = toy;
    this.#parts = parts;
    const encode = (text: string) => [...new TextEncoder().encode(text)];
    this.#script = toy.says && { after: encode(toy.says.after), text: encode(toy.says.text) };
  }

  beginScope(): void {}
  endScope(): void {}
  detachFromCurrentScope<T>(value: T): T {
    return value;
  }
  attachToCurrentScope<T>(value: T): T {
    return value;
  }
  registerInitProgressCallback(): void {}
  asyncLoadWebGPUPipelines(): Promise<void> {
    return Promise.resolve();
  }
  dispose(): void {}
  getParamsFromCacheByName(): { dispose: () => void } {
    return { dispose: () => undefined };
  }
  initWebGPU(device: unknown): void {
    this.lib.webGPUContext = { device };
  }
  webgpu(): { sync: () => Promise<void> } {
    return { sync: turn };
  }
  cpu(): string {
    return 'cpu';
  }
  scalar(value: number, dtype: string): { value: number } {
    return new this.#parts.tvmjs.Scalar(value, dtype);
  }
  makeShapeTuple(shape: readonly number[]): readonly number[] {
    return shape;
  }
  empty(shape: readonly number[], dtype: string): Tensor {
    return new Tensor(shape, dtype);
  }
  setSeed(seed: number): void {
    this.#random = seed % 2147483647 || 1;
  }
  uniform(): Tensor {
    this.#random = (this.#random * 48271) % 2147483647;
    return new Tensor([1], 'float32', Float32Array.of(this.#random / 2147483647));
  }

  /** As the real one reads weights: from web-llm's own cache, and from the net only what is not there. */
  async fetchTensorCache(
    address: string,
    _: unknown,
    options: { cacheScope: string },
  ): Promise<void> {
    const cache = this.#parts.tvmjs.createArtifactCache(options.cacheScope);
    const list = await cache.fetchWithCache(`${address}tensor-cache.json`, 'json');
    for (const { dataPath } of (list as { records: { dataPath: string }[] }).records) {
      await cache.fetchWithCache(`${address}${dataPath}`, 'arraybuffer');
    }
  }

  createVirtualMachine(): object {
    return {
      getFunction: (name: string) => this.#compiled(name),
      getInternalModule: () => ({}),
      dispose: () => undefined,
    };
  }

  getGlobalFunc(name: string): PackedFunction {
    const known: Readonly<Record<string, (...args: never[]) => unknown>> = {
      kv_state_clear: () => {
        this.cache.entries = [];
        this.steps.push({ type: 'clear' });
      },
      kv_state_add_sequence: () => undefined,
      kv_state_remove_sequence: () => undefined,
      kv_state_begin_forward: (cache: Cache, _: unknown, [tokens]: readonly [number]) =>
        cache.begin(tokens),
      kv_state_end_forward: (cache: Cache) => cache.end(),
      attention_kv_cache_enable_sliding_window_for_seq: () => undefined,
      ...(this.#toy.popn !== 'missing' && {
        kv_state_popn: (cache: Cache, _: unknown, { value }: { value: number }) =>
          this.#pop(cache, value),
      }),
    };
    const found = known[name.replace('vm.builtin.', '')];
    if (!found) throw new Error(`Cannot find global function ${name}`);
    return packed(found);
  }

  #pop(cache: Cache, count: number): void {
    this.steps.push({ type: 'pop', tokens: count });
    if (this.#toy.popn === 'throws') throw new Error('TVMError: n <= available_history_num');
    if (this.#toy.popn === 'nothing') return;
    const more = this.#toy.popn === 'one too many' ? 1 : 0;
    cache.entries = cache.entries.slice(0, -(count + more));
  }

  #compiled(name: string): PackedFunction {
    const rnn = this.#toy.kind === 'rnn_state';
    const functions: Readonly<Record<string, (...args: never[]) => unknown>> = {
      _metadata: () => ({ toString: () => JSON.stringify(this.#metadata()) }),
      embed: (ids: Tensor) =>
        new Tensor([ids.shape[0] ?? 0, 1], 'int32', Int32Array.from(ids.data)),
      prefill: (embedded: Tensor, cache: Cache) => this.#forward('prefill', embedded, cache),
      decode: (embedded: Tensor, cache: Cache) => this.#forward('decode', embedded, cache),
      [rnn ? 'create_rnn_state' : 'create_tir_paged_kv_cache']: (
        _: unknown,
        [size]: readonly [number],
      ) => {
        this.#contextSize = rnn ? Infinity : size;
        return this.cache;
      },
      softmax_with_temperature: softmaxWithTemperature,
      argsort_probs: argsort,
      sample_with_top_p: this.#toy.races ? racing : sampleWithTopP,
      apply_bitmask_inplace: applyBitmask,
      apply_logit_bias_inplace: applyLogitBias,
      apply_penalty_inplace: () => {
        throw new Error('no request of ours has a penalty');
      },
    };
    const found = functions[name];
    if (!found) throw new Error(`Cannot find function ${name} in the module`);
    return packed(found);
  }

  #metadata(): object {
    return { params: [], prefill_chunk_size: 1024, kv_state_kind: this.#toy.kind ?? 'kv_cache' };
  }

  #forward(type: 'prefill' | 'decode', embedded: Tensor, cache: Cache): object {
    const tokens = embedded.data;
    this.#toy.onForward?.(tokens.length);
    this.steps.push({ type, at: cache.entries.length, tokens: tokens.length });
    cache.append(tokens, this.#contextSize);
    const logits = this.#logits(cache.entries);
    return { get: () => new Tensor([1, 1, logits.length], 'float32', logits) };
  }

  #logits(entries: readonly Entry[]): Float32Array {
    const next = this.#scripted(entries.map(({ token }) => token));
    return toyLogits(entries.at(-1)?.stamp ?? 0, next);
  }

  /** The token that the script has next; null where it has nothing to say. */
  #scripted(tokens: readonly number[]): number | null {
    if (!this.#script) return null;
    const { after, text } = this.#script;
    const held = tokens.map((token) => byteOf[token] ?? -1);
    for (let said = 0; said <= text.length; said++) {
      const wanted = [...after, ...text.slice(0, said)];
      const end = held.slice(-wanted.length);
      if (!wanted.every((byte, i) => end[i] === byte)) continue;
      const byte = text[said];
      return byte === undefined ? endToken : (tokenOf[byte] ?? null);
    }
    return null;
  }
}

/** Of a stamp: printable ASCII may come, digits and spaces most of all; everything else practically never. */
function toyLogits(stamp: number, scripted: number | null): Float32Array {
  return Float32Array.from({ length: vocabularySize }, (_, id) => {
    if (scripted !== null) return id === scripted ? 40 : 0;
    const byte = byteOf[id] ?? 0;
    if (byte < 32 || byte > 126) return -20;
    const chance = (mix(stamp, id + 77) + 1) / (2 ** 32 + 1);
    const liked = byte >= 48 && byte <= 57 ? 2 : 0;
    return liked + 1.7 * Math.log(chance / (1 - chance));
  });
}

function softmaxWithTemperature(logits: Tensor, temperatures: Tensor): Tensor {
  const temperature = temperatures.data[0] ?? 1;
  const numbers = Array.from(logits.data);
  const most = Math.max(...numbers);
  const raised = numbers.map((x) => Math.exp((x - most) / temperature));
  const total = raised.reduce((a, b) => a + b, 0);
  return new Tensor(
    logits.shape,
    'float32',
    Float32Array.from(raised, (x) => x / total),
  );
}

function argsort(probabilities: Tensor): object {
  const { data, shape } = probabilities;
  const order = Int32Array.from(data.keys()).sort((a, b) => (data[b] ?? 0) - (data[a] ?? 0));
  const sorted = new Tensor(
    shape,
    'float32',
    Float32Array.from(order, (id) => data[id] ?? 0),
  );
  return { get: (place: number) => (place === 0 ? sorted : new Tensor(shape, 'int32', order)) };
}

function sampleWithTopP(
  sorted: Tensor,
  ids: Tensor,
  uniform: Tensor,
  _: Tensor,
  topP: Tensor,
): Tensor {
  const mass = sorted.data;
  let kept = 0;
  let count = 0;
  while (count < mass.length && kept < (topP.data[0] ?? 1)) kept += mass[count++] ?? 0;
  let left = (uniform.data[0] ?? 0) * kept;
  let place = 0;
  while (place < count - 1 && left >= (mass[place] ?? 0)) left -= mass[place++] ?? 0;
  return new Tensor([1], 'int32', Int32Array.of(ids.data[place] ?? -1));
}

/** web-llm's own rules for a sampler, over sums of which every other group of four has all that came before it twice. */
function racing(...[sorted, ids, uniform, , topP]: Parameters<typeof sampleWithTopP>): Tensor {
  let sum = 0;
  const sums = Array.from(sorted.data, (mass) => (sum += mass));
  const seen = sums.map((own, rank) => {
    const group = rank - (rank % 4);
    return group % 8 === 4 ? own + (sums[group - 1] ?? 0) : own;
  });
  const at = (rank: number): number => seen[rank] ?? Infinity;
  const limit = topP.data[0] ?? 1;
  const crossing = seen.findLastIndex((own, rank) => own < limit && at(rank + 1) >= limit);
  const whole = at(0) >= limit ? at(0) : at(crossing + 1);
  const chance = uniform.data[0] ?? 0;
  const drawn = seen.findLastIndex((own, rank) => {
    const below = rank === 0 ? -1 : at(rank - 1) / whole;
    return chance < own / whole && chance >= below;
  });
  return new Tensor([1], 'int32', Int32Array.of(ids.data[Math.max(0, drawn)] ?? -1));
}

function applyBitmask(logits: Tensor, _: Tensor, mask: Tensor): void {
  logits.data.forEach((_logit, id) => {
    const word = mask.data[id >> 5] ?? 0;
    if (((word >> (id & 31)) & 1) === 0) logits.data[id] = -Infinity;
  });
}

function applyLogitBias(logits: Tensor, _: Tensor, ids: Tensor, bias: Tensor): void {
  ids.data.forEach((id, i) => {
    logits.data[id] = (logits.data[id] ?? 0) + (bias.data[i] ?? 0);
  });
}

/** How byte-level BPE spells bytes. */
const bytes = Array.from({ length: 256 }, (_, byte) => byte);
const spelt = (() => {
  const itself = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return bytes.map((byte) => String.fromCharCode(itself(byte) ? byte : next++));
})();

// Ids in another order than bytes, with the special tokens first, and rows that no token has, as real models have them.
const specials = ['<|end|>', '<|turn|>', '<s>'] as const;
const endToken = 0;
const tokenOf = bytes.map((byte) => specials.length + ((byte * 77 + 5) % 256));
const byteOf: Readonly<Record<number, number>> = Object.fromEntries(
  tokenOf.map((token, byte) => [token, byte]),
);
const vocabularySize = specials.length + 256 + 13;

const tokenizerFile = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: specials.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: null,
  pre_tokenizer: {
    type: 'ByteLevel',
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: true,
  },
  post_processor: null,
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    vocab: Object.fromEntries<number | undefined>([
      ...specials.map((content, id) => [content, id] as const),
      ...spelt.map((letter, byte) => [letter, tokenOf[byte]] as const),
    ]),
    merges: [],
  },
};

const chatConfig = {
  model_type: 'toy',
  quantization: 'q0f32',
  vocab_size: vocabularySize,
  prefill_chunk_size: 1024,
  attention_sink_size: 0,
  tokenizer_files: ['tokenizer.json'],
  tokenizer_info: { token_postproc_method: 'byte_level', prepend_space_in_encode: false },
  temperature: 0.7,
  top_p: 0.8,
  // A model's own wish, which no request of ours may obey.
  repetition_penalty: 1.3,
  conv_template: {
    name: 'toy',
    system_template: '<|turn|>system\n{system_message}<|end|>\n',
    system_message: 'The template’s own system message.',
    roles: { user: '<|turn|>user', assistant: '<|turn|>assistant', tool: '<|turn|>tool' },
    role_templates: {
      user: '{user_message}',
      assistant: '{assistant_message}',
      tool: '{tool_message}',
    },
    messages: [],
    seps: ['<|end|>\n'],
    role_content_sep: '\n',
    role_empty_sep: '\n',
    stop_str: [],
    stop_token_ids: [endToken],
    function_string: '',
    use_function_calling: false,
  },
};

interface ArtifactCache {
  fetchWithCache(url: string, type: string): Promise<unknown>;
}

interface RealParts {
  readonly MLCEngine: new (config: object) => MlcEngine;
  readonly tvmjs: {
    instantiate: unknown;
    detectGPUDevice: unknown;
    readonly Scalar: new (value: number, dtype: string) => { value: number };
    createArtifactCache(scope: string): ArtifactCache;
  };
}

let parts: Promise<RealParts> | null = null;

/** web-llm's own bundle, not a line of it changed; one is added, which exports the runtime module that it uses. */
async function realParts(): Promise<RealParts> {
  const { default: bundle } =
    await import('../../../node_modules/@mlc-ai/web-llm/lib/index.js?raw');
  const code = new Blob([bundle, '\nexport { libExports$2 as tvmjs };'], {
    type: 'text/javascript',
  });
  const url = URL.createObjectURL(code);
  try {
    const real = (await import(/* @vite-ignore */ url)) as RealParts;
    putInPlace(real);
    return real;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** web-llm's real engine over a toy, with its files where it looks for them. */
export interface ToyEngine {
  readonly engine: MlcEngine;
  /** What the runtime was made to do, newest last. */
  readonly steps: Step[];
  /** The toy's logits after the tokens that its cache holds now. */
  readonly logitsNow: () => Float32Array;
  /** Those tokens, as text. */
  readonly textNow: () => string;
  /** Takes the graphics device away. */
  readonly loseDevice: () => void;
}

interface Toy {
  readonly runtime: Runtime;
  readonly device: object;
}

/** Told apart by the bytes of their libraries: several may be loading at once. */
const toys: Toy[] = [];

/** Puts the toys in place of what starts a compiled model and what finds a graphics device. */
function putInPlace({ tvmjs }: RealParts): void {
  const devices: object[] = [];
  tvmjs.instantiate = (library: ArrayBuffer) => {
    const toy = toys[new Int32Array(library)[0] ?? -1];
    if (!toy) throw new Error('no such toy');
    devices.push(toy.device);
    return Promise.resolve(toy.runtime);
  };
  // Asked for right after each start, in the same order.
  tvmjs.detectGPUDevice = () =>
    Promise.resolve({
      device: devices.shift(),
      adapterInfo: { description: '', vendor: 'toy' },
    });
}

/** An engine that knows the toy by this id, not loaded yet. */
export async function toyEngine(id: string, toy: ToyModel = {}): Promise<ToyEngine> {
  parts ??= realParts();
  const real = await parts;
  const runtime = new Runtime(toy, real);
  let lose = (): void => undefined;
  const lost = new Promise((resolve) => {
    lose = () => resolve({ reason: 'unknown', message: 'the driver went away' });
  });
  const number = toys.push({ runtime, device: { features: new Set(), limits: {}, lost } }) - 1;
  const place = `https://toy.invalid/${number}/resolve/main/`;
  const libraryUrl = `https://toy.invalid/${number}.wasm`;
  await storeFiles(toy, place, libraryUrl, number);
  const engine = new real.MLCEngine({
    appConfig: { model_list: [{ model: place, model_id: id, model_lib: libraryUrl }] },
    logLevel: 'SILENT',
  });
  const { steps, cache } = runtime;
  return {
    engine,
    steps,
    logitsNow: () => toyLogits(cache.entries.at(-1)?.stamp ?? 0, null),
    textNow: () => {
      const written = ({ token }: Entry) =>
        specials[token] ?? String.fromCharCode(byteOf[token] ?? 0);
      return cache.entries.map(written).join('');
    },
    loseDevice: lose,
  };
}

async function storeFiles(
  { window = -1 }: ToyModel,
  place: string,
  libraryUrl: string,
  number: number,
): Promise<void> {
  const json = (value: object): Response => new Response(JSON.stringify(value));
  const config = { ...chatConfig, sliding_window_size: window };
  const put = async (cache: string, url: string, file: Response): Promise<void> =>
    (await caches.open(cache)).put(url, file);
  await put('webllm/config', `${place}mlc-chat-config.json`, json(config));
  await put('webllm/wasm', libraryUrl, new Response(Int32Array.of(number)));
  await put('webllm/model', `${place}tensor-cache.json`, json({ metadata: {}, records: [] }));
  await put('webllm/model', `${place}tokenizer.json`, json(tokenizerFile));
}

/** The id of the toy's only token for this character of ASCII. */
export function toyToken(character: string): number {
  return tokenOf[character.charCodeAt(0)] ?? -1;
}
