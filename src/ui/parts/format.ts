const whole = new Intl.NumberFormat();
const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const twoDigits = new Intl.NumberFormat(undefined, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** A count with its noun: "1 request", "1,204 requests". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${whole.format(n)} ${n === 1 ? one : many}`;
}

/** A whole number as the reader's locale writes it. */
export function wholeNumber(n: number): string {
  return whole.format(n);
}

/** Megabytes (2²⁰ bytes) as "640 MB" or "1.2 GB". */
export function sizeText(mb: number): string {
  if (mb >= 1000) return `${oneDigit.format(mb / 1024)} GB`;
  return mb < 1 ? `${oneDigit.format(mb)} MB` : `${whole.format(Math.round(mb))} MB`;
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

/** A difference of ratings with its sign: "+0.42", "−0.10", "0.00". */
export function signed(difference: number): string {
  const size = twoDigits.format(Math.abs(difference));
  if (Math.abs(difference) < 0.005) return size;
  return `${difference > 0 ? '+' : '−'}${size}`;
}

/** An ISO date and time in the reader's locale. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? 'unknown date' : day.format(date);
}
