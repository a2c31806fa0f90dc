/** A header value of a GGUF file; numbers of 64 bits as far as a double holds them. */
type HeaderValue = number | boolean | string | readonly HeaderValue[];

/** A whole GGUF file in memory: its header, and each tensor as 32-bit floats, rows one after another. */
export interface Gguf {
  number(key: string, otherwise: number): number;
  text(key: string): string;
  texts(key: string): readonly string[];
  numbers(key: string): readonly number[];
  tensor(name: string): Float32Array;
  has(name: string): boolean;
}

const typeOf = { f32: 0, f16: 1, q8: 8 } as const;

/** Reads tensors of the types F32, F16 and Q8_0. Throws on any other, where it is asked for. */
export function readGgufWeights(bytes: Uint8Array): Gguf {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = new Reader(view, bytes);
  if (new TextDecoder().decode(bytes.subarray(0, 4)) !== 'GGUF') throw new Error('not a GGUF file');
  reader.at = 8;
  const tensorCount = reader.count();
  const entries = reader.count();
  const header = new Map<string, HeaderValue>();
  for (let i = 0; i < entries; i++) header.set(reader.string(), reader.value(reader.u32()));
  const places = new Map<string, Place>();
  for (let i = 0; i < tensorCount; i++) places.set(reader.string(), reader.place());
  const alignment = Number(header.get('general.alignment') ?? 32);
  const data = Math.ceil(reader.at / alignment) * alignment;
  const list = (key: string): readonly HeaderValue[] => {
    const value = header.get(key);
    return typeof value === 'object' ? value : [];
  };
  return {
    number: (key, otherwise) => Number(header.get(key) ?? otherwise),
    text: (key) => String(header.get(key) ?? ''),
    texts: (key) => list(key).map(String),
    numbers: (key) => list(key).map(Number),
    has: (name) => places.has(name),
    tensor: (name) => {
      const place = places.get(name);
      if (!place) throw new Error(`the file has no tensor ${name}`);
      return floats(view, data + place.offset, place);
    },
  };
}

interface Place {
  readonly numbers: number;
  readonly type: number;
  readonly offset: number;
}

class Reader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(view: DataView, bytes: Uint8Array) {
    this.#view = view;
    this.#bytes = bytes;
  }

  #skip(bytes: number): number {
    this.at += bytes;
    return this.at - bytes;
  }

  u32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  count(): number {
    return Number(this.#view.getBigUint64(this.#skip(8), true));
  }

  string(): string {
    const length = this.count();
    const from = this.#skip(length);
    return new TextDecoder().decode(this.#bytes.subarray(from, from + length));
  }

  /** GGUF numbers its types: 0–3 small integers, 4–6 32 bits, 7 bool, 8 string, 9 array, 10–12 64 bits. */
  value(type: number): HeaderValue {
    const view = this.#view;
    if (type === 0 || type === 7) return view.getUint8(this.#skip(1));
    if (type === 1) return view.getInt8(this.#skip(1));
    if (type === 2) return view.getUint16(this.#skip(2), true);
    if (type === 3) return view.getInt16(this.#skip(2), true);
    if (type === 4) return this.u32();
    if (type === 5) return view.getInt32(this.#skip(4), true);
    if (type === 6) return view.getFloat32(this.#skip(4), true);
    if (type === 8) return this.string();
    if (type === 10) return this.count();
    if (type === 11) return Number(view.getBigInt64(this.#skip(8), true));
    if (type === 12) return view.getFloat64(this.#skip(8), true);
    if (type !== 9) throw new Error(`unknown type ${type} in the header`);
    const itemType = this.u32();
    return Array.from({ length: this.count() }, () => this.value(itemType));
  }

  place(): Place {
    const sides = Array.from({ length: this.u32() }, () => this.count());
    const type = this.u32();
    return { numbers: sides.reduce((a, b) => a * b, 1), type, offset: this.count() };
  }
}

function floats(view: DataView, from: number, { numbers, type }: Place): Float32Array {
  const out = new Float32Array(numbers);
  if (type === typeOf.f32) {
    for (let i = 0; i < numbers; i++) out[i] = view.getFloat32(from + 4 * i, true);
  } else if (type === typeOf.f16) {
    for (let i = 0; i < numbers; i++) out[i] = half(view.getUint16(from + 2 * i, true));
  } else if (type === typeOf.q8) {
    // Blocks of 32: a 16-bit scale, then signed bytes.
    for (let i = 0; i < numbers; i++) {
      const block = from + Math.floor(i / 32) * 34;
      out[i] = half(view.getUint16(block, true)) * view.getInt8(block + 2 + (i % 32));
    }
  } else {
    throw new Error(`tensors of type ${type} are not read here; F32, F16 and Q8_0 are`);
  }
  return out;
}

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
