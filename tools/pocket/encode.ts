import type { Document } from './documents.ts';
import { marksOf, type MarkGroup } from './marks.ts';
import { bosId, eosId, type Encoder } from './tokenizer.ts';

/** No token: nothing is learned there. */
export const noLabel = 0xffff;

/** A weight of 1 as it is written. */
const weightUnit = 4;

/**
 * A document as the trainer reads it: token ids, the token to be said after each (`noLabel` where none is), and its weight in quarters.
 * What is said ends with the end token, also where the document goes on with something else.
 */
export interface EncodedDocument {
  readonly ids: readonly number[];
  readonly labels: readonly number[];
  readonly weights: readonly number[];
  readonly marks: readonly EncodedMark[];
}

/** What is understood once the token at this place is read. */
interface EncodedMark {
  readonly token: number;
  readonly group: MarkGroup;
  readonly bits: number;
}

export function encodeDocument(encoder: Encoder, document: Document): EncodedDocument {
  const ids = [bosId];
  const labels: number[] = [noLabel];
  const weights: number[] = [0];
  /** How many characters there are up to each token. */
  const ends: number[] = [0];
  for (const stretch of document) {
    const tokens = encoder.encode(stretch.text);
    const learn = (label: number, weight: number): void => {
      labels[labels.length - 1] = label;
      weights[weights.length - 1] = Math.round(weight * weightUnit);
    };
    let text = '';
    for (const token of tokens) {
      if (stretch.type === 'said') {
        const begins = text === '' || /(?:[.?!,:#]|=>)\s*$/.test(text);
        learn(token, begins ? stretch.first : stretch.weight);
        text += encoder.text(token);
      }
      ids.push(token);
      ends.push((ends.at(-1) ?? 0) + encoder.text(token).length);
      labels.push(noLabel);
      weights.push(0);
    }
    if (stretch.type === 'said') learn(eosId, stretch.first);
  }
  const marks = marksOf(document).map(({ at, group, bits }) => ({
    token: ends.findIndex((end) => end >= at),
    group,
    bits,
  }));
  return { ids, labels, weights, marks };
}
