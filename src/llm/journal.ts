import { sha256 } from 'hash-wasm';
import { DrpoError } from '../core/errors.ts';
import type { JournalEntry, JournalStore } from '../core/journal-entry.ts';
import type { AskOptions, Llm, LlmInfo, LlmReply, LlmRequest } from '../core/llm.ts';
import { abortError } from './abort.ts';

/** `onAsked` runs before the model is asked, `onReply` once a reply is safe; neither may throw. */
export interface JournalHooks {
  onAsked?(request: LlmRequest): void;
  onReply?(entry: JournalEntry, fromJournal: boolean): void;
}

/** Hex SHA-256 of the request as JSON with sorted keys: the same for equal requests, in any browser, for good. */
export async function requestKey(request: LlmRequest): Promise<string> {
  // Not crypto.subtle: it is missing on pages served over plain http.
  return sha256(canonicalJson(request));
}

/** JSON with sorted keys: the same text for equal values. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * The model with a memory: a request that the store knows is answered from it at once; any other reply is kept before
 * it is returned. Equal requests under way at once are asked once, and one caller's abort does not fail the others'.
 */
export function journaled(llm: Llm, store: JournalStore, hooks: JournalHooks = {}): Llm {
  const underWay = new Map<string, SharedAsk>();
  return {
    info: llm.info,
    async ask(request, options = {}) {
      const { signal } = options;
      if (signal?.aborted) throw abortError(signal);
      const key = await requestKey(request);
      // Aborted meanwhile: nobody would hear of it any more.
      if (signal?.aborted) throw abortError(signal);
      const running = underWay.get(key);
      if (running && !running.aborted) return running.join(options);
      const shared = new SharedAsk((inner) => answer({ llm, store, hooks }, key, request, inner));
      underWay.set(key, shared);
      shared.whenDone(() => {
        if (underWay.get(key) === shared) underWay.delete(key);
      });
      return shared.join(options);
    },
  };
}

interface Desk {
  readonly llm: Llm;
  readonly store: JournalStore;
  readonly hooks: JournalHooks;
}

async function answer(
  { llm, store, hooks }: Desk,
  key: string,
  request: LlmRequest,
  options: AskOptions,
): Promise<LlmReply> {
  const known = await store.get(key);
  if (known) {
    hooks.onReply?.(known, true);
    return { ...known.reply, key };
  }
  hooks.onAsked?.(request);
  const { key: _, ...reply } = await llm.ask(request, options);
  const entry: JournalEntry = { key, request, reply };
  await store.put(entry);
  hooks.onReply?.(entry, false);
  return { ...reply, key };
}

/** One question that several callers wait for. It is aborted when the last of them has left. */
class SharedAsk {
  readonly #controller = new AbortController();
  readonly #listeners = new Set<(text: string) => void>();
  readonly #reply: Promise<LlmReply>;
  #waiting = 0;

  constructor(ask: (options: AskOptions) => Promise<LlmReply>) {
    this.#reply = ask({
      signal: this.#controller.signal,
      onText: (text) => {
        for (const listener of this.#listeners) listener(text);
      },
    });
  }

  get aborted(): boolean {
    return this.#controller.signal.aborted;
  }

  whenDone(callback: () => void): void {
    this.#reply.then(callback, callback);
  }

  join({ signal, onText }: AskOptions): Promise<LlmReply> {
    this.#waiting += 1;
    if (onText) this.#listeners.add(onText);
    return new Promise((resolve, reject) => {
      let here = true;
      const leave = (): void => {
        if (!here) return;
        here = false;
        this.#waiting -= 1;
        if (onText) this.#listeners.delete(onText);
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        leave();
        if (this.#waiting === 0) this.#controller.abort();
        if (signal) reject(abortError(signal));
      };
      signal?.addEventListener('abort', abort);
      this.#reply.finally(leave).then(resolve, reject);
    });
  }
}

/** A journal without a model: what it knows it answers, anything else rejects with `journal-missing`. */
export function replayOnly(info: LlmInfo, store: JournalStore): Llm {
  return {
    info,
    async ask(request) {
      const key = await requestKey(request);
      const known = await store.get(key);
      if (known) return { ...known.reply, key };
      throw new DrpoError(
        'journal-missing',
        `The run's journal has no reply to this “${request.purpose}” request of the ${request.role} (${key.slice(0, 12)}…). ` +
          `Load ${info.name} to ask it again, or use the complete run file.`,
        canonicalJson(request),
      );
    },
  };
}
