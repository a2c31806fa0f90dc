import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformInt } from 'pure-rand/distribution/uniformInt';

/** Random choices from a seed, the same on every machine. */
export class Dice {
  readonly #generator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return uniformInt(this.#generator, 0, n - 1);
  }

  /** True with a probability of `share`, to a millionth. */
  hit(share: number): boolean {
    return this.below(1_000_000) < share * 1_000_000;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** `count` different items, in random order. */
  some<T>(items: readonly T[], count: number): T[] {
    const left = [...items];
    return Array.from({ length: Math.min(count, left.length) }, () => {
      const [item] = left.splice(this.below(left.length), 1);
      return item as T;
    });
  }

  /** A pronounceable word that means nothing. */
  word(): string {
    const syllables = 2 + this.below(2);
    return Array.from(
      { length: syllables },
      () => this.#letter('bcdfghklmnprstvz') + this.#letter('aeiou'),
    ).join('');
  }

  #letter(letters: string): string {
    return letters.charAt(this.below(letters.length));
  }
}
