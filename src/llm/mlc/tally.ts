import type { LoadProgress } from '../boundary.ts';
import type { ReceivePhase } from '../download/receive-file.ts';

const everyMs = 100;

/** Counts the bytes of files that come at once, and says how far they are, ten times a second. */
export class Tally {
  readonly #say: (progress: LoadProgress) => void;
  readonly #doneBytes = new Map<string, number>();
  /** What is being done with the files that are not finished. */
  readonly #phases = new Map<string, ReceivePhase>();
  #listed: ReadonlySet<string> = new Set();
  #listedBytes: number | null = null;
  #saidMs = -Infinity;
  #said: ReceivePhase = 'check';

  constructor(say: (progress: LoadProgress) => void = () => undefined) {
    this.#say = say;
  }

  /** The files at these addresses have so many bytes. Others are counted as they come. */
  expect(urls: ReadonlySet<string>, bytes: number): void {
    this.#listed = urls;
    this.#listedBytes = bytes;
  }

  /** So many bytes of a file are here now. */
  add(url: string, doneBytes: number, phase: ReceivePhase): void {
    this.#doneBytes.set(url, doneBytes);
    this.#phases.set(url, phase);
    const now = performance.now();
    if (now - this.#saidMs < everyMs && this.#phase() === this.#said) return;
    this.#saidMs = now;
    this.#tell();
  }

  /** A file is whole. */
  finish(url: string, bytes: number, phase: ReceivePhase): void {
    this.#doneBytes.set(url, bytes);
    this.#phases.set(url, phase);
    this.#tell();
    this.#phases.delete(url);
  }

  #tell(): void {
    this.#said = this.#phase();
    const entries = [...this.#doneBytes];
    const sum = (of: readonly (readonly [string, number])[]): number =>
      of.reduce((total, [, bytes]) => total + bytes, 0);
    const others = sum(entries.filter(([url]) => !this.#listed.has(url)));
    const totalMb = this.#listedBytes === null ? null : (this.#listedBytes + others) / 1e6;
    this.#say({ phase: this.#said, doneMb: sum(entries) / 1e6, totalMb });
  }

  /** It is a wait only while nothing else comes. */
  #phase(): ReceivePhase {
    const phases = new Set(this.#phases.values());
    const first = (['download', 'retry', 'check'] as const).find((phase) => phases.has(phase));
    return first ?? this.#said;
  }
}
