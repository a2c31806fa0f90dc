import { abortError, throwIfAborted } from './abort.ts';

/**
 * Runs jobs `atOnce` at a time (one if not given), in the order they came. A job whose signal is aborted while it waits rejects at once
 * and never starts; one that has started sees to its signal itself. A failed job does not disturb the next.
 */
export class Queue {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(atOnce = 1) {
    this.#free = atOnce;
  }

  async run<T>(job: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal);
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
    try {
      return await job();
    } finally {
      this.#leave();
    }
  }

  #turn(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.delete(take);
        reject(abortError(signal));
      };
      this.#waiting.add(take);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** The place goes from hand to hand: nobody who comes just now takes it from those who wait. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next) {
      this.#waiting.delete(next);
      next();
    } else {
      this.#free += 1;
    }
  }
}
