import { DrpoError } from '../core/errors.ts';
import { ggufWorkingBytes } from './memory.ts';
import { unreadable } from './unreadable.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What a GGUF file says about itself. Sizes in bytes. */
export interface GgufFacts {
  readonly architecture: string;
  readonly name: string | null;
  readonly licence: string | null;
  /** Tokens it was trained for. */
  readonly contextLength: number;
  readonly embeddingLength: number;
  readonly fileBytes: number;
  /** Where the last tensor ends: a whole file has at least as many bytes. */
  readonly expectedBytes: number;
  /** Keys and values of one token, at 16 bits a number. */
  readonly cacheBytesPerToken: number;
  readonly hasChatTemplate: boolean;
  /** The prompt profile that it asks for by id (`drpo.profile`); null where it names none. */
  readonly profile: string | null;
  readonly vocabulary: Vocabulary;
}

// Nothing an honest file comes near: whatever claims more is refused before anything is allocated for it.
const most = { headerBytes: 192 * 2 ** 20, entries: 65_536, items: 4_000_000, dimensions: 4 };

const firstReadBytes = 2 ** 20;

/** Block length and bytes of a block of each tensor type, as ggml numbers them. */
const blocks: Readonly<Record<number, readonly [length: number, bytes: number]>> = {
  0: [1, 4], // F32
  1: [1, 2], // F16
  2: [32, 18], // Q4_0
  3: [32, 20], // Q4_1
  6: [32, 22], // Q5_0
  7: [32, 24], // Q5_1
  8: [32, 34], // Q8_0
  9: [32, 36], // Q8_1
  10: [256, 84], // Q2_K
  11: [256, 110], // Q3_K
  12: [256, 144], // Q4_K
  13: [256, 176], // Q5_K
  14: [256, 210], // Q6_K
  15: [256, 292], // Q8_K
  16: [256, 66], // IQ2_XXS
  17: [256, 74], // IQ2_XS
  18: [256, 98], // IQ3_XXS
  19: [256, 50], // IQ1_S
  20: [32, 18], // IQ4_NL
  21: [256, 110], // IQ3_S
  22: [256, 82], // IQ2_S
  23: [256, 136], // IQ4_XS
  24: [1, 1], // I8
  25: [1, 2], // I16
  26: [1, 4], // I32
  27: [1, 8], // I64
  28: [1, 8], // F64
  29: [256, 56], // IQ1_M
  30: [1, 2], // BF16
  34: [256, 54], // TQ1_0
  35: [256, 66], // TQ2_0
  39: [32, 17], // MXFP4
};

/** Bytes of a header value of a fixed size, by GGUF's number for its type. */
const scalarBytes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const stringType = 8;
const arrayType = 9;

/**
 * Reads the header of a GGUF file (versions 2 and 3), a megabyte or a few of it. Rejects with `tokenizer-missing`, with `model-invalid` and a
 * sentence that says what the file is instead: a web page, no GGUF at all, another version, a truncated one; with
 * `file-invalid` if it cannot be read.
 */
export async function readGguf(blob: Blob): Promise<GgufFacts> {
  checkBeginning(new Uint8Array(await beginningOf(blob, 512)));
  const limit = Math.min(blob.size, most.headerBytes);
  for (let bytes = firstReadBytes; ; bytes *= 2) {
    const buffer = await beginningOf(blob, Math.min(bytes, limit));
    const parsed = parse(new Cursor(buffer), blob.size);
    if (parsed) return checkWhole(parsed);
    if (bytes >= blob.size) throw cutShort(blob.size, null);
    if (bytes >= limit) throw invalid('its header has no end. Download the file again.');
  }
}

async function beginningOf(blob: Blob, bytes: number): Promise<ArrayBuffer> {
  try {
    return await blob.slice(0, bytes).arrayBuffer();
  } catch (error) {
    throw unreadable(String(error));
  }
}

/**
 * Refuses what cannot be a GGUF file by its first bytes (some 500 will do), before the rest of it is downloaded.
 * Throws `model-invalid`.
 */
export function checkBeginning(bytes: Uint8Array): void {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 512));
  if (/^[\s\u00ef\u00bb\u00bf]*<(!doctype|html|head|body|\?xml)/i.test(text)) {
    throw new DrpoError(
      'model-invalid',
      'This is a web page, not a model. Link to the file itself (on Hugging Face the address has “/resolve/”, not “/blob/”).',
      text,
    );
  }
  if (text.startsWith('version https://git-lfs')) {
    throw invalid(
      'it is a pointer that Git LFS left in the place of the file. Download the file itself.',
    );
  }
  if (!text.startsWith('GGUF')) {
    throw new DrpoError(
      'model-invalid',
      'This is not a GGUF model: the file does not begin with “GGUF”. Choose a file whose name ends in .gguf.',
      text.slice(0, 80),
    );
  }
}

/**
 * Refuses a model that cannot fit: WebAssembly has 4 GB for weights, the cache of a context of `contextSize` tokens and
 * working space, and `deviceMemoryGb` (null where the browser does not tell) bounds it too. Throws `model-too-large`.
 */
export function checkMemory(
  facts: Pick<GgufFacts, 'fileBytes' | 'cacheBytesPerToken'>,
  contextSize: number,
  deviceMemoryGb: number | null,
): void {
  const neededGb =
    (facts.fileBytes + facts.cacheBytesPerToken * contextSize + ggufWorkingBytes) / 2 ** 30;
  const file = `The model (${(facts.fileBytes / 2 ** 30).toFixed(1)} GB)`;
  const remedy = 'Take a smaller model or a smaller quantisation of it (Q4 rather than Q8).';
  if (neededGb > 4) {
    throw new DrpoError(
      'model-too-large',
      `${file} needs about ${neededGb.toFixed(1)} GB of memory with a context of ${contextSize} tokens, and a GGUF model in a browser can have 4 GB. ${remedy}`,
    );
  }
  // Browsers round this number, and some never tell more than 8: it only says something about small devices.
  if (deviceMemoryGb !== null && deviceMemoryGb < 8 && neededGb > deviceMemoryGb * 0.75) {
    throw new DrpoError(
      'model-too-large',
      `${file} needs about ${neededGb.toFixed(1)} GB of memory, and this device has about ${deviceMemoryGb} GB in all. ${remedy}`,
    );
  }
}

function invalid(what: string): DrpoError {
  return new DrpoError('model-invalid', `This GGUF file cannot be used: ${what}`);
}

function cutShort(fileBytes: number, expectedBytes: number | null): DrpoError {
  const missing =
    expectedBytes === null
      ? 'it ends within its header'
      : `${Math.max(0.1, (expectedBytes - fileBytes) / 1e6).toFixed(1)} MB of ${(expectedBytes / 1e6).toFixed(1)} MB are missing`;
  return invalid(`${missing}. The download was probably cut short: download it again.`);
}

function checkWhole(facts: GgufFacts): GgufFacts {
  if (facts.fileBytes < facts.expectedBytes) throw cutShort(facts.fileBytes, facts.expectedBytes);
  return facts;
}

/** Thrown and caught here only: the bytes read so far do not hold the whole header. */
class Short extends Error {}

class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #text = new TextDecoder();
  at = 0;

  constructor(buffer: ArrayBuffer) {
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  skip(bytes: number): number {
    const from = this.at;
    if (from + bytes > this.#bytes.byteLength) throw new Short();
    this.at += bytes;
    return from;
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  /** A count or an offset; what exceeds `max` is refused. */
  count(max: number, what: string): number {
    const value = this.#view.getBigUint64(this.skip(8), true);
    if (value > BigInt(max)) throw invalid(`it claims ${value.toString()} ${what}.`);
    return Number(value);
  }

  skipString(): void {
    this.skip(this.count(most.headerBytes, 'bytes of text'));
  }

  string(): string {
    const bytes = this.count(most.headerBytes, 'bytes of text');
    const from = this.skip(bytes);
    return this.#text.decode(this.#bytes.subarray(from, from + bytes));
  }

  /** A whole number of any of GGUF's integer types; 0 for anything else. */
  number(type: number): number {
    const from = this.skip(scalarSize(type));
    if (type === 4) return this.#view.getUint32(from, true);
    if (type === 5) return this.#view.getInt32(from, true);
    if (type === 10 || type === 11) return Number(this.#view.getBigUint64(from, true));
    return 0;
  }
}

function scalarSize(type: number): number {
  const bytes = scalarBytes[type];
  if (bytes === undefined) throw invalid(`its header has a value of the unknown type ${type}.`);
  return bytes;
}

type HeaderValue = string | number | readonly string[] | readonly number[];

/** The header values we want, by key. Of an array of numbers elsewhere than in the tokenizer, the largest stands for all. */
type Header = ReadonlyMap<string, HeaderValue>;

const wantedArrays = new Set(['tokenizer.ggml.tokens', 'tokenizer.ggml.token_type']);

function parse(cursor: Cursor, fileBytes: number): GgufFacts | null {
  try {
    cursor.skip(4);
    checkVersion(cursor.u32());
    const tensors = cursor.count(most.entries, 'tensors');
    const entries = cursor.count(most.entries, 'header entries');
    const header = new Map<string, HeaderValue>();
    for (let i = 0; i < entries; i++) {
      const key = cursor.string();
      const value = readValue(cursor, key, cursor.u32());
      if (value !== null) header.set(key, value);
    }
    const alignment = Math.max(1, numberIn(header, 'general.alignment') || 32);
    const dataBytes = readTensors(cursor, tensors);
    const expectedBytes = Math.ceil(cursor.at / alignment) * alignment + dataBytes;
    return factsOf(header, fileBytes, expectedBytes);
  } catch (error) {
    if (error instanceof Short) return null;
    throw error;
  }
}

function checkVersion(version: number): void {
  if (version === 2 || version === 3) return;
  const [said, why] =
    version > 0xffff
      ? ['for big-endian machines', 'Convert it to little-endian']
      : [`of version ${version}`, 'Versions 2 and 3 are read here: convert it'];
  throw invalid(`it is ${said}. ${why}, or take another file of the same model.`);
}

function readValue(cursor: Cursor, key: string, type: number): HeaderValue | null {
  if (type === stringType) return cursor.string();
  if (type !== arrayType) return cursor.number(type);
  const itemType = cursor.u32();
  const length = cursor.count(most.items, `values of ${key}`);
  if (itemType === arrayType) throw invalid(`its header has lists of lists (${key}).`);
  if (itemType === stringType) {
    const texts: string[] = [];
    for (let i = 0; i < length; i++) {
      if (wantedArrays.has(key)) texts.push(cursor.string());
      else cursor.skipString();
    }
    return wantedArrays.has(key) ? texts : null;
  }
  if (wantedArrays.has(key)) return readNumbers(cursor, itemType, length);
  if (key.startsWith('tokenizer.')) {
    cursor.skip(scalarSize(itemType) * length);
    return null;
  }
  return readNumbers(cursor, itemType, length).reduce((a, b) => Math.max(a, b), 0);
}

function readNumbers(cursor: Cursor, type: number, length: number): readonly number[] {
  const numbers: number[] = [];
  for (let i = 0; i < length; i++) numbers.push(cursor.number(type));
  return numbers;
}

/** Reads the list of tensors; returns where the last of them ends, in bytes from the beginning of the data. */
function readTensors(cursor: Cursor, count: number): number {
  let end = 0;
  for (let i = 0; i < count; i++) {
    cursor.skipString();
    const dimensions = cursor.u32();
    if (dimensions > most.dimensions) throw invalid(`it has a tensor of ${dimensions} dimensions.`);
    let numbers = 1;
    for (let d = 0; d < dimensions; d++) numbers *= cursor.count(2 ** 40, 'numbers in a tensor');
    // A type newer than this table may be fine for the engine: its size is then taken to be nothing.
    const [length, bytes] = blocks[cursor.u32()] ?? [1, 0];
    const offset = cursor.count(2 ** 44, 'bytes of weights');
    end = Math.max(end, offset + (numbers / length) * bytes);
  }
  return end;
}

function numberIn(header: Header, key: string): number {
  const value = header.get(key);
  return typeof value === 'number' ? value : 0;
}

function textIn(header: Header, key: string): string | null {
  const value = header.get(key);
  return typeof value === 'string' && value !== '' ? value : null;
}

function listIn<T extends string | number>(
  header: Header,
  key: string,
  is: (item: unknown) => item is T,
): readonly T[] {
  const value = header.get(key);
  return Array.isArray(value) ? value.filter(is) : [];
}

function factsOf(header: Header, fileBytes: number, expectedBytes: number): GgufFacts {
  const architecture = textIn(header, 'general.architecture');
  if (!architecture) throw invalid('its header does not say which architecture it is.');
  const of = (key: string): number => numberIn(header, `${architecture}.${key}`);
  const tokens = listIn(header, 'tokenizer.ggml.tokens', (item) => typeof item === 'string');
  if (tokens.length === 0) {
    throw new DrpoError(
      'tokenizer-missing',
      'This GGUF file has no vocabulary, so it is not a language model, or only a part of one. Take another file of the same model.',
    );
  }
  const heads = of('attention.head_count') || 1;
  const headLength = of('attention.key_length') || of('embedding_length') / heads;
  const kvHeads = of('attention.head_count_kv') || heads;
  return {
    architecture,
    name: textIn(header, 'general.name'),
    licence: textIn(header, 'general.license'),
    contextLength: of('context_length'),
    embeddingLength: of('embedding_length'),
    fileBytes,
    expectedBytes,
    cacheBytesPerToken: of('block_count') * kvHeads * headLength * 2 * 2,
    hasChatTemplate: textIn(header, 'tokenizer.chat_template') !== null,
    profile: textIn(header, 'drpo.profile'),
    vocabulary: {
      kind: textIn(header, 'tokenizer.ggml.model') ?? '',
      tokens,
      types: listIn(header, 'tokenizer.ggml.token_type', (item) => typeof item === 'number'),
    },
  };
}
