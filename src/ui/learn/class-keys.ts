/**
 * The step that a key leads to, or null where the key is not for moving. A presenter's clicker sends PageUp and PageDown, which move from
 * anywhere; arrows, Home and End first belong to the field, slider or list that has the focus.
 */
export function stepFor(
  key: string,
  step: number,
  last: number,
  inControl: boolean,
): number | null {
  const within = (to: number) => Math.max(1, Math.min(last, to));
  if (key === 'PageDown') return within(step + 1);
  if (key === 'PageUp') return within(step - 1);
  if (inControl) return null;
  if (key === 'ArrowRight') return within(step + 1);
  if (key === 'ArrowLeft') return within(step - 1);
  if (key === 'Home') return 1;
  if (key === 'End') return last;
  return null;
}
