/** The tokens of a model, as its file lists them. `types` are llama.cpp's kinds of token, one for each. */
export interface Vocabulary {
  /** The tokenizer's family: `llama` (SentencePiece), `gpt2` (byte-level BPE), `t5`, `bert`, … */
  readonly kind: string;
  readonly tokens: readonly string[];
  readonly types: readonly number[];
}

const controlType = 3;
const byteType = 6;

/** Bytes that no UTF-8 text has in any place. */
const neverBytes = [0xc0, 0xc1, ...Array.from({ length: 11 }, (_, i) => 0xf5 + i)];

/** Ids of all tokens that stand for exactly this text; none if the model writes it as several tokens. */
export function tokenIds(vocabulary: Vocabulary, text: string): readonly number[] {
  const bytes = new TextEncoder().encode(text);
  const [byte] = bytes;
  const spelt = vocabulary.kind === 'gpt2' ? byteLetters(bytes) : text.replaceAll(' ', '▁');
  return vocabulary.tokens.flatMap((token, id) => {
    const type = vocabulary.types[id];
    const same =
      type === byteType
        ? bytes.length === 1 && byte !== undefined && token === byteToken(byte)
        : type !== controlType && token === spelt;
    return same ? [id] : [];
  });
}

/** Ids of byte tokens that can never be part of a text; at most 13. */
export function neverTextIds(vocabulary: Vocabulary): readonly number[] {
  const never = new Set(neverBytes.map(byteToken));
  return vocabulary.tokens.flatMap((token, id) =>
    vocabulary.types[id] === byteType && never.has(token) ? [id] : [],
  );
}

/** The text of a control token, the shortest there is: in a prompt it is exactly one token, whatever surrounds it. */
export function controlToken(vocabulary: Vocabulary): string | null {
  const control = vocabulary.tokens.filter(
    (token, id) => vocabulary.types[id] === controlType && token.trim() !== '',
  );
  return control.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0] ?? null;
}

function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}

/** How byte-level BPE spells bytes: printable ones of Latin-1 as themselves, the rest as letters from U+0100 on. */
function byteLetters(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => letters[byte] ?? '').join('');
}

const letters = byteAlphabet();

function byteAlphabet(): readonly string[] {
  const itself = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(itself(byte) ? byte : next++),
  );
}
