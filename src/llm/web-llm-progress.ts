import type { LoadProgress } from './boundary.ts';

/**
 * web-llm's report as ours. It counts from 0 to 1 three times over (download, load, shaders) and says which only in words;
 * bytes it does not count, so they are a share of the listed size.
 */
export function progressOf(text: string, share: number, sizeMb: number): LoadProgress {
  const phase = /shader|Finish/i.test(text)
    ? 'prepare'
    : /^Loading model from/i.test(text)
      ? 'load'
      : 'download';
  return { phase, doneMb: Math.round(share * sizeMb), totalMb: sizeMb };
}
