import { DrpoError } from '../../core/errors.ts';
import { abortError, throwIfAborted } from '../abort.ts';
import type { LoadProgress } from '../boundary.ts';
import { statusOf, type Pause } from '../download/fetch-again.ts';
import { sha256Of } from '../download/hashes.ts';
import { checkStored, type Checked } from './check.ts';
import { checkRoom, deleteFile, fileName, localHost, mlcBase, putFile } from './cache.ts';
import { readManifest, readMlcConfig } from './config.ts';
import { Tally } from './tally.ts';
import {
  wantedConfig,
  wantedLibrary,
  wantedManifest,
  wantedShard,
  wantedTokenizer,
  type Wanted,
} from './wanted.ts';
import { mlcParts } from '../download/partial-downloads.ts';
import { receiveFile } from '../download/receive-file.ts';

/** Where weights in MLC's format are, and the library that runs them. */
export interface MlcPlace {
  /** The folder of the weights; `resolve/main/` is put behind it where that is missing, as web-llm does. */
  readonly base: string;
  readonly libraryUrl: string;
}

export interface MlcOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** How waits before another attempt are spent; by the clock if not given. */
  readonly pause?: Pause;
}

const downloadLanes = 4;
// One file is read from disk while the other is hashed.
const checkLanes = 2;
// Four come at once, and a closed tab loses what is no part yet.
const partBytes = 8 * 2 ** 20;
const partMs = 3000;

/**
 * Gets all files of a model into the caches that web-llm reads, so that it fetches nothing itself. What is stored already
 * is checked, every byte, on each call; what is missing or wrong is fetched, and again once if it comes wrong. Resolves
 * only when everything is there and right, with a hex digest over the checksums of the weights' files: equal digests mean equal weights,
 * from wherever they came. Rejects with `network`, `model-invalid`, `tokenizer-missing`, `storage-full` (before anything
 * large is fetched, if the browser can tell), `storage-failed` or the signal's AbortError; what has come is kept.
 */
export async function fetchMlc(
  place: MlcPlace,
  options: MlcOptions = {},
): Promise<{ readonly revision: string }> {
  const { base, libraryUrl } = place;
  const errand: Errand = { options, tally: new Tally(options.onProgress), digests: new Map() };
  const config = readMlcConfig(
    decode(await obtain(wantedConfig(base, { library: libraryUrl }), errand)),
  );
  const tokenizer = wantedTokenizer(base, config);
  const manifest = readManifest(decode(await obtain(wantedManifest(base), errand)));
  const shards = manifest.shards.map((shard) => wantedShard(base, shard));
  errand.tally.expect(new Set(shards.map(({ file }) => file.url)), manifest.sizeBytes);
  const missing = await missingOf([tokenizer, wantedLibrary(libraryUrl), ...shards], errand);
  const missingBytes = missing.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  await checkRoom(missingBytes, nameOf(base));
  try {
    await inLanes(downloadLanes, missing, options.signal, (wanted, signal) =>
      download(wanted, { ...errand, options: { ...options, signal } }),
    );
  } catch (error) {
    // The next attempt reads the list anew: the files may have been replaced since it was stored.
    if (error instanceof DrpoError && error.code === 'model-invalid') {
      await deleteFile(wantedManifest(base).file);
      await deleteFile(wantedConfig(base, {}).file);
    }
    throw error;
  }
  errand.digests.delete(libraryUrl);
  return { revision: await revisionOf(errand.digests, base) };
}

interface Errand {
  readonly options: MlcOptions;
  readonly tally: Tally;
  /** SHA-256 by address, of what is there and right. */
  readonly digests: Map<string, string>;
}

/** The bytes of a small file, stored and right, or fetched. */
async function obtain(wanted: Wanted, errand: Errand): Promise<ArrayBuffer> {
  const stored = await checkStored(wanted, errand.options.signal);
  if (!stored) return download(wanted, errand);
  note(wanted, stored, errand);
  return stored.bytes;
}

function note({ file }: Wanted, { sha256, bytes }: Checked, { digests, tally }: Errand): void {
  digests.set(file.url, sha256);
  tally.finish(file.url, bytes.byteLength, 'check');
}

/** Checks what is stored, and gives what isn't. */
async function missingOf(files: readonly Wanted[], errand: Errand): Promise<readonly Wanted[]> {
  const missing = new Set<Wanted>();
  await inLanes(checkLanes, files, errand.options.signal, async (wanted, signal) => {
    const stored = await checkStored(wanted, signal);
    if (!stored) missing.add(wanted);
    else note(wanted, stored, errand);
  });
  return files.filter((wanted) => missing.has(wanted));
}

async function download(wanted: Wanted, errand: Errand): Promise<ArrayBuffer> {
  for (let attempt = 1; ; attempt++) {
    const { bytes, problem } = await receive(wanted, errand);
    if (problem === null) {
      const label = { ...wanted.label, md5: wanted.md5 };
      errand.digests.set(wanted.file.url, await putFile(wanted.file, bytes, label));
      await forgetParts(wanted);
      errand.tally.finish(wanted.file.url, bytes.byteLength, 'download');
      return bytes;
    }
    await forgetParts(wanted);
    if (attempt === 2) throw problem;
  }
}

interface Received {
  readonly bytes: ArrayBuffer;
  readonly problem: DrpoError | null;
}

async function receive(wanted: Wanted, { options, tally }: Errand): Promise<Received> {
  const { file, sources, md5, check } = wanted;
  if (new URL(file.url).hostname === localHost) throw gone(wanted);
  for (const [i, url] of sources.entries()) {
    try {
      const came = await receiveFile({
        url,
        ...(options.signal && { signal: options.signal }),
        ...(options.pause && { pause: options.pause }),
        parts: mlcParts(),
        partBytes,
        partMs,
        digest: md5 === null ? null : 'md5',
        checkBeginning: (bytes) => check(bytes, false),
        onProgress: (doneBytes, _totalBytes, phase) => tally.add(file.url, doneBytes, phase),
      });
      const bytes = await came.file.arrayBuffer();
      return { bytes, problem: problemOf(wanted, bytes, came.digest) };
    } catch (error) {
      if (error instanceof DrpoError && error.code === 'model-invalid') {
        return { bytes: new ArrayBuffer(0), problem: error };
      }
      if (statusOf(error) !== 404 || i === sources.length - 1) throw missing(wanted, error);
    }
  }
  throw new Error(`${file.url} has no source.`);
}

function problemOf(wanted: Wanted, bytes: ArrayBuffer, md5: string | null): DrpoError | null {
  const { sizeBytes, file } = wanted;
  const isRight =
    (sizeBytes === null || sizeBytes === bytes.byteLength) &&
    (wanted.md5 === null || wanted.md5 === md5);
  if (!isRight) {
    return new DrpoError(
      'model-invalid',
      `${fileName(file)} does not fit its checksum, twice: what came is not what the model’s list of files names, and was not kept. Try again later, or on another connection.`,
      `${file.url}\n${bytes.byteLength} bytes of ${sizeBytes ?? '?'}, MD5 ${md5 ?? '?'} of ${wanted.md5 ?? '?'}`,
    );
  }
  try {
    wanted.check(new Uint8Array(bytes), true);
    return null;
  } catch (error) {
    if (error instanceof DrpoError) return error;
    throw error;
  }
}

/** What it means that a file is not there. */
function missing({ file }: Wanted, error: unknown): unknown {
  const name = fileName(file);
  if (statusOf(error) !== 404 || !/^tokenizer\./.test(name)) return error;
  return new DrpoError(
    'tokenizer-missing',
    `The weights come without their tokenizer: there is no ${name} at ${new URL(file.url).host}. Take weights that have one.`,
    file.url,
    { cause: error },
  );
}

function gone({ file }: Wanted): DrpoError {
  return new DrpoError(
    'model-missing',
    `These weights came from a folder on this computer, and ${fileName(file)} is missing or damaged. Choose the folder again.`,
    file.url,
  );
}

async function forgetParts({ sources }: Wanted): Promise<void> {
  const store = mlcParts();
  for (const url of sources) await store?.remove(await store.list(url));
}

/** Does the work on all items, some at a time. The first failure stops the rest, and is thrown once they have stopped. */
async function inLanes<T>(
  lanes: number,
  items: readonly T[],
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const stop = new AbortController();
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const queue = [...items];
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        throwIfAborted(both);
        await work(item, both);
      } catch (error) {
        failures.push(error);
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (signal?.aborted) throw abortError(signal);
  if (failures.length > 0) throw failures[0];
}

/** A digest over the digests of a model's files, under their names from its folder on. */
export async function revisionOf(
  digests: ReadonlyMap<string, string>,
  base: string,
): Promise<string> {
  const start = mlcBase(base).length;
  const lines = [...digests].map(([url, sha256]) => `${url.slice(start)} ${sha256}\n`).sort();
  return sha256Of(new TextEncoder().encode(lines.join('')).buffer);
}

/** What a model is called by its address: the last part before `/resolve/`. */
export function nameOf(base: string): string {
  const folder = mlcBase(base).replace(/\/resolve\/.*$/, '');
  return decodeURIComponent(folder.split('/').at(-1) ?? '') || new URL(base).host;
}

function decode(bytes: ArrayBuffer): string {
  return new TextDecoder().decode(bytes);
}
