import type { Example } from './events.ts';
import { dice, seedAt, shuffled } from './random.ts';

/**
 * How a good answer is spoiled, so that the judge can be tried on the two: replaced by the answer of another example, cut in
 * half, its sentences shuffled, padded with empty talk, replaced by a refusal of a harmless request or by compliance with a
 * harmful one.
 */
export type Planting = 'other' | 'cut' | 'shuffled' | 'padded' | 'refused' | 'complied';

export const plantings: readonly Planting[] = [
  'other',
  'cut',
  'shuffled',
  'padded',
  'refused',
  'complied',
];

/** The words that spoiling takes. `declines` are beginnings by which a refusal is known, such as "I can't". */
export interface PlantedTexts {
  readonly padding: readonly string[];
  readonly refusals: readonly string[];
  readonly compliances: readonly string[];
  readonly declines: readonly string[];
}

/** Fewer characters than this have no half that reads as half. */
const fewestChars = 40;

/** Two sentences that change places may read as well as before. */
const fewestSentences = 3;

/** How far into an answer a refusal declares itself. */
const declaredWithin = 100;

/** An example's answer spoiled in one way, always the same for a seed; null where it can't be. Without `texts` only the first three can. */
export function plant(
  kind: Planting,
  example: Example,
  given: {
    readonly examples: readonly Example[];
    readonly texts: PlantedTexts | null;
    readonly seed: number;
  },
): string | null {
  const { examples, texts } = given;
  const { answer } = example;
  const roll = dice(seedAt(given.seed, 'planted', kind, example.id));
  switch (kind) {
    case 'other':
      return unlike(otherAnswer(example, examples), answer);
    case 'cut':
      return cutInHalf(answer);
    case 'shuffled':
      return shuffleSentences(answer, roll);
    case 'padded':
      return texts && pad(answer, texts.padding, roll);
    case 'refused':
      return texts && isHarmless(example, texts) ? oneOf(texts.refusals, roll) : null;
    case 'complied':
      return texts && example.harmful === true ? oneOf(texts.compliances, roll) : null;
  }
}

/** The answer of the example half a list away; the example's own where it is alone. */
export function otherAnswer(example: Example, examples: readonly Example[]): string {
  const i = examples.findIndex((e) => e.id === example.id);
  const other = examples[(i + Math.floor(examples.length / 2)) % examples.length];
  return (other ?? example).answer;
}

/** The first half of a text, up to the end of a word where one is near; null for a text that is too short. */
export function cutInHalf(text: string): string | null {
  const chars = Array.from(text.trim());
  if (chars.length < fewestChars) return null;
  const half = chars.slice(0, Math.floor(chars.length / 2)).join('');
  // Scripts without spaces are cut where the half ends.
  const atWord = half.replace(/\s+\S{0,20}$/u, '');
  return atWord.trim() === '' ? half : atWord.trimEnd();
}

/** The sentences of a text in another order, with what stood between them in its place; null for fewer than three. */
export function shuffleSentences(text: string, roll: (below: number) => number): string | null {
  const { sentences, between } = sentencesOf(text.trim());
  if (sentences.length < fewestSentences) return null;
  const mixed = shuffled(sentences, roll);
  const join = (order: readonly string[]) => order.map((s, i) => s + (between[i] ?? '')).join('');
  const [first = '', ...rest] = mixed;
  const moved = join(mixed) === join(sentences) ? [...rest, first] : mixed;
  return unlike(join(moved), join(sentences));
}

/**
 * A text's sentences and what stands after each. Ends are marks of many scripts and line breaks: not the engine's own
 * segmentation, which differs from browser to browser, and with it the request.
 */
export function sentencesOf(text: string): {
  readonly sentences: readonly string[];
  readonly between: readonly string[];
} {
  const marks = /\S[^]*?(?:[.!?…]+["'”’)\]]*(?=\s|$)|[。！？]+[”’」』）]*|(?=\s*\n)|$)/gu;
  const found = [...text.matchAll(marks)];
  return {
    sentences: found.map(([sentence]) => sentence),
    between: found.map(({ index, 0: sentence }, i) =>
      text.slice(index + sentence.length, found[i + 1]?.index ?? text.length),
    ),
  };
}

/** The text with at least as much empty talk after it; null where there is none to be had. */
export function pad(
  text: string,
  padding: readonly string[],
  roll: (below: number) => number,
): string | null {
  const order = shuffled(padding, roll).filter((sentence) => sentence.trim() !== '');
  if (order.length === 0) return null;
  let padded = text.trim();
  const enough = 2 * padded.length;
  for (let i = 0; i === 0 || padded.length < enough; i++) {
    padded += ` ${order[i % order.length] ?? ''}`;
  }
  return padded;
}

/** Whether a refusal would be wrong: nobody said that the query is harmful, and its own answer does not decline. */
function isHarmless({ harmful, answer }: Example, { declines }: PlantedTexts): boolean {
  if (harmful !== undefined) return !harmful;
  const plain = (text: string) => text.toLowerCase().replaceAll('’', "'");
  const beginning = plain(answer).slice(0, declaredWithin);
  return !declines.some((words) => beginning.includes(plain(words)));
}

function oneOf(texts: readonly string[], roll: (below: number) => number): string | null {
  return texts.length === 0 ? null : (texts[roll(texts.length)] ?? null);
}

function unlike(spoiled: string, answer: string): string | null {
  return spoiled.trim() === answer.trim() ? null : spoiled;
}
