/** How numbers are written for a reader. Differences have a true minus; a missing value is an en dash. */
export interface Numbers {
  /** "1,204". */
  readonly whole: (n: number) => string;
  /** A count with its noun: "1 request", "1,204 requests". */
  readonly counted: (n: number, one: string, many?: string) => string;
  /** A rating or a mean of ratings with two decimals. */
  readonly score: (value: number | null | undefined) => string;
  /** A difference of ratings with its sign: "+0.42", "−0.10", "0.00". */
  readonly signed: (difference: number) => string;
  /** The same without a plus. */
  readonly plain: (difference: number) => string;
  /** A share of 1 in whole percent. */
  readonly percent: (share: number) => string;
  /** A length of time in milliseconds as read on a clock: "48 s", "4 min 10 s", "2 h 5 min". */
  readonly duration: (ms: number) => string;
}

/** Numbers in a locale such as `de-CH`; without one in that of the machine. Throws a RangeError for what is no locale. */
export function numbersIn(locale?: string): Numbers {
  const anyNumber = new Intl.NumberFormat(locale);
  const twoDigits = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  const whole = (n: number) => anyNumber.format(n);
  const signOf = (difference: number, plus: string) => {
    if (Math.abs(difference) < 0.005) return '';
    return difference > 0 ? plus : '−';
  };
  const difference = (value: number, plus: string) =>
    signOf(value, plus) + twoDigits.format(Math.abs(value));
  return {
    whole,
    counted: (n, one, many = `${one}s`) => `${whole(n)} ${n === 1 ? one : many}`,
    score: (value) => (value === null || value === undefined ? '–' : twoDigits.format(value)),
    signed: (value) => difference(value, '+'),
    plain: (value) => difference(value, ''),
    percent: (share) => `${whole(Math.round(share * 100))} %`,
    duration,
  };
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(seconds % 60)} s`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}
