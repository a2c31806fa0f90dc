import { signed } from '../parts/format.ts';

/** A rating or a mean of ratings with two decimals; an en dash where there is none. */
export function score(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toFixed(2);
}

/** A difference with a true minus and no plus. */
export function plain(value: number): string {
  return signed(value).replace('+', '');
}

/** A share of 1 in whole percent. */
export function percent(share: number): string {
  return `${String(Math.round(share * 100))} %`;
}

/** A length of time as read on a clock: "48 s", "4 min 10 s", "2 h 5 min". */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(seconds % 60)} s`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}
