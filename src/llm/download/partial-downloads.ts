import { sha256Of } from './hashes.ts';

/** A stretch of a file: bytes `from` up to, not including, `to`, of one version of what is at `url`. */
export interface Part {
  readonly url: string;
  /** What the server calls this version: a strong ETag or a date. */
  readonly version: string;
  /** Bytes of the whole file. */
  readonly totalBytes: number;
  readonly from: number;
  readonly to: number;
}

/** Where the parts of a download are while it is not whole. */
export interface PartStore {
  /** What is there of a file, of any version, in order. */
  list(url: string): Promise<readonly Part[]>;
  /** What is there of all files. */
  listAll(): Promise<readonly Part[]>;
  /** The bytes of a part as they were put; null where it was lost or changed, and then it is removed. */
  read(part: Part): Promise<ArrayBuffer | null>;
  /** Keeps a part and gives it back as it is kept: on disk, where the browser does so. Null where that fails, as for want of room. */
  put(part: Part, bytes: Blob): Promise<Blob | null>;
  /** A part as it is kept, without looking into it. */
  open(part: Part): Promise<Blob | null>;
  remove(parts: readonly Part[]): Promise<void>;
}

/** A download that broke off. */
export interface StoredPart {
  readonly url: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** When its last part came, such as 2026-01-31T12:00:00.000Z; null where it is not known. */
  readonly added: string | null;
}

const ggufCache = 'drpo-parts';
const digestHeader = 'x-drpo-sha256';
const addedHeader = 'x-drpo-added';

/** The parts of GGUF files, or null where this page has no such storage (plain http). */
export const ggufParts = (): PartStore | null => partStore(ggufCache);

/** The parts of MLC weights. */
export const mlcParts = (): PartStore | null => partStore('drpo-mlc-parts');

/** GGUF downloads that broke off, or were not taken over yet. */
export async function storedParts(): Promise<readonly StoredPart[]> {
  if (!('caches' in globalThis)) return [];
  const cache = await caches.open(ggufCache);
  const parts = (await cache.keys()).flatMap(({ url }) => partOf(url) ?? []);
  const urls = [...new Set(parts.map(({ url }) => url))];
  return Promise.all(
    urls.map(async (url) => {
      const found = parts.filter((part) => part.url === url);
      return {
        url,
        doneBytes: found.reduce((sum, { from, to }) => sum + to - from, 0),
        totalBytes: Math.max(...found.map(({ totalBytes }) => totalBytes)),
        added: await newest(cache, found),
      };
    }),
  );
}

/** Removes what is there of a GGUF download: once its file was taken over, or when it is not wanted any more. */
export async function removeParts(url: string): Promise<void> {
  const store = ggufParts();
  await store?.remove(await store.list(url));
}

async function newest(cache: Cache, parts: readonly Part[]): Promise<string | null> {
  const answers = await Promise.all(parts.map((part) => cache.match(keyOf(part))));
  const moments = answers.flatMap((answer) => answer?.headers.get(addedHeader) ?? []);
  return moments.sort().at(-1) ?? null;
}

function partStore(cacheName: string): PartStore | null {
  if (!('caches' in globalThis)) return null;
  const open = (): Promise<Cache> => caches.open(cacheName);
  const remove = async (parts: readonly Part[]): Promise<void> => {
    const cache = await open();
    await Promise.all(parts.map((part) => cache.delete(keyOf(part))));
  };
  const listAll = async (): Promise<readonly Part[]> => {
    const keys = await (await open()).keys();
    return keys.flatMap((key) => partOf(key.url) ?? []);
  };
  return {
    remove,
    listAll,
    async list(url) {
      const parts = (await listAll()).filter((part) => part.url === url);
      return parts.sort((a, b) => a.from - b.from);
    },
    async read(part) {
      const answer = await (await open()).match(keyOf(part));
      const bytes = await answer?.arrayBuffer();
      const expected = answer?.headers.get(digestHeader);
      if (bytes?.byteLength === part.to - part.from && (await sha256Of(bytes)) === expected) {
        return bytes;
      }
      await remove([part]);
      return null;
    },
    async put(part, bytes) {
      const sha256 = await sha256Of(await bytes.arrayBuffer());
      const headers = { [digestHeader]: sha256, [addedHeader]: new Date().toISOString() };
      const cache = await open();
      try {
        await cache.put(keyOf(part), new Response(bytes, { headers }));
      } catch {
        // A download that need not be kept goes on without; one that must be hears of it when it is put in its place.
        return null;
      }
      return (await (await cache.match(keyOf(part)))?.blob()) ?? null;
    },
    async open(part) {
      return (await (await (await open()).match(keyOf(part)))?.blob()) ?? null;
    },
  };
}

const keyBase = 'https://parts.invalid/';

function keyOf({ url, version, totalBytes, from, to }: Part): string {
  const words = { url, version, total: String(totalBytes), from: String(from), to: String(to) };
  return `${keyBase}?${new URLSearchParams(words).toString()}`;
}

function partOf(key: string): Part | null {
  const words = new URL(key).searchParams;
  const url = words.get('url');
  const version = words.get('version');
  const [totalBytes, from, to] = ['total', 'from', 'to'].map((name) => Number(words.get(name)));
  if (!key.startsWith(keyBase) || url === null || version === null) return null;
  if (totalBytes === undefined || from === undefined || !to || to > totalBytes) return null;
  return { url, version, totalBytes, from, to };
}
