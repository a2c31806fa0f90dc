import { withProcessor } from './raw-logits.ts';
import type { LogitHost } from './contract.ts';

const draws = 32;
const mostPlausible = 1000;
const leastDifferent = 20;
const impossible = -30;

/**
 * Whether the engine's sampler draws from what it is given: many tokens of nearly the same chance, and all others impossible. `request`
 * is to decode so many tokens, whatever they are. The sampler adds up probabilities in steps that rely on 32 threads going in
 * lockstep; on graphics devices whose groups are narrower it may draw what it should never draw, and not the same each time.
 */
export async function samplerIsTrue(
  host: LogitHost,
  request: (maxTokens: number) => Promise<unknown>,
): Promise<boolean> {
  const drawn: number[] = [];
  let plausible = 0;
  const given = (raw: Float32Array): Float32Array => {
    plausible = Math.min(mostPlausible, Math.floor(raw.length / 2));
    return raw.map((_, id) => (id < plausible ? -id / 1000 : impossible));
  };
  await withProcessor(
    host,
    given,
    () => request(draws),
    (token) => void drawn.push(token),
  );
  const different = new Set(drawn).size;
  return drawn.every((token) => token < plausible) && different >= leastDifferent;
}
