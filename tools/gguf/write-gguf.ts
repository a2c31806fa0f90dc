/** One value of a GGUF header. Arrays of numbers are written as they are, without conversion to another type. */
export type Value =
  | { readonly type: 'u32' | 'i32' | 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'f32s' | 'i32s'; readonly value: readonly number[] };

/**
 * Weights in 32-bit floats. `shape[0]` is the contiguous axis, as ggml has it. `as` is how they are written, 32-bit floats if not
 * given; q8_0 (blocks of 32 whole numbers with a common factor) wants a `shape[0]` that is a multiple of 32.
 */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
  readonly as?: 'f32' | 'q8_0';
}

// As ggml numbers them.
const tensorTypes = { f32: 0, q8_0: 8 } as const;

const typeIds = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const alignment = 32;

/** Little-endian bytes, appended. */
class Bytes {
  readonly #chunks: Uint8Array[] = [];
  size = 0;

  raw(bytes: Uint8Array): this {
    this.#chunks.push(bytes);
    this.size += bytes.byteLength;
    return this;
  }

  #view(length: number, write: (view: DataView) => void): this {
    const view = new DataView(new ArrayBuffer(length));
    write(view);
    return this.raw(new Uint8Array(view.buffer));
  }

  u32(n: number): this {
    return this.#view(4, (view) => view.setUint32(0, n, true));
  }

  i32(n: number): this {
    return this.#view(4, (view) => view.setInt32(0, n, true));
  }

  f32(n: number): this {
    return this.#view(4, (view) => view.setFloat32(0, n, true));
  }

  u64(n: number): this {
    return this.#view(8, (view) => view.setBigUint64(0, BigInt(n), true));
  }

  string(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.u64(bytes.byteLength).raw(bytes);
  }

  align(): this {
    const over = this.size % alignment;
    return over === 0 ? this : this.raw(new Uint8Array(alignment - over));
  }

  done(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.size);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.byteLength;
    }
    return all;
  }
}

function writeArray<T>(
  out: Bytes,
  elementType: number,
  items: readonly T[],
  write: (item: T) => void,
): void {
  out.u32(typeIds.array).u32(elementType).u64(items.length);
  items.forEach(write);
}

function writeValue(out: Bytes, value: Value): void {
  switch (value.type) {
    case 'u32':
      out.u32(typeIds.u32).u32(value.value);
      return;
    case 'i32':
      out.u32(typeIds.i32).i32(value.value);
      return;
    case 'f32':
      out.u32(typeIds.f32).f32(value.value);
      return;
    case 'bool':
      out.u32(typeIds.bool).raw(new Uint8Array([value.value ? 1 : 0]));
      return;
    case 'string':
      out.u32(typeIds.string).string(value.value);
      return;
    case 'strings':
      writeArray(out, typeIds.string, value.value, (item) => out.string(item));
      return;
    case 'f32s':
      writeArray(out, typeIds.f32, value.value, (item) => out.f32(item));
      return;
    case 'i32s':
      writeArray(out, typeIds.i32, value.value, (item) => out.i32(item));
      return;
  }
}

/** A GGUF file, version 3. Throws if a tensor's shape and data disagree, or its kind does not fit its shape. */
export function writeGguf(
  header: Readonly<Record<string, Value>>,
  tensors: readonly Tensor[],
): Uint8Array<ArrayBuffer> {
  const out = new Bytes().raw(new TextEncoder().encode('GGUF')).u32(3);
  out.u64(tensors.length).u64(Object.keys(header).length);
  for (const [key, value] of Object.entries(header)) writeValue(out.string(key), value);
  let offset = 0;
  const written = tensors.map(tensorBytes);
  tensors.forEach(({ name, shape, as = 'f32' }, i) => {
    out.string(name).u32(shape.length);
    for (const side of shape) out.u64(side);
    out.u32(tensorTypes[as]).u64(offset);
    offset += Math.ceil((written[i]?.byteLength ?? 0) / alignment) * alignment;
  });
  out.align();
  for (const bytes of written) out.raw(bytes).align();
  return out.done();
}

function tensorBytes({ name, shape, data, as = 'f32' }: Tensor): Uint8Array {
  if (shape.reduce((a, b) => a * b, 1) !== data.length) {
    throw new Error(`${name}: ${data.length} numbers do not fill ${shape.join(' × ')}`);
  }
  if (as === 'f32') return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if ((shape[0] ?? 0) % blockSize !== 0)
    throw new Error(`${name}: ${shape[0]} is no multiple of 32`);
  return quantised(data);
}

const blockSize = 32;

/** Blocks of 32: a 16-bit float factor, then whole numbers of 8 bits that it is multiplied with. */
function quantised(data: Float32Array): Uint8Array {
  const out = new DataView(new ArrayBuffer((data.length / blockSize) * (2 + blockSize)));
  for (let from = 0, at = 0; from < data.length; from += blockSize) {
    const block = data.subarray(from, from + blockSize);
    const largest = block.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const factor = largest / 127;
    out.setUint16(at, halfBits(factor), true);
    at += 2;
    for (const x of block) out.setInt8(at++, factor === 0 ? 0 : Math.round(x / factor));
  }
  return new Uint8Array(out.buffer);
}

/** The bits of the nearest 16-bit float to a number from 0 up to 65504. */
function halfBits(value: number): number {
  // Below the smallest normal one, 2⁻¹⁴, they are multiples of 2⁻²⁴.
  if (value < 2 ** -14) return Math.round(value * 2 ** 24);
  const exponent = Math.floor(Math.log2(value));
  const mantissa = Math.round((value / 2 ** exponent - 1) * 1024);
  return ((exponent + 15) << 10) + mantissa;
}
