import type { LogitHost, MlcTokenizer } from './contract.ts';

/** What a request returned, and the logits of the first token it was to draw; null if the engine never showed them. */
export interface Read<T> {
  readonly value: T;
  readonly logits: Float32Array | null;
}

// Far above whatever zero leaves to the others.
const certain = 100;

/**
 * The logits of the next token as the model gives them, before any mask, bias, penalty or temperature. In place of them the
 * engine draws from logits that leave it `drawn` alone, so that its sampler cannot fail on what the model said, nor end the text with
 * a token that does.
 */
export async function readLogits<T>(
  host: LogitHost,
  drawn: number,
  request: () => Promise<T>,
): Promise<Read<T>> {
  let logits: Float32Array | null = null;
  const read = (raw: Float32Array): Float32Array => {
    logits ??= raw.slice();
    return only(drawn, raw.length);
  };
  const value = await withProcessor(host, read, request);
  return { value, logits };
}

/** Logits that leave nothing to draw but this token. */
export function only(token: number, vocabularySize: number): Float32Array {
  const logits = new Float32Array(vocabularySize);
  logits[token] = certain;
  return logits;
}

/**
 * Runs a request with `process` between the model and the sampling of each token. It is there for this request only: it costs a
 * copy of the whole vocabulary for each token.
 */
export async function withProcessor<T>(
  host: LogitHost,
  process: (logits: Float32Array) => Float32Array,
  request: () => Promise<T>,
  onToken: (token: number) => void = () => undefined,
): Promise<T> {
  host.logitProcessor = {
    processLogits: process,
    processSampledToken: onToken,
    resetState: () => undefined,
  };
  try {
    return await request();
  } finally {
    host.logitProcessor = undefined;
  }
}

/** The probabilities of all tokens; null if the logits are no numbers. */
export function softmax(logits: Float32Array): Float64Array | null {
  const total = logSumExp(logits);
  return Number.isFinite(total) ? Float64Array.from(logits, (x) => Math.exp(x - total)) : null;
}

/** Probabilities of the choices, renormalised over them, and the share of all other tokens. */
export interface Chosen {
  readonly probabilities: readonly number[];
  readonly lostMass: number;
}

/** From the logits of a whole vocabulary; each choice may be written by several tokens. Null if the logits are no numbers. */
export function chosenFrom(
  logits: Float32Array,
  ids: readonly (readonly number[])[],
): Chosen | null {
  const masses = ids.map((own) => logSumExp(own.map((id) => logits[id] ?? -Infinity)));
  const all = logSumExp(logits);
  const kept = logSumExp(masses);
  if (!Number.isFinite(all) || !Number.isFinite(kept)) return null;
  return {
    probabilities: masses.map((mass) => Math.exp(mass - kept)),
    lostMass: Math.max(0, -Math.expm1(kept - all)),
  };
}

/** In float64, from the largest down: what a GPU rounds to nothing is still told apart. Not finite if any of them is no number. */
function logSumExp(values: ArrayLike<number>): number {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i] ?? NaN);
  if (!Number.isFinite(most)) return most;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp((values[i] ?? NaN) - most);
  return most + Math.log(sum);
}

/**
 * For each choice the ids of all tokens that write it: its own, and twins such as a byte token. Null if the tokenizer writes one of
 * them as several tokens. Reads the whole vocabulary when it meets a new choice, which takes some
 * tenths of a second.
 */
export class ChoiceTokens {
  readonly #tokenizer: MlcTokenizer;
  readonly #known = new Map<string, readonly number[] | null>();

  constructor(tokenizer: MlcTokenizer) {
    this.#tokenizer = tokenizer;
  }

  of(choices: readonly string[]): readonly (readonly number[])[] | null {
    const unknown = choices.filter((choice) => !this.#known.has(choice));
    if (unknown.length > 0) this.#learn(unknown);
    const ids = choices.flatMap((choice) => {
      const own = this.#known.get(choice);
      return own ? [own] : [];
    });
    return ids.length === choices.length ? ids : null;
  }

  #learn(choices: readonly string[]): void {
    const found = new Map<string, Set<number>>();
    for (const choice of choices) {
      const own = singleToken(this.#tokenizer, choice);
      if (own === null) this.#known.set(choice, null);
      else found.set(choice, new Set([own]));
    }
    if (found.size === 0) return;
    const before = this.#tokenizer.encode(lead);
    const leadLength = this.#tokenizer.decode(before).length;
    const size = this.#tokenizer.getVocabSize();
    const longest = Math.max(...[...found.keys()].map(byteLength));
    for (let id = 0; id < size; id++) {
      if (!mayWrite(this.#tokenizer.idToToken(id), longest)) continue;
      const written = this.#tokenizer.decode(Int32Array.of(...before, id));
      found.get(written.slice(leadLength))?.add(id);
    }
    for (const [choice, ids] of found) this.#known.set(choice, [...ids]);
  }
}

/**
 * Whether a token of this spelling may write so many bytes of text or less. Decoding tells for certain, but is the slow part. Spellings
 * have a letter for each byte or character and at most a mark for a space more, but for single bytes such as `<0x35>`.
 */
function mayWrite(spelling: string, bytes: number): boolean {
  return spelling.length <= bytes + 1 || /^<0x[0-9A-F]{2}>$/.test(spelling);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

// After a line break no tokenizer adds a space of its own, nor takes one away.
const lead = '\n';

/** The token that writes this text alone; null if it takes several. */
function singleToken(tokenizer: MlcTokenizer, text: string): number | null {
  const before = tokenizer.encode(lead).length;
  const own = tokenizer.encode(`${lead}${text}`).slice(before);
  return own.length === 1 ? (own[0] ?? null) : null;
}
