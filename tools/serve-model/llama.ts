import { readGgufWeights, type Gguf } from './gguf-weights.ts';
import { readTokenizer, type Tokenizer } from './tokenizer.ts';

/** A model of the llama architecture, ready to run. */
export interface Llama {
  readonly name: string;
  readonly contextSize: number;
  readonly tokenizer: Tokenizer;
  /** A fresh state that has read nothing. */
  start(): Sequence;
}

/** What a model has read so far. */
export interface Sequence {
  readonly tokens: readonly number[];
  /** Reads one more token. Returns the logits of the next one over the whole vocabulary, which the next call overwrites. */
  read(token: number): Float32Array;
  /** Forgets all but the first `length` tokens. */
  keep(length: number): void;
  /** The hidden state of the last token, after the last norm. */
  readonly hidden: Float32Array;
}

interface Layer {
  readonly attnNorm: Float32Array;
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly attnOutput: Float32Array;
  readonly ffnNorm: Float32Array;
  readonly gate: Float32Array;
  readonly up: Float32Array;
  readonly down: Float32Array;
}

interface Weights {
  readonly dim: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly epsilon: number;
  readonly ropeBase: number;
  readonly embedding: Float32Array;
  readonly layers: readonly Layer[];
  readonly outputNorm: Float32Array;
  readonly output: Float32Array;
}

/**
 * Reads a GGUF file of the llama architecture (F32, F16 or Q8_0; SentencePiece vocabulary; no rope scaling). Everything is computed in
 * 32-bit floats, keys and values too. Throws on what it cannot read.
 */
export function readLlama(bytes: Uint8Array): Llama {
  const gguf = readGgufWeights(bytes);
  if (gguf.text('general.architecture') !== 'llama') {
    throw new Error(`the architecture ${gguf.text('general.architecture')} is not run here`);
  }
  const weights = readWeights(gguf);
  return {
    name: gguf.text('general.name'),
    contextSize: gguf.number('llama.context_length', 512),
    tokenizer: readTokenizer(gguf),
    start: () => new Reading(weights),
  };
}

function readWeights(gguf: Gguf): Weights {
  const heads = gguf.number('llama.attention.head_count', 1);
  const layer = (n: number): Layer => {
    const of = (name: string): Float32Array => gguf.tensor(`blk.${n}.${name}.weight`);
    return {
      attnNorm: of('attn_norm'),
      q: of('attn_q'),
      k: of('attn_k'),
      v: of('attn_v'),
      attnOutput: of('attn_output'),
      ffnNorm: of('ffn_norm'),
      gate: of('ffn_gate'),
      up: of('ffn_up'),
      down: of('ffn_down'),
    };
  };
  const embedding = gguf.tensor('token_embd.weight');
  return {
    dim: gguf.number('llama.embedding_length', 0),
    heads,
    kvHeads: gguf.number('llama.attention.head_count_kv', heads),
    epsilon: gguf.number('llama.attention.layer_norm_rms_epsilon', 1e-5),
    ropeBase: gguf.number('llama.rope.freq_base', 10_000),
    embedding,
    layers: Array.from({ length: gguf.number('llama.block_count', 0) }, (_, n) => layer(n)),
    outputNorm: gguf.tensor('output_norm.weight'),
    // Without a matrix of its own the output shares that of the embedding.
    output: gguf.has('output.weight') ? gguf.tensor('output.weight') : embedding,
  };
}

class Reading implements Sequence {
  readonly #weights: Weights;
  readonly #tokens: number[] = [];
  /** For each layer, the keys and the values of each token. */
  readonly #cache: readonly { readonly keys: Float32Array[]; readonly values: Float32Array[] }[];
  hidden: Float32Array = new Float32Array();

  constructor(weights: Weights) {
    this.#weights = weights;
    this.#cache = weights.layers.map(() => ({ keys: [], values: [] }));
  }

  get tokens(): readonly number[] {
    return this.#tokens;
  }

  keep(length: number): void {
    this.#tokens.length = Math.min(length, this.#tokens.length);
    for (const { keys, values } of this.#cache) {
      keys.length = this.#tokens.length;
      values.length = this.#tokens.length;
    }
  }

  read(token: number): Float32Array {
    const { dim, embedding, layers, epsilon, outputNorm, output } = this.#weights;
    const x = embedding.slice(token * dim, (token + 1) * dim);
    layers.forEach((layer, n) => {
      add(x, multiply(layer.attnOutput, this.#attend(n, norm(x, layer.attnNorm, epsilon))));
      add(x, feedForward(layer, norm(x, layer.ffnNorm, epsilon)));
    });
    this.#tokens.push(token);
    this.hidden = norm(x, outputNorm, epsilon);
    return multiply(output, this.hidden);
  }

  #attend(n: number, x: Float32Array): Float32Array {
    const { dim, heads, kvHeads, ropeBase, layers } = this.#weights;
    const layer = layers[n];
    const cache = this.#cache[n];
    if (!layer || !cache) throw new Error(`there is no layer ${n}`);
    const size = dim / heads;
    const place = this.#tokens.length;
    const query = rotate(multiply(layer.q, x), place, size, ropeBase);
    cache.keys.push(rotate(multiply(layer.k, x), place, size, ropeBase));
    cache.values.push(multiply(layer.v, x));
    const out = new Float32Array(dim);
    for (let head = 0; head < heads; head++) {
      const from = head * size;
      // Several heads share one head of keys and values.
      const shared = Math.floor((head * kvHeads) / heads) * size;
      const scores = cache.keys.map((key) => {
        let dot = 0;
        for (let i = 0; i < size; i++) dot += (query[from + i] ?? 0) * (key[shared + i] ?? 0);
        return dot / Math.sqrt(size);
      });
      softmax(scores).forEach((weight, t) => {
        const value = cache.values[t];
        if (!value) return;
        for (let i = 0; i < size; i++) {
          out[from + i] = (out[from + i] ?? 0) + weight * (value[shared + i] ?? 0);
        }
      });
    }
    return out;
  }
}

/** Rows times a vector. */
function multiply(rows: Float32Array, x: Float32Array): Float32Array {
  const length = x.length;
  const out = new Float32Array(rows.length / length);
  for (let r = 0; r < out.length; r++) {
    const row = r * length;
    let sum = 0;
    for (let i = 0; i < length; i++) sum += (rows[row + i] ?? 0) * (x[i] ?? 0);
    out[r] = sum;
  }
  return out;
}

function add(to: Float32Array, what: Float32Array): void {
  what.forEach((value, i) => (to[i] = (to[i] ?? 0) + value));
}

function norm(x: Float32Array, weight: Float32Array, epsilon: number): Float32Array {
  let squares = 0;
  for (const value of x) squares += value * value;
  const scale = 1 / Math.sqrt(squares / x.length + epsilon);
  return x.map((value, i) => value * scale * (weight[i] ?? 0));
}

function feedForward(layer: Layer, x: Float32Array): Float32Array {
  const up = multiply(layer.up, x);
  const gated = multiply(layer.gate, x).map((g, i) => (g / (1 + Math.exp(-g))) * (up[i] ?? 0));
  return multiply(layer.down, gated);
}

/** Turns neighbouring pairs of each head by angles that grow with the place: how llama.cpp stores this architecture. */
function rotate(x: Float32Array, place: number, size: number, base: number): Float32Array {
  for (let i = 0; i < x.length; i += 2) {
    const angle = place / base ** ((i % size) / size);
    const [a, b] = [x[i] ?? 0, x[i + 1] ?? 0];
    x[i] = a * Math.cos(angle) - b * Math.sin(angle);
    x[i + 1] = a * Math.sin(angle) + b * Math.cos(angle);
  }
  return x;
}

/** Probabilities from scores. */
export function softmax(scores: readonly number[]): number[] {
  const most = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
