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

/** The sentence for what `readNumber` refused: names what was typed, what would do, and what holds meanwhile. */
export function numberProblem(typed: string, range: NumberRange, kept: number): string {
  const what = typed.trim() === '' ? 'This is empty.' : `“${typed.trim()}” does not fit here.`;
  const kind = range.whole ? 'a whole number' : 'a number';
  const { min, max } = range;
  const wanted = `Type ${kind} from ${String(min)} to ${String(max)}`;
  return `${what} ${wanted}; until then ${String(kept)} is used.`;
}
