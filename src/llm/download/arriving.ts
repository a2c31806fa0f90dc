import { createMD5, createSHA256, type IHasher } from 'hash-wasm';

/** Bytes that came and are not part of a blob yet. */
export interface Tail {
  readonly from: number;
  readonly bytes: Blob;
}

/** Which checksum to take of bytes as they come. */
export type Digest = 'sha256' | 'md5';

const hashers = { sha256: createSHA256, md5: createMD5 };

/** How much of a file's beginning is kept, to tell what it is. */
export const beginningBytes = 512;

/**
 * A file as it comes, from its first byte on: hashed at once, and held as blobs, which the browser may keep on disk where
 * it would hold array buffers in memory.
 */
export class Arriving {
  #position = 0;
  #beginning = new Uint8Array();
  #blobs: Blob[] = [];
  #tail: Uint8Array<ArrayBuffer>[] = [];
  #tailBytes = 0;
  readonly #hasher: IHasher | null;

  private constructor(hasher: IHasher | null) {
    this.#hasher = hasher;
  }

  static async begin(digest: Digest | null): Promise<Arriving> {
    return new Arriving(digest && (await hashers[digest]()));
  }

  /** Bytes so far. */
  get position(): number {
    return this.#position;
  }

  /** Bytes at the end that are not held as a blob yet. */
  get tailBytes(): number {
    return this.#tailBytes;
  }

  /** Up to 512 bytes. */
  get beginning(): Uint8Array {
    return this.#beginning;
  }

  add(chunk: Uint8Array<ArrayBuffer>): void {
    this.#hash(chunk);
    this.#tail.push(chunk);
    this.#tailBytes += chunk.byteLength;
  }

  /** Takes bytes that are held as a blob already. What came before them must be tied up. */
  addHeld(bytes: Uint8Array, blob: Blob): void {
    this.#hash(bytes);
    this.#blobs.push(blob);
  }

  /** The tail as a blob, while it waits for `tie`; null where there is none. */
  tail(): Tail | null {
    if (this.#tailBytes === 0) return null;
    return { from: this.#position - this.#tailBytes, bytes: new Blob(this.#tail) };
  }

  /** Puts a blob of the same bytes in the tail's place. */
  tie(held: Blob): void {
    this.#blobs.push(held);
    this.#tail = [];
    this.#tailBytes = 0;
  }

  /** Forgets all bytes. */
  startOver(): void {
    this.#hasher?.init();
    this.#position = 0;
    this.#beginning = new Uint8Array();
    this.#blobs = [];
    this.#tail = [];
    this.#tailBytes = 0;
  }

  /** The file and its digest, in hex. Nothing can be added after this. */
  finish(): { readonly file: Blob; readonly digest: string | null } {
    return {
      file: new Blob([...this.#blobs, ...this.#tail]),
      digest: this.#hasher?.digest('hex') ?? null,
    };
  }

  #hash(bytes: Uint8Array): void {
    this.#hasher?.update(bytes);
    this.#position += bytes.byteLength;
    const missing = beginningBytes - this.#beginning.byteLength;
    if (missing > 0) {
      this.#beginning = new Uint8Array([...this.#beginning, ...bytes.subarray(0, missing)]);
    }
  }
}
