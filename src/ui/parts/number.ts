import { wholeNumber } from './format.ts';

/** What a number field takes. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  /** Whole numbers only. */
  readonly whole: boolean;
}

/** Reads what a person typed, comma or point, thousands with or without marks; null where it is no number of the range. */
export function readNumber(typed: string, range: NumberRange): number | null {
  const plain = typed.trim();
  const grouped = range.whole && /^\d{1,3}([,.'\u00a0\u202f ]\d{3})+$/.test(plain);
  const text = grouped ? plain.replace(/\D/g, '') : plain.replace(',', '.');
  if (!/^[-+]?(\d+\.?\d*|\.\d+)$/.test(text)) return null;
  const value = Number(text);
  if (range.whole && !Number.isInteger(value)) return null;
  return value >= range.min && value <= range.max ? value : null;
}

/**
 * The sentence for what `readNumber` refused: names what was typed, what would do, and what holds meanwhile. `kept`: null for a bound that
 * is not set.
 */
export function numberProblem(typed: string, range: NumberRange, kept: number | null): string {
  const what = typed.trim() === '' ? 'This is empty.' : `“${typed.trim()}” does not fit here.`;
  const kind = range.whole ? 'a whole number' : 'a number';
  const { min, max } = range;
  const wanted = `Type ${kind} from ${wholeNumber(min)} to ${wholeNumber(max)}`;
  if (kept === null) return `${what} ${wanted}, or empty this field; until then there is no bound.`;
  return `${what} ${wanted}; until then ${String(kept)} is used.`;
}
