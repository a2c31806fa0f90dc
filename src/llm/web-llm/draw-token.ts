import { dice } from '../../core/random.ts';
import type { Sampling } from '../../core/llm.ts';

/** Draws the next token of one text. The same sampling and the same logits, one after the other, give the same tokens. */
export type Draw = (logits: Float32Array) => number;

// What all tokens together may weigh that are not even looked at.
const negligible = 1e-6;

/**
 * Draws as any sampler should: the most probable token at temperature 0, otherwise one of the fewest most probable ones that
 * hold `topP` of the mass.
 */
export function drawer({ temperature, topP, seed }: Sampling): Draw {
  const roll = dice(seed);
  return (logits) => {
    const most = mostProbable(logits);
    const top = logits[most] ?? NaN;
    // Logits that are no numbers leave nothing to draw from.
    if (temperature === 0 || !Number.isFinite(top)) return most;
    const weights = Float64Array.from(logits, (logit) => Math.exp((logit - top) / temperature));
    const ids = nucleus(weights, topP);
    const kept = ids.reduce((sum, id) => sum + (weights[id] ?? 0), 0);
    let left = (roll(2 ** 31) / 2 ** 31) * kept;
    for (const id of ids) {
      left -= weights[id] ?? 0;
      if (left < 0) return id;
    }
    return most;
  };
}

/** The lowest id of the largest logit. */
function mostProbable(logits: Float32Array): number {
  let most = 0;
  for (let id = 1; id < logits.length; id++) {
    if ((logits[id] ?? NaN) > (logits[most] ?? NaN)) most = id;
  }
  return most;
}

/** The fewest ids that hold this share of all weight, heaviest first. */
function nucleus(weights: Float64Array, topP: number): readonly number[] {
  const total = weights.reduce((a, b) => a + b, 0);
  const least = (total * negligible) / weights.length;
  const ids: number[] = [];
  weights.forEach((weight, id) => {
    if (weight >= least) ids.push(id);
  });
  ids.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  let share = 0;
  const end = ids.findIndex((id) => (share += (weights[id] ?? 0) / total) >= topP);
  return end < 0 ? ids : ids.slice(0, end + 1);
}
