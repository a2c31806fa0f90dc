import type { RequestCounts } from '../core/estimate.ts';
import type { JournalEntry, RoleCost } from '../core/journal-entry.ts';
import type { Purpose, Role } from '../core/llm.ts';

const nothing: RoleCost = { requests: 0, promptTokens: 0, outputTokens: 0, elapsedMs: 0 };

/** What a run's replies have cost so far, and what the rest is likely to. Each reply counts once, however often it was used. */
export class Tally {
  readonly #seen = new Set<string>();
  readonly #byRole = new Map<Role, RoleCost>();
  readonly #byPurpose = new Map<Purpose, { count: number; elapsedMs: number }>();
  #fromJournal = 0;

  add({ key, request, reply }: JournalEntry, fromJournal: boolean): void {
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (fromJournal) this.#fromJournal++;
    const { promptTokens, outputTokens, elapsedMs } = reply.usage;
    const role = this.#byRole.get(request.role) ?? nothing;
    this.#byRole.set(request.role, {
      requests: role.requests + 1,
      promptTokens: role.promptTokens + promptTokens,
      outputTokens: role.outputTokens + outputTokens,
      elapsedMs: role.elapsedMs + elapsedMs,
    });
    const purpose = this.#byPurpose.get(request.purpose) ?? { count: 0, elapsedMs: 0 };
    this.#byPurpose.set(request.purpose, {
      count: purpose.count + 1,
      elapsedMs: purpose.elapsedMs + elapsedMs,
    });
  }

  get requests(): number {
    return this.#seen.size;
  }

  get fromJournal(): number {
    return this.#fromJournal;
  }

  get cost(): Partial<Record<Role, RoleCost>> {
    return Object.fromEntries(this.#byRole);
  }

  get elapsedMs(): number {
    return [...this.#byRole.values()].reduce((sum, c) => sum + c.elapsedMs, 0);
  }

  /** Milliseconds that what is left of the expected requests will take, at the pace seen so far, else at the one guessed. */
  remainingMs(expected: RequestCounts, guessedMs: RequestCounts | null): number | null {
    let ms = 0;
    for (const [purpose, count] of Object.entries(expected) as [keyof RequestCounts, number][]) {
      const seen = this.#byPurpose.get(purpose);
      const left = Math.max(0, count - (seen?.count ?? 0));
      if (left === 0) continue;
      const each = seen ? seen.elapsedMs / seen.count : guessedMs?.[purpose];
      if (each === undefined) return null;
      ms += left * each;
    }
    return ms;
  }
}
