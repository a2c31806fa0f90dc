import { seedAt } from '../../src/core/random.ts';

/** A number in [0, 1) that is always the same for the same words. */
export function chanceAt(seed: number, ...place: readonly (string | number)[]): number {
  return (seedAt(seed, ...place) - 1_000_000) / (0x7fffffff - 1_000_000);
}

/** A draw of the standard normal distribution (Box–Muller) that is always the same for the same words. */
export function normalAt(seed: number, ...place: readonly (string | number)[]): number {
  const first = seedAt(seed, ...place);
  const u = 1 - chanceAt(first, 'radius');
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * chanceAt(first, 'angle'));
}

/** P(Z ≤ z) of the standard normal distribution, to 7.5e-8 (Abramowitz & Stegun 26.2.17). */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = density(z) * poly;
  return z >= 0 ? 1 - upper : upper;
}

function density(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** The expected value of `clamp(mean + sd · Z, 1, 5)` with Z standard normal. */
export function expectedClamped(mean: number, sd: number): number {
  if (sd === 0) return clampScore(mean);
  // E[min(max(X, 1), 5)] = 1 + ∫₁⁵ P(X > t) dt, and ∫ Φ(u) du = uΦ(u) + φ(u).
  const integral = (u: number) => u * normalCdf(u) + density(u);
  return 1 + sd * (integral((mean - 1) / sd) - integral((mean - 5) / sd));
}

/** A score inside the scale of ratings, 1 to 5. */
export function clampScore(score: number): number {
  return Math.min(5, Math.max(1, score));
}

/** Cuts bits of a whole number into the places of the ones, lowest first. */
export function placesOf(bits: bigint): readonly number[] {
  const places: number[] = [];
  for (let i = 0, rest = bits; rest > 0n; i++, rest >>= 1n) if (rest & 1n) places.push(i);
  return places;
}
