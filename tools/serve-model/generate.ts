import { softmax, type Llama, type Sequence } from './llama.ts';

/** How to continue. `alternatives`: of how many most probable tokens the log-probabilities are wanted at each place. */
export interface Wish {
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly alternatives: number;
}

/** Natural logarithms, over the whole vocabulary at temperature 1. */
export interface Logprob {
  readonly token: string;
  readonly bytes: readonly number[];
  readonly logprob: number;
}

/** A token drawn: what can be said of the text by now, and what else could have been drawn. */
export interface Drawn extends Logprob {
  readonly text: string;
  readonly alternatives: readonly Logprob[];
}

export interface End {
  readonly text: string;
  readonly finish: 'stop' | 'length';
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly outputTokens: number;
}

/** States of former requests, so that a shared beginning is read once. */
export class Shelf {
  readonly #llama: Llama;
  readonly #free: Sequence[] = [];
  readonly #most = 8;

  constructor(llama: Llama) {
    this.#llama = llama;
  }

  /** A state nobody else uses, with as much of the prompt read as any has (all but its last token at most). */
  take(prompt: readonly number[]): Sequence {
    const shared = (s: Sequence): number => {
      const differs = prompt.findIndex((token, i) => s.tokens[i] !== token);
      return Math.min(differs < 0 ? prompt.length : differs, prompt.length - 1);
    };
    const best = this.#free.reduce((b, s, i) => {
      const other = this.#free[b];
      return other && shared(other) >= shared(s) ? b : i;
    }, 0);
    const [sequence = this.#llama.start()] = this.#free.splice(best, 1);
    sequence.keep(shared(sequence));
    return sequence;
  }

  give(sequence: Sequence): void {
    this.#free.push(sequence);
    if (this.#free.length > this.#most) this.#free.shift();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Continues a prompt, token by token; the event loop gets its turn in between. The same wish gets the same text, whatever was on the shelf.
 * Ends early, as `length`, once the signal is aborted.
 */
export async function* generate(
  llama: Llama,
  shelf: Shelf,
  prompt: readonly number[],
  wish: Wish,
  signal: AbortSignal,
): AsyncGenerator<Drawn, End> {
  const sequence = shelf.take(prompt);
  const reusedTokens = sequence.tokens.length;
  const gone = (): boolean => signal.aborted;
  let logits: Float32Array = new Float32Array();
  for (const [i, token] of prompt.slice(reusedTokens).entries()) {
    if (gone()) break;
    logits = sequence.read(token);
    if (i % 16 === 15) await turn();
  }
  const uniform = uniforms(wish.seed);
  const text = new Growing(wish.stop);
  let outputTokens = 0;
  const more = (): boolean => outputTokens < wish.maxTokens && !text.ended;
  while (more() && !gone()) {
    const token = draw(logits, wish, uniform);
    outputTokens++;
    if (llama.tokenizer.ends(token)) text.end();
    else text.add(llama.tokenizer.bytes(token));
    yield { ...logprobs(llama, logits, token, wish.alternatives), text: text.sayable };
    await turn();
    if (more()) logits = sequence.read(token);
  }
  shelf.give(sequence);
  const finish = text.ended ? 'stop' : 'length';
  return { text: text.whole, finish, promptTokens: prompt.length, reusedTokens, outputTokens };
}

/** A text that grows by bytes, cut at the first stop. */
class Growing {
  readonly #stop: readonly string[];
  readonly #decoder = new TextDecoder('utf-8');
  whole = '';
  ended = false;

  constructor(stop: readonly string[]) {
    this.#stop = stop.filter((text) => text !== '');
  }

  add(bytes: Uint8Array): void {
    // Half a character waits in the decoder for its other half, and is never said without it.
    this.whole += this.#decoder.decode(bytes, { stream: true });
    const places = this.#stop.map((text) => this.whole.indexOf(text)).filter((at) => at >= 0);
    if (places.length === 0) return;
    this.whole = this.whole.slice(0, Math.min(...places));
    this.ended = true;
  }

  end(): void {
    this.ended = true;
  }

  /** What cannot become part of a stop any more. */
  get sayable(): string {
    if (this.ended) return this.whole;
    const held = this.#stop.map((text) => {
      for (let n = text.length - 1; n > 0; n--) if (this.whole.endsWith(text.slice(0, n))) return n;
      return 0;
    });
    return this.whole.slice(0, this.whole.length - Math.max(0, ...held));
  }
}

function draw(logits: Float32Array, { temperature, topP }: Wish, uniform: () => number): number {
  const order = Array.from(logits.keys()).sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
  if (temperature === 0) return order[0] ?? 0;
  const probabilities = softmax(order.map((id) => (logits[id] ?? 0) / temperature));
  let kept = 0;
  let mass = 0;
  while (kept < order.length && (kept === 0 || mass < topP)) mass += probabilities[kept++] ?? 0;
  let left = uniform() * mass;
  for (let i = 0; i < kept; i++) {
    left -= probabilities[i] ?? 0;
    if (left < 0) return order[i] ?? 0;
  }
  return order[kept - 1] ?? 0;
}

function logprobs(
  { tokenizer }: Llama,
  logits: Float32Array,
  token: number,
  count: number,
): Omit<Drawn, 'text'> {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x - most), 0)) + most;
  const of = (id: number): Logprob => {
    const bytes = tokenizer.bytes(id);
    const text = new TextDecoder().decode(bytes);
    return { token: text, bytes: [...bytes], logprob: (logits[id] ?? 0) - total };
  };
  const ids = count > 0 ? Array.from(logits.keys()) : [];
  const best = ids.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0)).slice(0, count);
  return { ...of(token), alternatives: best.map(of) };
}

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
