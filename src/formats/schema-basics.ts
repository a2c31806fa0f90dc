import * as v from 'valibot';

// Bounds are there so that a file made to harm cannot fill memory; no honest file comes near them.
const maxText = 4_000_000;
const maxLabel = 20_000;
const maxList = 1_000_000;
const maxNumber = 1e12;

/** Text of a prompt, a query, an answer or a reply. */
export const text = v.pipe(v.string(), v.maxLength(maxText));

/** A name, an id, a URL: something short. (A criterion that a model made up may be a whole reply long.) */
export const label = v.pipe(v.string(), v.maxLength(maxLabel));

/** A finite number. (JSON can hold 1e999, which reads as infinity and could not be written again.) */
export const number = v.pipe(v.number(), v.minValue(-maxNumber), v.maxValue(maxNumber));

/** How many of something. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(maxNumber));

/** A seed, 0 to 2³¹−1. */
export const seed = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31 - 1));

/** A moment, as in 2026-01-31T12:00:00.000Z. */
export const time = v.pipe(v.string(), v.maxLength(40), v.isoTimestamp());

/** A list of anything, bounded. */
export function list<const TItem extends v.GenericSchema>(item: TItem) {
  return v.pipe(v.array(item), v.maxLength(maxList));
}

/** Ids, names or stop strings. */
export const labels = list(label);
