import { DrpoError } from '../core/errors.ts';
import type { Speed } from '../core/estimate.ts';
import type { Content, Llm, LlmRequest, Part, Usage } from '../core/llm.ts';
import { throwIfAborted } from './abort.ts';

/**
 * How long may be measured, in milliseconds: requests grow while they are likely to end within `usualMs` of the beginning,
 * and none is waited for past `mostMs`.
 */
export interface MeasureTime {
  readonly usualMs: number;
  readonly mostMs: number;
}

const usualTime: MeasureTime = { usualMs: 5000, mostMs: 20_000 };

// A search's own requests have some 400 tokens: what an engine pays once for each is then in the figure as it will be there.
const enoughRead = 350;
const enoughWritten = 64;

/**
 * How fast a model reads and writes, measured for some five seconds: prompts it has not seen, then continuations of one it
 * remembers, each larger than the last until it is as large as those of a search or the time is up. A quick model is done
 * in less. An estimate: on a warm page it is good to a fifth or so. Rejects with `engine-stalled` where the shortest request
 * does not end within 20 seconds, and as the port does.
 */
export async function measureSpeed(
  llm: Llm,
  signal?: AbortSignal,
  time: MeasureTime = usualTime,
): Promise<Speed> {
  const trial = new Trial(llm, signal, time);
  const prefillPerSecond = await measurePrefill(trial);
  return { prefillPerSecond, decodePerSecond: await measureDecode(trial, prefillPerSecond) };
}

async function measurePrefill(trial: Trial): Promise<number> {
  let read = 0;
  let perSecond: number | null = null;
  for (let sentences = 1; ; sentences *= 4) {
    const usage = await trial.ask(unseen(sentences), 1);
    if (!usage) return perSecond ?? trial.giveUp();
    const tokens = usage.promptTokens - usage.reusedTokens;
    // In a small context more sentences are cut again.
    if (perSecond !== null && tokens <= read) return perSecond;
    read = tokens;
    perSecond = rate(tokens, usage.elapsedMs);
    if (tokens >= enoughRead || !trial.hasTimeFor(4 * usage.elapsedMs)) return perSecond;
  }
}

async function measureDecode(trial: Trial, prefillPerSecond: number): Promise<number> {
  const prompt = [{ text: 'One, two, three, four, five, six, seven, eight, nine, ten, eleven,' }];
  let perSecond: number | null = null;
  for (let tokens = 4; ; tokens *= 4) {
    const usage = await trial.ask(prompt, tokens);
    if (!usage) return perSecond ?? trial.giveUp();
    const readMs = (1000 * (usage.promptTokens - usage.reusedTokens)) / prefillPerSecond;
    // What it read is taken off, as far as that is known: measured rates may add up to more than all the time there was.
    const wroteMs = Math.max(usage.elapsedMs - readMs, usage.elapsedMs / 5);
    perSecond = rate(usage.outputTokens, wroteMs);
    const saidAll = usage.outputTokens < tokens;
    if (saidAll || tokens >= enoughWritten || !trial.hasTimeFor(4 * usage.elapsedMs)) {
      return perSecond;
    }
  }
}

/** Never 0 or without end: browsers round time, and an engine may count no token. */
function rate(tokens: number, elapsedMs: number): number {
  return (1000 * Math.max(1, tokens)) / Math.max(1, elapsedMs);
}

/** A prompt that no cache knows, as its beginning is new. It gives way in a small context. */
function unseen(sentences: number): readonly Part[] {
  const sentence = 'A person asks a question and the model answers it as well as it can. ';
  const drop = { order: 1, how: 'middle', what: 'filler' } as const;
  return [{ text: `${crypto.randomUUID()} ` }, { text: sentence.repeat(sentences), drop }];
}

/** Requests of one measurement, and the time they have. */
class Trial {
  readonly #llm: Llm;
  readonly #signal: AbortSignal | undefined;
  readonly #time: MeasureTime;
  readonly #begun = performance.now();

  constructor(llm: Llm, signal: AbortSignal | undefined, time: MeasureTime) {
    this.#llm = llm;
    this.#signal = signal;
    this.#time = time;
  }

  hasTimeFor(ms: number): boolean {
    return this.#spentMs() + ms <= this.#time.usualMs;
  }

  /** Null once the time is up: the request is given up then. */
  async ask(parts: readonly Part[], maxTokens: number): Promise<Usage | null> {
    const timeUp = AbortSignal.timeout(Math.max(0, this.#time.mostMs - this.#spentMs()));
    const signal = this.#signal ? AbortSignal.any([this.#signal, timeUp]) : timeUp;
    try {
      const reply = await this.#llm.ask(requestTo(this.#llm, parts, maxTokens), { signal });
      return reply.usage;
    } catch (error) {
      throwIfAborted(this.#signal);
      if (timeUp.aborted) return null;
      throw error;
    }
  }

  giveUp(): never {
    const seconds = Math.round(this.#time.mostMs / 1000);
    throw new DrpoError(
      'engine-stalled',
      `${this.#llm.info.name} did not get through a few words in ${seconds} seconds: a search with it would take days here. Take a smaller model, or close what else is busy and measure again.`,
    );
  }

  #spentMs(): number {
    return performance.now() - this.#begun;
  }
}

function requestTo({ info }: Llm, parts: readonly Part[], maxTokens: number): LlmRequest {
  const { engine, id, revision, contextSize, form } = info;
  const content: Content =
    form === 'text'
      ? { type: 'text', parts }
      : { type: 'chat', messages: [{ role: 'user', parts }] };
  return {
    role: 'base',
    purpose: 'answer',
    model: { engine, id, revision, contextSize },
    content,
    output: { type: 'text', maxTokens, stop: [] },
    sampling: { temperature: 0, topP: 1, seed: 1_234_567 },
  };
}
