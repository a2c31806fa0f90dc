import { DrpoError } from '../core/errors.ts';
import { engineLock, engineLockWanted, onEngineLockWanted, type Release } from '../store/locks.ts';

/** Whoever holds models in memory. `busy`: they are at work and can't be let go. */
export interface Sitter {
  readonly busy: boolean;
  /** Closes its models; called only while it is not busy. */
  letGo(): void;
}

/**
 * This tab's place for models: memory is for one user at a time, in this tab and over all tabs. An idle one makes room, a
 * busy one of this tab is named, one of another tab is waited for.
 */
export class Seat {
  #sitter: Sitter | null = null;
  #release: Release | null = null;
  #taking: Promise<Release> | null = null;

  constructor() {
    onEngineLockWanted(() => void this.leave());
  }

  /**
   * Takes the place. `onWait` is called if another tab has it. Rejects with `run-busy` while another part of this tab is at
   * work with a model, or with the signal's AbortError.
   */
  async take(sitter: Sitter, signal: AbortSignal, onWait: () => void): Promise<void> {
    if (this.#sitter && this.#sitter !== sitter) {
      if (this.#sitter.busy) {
        throw new DrpoError(
          'run-busy',
          'A model is at work in this tab, and a second one beside it would take its memory. Pause the run or wait for its end, then try again.',
        );
      }
      this.#sitter.letGo();
    }
    this.#sitter = sitter;
    if (this.#release) return;
    this.#taking ??= engineLock(signal, onWait).finally(() => {
      this.#taking = null;
    });
    this.#release = await this.#taking;
  }

  /** To be called when a sitter is done for now: its models stay, unless another tab waits for the place. */
  async rest(): Promise<void> {
    if (await engineLockWanted()) await this.leave();
  }

  /** Makes room, unless its models are at work. */
  async leave(): Promise<void> {
    // It also hears its own asking, before it has anything to leave.
    if (!this.#release || this.#sitter?.busy) return;
    this.#sitter?.letGo();
    this.#sitter = null;
    const release = this.#release;
    this.#release = null;
    await release();
  }
}
