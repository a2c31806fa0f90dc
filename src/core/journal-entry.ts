import type { LlmReply, LlmRequest } from './llm.ts';

/** A reply as it is kept: `key` is the hash of its request, which is kept with it so that anyone can check. */
export interface JournalEntry {
  readonly key: string;
  readonly request: LlmRequest;
  readonly reply: LlmReply;
}

/**
 * Where one run's replies are kept. `put` resolves only when the entry is committed, so a reply is used only once it is
 * safe; putting an entry again changes nothing. Both reject with a DrpoError where storage fails.
 */
export interface JournalStore {
  get(key: string): Promise<JournalEntry | undefined>;
  put(entry: JournalEntry): Promise<void>;
}

/** What the replies of one role have cost, each counted once: tokens read and written, and the models' own time. */
export interface RoleCost {
  readonly requests: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly elapsedMs: number;
}
