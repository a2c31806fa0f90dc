import { mergePieces } from '../gguf/merge-pieces.ts';
import type { Gguf } from './gguf-weights.ts';

// Kinds of token, as llama.cpp numbers them.
const kinds = { unknown: 2, control: 3, userDefined: 4, byte: 6 } as const;

/** A SentencePiece vocabulary as a GGUF file of the llama architecture holds it. */
export interface Tokenizer {
  /** Ids of a text; markers such as `<|im_end|>` in it are control tokens, and the BOS token goes before it all. */
  encode(text: string): readonly number[];
  /** The bytes that a token stands for; none for a control token. */
  bytes(id: number): Uint8Array;
  /** Whether a token ends a reply. */
  ends(id: number): boolean;
  readonly hasChatMarkers: boolean;
}

/** Reads the vocabulary with its scores. Throws if the file's tokenizer is of another kind than SentencePiece's. */
export function readTokenizer(gguf: Gguf): Tokenizer {
  const key = (name: string): string => `tokenizer.ggml.${name}`;
  if (gguf.text(key('model')) !== 'llama') {
    throw new Error(`tokenizers of kind ${gguf.text(key('model'))} are not read here`);
  }
  const tokens = gguf.texts(key('tokens'));
  const vocabulary: Vocabulary = {
    tokens,
    kinds: gguf.numbers(key('token_type')),
    scores: gguf.numbers(key('scores')),
    ids: new Map(tokens.map((token, id) => [token, id])),
    spaceFirst: gguf.number(key('add_space_prefix'), 1) !== 0,
    border: tokens.some((token) => /[^▁]▁/.test(token)) ? /(?!)/ : /(?<=[^▁])(?=▁)/,
  };
  const bos = gguf.number(key('add_bos_token'), 1) ? [gguf.number(key('bos_token_id'), 1)] : [];
  const endings = new Set([
    gguf.number(key('eos_token_id'), 2),
    gguf.number(key('eot_token_id'), -1),
    vocabulary.ids.get('<|im_end|>') ?? -1,
  ]);
  const special = specialPattern(vocabulary);
  return {
    encode: (text) => [...bos, ...encodeWhole(vocabulary, text, special)],
    bytes: (id) => bytesOf(vocabulary, id),
    ends: (id) => endings.has(id),
    hasChatMarkers: vocabulary.ids.has('<|im_start|>'),
  };
}

interface Vocabulary {
  readonly tokens: readonly string[];
  readonly kinds: readonly number[];
  readonly scores: readonly number[];
  readonly ids: ReadonlyMap<string, number>;
  readonly spaceFirst: boolean;
  /** Where no token reaches across, so that each side can be merged by itself. */
  readonly border: RegExp;
}

/** Matches the texts of all tokens that are never made by merging, the longest first. */
function specialPattern({ tokens, kinds: kindOf }: Vocabulary): RegExp | null {
  const never: readonly (number | undefined)[] = [kinds.unknown, kinds.control, kinds.userDefined];
  const texts = tokens.filter((token, id) => token !== '' && never.includes(kindOf[id]));
  if (texts.length === 0) return null;
  const longestFirst = texts.sort((a, b) => b.length - a.length);
  return new RegExp(`(${longestFirst.map(escaped).join('|')})`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

function encodeWhole(vocabulary: Vocabulary, text: string, special: RegExp | null): number[] {
  const pieces = special ? text.split(special) : [text];
  return pieces.flatMap((piece, i) => {
    if (i % 2 === 1) return vocabulary.ids.get(piece) ?? [];
    if (piece === '') return [];
    const spaced = vocabulary.spaceFirst ? ` ${piece}` : piece;
    return pieceIds(vocabulary, Array.from(spaced.replaceAll(' ', '▁')));
  });
}

function pieceIds(vocabulary: Vocabulary, characters: readonly string[]): number[] {
  const { ids, scores } = vocabulary;
  const scoreOf = (piece: string): number | undefined => {
    const id = ids.get(piece);
    return id === undefined ? undefined : (scores[id] ?? 0);
  };
  return mergePieces(characters, scoreOf).flatMap((piece) => idsOf(vocabulary, piece));
}

/** A piece that is no token is spelt in bytes. */
function idsOf({ ids }: Vocabulary, piece: string): readonly number[] {
  const id = ids.get(piece);
  if (id !== undefined) return [id];
  return Array.from(new TextEncoder().encode(piece), (byte) => {
    const hex = byte.toString(16).toUpperCase().padStart(2, '0');
    return ids.get(`<0x${hex}>`) ?? ids.get('<unk>') ?? 0;
  });
}

function bytesOf({ tokens, kinds: kindOf }: Vocabulary, id: number): Uint8Array {
  const token = tokens[id] ?? '';
  const kind = kindOf[id];
  if (kind === kinds.control || kind === kinds.unknown) return new Uint8Array();
  if (kind === kinds.byte) return Uint8Array.of(Number.parseInt(token.slice(3, 5), 16));
  return new TextEncoder().encode(token.replaceAll('▁', ' '));
}
