/** A stretch of text, and whether it is a word that the other text has too. */
export interface Stretch {
  readonly text: string;
  readonly shared: boolean;
}

const word = /[\p{L}\p{N}]+/gu;

/** A text in stretches, its words that also stand in `other` marked, in whatever case. Joined they are the text. */
export function sharedWords(text: string, other: string): readonly Stretch[] {
  const known = new Set(other.toLowerCase().match(word));
  return text
    .split(/([\p{L}\p{N}]+)/u)
    .filter((part) => part !== '')
    .map((part) => ({ text: part, shared: known.has(part.toLowerCase()) }));
}
