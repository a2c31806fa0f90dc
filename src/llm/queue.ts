import { abortError } from './abort.ts';

/**
 * Runs jobs one at a time, in the order they came. A job whose signal is aborted while it waits rejects at once and never
 * starts; one that has started sees to its signal itself. A failed job does not disturb the next.
 */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(job: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = (): void => reject(abortError(signal));
      if (signal?.aborted) {
        leave();
        return;
      }
      signal?.addEventListener('abort', leave, { once: true });
      const turn = async (): Promise<void> => {
        if (signal?.aborted) return;
        signal?.removeEventListener('abort', leave);
        await job().then(resolve, reject);
      };
      this.#last = this.#last.then(turn);
    });
  }
}
