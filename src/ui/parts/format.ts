import { numbersIn } from '../../view/numbers.ts';

/** Counts with their nouns, differences and whole numbers in the reader's locale. */
export const { counted, signed, whole: wholeNumber } = numbersIn();

const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Megabytes (2²⁰ bytes) as "640 MB" or "1.2 GB". */
export function sizeText(mb: number): string {
  if (mb >= 1000) return `${oneDigit.format(mb / 1024)} GB`;
  return mb < 1 ? `${oneDigit.format(mb)} MB` : `${wholeNumber(Math.round(mb))} MB`;
}

/** Minutes in words: "under a minute", "about 12 minutes", "about 2 hours 10 minutes". */
export function minutesText(minutes: number): string {
  if (minutes < 1) return 'under a minute';
  if (minutes < 90) return `about ${counted(Math.round(minutes), 'minute')}`;
  const rounded = Math.round(minutes / 10) * 10;
  const hours = counted(Math.floor(rounded / 60), 'hour');
  const rest = rounded % 60;
  return rest === 0 ? `about ${hours}` : `about ${hours} ${String(rest)} minutes`;
}

/** An ISO date and time in the reader's locale. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? 'unknown date' : day.format(date);
}
