import { DrpoError } from '../../core/errors.ts';
import { sha256Of } from '../download/hashes.ts';

/** Where web-llm 0.2.86 looks for a model's files. It matches by address alone, so what lies there is what it runs. */
export type MlcCache = 'webllm/config' | 'webllm/model' | 'webllm/wasm';

/** A file of weights or a library, by its place in web-llm's caches. */
export interface MlcFile {
  readonly cache: MlcCache;
  readonly url: string;
}

/** What is stored of a file. `sha256` and `added` are null in what was not stored by us. */
export interface StoredFile {
  readonly body: Blob;
  readonly sha256: string | null;
  readonly md5: string | null;
  readonly added: string | null;
  readonly name: string | null;
  readonly library: string | null;
}

/** What is kept with a file, beside its SHA-256. `name` and `library` (its address) are kept with a config. */
export interface Label {
  readonly md5?: string | null;
  readonly added?: string | null;
  readonly name?: string | null;
  readonly library?: string | null;
}

/** Weights from a folder are stored under addresses of this host, where nothing answers. */
export const localHost = 'local.invalid';

const scopes: readonly MlcCache[] = ['webllm/config', 'webllm/model', 'webllm/wasm'];
const prefix = 'x-drpo-';

/** The address that web-llm makes of a model's: it ends in `/resolve/…/`, also where the files lie elsewhere. */
export function mlcBase(url: string): string {
  const folder = url.endsWith('/') ? url : `${url}/`;
  return new URL(/.+\/resolve\/.+\//.test(folder) ? folder : `${folder}resolve/main/`).href;
}

export const configFile = (base: string): MlcFile => ({
  cache: 'webllm/config',
  url: new URL('mlc-chat-config.json', mlcBase(base)).href,
});

/** The manifest, a shard or the tokenizer. */
export const modelFile = (base: string, path: string): MlcFile => ({
  cache: 'webllm/model',
  url: new URL(path, mlcBase(base)).href,
});

export const libraryFile = (url: string): MlcFile => ({ cache: 'webllm/wasm', url });

/** The last part of a file's address. */
export function fileName({ url }: MlcFile): string {
  return new URL(url).pathname.split('/').at(-1) ?? url;
}

/** What is stored of a file, its bytes not read yet; null where nothing is. */
export async function findFile({ cache, url }: MlcFile): Promise<StoredFile | null> {
  const response = await (await open(cache)).match(url);
  if (!response) return null;
  const { headers } = response;
  const label = (name: string): string | null => {
    const value = headers.get(prefix + name);
    return value === null ? null : decodeURIComponent(value);
  };
  return {
    body: await response.blob(),
    sha256: label('sha256'),
    md5: label('md5'),
    added: label('added'),
    name: label('name'),
    library: label('library'),
  };
}

/** Stores a file with its SHA-256, and gives that back. Rejects with `storage-full` or `storage-failed`. */
export async function putFile(
  file: MlcFile,
  bytes: ArrayBuffer,
  label: Label = {},
): Promise<string> {
  const sha256 = await sha256Of(bytes);
  const { added = new Date().toISOString() } = label;
  const headers = new Headers({ 'content-length': String(bytes.byteLength) });
  for (const [name, value] of Object.entries({ ...label, added, sha256 })) {
    if (value != null) headers.set(prefix + name, encodeURIComponent(value));
  }
  try {
    await (await open(file.cache)).put(file.url, new Response(bytes, { headers }));
  } catch (error) {
    throw await putError(error, bytes.byteLength);
  }
  return sha256;
}

export async function deleteFile({ cache, url }: MlcFile): Promise<void> {
  await (await open(cache)).delete(url);
}

/** The addresses of all that is stored, of whatever model. */
export async function allFiles(): Promise<readonly MlcFile[]> {
  const perCache = await Promise.all(
    scopes.map(async (cache) => {
      const keys = await (await open(cache)).keys();
      return keys.map(({ url }) => ({ cache, url }));
    }),
  );
  return perCache.flat();
}

function open(cache: MlcCache): Promise<Cache> {
  if ('caches' in globalThis) return caches.open(cache);
  throw new DrpoError(
    'storage-failed',
    'Models of this kind can be loaded only where the page is served over https or from this computer. Open it so, or take a GGUF file.',
  );
}

/** Rejects with `storage-full` where so many bytes more cannot fit, by the browser's own estimate. */
export async function checkRoom(neededBytes: number, name: string): Promise<void> {
  const sizes = await estimate();
  if (!sizes || neededBytes <= sizes.freeBytes) return;
  throw new DrpoError(
    'storage-full',
    `There is no room for ${name}: ${mb(neededBytes)} are still to be stored. This page holds ${mb(sizes.usageBytes)}, and the browser allows it ${mb(sizes.freeBytes)} more. ${remedy}`,
  );
}

const remedy = 'Delete models that you no longer use, or free space on the disk, then try again.';

interface Sizes {
  readonly usageBytes: number;
  readonly freeBytes: number;
}

async function estimate(): Promise<Sizes | null> {
  const sizes = await navigator.storage.estimate().catch(() => null);
  const { usage, quota } = sizes ?? {};
  if (usage === undefined || quota === undefined) return null;
  return { usageBytes: usage, freeBytes: Math.max(0, quota - usage) };
}

async function putError(error: unknown, neededBytes: number): Promise<DrpoError> {
  const options = { cause: error };
  if (!(error instanceof Error) || error.name !== 'QuotaExceededError') {
    return new DrpoError(
      'storage-failed',
      'This browser’s storage failed while a model was being stored. Reload the page; if it happens again, free space on the disk. What has come is kept.',
      String(error),
      options,
    );
  }
  // Chromium estimates ten gigabytes more than there are, so that pages can't tell disks apart: not named here.
  const sizes = await estimate();
  const held = sizes ? ` beside the ${mb(sizes.usageBytes)} that this page holds` : '';
  return new DrpoError(
    'storage-full',
    `The browser or the disk has no room for ${mb(neededBytes)} more${held}. ${remedy} What has come is kept.`,
    String(error),
    options,
  );
}

function mb(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
