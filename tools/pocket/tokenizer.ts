import * as v from 'valibot';
import { mergePieces } from '../gguf/merge-pieces.ts';
import { trainPieces } from '../gguf/train-pieces.ts';
import { criteriaNames } from './world.ts';

/** Kinds of token, as llama.cpp numbers them. */
const tokenKinds = { normal: 1, unknown: 2, control: 3, userDefined: 4, byte: 6 } as const;

/** A SentencePiece vocabulary as a GGUF file holds it. */
export interface Vocabulary {
  readonly tokens: readonly string[];
  readonly kinds: readonly number[];
  readonly scores: readonly number[];
}

/** Schema of a vocabulary's file. */
export const vocabularySchema = v.object({
  tokens: v.array(v.string()),
  kinds: v.array(v.number()),
  scores: v.array(v.number()),
});

export const bosId = 1;
export const eosId = 2;

const headers = [
  'Instructions',
  'Query',
  'Answer',
  'Criteria',
  'Ratings',
  'Reason',
  'Edit',
  'Better answer',
  ...criteriaNames,
].map((name) => `# ${name}\n`);

/** Texts that are one token wherever they stand. */
const whole = [
  ...headers,
  '\n\n',
  '\n- ',
  '\n1. ',
  '\n2. ',
  '\n3. ',
  'add: ',
  'drop: ',
  'swap: ',
  ' => ',
];

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

/**
 * A vocabulary of `size` tokens: what ends and begins, the texts that are one token, all bytes (those past ASCII as normal tokens, so that
 * whatever the model says is text), the characters of ASCII, and pieces of the texts' words.
 */
export function trainVocabulary(texts: readonly string[], size: number): Vocabulary {
  const { normal, unknown, control, userDefined, byte } = tokenKinds;
  const entries: { text: string; kind: number; score: number }[] = [
    { text: '<unk>', kind: unknown, score: 0 },
    { text: '<s>', kind: control, score: 0 },
    { text: '</s>', kind: control, score: 0 },
    ...whole.map((text) => ({ text, kind: userDefined, score: 0 })),
    ...Array.from({ length: 256 }, (_, i) => ({
      text: `<0x${hex(i)}>`,
      kind: i < 0x80 ? byte : normal,
      score: 0,
    })),
    ...['\n', '▁', ...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))].map(
      (text) => ({ text, kind: normal, score: -1e6 }),
    ),
  ];
  const pieces = trainPieces(texts, size - entries.length);
  entries.push(...pieces.map((text, i) => ({ text, kind: normal, score: -1 - i })));
  return {
    tokens: entries.map((e) => e.text),
    kinds: entries.map((e) => e.kind),
    scores: entries.map((e) => e.score),
  };
}

/** Encodes texts as llama.cpp does, without a token that begins or ends them. */
export class Encoder {
  readonly #ids: ReadonlyMap<string, number>;
  readonly #scores: ReadonlyMap<string, number>;
  readonly #wholes: RegExp;
  readonly #known = new Map<string, readonly number[]>();
  readonly #tokens: readonly string[];

  constructor({ tokens, kinds, scores }: Vocabulary) {
    this.#tokens = tokens;
    this.#ids = new Map(tokens.map((text, id) => [text, id]));
    this.#scores = new Map(
      tokens.flatMap((text, id) =>
        kinds[id] === tokenKinds.normal && !/^<0x..>$/.test(text) ? [[text, scores[id] ?? 0]] : [],
      ),
    );
    const texts = tokens.filter((_, id) => kinds[id] === tokenKinds.userDefined);
    const escaped = [...texts]
      .sort((a, b) => b.length - a.length)
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    this.#wholes = new RegExp(`(${escaped.join('|')})`);
  }

  encode(text: string): number[] {
    return text.split(this.#wholes).flatMap((part, i) => {
      if (i % 2 === 1) return [this.#ids.get(part) ?? 0];
      const words = part.replaceAll(' ', '▁').match(/▁?[A-Za-z]+|[^A-Za-z]/gu) ?? [];
      return words.flatMap((word) => this.#word(word));
    });
  }

  /** The text of a token of ASCII. */
  text(id: number): string {
    return (this.#tokens[id] ?? '').replaceAll('▁', ' ');
  }

  #word(word: string): readonly number[] {
    const known = this.#known.get(word);
    if (known) return known;
    const pieces = mergePieces(Array.from(word), (piece) => this.#scores.get(piece));
    const ids = pieces.flatMap((piece) => {
      const id = this.#ids.get(piece);
      if (id !== undefined) return [id];
      return [...new TextEncoder().encode(piece)].map((b) => this.#ids.get(`<0x${hex(b)}>`) ?? 0);
    });
    this.#known.set(word, ids);
    return ids;
  }
}
