import type { Session } from '../../app/session.svelte.ts';
import type { Example } from '../../core/events.ts';
import { isAbort } from '../../core/errors.ts';
import type { Cut } from '../../core/llm.ts';
import type { Prompt } from '../../core/prompt.ts';
import { nearestExamples } from './outcome.ts';

/** One side of a trial: what the model has written so far. */
export interface TrialAnswer {
  readonly text: string;
  readonly state: 'waiting' | 'writing' | 'done' | 'stopped';
  /** It ran into its token limit. */
  readonly cut: boolean;
  /** What was left out of the request to fit the context. */
  readonly cuts: readonly Cut[];
}

/** The two prompts, and the pool from which the `shown` nearest examples go with the found one. */
export interface TrialSides {
  readonly start: Prompt | null;
  readonly found: Prompt | null;
  readonly examples: readonly Example[];
  readonly shown: number;
}

const waiting: TrialAnswer = { text: '', state: 'waiting', cut: false, cuts: [] };

/** A typed query answered by the starting prompt alone, then by the found prompt with its nearest examples. */
export class Trial {
  query = $state<string | null>(null);
  busy = $state<'loading' | 'answering' | null>(null);
  error = $state.raw<Error | null>(null);
  start = $state.raw<TrialAnswer>(waiting);
  found = $state.raw<TrialAnswer>(waiting);
  readonly #session: Session;
  #abort: AbortController | null = null;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Asks both, one after the other; loads the model first where there is none. A failure is kept in `error`. */
  async ask(query: string, { start, found, examples, shown }: TrialSides) {
    const abort = new AbortController();
    this.#abort = abort;
    this.error = null;
    this.query = query;
    this.start = this.found = waiting;
    try {
      if (!this.#session.canAnswer) {
        this.busy = 'loading';
        await this.#session.loadForTrial();
      }
      this.busy = 'answering';
      await this.#answer('start', start, [], query, abort.signal);
      const nearest = await nearestExamples(examples, shown, query);
      await this.#answer('found', found, nearest, query, abort.signal);
    } catch (thrown) {
      if (!isAbort(thrown))
        this.error = thrown instanceof Error ? thrown : new Error(String(thrown));
      this.#halt('start');
      this.#halt('found');
    } finally {
      this.busy = null;
    }
  }

  stop(): void {
    this.#abort?.abort();
  }

  async #answer(
    side: 'start' | 'found',
    prompt: Prompt | null,
    examples: readonly Example[],
    query: string,
    signal: AbortSignal,
  ) {
    signal.throwIfAborted();
    this[side] = { ...waiting, state: 'writing' };
    const onText = (text: string) => (this[side] = { ...waiting, text, state: 'writing' });
    const reply = await this.#session.tryOut(prompt, examples, query, onText, signal);
    this[side] = { ...reply, state: 'done' };
  }

  #halt(side: 'start' | 'found'): void {
    if (this[side].state !== 'done') this[side] = { ...this[side], state: 'stopped' };
  }
}
