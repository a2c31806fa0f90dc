import { createSHA256 } from 'hash-wasm';
import { DrpoError } from '../core/errors.ts';
import { abortError } from './abort.ts';
import { chunksOf } from './chunks.ts';
import { checkBeginning } from './gguf.ts';

export interface Download {
  readonly file: Blob;
  /** Hex. */
  readonly sha256: string;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** Bytes so far, and of how many if the server said so. */
  readonly onProgress?: (doneBytes: number, totalBytes: number | null) => void;
}

// Pieces become blobs as they grow: the browser may keep those on disk, and an array buffer never.
const pieceBytes = 16 * 2 ** 20;

const beginningBytes = 512;

/**
 * Downloads a GGUF file, hashing it as it comes. Rejects with `network` (unreachable, refused, or broken off half-way),
 * `model-invalid` as soon as the first bytes show that it is something else, or the signal's AbortError.
 */
export async function downloadGguf(url: string, options: DownloadOptions = {}): Promise<Download> {
  try {
    return await receive(await request(url, options.signal), url, options);
  } catch (error) {
    if (options.signal?.aborted) throw abortError(options.signal);
    throw error;
  }
}

async function request(url: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, signal ? { signal } : {});
  } catch (error) {
    throw networkError(
      url,
      'could not be reached. Check the connection, and that this site lets other pages read its files',
      error,
    );
  }
  if (response.ok) return response;
  await response.body?.cancel();
  const status = `${response.status} ${response.statusText}`.trim();
  const remedy =
    response.status === 401 || response.status === 403
      ? 'The model may ask for a login: download the file yourself and open it from disk'
      : 'Check the address';
  throw networkError(url, `answered “${status}”. ${remedy}`);
}

async function receive(
  response: Response,
  url: string,
  { onProgress }: DownloadOptions,
): Promise<Download> {
  const totalBytes = totalOf(response);
  const hash = await createSHA256();
  const pieces = new Pieces();
  let doneBytes = 0;
  try {
    for await (const chunk of response.body ? chunksOf(response.body) : []) {
      const before = doneBytes;
      doneBytes += chunk.byteLength;
      hash.update(chunk);
      pieces.add(chunk);
      if (before < beginningBytes && doneBytes >= beginningBytes) await check(pieces);
      onProgress?.(doneBytes, totalBytes);
    }
    if (doneBytes < beginningBytes) await check(pieces);
  } catch (error) {
    if (error instanceof DrpoError) throw error;
    throw brokenOff(url, doneBytes, totalBytes, error);
  }
  if (totalBytes !== null && doneBytes < totalBytes) throw brokenOff(url, doneBytes, totalBytes);
  return { file: pieces.whole(), sha256: hash.digest('hex') };
}

/** The length the server announced; null where it sent the file compressed, as the length is then of something else. */
function totalOf(response: Response): number | null {
  const length = Number(response.headers.get('content-length'));
  return length > 0 && !response.headers.get('content-encoding') ? length : null;
}

async function check(pieces: Pieces): Promise<void> {
  const beginning = await pieces.whole().slice(0, beginningBytes).arrayBuffer();
  checkBeginning(new Uint8Array(beginning));
}

class Pieces {
  readonly #blobs: Blob[] = [];
  #loose: Uint8Array<ArrayBuffer>[] = [];
  #looseBytes = 0;

  add(chunk: Uint8Array<ArrayBuffer>): void {
    this.#loose.push(chunk);
    this.#looseBytes += chunk.byteLength;
    if (this.#looseBytes >= pieceBytes) this.#tie();
  }

  whole(): Blob {
    this.#tie();
    return new Blob(this.#blobs);
  }

  #tie(): void {
    if (this.#loose.length > 0) this.#blobs.push(new Blob(this.#loose));
    this.#loose = [];
    this.#looseBytes = 0;
  }
}

function brokenOff(
  url: string,
  doneBytes: number,
  totalBytes: number | null,
  cause?: unknown,
): DrpoError {
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const of = totalBytes === null ? '' : ` of ${mb(totalBytes)}`;
  return networkError(
    url,
    `broke off after ${mb(doneBytes)}${of} MB. Check the connection and try again`,
    cause,
  );
}

function networkError(url: string, what: string, cause?: unknown): DrpoError {
  return new DrpoError(
    'network',
    `${new URL(url).host} ${what}.`,
    cause instanceof Error ? `${url}\n${cause.message}` : url,
    { cause },
  );
}
