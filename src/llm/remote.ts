import { proxy, wrap } from 'comlink';
import { DrpoError } from '../core/errors.ts';
import type { Llm, LlmInfo } from '../core/llm.ts';
import { abortError, throwIfAborted } from './abort.ts';
import {
  unsettle,
  type EngineWorker,
  type LoadOrder,
  type Settled,
  type WorkerEvent,
} from './boundary.ts';

/** When a worker that owes an answer is given up: after so many ticks in which it said nothing. */
export interface Patience {
  readonly tickMs: number;
  readonly ticks: number;
}

// Ticks are counted, not time: a laptop that slept misses one tick, not five minutes.
const usualPatience: Patience = { tickMs: 60_000, ticks: 5 };

/**
 * Starts a worker from a module of ours. It starts from a blob that imports the module, as such a worker keeps to the
 * page's content security policy; one started from an address would not.
 */
export function startWorker(moduleUrl: string): Worker {
  const address = new URL(moduleUrl, location.href).href;
  const code = new Blob([`import ${JSON.stringify(address)};`], { type: 'text/javascript' });
  const blobUrl = URL.createObjectURL(code);
  const worker = new Worker(blobUrl, { type: 'module' });
  const forget = (): void => URL.revokeObjectURL(blobUrl);
  worker.addEventListener('message', forget, { once: true });
  return worker;
}

/**
 * The page's end of an engine's worker. Errors come back as what they were; an abort rejects at once, whatever the engine
 * is at. A worker that fails or falls silent is ended, and whatever is asked of it from then on rejects with the reason.
 */
export class Remote {
  readonly #worker: Worker;
  readonly #far: ReturnType<typeof wrap<EngineWorker>>;
  #patience: Patience;
  readonly #onEvent: (event: WorkerEvent) => void;
  readonly #pending = new Set<(error: Error) => void>();
  readonly #texts = new Map<number, (text: string) => void>();
  #asks = 0;
  #silentTicks = 0;
  #clock: ReturnType<typeof setInterval> | undefined;
  #ended: Error | null = null;

  constructor(
    worker: Worker,
    onEvent: (event: WorkerEvent) => void = () => undefined,
    patience: Patience = usualPatience,
  ) {
    this.#worker = worker;
    this.#onEvent = onEvent;
    this.#patience = patience;
    this.#far = wrap<EngineWorker>(worker);
    worker.addEventListener('error', (event) => this.#crashed(event));
    void this.#far.listen(proxy((event: WorkerEvent) => this.#hear(event)));
  }

  /** Loads a model; an abort ends the worker. */
  async load(order: LoadOrder, signal?: AbortSignal): Promise<Llm> {
    const info = await this.#call(
      () => this.#far.load(order),
      signal,
      () => this.end(abortError(signal)),
    );
    return this.#llm(info);
  }

  /** Brings a model's files into this browser; an abort ends the worker, and what has come by then stays. */
  async bring(order: LoadOrder, signal?: AbortSignal): Promise<void> {
    await this.#call(
      () => this.#far.bring(order),
      signal,
      () => this.end(abortError(signal)),
    );
  }

  /** How long it is waited for from now on. */
  wait(patience: Patience): void {
    this.#patience = patience;
    this.#watch();
  }

  /** Ends the worker at once; what is pending, and whatever is asked later, rejects with this error. */
  end(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    clearInterval(this.#clock);
    this.#worker.terminate();
    for (const reject of this.#pending) reject(error);
    this.#pending.clear();
  }

  #llm(info: LlmInfo): Llm {
    return {
      info,
      ask: (request, { signal, onText } = {}) => {
        const id = this.#asks++;
        if (onText) this.#texts.set(id, onText);
        const asked = this.#call(
          () => this.#far.ask(id, request, onText !== undefined),
          signal,
          () => void this.#far.cancel(id),
        );
        return asked.finally(() => this.#texts.delete(id));
      },
    };
  }

  async #call<T>(
    run: () => Promise<Settled<T>>,
    signal: AbortSignal | undefined,
    onAbort: () => void,
  ): Promise<T> {
    throwIfAborted(signal);
    if (this.#ended) throw this.#ended;
    let leave = (): void => undefined;
    const settled = new Promise<Settled<T>>((resolve, reject) => {
      const abort = (): void => {
        reject(abortError(signal));
        onAbort();
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#pending.add(reject);
      this.#watch();
      leave = () => {
        signal?.removeEventListener('abort', abort);
        this.#pending.delete(reject);
        this.#watch();
      };
      run().then(resolve, reject);
    });
    return unsettle(await settled.finally(leave));
  }

  #hear(event: WorkerEvent): void {
    this.#silentTicks = 0;
    if (event.type === 'text') this.#texts.get(event.id)?.(event.text);
    else this.#onEvent(event);
  }

  /** The clock runs while something is owed, and begins anew with every answer. */
  #watch(): void {
    clearInterval(this.#clock);
    this.#silentTicks = 0;
    if (this.#pending.size > 0 && !this.#ended) {
      this.#clock = setInterval(() => this.#tick(), this.#patience.tickMs);
    }
  }

  #tick(): void {
    this.#silentTicks += 1;
    if (this.#silentTicks < this.#patience.ticks) return;
    const minutes = Math.ceil((this.#patience.ticks * this.#patience.tickMs) / 60_000);
    this.end(
      new DrpoError(
        'engine-stalled',
        `The model has said nothing for ${minutes} min and was stopped. Load it again to go on; if it stalls again, take a smaller model.`,
      ),
    );
  }

  #crashed(event: ErrorEvent): void {
    // What is thrown outside a call, while all calls can still be answered, is for the console only.
    if (this.#pending.size === 0) return;
    this.end(
      new DrpoError(
        'engine-failed',
        'The model’s engine could not start or broke down. Reload the page and load the model again.',
        event.message,
      ),
    );
  }
}
