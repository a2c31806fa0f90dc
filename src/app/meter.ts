import type { LoadProgress } from '../llm/open.ts';

/** How far a load has come and how fast it goes, over the last seconds; null until that is known. */
export interface Pace extends LoadProgress {
  readonly mbPerSecond: number | null;
  readonly leftMs: number | null;
}

const windowMs = 8000;
const leastMs = 1000;

/** Tells the pace of what comes in, whatever phase it is in. Time in milliseconds, from any beginning. */
export class Meter {
  #phase: LoadProgress['phase'] | null = null;
  #seen: readonly { readonly atMs: number; readonly doneMb: number }[] = [];

  add(progress: LoadProgress, nowMs: number): Pace {
    const { phase, doneMb, totalMb } = progress;
    // What was there before the first word came from a cache, at no speed that would last.
    if (phase !== this.#phase) this.#seen = [];
    this.#phase = phase;
    const recent = this.#seen.filter(({ atMs }) => nowMs - atMs <= windowMs);
    this.#seen = [...recent, { atMs: nowMs, doneMb }];
    const first = this.#seen[0];
    const spentMs = first ? nowMs - first.atMs : 0;
    if (!first || spentMs < leastMs) return { ...progress, mbPerSecond: null, leftMs: null };
    const mbPerSecond = Math.max(0, ((doneMb - first.doneMb) * 1000) / spentMs);
    const known = totalMb !== null && mbPerSecond > 0;
    const leftMs = known ? (1000 * Math.max(0, totalMb - doneMb)) / mbPerSecond : null;
    return { ...progress, mbPerSecond, leftMs };
  }
}
