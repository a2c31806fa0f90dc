import { throwIfAborted } from '../abort.ts';
import type { LoadProgress } from '../boundary.ts';
import { asList, checkStored } from './check.ts';
import {
  allFiles,
  configFile,
  deleteFile,
  fileName,
  findFile,
  libraryFile,
  localHost,
  mlcBase,
  modelFile,
  type MlcFile,
} from './cache.ts';
import { readManifest, readMlcConfig, type Manifest, type MlcConfig } from './config.ts';
import { nameOf } from './files.ts';
import { Tally } from './tally.ts';
import {
  wantedConfig,
  wantedLibrary,
  wantedManifest,
  wantedShard,
  wantedTokenizer,
  type Wanted,
} from './wanted.ts';
import { mlcParts, type Part } from '../download/partial-downloads.ts';

/** Weights in MLC's format that this browser keeps, whoever stored them. */
export interface StoredMlc {
  /** Ends in a slash. Equal to `mlcBase` of the address they came from. */
  readonly base: string;
  readonly name: string;
  /** In MB of 10⁶ bytes, with what came of files that are not whole. */
  readonly sizeMb: number;
  readonly files: number;
  /** `whole`: every file of the list is there with its size. What is in them is checked at each load. */
  readonly state: 'whole' | 'part';
  /** How much of the bytes is there, 0 to 1; null where the list of files is missing. */
  readonly share: number | null;
  /** A moment such as 2026-01-31T12:00:00.000Z; null where it is not known. */
  readonly added: string | null;
}

/** What is stored, by name. Looks at places and sizes, not at the bytes. */
export async function storedMlc(): Promise<readonly StoredMlc[]> {
  if (!('caches' in globalThis)) return [];
  const groups = await filesByBase();
  const parts = (await mlcParts()?.listAll()) ?? [];
  const stored = await Promise.all(
    [...groups].map(([base, files]) => describe(base, files, parts)),
  );
  return stored.sort((a, b) => a.name.localeCompare(b.name));
}

async function describe(
  base: string,
  files: readonly MlcFile[],
  allParts: readonly Part[],
): Promise<StoredMlc> {
  const sizes = new Map<string, number>();
  for (const file of files) sizes.set(file.url, (await findFile(file))?.body.size ?? 0);
  const label = await findFile(configFile(base));
  const partBytes = allParts
    .filter(({ url }) => url.startsWith(base) && !sizes.has(url))
    .reduce((sum, { from, to }) => sum + to - from, 0);
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, partBytes);
  const { config, manifest } = await listed(base);
  const wanted = config && manifest ? wantedOf(base, config, manifest) : null;
  const isWhole = wanted?.every(({ file, sizeBytes }) => {
    const size = sizes.get(file.url);
    return size !== undefined && (sizeBytes === null || sizeBytes === size);
  });
  return {
    base,
    name: label?.name ?? nameOf(base),
    sizeMb: bytes / 1e6,
    files: files.length,
    state: isWhole ? 'whole' : 'part',
    share: manifest ? Math.min(1, bytes / manifest.sizeBytes) : null,
    added: label?.added ?? null,
  };
}

/** Removes weights, what came of them, and the libraries that no other weights were loaded with. */
export async function removeMlc(base: string): Promise<void> {
  const own = mlcBase(base);
  const groups = await filesByBase();
  const libraries = asList((await findFile(configFile(own)))?.library);
  for (const file of groups.get(own) ?? []) await deleteFile(file);
  const store = mlcParts();
  const parts = (await store?.listAll()) ?? [];
  await store?.remove(parts.filter(({ url }) => url.startsWith(own)));
  const others = [...groups.keys()].filter((other) => other !== own);
  const used = await Promise.all(others.map(async (other) => findFile(configFile(other))));
  const stillUsed = new Set(used.flatMap((config) => asList(config?.library)));
  for (const url of libraries) if (!stillUsed.has(url)) await deleteFile(libraryFile(url));
  if (others.length === 0) await caches.delete('webllm/wasm');
}

export interface CheckOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * Reads every byte of stored weights and of their libraries. Gives the names of the files that were damaged, or are
 * missing; what was damaged is removed, and the next load fetches it. Rejects with the signal's AbortError.
 */
export async function checkMlc(
  base: string,
  { signal, onProgress }: CheckOptions = {},
): Promise<readonly string[]> {
  const own = mlcBase(base);
  const tally = new Tally(onProgress);
  const label = await findFile(configFile(own));
  const { config, manifest } = await listed(own);
  const libraries = asList(label?.library).map(wantedLibrary);
  const lists = [wantedConfig(own, {}), wantedManifest(own)];
  const rest = config && manifest ? wantedOf(own, config, manifest) : [];
  if (manifest)
    tally.expect(
      new Set(manifest.shards.map(({ path }) => modelFile(own, path).url)),
      manifest.sizeBytes,
    );
  const broken: string[] = [];
  for (const wanted of [...lists, ...rest, ...libraries]) {
    throwIfAborted(signal);
    const stored = await checkStored(wanted, signal);
    if (!stored) broken.push(fileName(wanted.file));
    else tally.finish(wanted.file.url, stored.bytes.byteLength, 'check');
  }
  return broken;
}

/** Shards and tokenizer: what the lists name. */
function wantedOf(base: string, config: MlcConfig, manifest: Manifest): readonly Wanted[] {
  return [wantedTokenizer(base, config), ...manifest.shards.map((s) => wantedShard(base, s))];
}

/** What the stored lists say; null where they are missing or damaged. */
async function listed(
  base: string,
): Promise<{ readonly config: MlcConfig | null; readonly manifest: Manifest | null }> {
  const config = await textOf(configFile(base));
  const manifest = await textOf(wantedManifest(base).file);
  return { config: tryRead(config, readUsableConfig), manifest: tryRead(manifest, readManifest) };
}

function readUsableConfig(text: string): MlcConfig {
  const config = readMlcConfig(text);
  wantedTokenizer(`https://${localHost}/`, config);
  return config;
}

function tryRead<T>(text: string | null, read: (text: string) => T): T | null {
  try {
    return text === null ? null : read(text);
  } catch {
    return null;
  }
}

async function textOf(file: MlcFile): Promise<string | null> {
  const found = await findFile(file);
  return found ? found.body.text().catch(() => null) : null;
}

/** All stored files by the weights they belong to. A library that came with no weights belongs to none. */
async function filesByBase(): Promise<ReadonlyMap<string, readonly MlcFile[]>> {
  const files = await allFiles();
  const lists = files.filter(({ url }) => /\/(mlc-chat-config|tensor-cache)\.json$/.test(url));
  const bases = new Set(lists.map(({ url }) => folderOf(url)));
  const groups = new Map<string, readonly MlcFile[]>();
  for (const file of files) {
    const around = [...bases].filter((base) => file.url.startsWith(base));
    const longest = around.sort((a, b) => b.length - a.length)[0];
    if (longest === undefined && file.cache === 'webllm/wasm') continue;
    const base = longest ?? folderOf(file.url);
    groups.set(base, [...(groups.get(base) ?? []), file]);
  }
  return groups;
}

function folderOf(url: string): string {
  return new URL('.', url).href;
}
