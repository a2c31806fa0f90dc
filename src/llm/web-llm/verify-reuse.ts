import { blockTokens, type PrefixCache } from './prefix-cache.ts';

/** The probabilities of all tokens after a text, of which `maxTokens` are then decoded. Null if they are no numbers. */
export type Probe = (text: string, maxTokens: number) => Promise<Float64Array | null>;

// Equal work gives equal bits; this leaves room for a device that adds up in another order from one time to the next.
const tolerance = 1e-6;

const sentence = 'A person asks a question, and the model answers it as well as it can. ';
const tails = ['Which colour has the sky?', 'How many legs have two spiders?'] as const;

/**
 * Why reuse must be off, as the end of a sentence; null where it gives the very probabilities of a prompt that is prefilled
 * anew. `count` gives a text's tokens. Takes some 350 tokens of prefill, and leaves the cache empty.
 */
export async function whyNoReuse(
  cache: PrefixCache,
  probe: Probe,
  count: (text: string) => number,
  contextSize: number,
): Promise<string | null> {
  const beginning = sentence.repeat(Math.ceil((2 * blockTokens + 1) / count(sentence)) + 1);
  const [first, second] = [beginning + tails[0], beginning + tails[1]];
  if (count(first) + blockTokens > contextSize) {
    return `a context of ${contextSize} tokens is too small for it`;
  }
  cache.forget();
  const anew = await probe(second, 1);
  cache.forget();
  // What it decodes here must be gone when it steps back.
  await probe(first, 3);
  const reused = await probe(second, 1);
  const hits = cache.prefill?.reusedTokens ?? 0;
  cache.forget();
  if (hits === 0) return 'nothing of a known beginning was found again';
  if (!anew || !reused) return 'the model’s probabilities are no numbers';
  const gap = widest(anew, reused);
  if (gap <= tolerance) return null;
  return `here a reused beginning gives other probabilities than one read anew (by up to ${gap.toPrecision(2)})`;
}

function widest(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] ?? NaN))), 0);
}
