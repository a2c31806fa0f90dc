import type { LoadProgress } from '../boundary.ts';

/**
 * web-llm's report as ours. Its files are here by then, so all that is left is to bring them to the graphics device and to prepare its
 * programs; bytes it does not count, so they are a share of the size.
 */
export function progressOf(text: string, share: number, sizeMb: number): LoadProgress {
  const phase = /shader|Finish/i.test(text) ? 'prepare' : 'load';
  return { phase, doneMb: Math.round(share * sizeMb), totalMb: sizeMb };
}
