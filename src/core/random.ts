import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * A seed for one place in the search, from the run's seed: 31 bits, never small. Small seeds are not random in every
 * engine (web-llm's first draw is proportional to the seed), and nothing may depend on the order of calls.
 */
export function seedAt(seed: number, ...place: readonly (string | number)[]): number {
  // FNV-1a over the place, then the finaliser of MurmurHash3, so that neighbours share no bits.
  let hash = 0x811c9dc5;
  for (const char of `${String(seed)}/${place.join('/')}`) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  const bits = (hash ^ (hash >>> 16)) >>> 0;
  return 1_000_000 + (bits % (0x7fffffff - 1_000_000));
}

/** A source of whole numbers in [0, below), always the same for a seed. */
export function dice(seed: number): (below: number) => number {
  const generator = xoroshiro128plus(seed);
  return (below) => uniformInt(generator, 0, below - 1);
}

/** The items in a random order (Fisher–Yates). */
export function shuffled<T>(items: readonly T[], roll: (below: number) => number): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = roll(i + 1);
    const [a, b] = [order[i], order[j]] as [T, T];
    order[i] = b;
    order[j] = a;
  }
  return order;
}

/** A source of draws from the standard normal distribution, always the same for a seed (Box & Muller 1958). */
export function normals(seed: number): () => number {
  const roll = dice(seed);
  const fine = 2 ** 30;
  return () => {
    const radius = Math.sqrt(-2 * Math.log((roll(fine) + 1) / fine));
    return radius * Math.cos((2 * Math.PI * roll(fine)) / fine);
  };
}
