import { DrpoError } from '../core/errors.ts';
import type { Speed } from '../core/estimate.ts';
import type { AskOptions, LlmInfo, LlmReply, LlmRequest } from '../core/llm.ts';
import { throwIfAborted } from './abort.ts';
import { isMendable } from './mendable.ts';
import type { OpenModel } from './open.ts';

/** One request may bring the engine down so many times and is asked again each time. */
const mostRevivals = 2;

export interface SuperviseOptions {
  /** Loads the same model again, from what this browser keeps. */
  readonly reopen: (signal?: AbortSignal) => Promise<OpenModel>;
  /** Hears of every engine that failed and is loaded anew. */
  readonly onRevive?: (error: DrpoError) => void;
}

/**
 * A model whose engine is replaced when it fails: a lost device, an abort of its WebAssembly, a worker that hangs. The worker is ended, a new
 * one loads, and the request is asked again, twice at most; then its error goes to whoever asked. Equal requests still
 * get equal replies, as the new engine is the same: another one rejects with `model-changed`.
 */
export function supervised(first: OpenModel, options: SuperviseOptions): OpenModel {
  return new Supervised(first, options);
}

class Supervised implements OpenModel {
  readonly llm: OpenModel['llm'];
  readonly #options: SuperviseOptions;
  #model: OpenModel | null;
  #reopening: Promise<OpenModel> | null = null;
  #closed = false;
  #speed: Speed | null = null;

  constructor(first: OpenModel, options: SuperviseOptions) {
    this.#model = first;
    this.#options = options;
    const { info } = first.llm;
    this.llm = { info, ask: (request, askOptions = {}) => this.#ask(request, askOptions) };
  }

  async measure(signal?: AbortSignal): Promise<Speed> {
    return (await this.#living(signal)).measure(signal);
  }

  async selfTest(signal?: AbortSignal): ReturnType<OpenModel['selfTest']> {
    return (await this.#living(signal)).selfTest(signal);
  }

  paceTo(speed: Speed): void {
    this.#speed = speed;
    this.#model?.paceTo(speed);
  }

  close(): void {
    this.#closed = true;
    this.#model?.close();
  }

  async #ask(request: LlmRequest, options: AskOptions): Promise<LlmReply> {
    for (let revivals = 0; ; revivals++) {
      const model = await this.#living(options.signal);
      try {
        return await model.llm.ask(request, options);
      } catch (error) {
        if (this.#closed || !isMendable(error)) throw error;
        this.#bury(model, error, revivals < mostRevivals);
        if (revivals === mostRevivals) throw error;
      }
    }
  }

  /** Ends a failed engine. Several requests may see the same one fail: the first of them buries it. */
  #bury(failed: OpenModel, error: DrpoError, again: boolean): void {
    if (this.#model !== failed) return;
    this.#model = null;
    failed.close();
    if (again) this.#options.onRevive?.(error);
  }

  async #living(signal?: AbortSignal): Promise<OpenModel> {
    throwIfAborted(signal);
    if (this.#model) return this.#model;
    this.#reopening ??= this.#reopen(signal).finally(() => {
      this.#reopening = null;
    });
    return this.#reopening;
  }

  async #reopen(signal?: AbortSignal): Promise<OpenModel> {
    const model = await this.#options.reopen(signal);
    if (this.#closed || !isSame(model.llm.info, this.llm.info)) {
      model.close();
      throw new DrpoError(
        this.#closed ? 'model-missing' : 'model-changed',
        this.#closed
          ? `${this.llm.info.name} was closed. Load it again to go on.`
          : `${this.llm.info.name} is not what it was before its engine failed: its files or its engine have changed. Start a new run with it.`,
      );
    }
    if (this.#speed) model.paceTo(this.#speed);
    this.#model = model;
    return model;
  }
}

function isSame(now: LlmInfo, before: LlmInfo): boolean {
  return (
    now.engine === before.engine &&
    now.revision === before.revision &&
    now.contextSize === before.contextSize
  );
}
