import { isAbort } from '../../core/errors.ts';

/** What went wrong at one spot of the page, shown there by a Notice until the next try. */
export class Problem {
  error = $state.raw<Error | null>(null);
  busy = $state(false);

  /** Does something that may fail. True if it succeeded; a failure is kept in `error`, an abort is not one. */
  async during(task: () => unknown): Promise<boolean> {
    this.error = null;
    this.busy = true;
    try {
      await task();
      return true;
    } catch (thrown) {
      if (!isAbort(thrown))
        this.error = thrown instanceof Error ? thrown : new Error(String(thrown));
      return false;
    } finally {
      this.busy = false;
    }
  }

  clear = (): void => {
    this.error = null;
  };
}
