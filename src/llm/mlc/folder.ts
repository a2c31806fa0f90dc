import { DrpoError } from '../../core/errors.ts';
import { throwIfAborted } from '../abort.ts';
import { md5Of, sha256Of } from '../download/hashes.ts';
import {
  checkRoom,
  deleteFile,
  findFile,
  localHost,
  putFile,
  type Label,
  type MlcFile,
} from './cache.ts';
import { readManifest, readMlcConfig, type Manifest, type MlcConfig } from './config.ts';
import { revisionOf, type MlcOptions } from './files.ts';
import { Tally } from './tally.ts';
import {
  wantedConfig,
  wantedLibrary,
  wantedManifest,
  wantedShard,
  wantedTokenizer,
  type Wanted,
} from './wanted.ts';
import { unreadable } from '../unreadable.ts';

/** Weights that were taken over from a folder. */
export interface ImportedMlc {
  /** The address under which they are stored: nothing answers there, and nothing is asked. It ends in a slash. */
  readonly url: string;
  /** The folder's name. */
  readonly name: string;
  readonly config: MlcConfig;
  /** The address of the library that lay in the folder; null where none did. */
  readonly libraryUrl: string | null;
  /** As `fetchMlc` gives it. */
  readonly revision: string;
  readonly sizeMb: number;
}

/** A folder of weights, looked through: what its small files say, and its large ones not read yet. */
export interface MlcFolder {
  readonly url: string;
  readonly name: string;
  readonly config: MlcConfig;
  readonly manifest: Manifest;
  /** The files by their paths from `mlc-chat-config.json` on. */
  readonly files: ReadonlyMap<string, File>;
  readonly library: File | null;
}

/**
 * Looks through the files of a folder that was picked or dropped. A file is known by its path (`webkitRelativePath`, or
 * else its name, which may have slashes); what does not belong to weights is left aside. Rejects with `file-invalid` or
 * `model-invalid` and a sentence that names what is missing or has the wrong size, `tokenizer-missing`, or `file-invalid`
 * where a file cannot be read.
 */
export async function readMlcFolder(files: readonly File[]): Promise<MlcFolder> {
  const configs = files.filter((file) => /(^|\/)mlc-chat-config\.json$/.test(pathOf(file)));
  const [configOf] = configs;
  if (!configOf) throw noWeights(files);
  if (configs.length > 1) throw severalModels(configs);
  const folder = pathOf(configOf).replace(/[^/]*$/, '');
  const inside = files.filter((file) => pathOf(file).startsWith(folder));
  const byPath = new Map(inside.map((file) => [pathOf(file).slice(folder.length), file]));
  const list = byPath.get('tensor-cache.json') ?? byPath.get('ndarray-cache.json');
  if (!list) throw missing(['tensor-cache.json']);
  const texts = [await textOf(configOf), await textOf(list)] as const;
  const [config, manifest] = [readMlcConfig(texts[0]), readManifest(texts[1])];
  checkComplete(config, manifest, byPath);
  const digest = await sha256Of(new TextEncoder().encode(texts.join('\n')).buffer);
  return {
    url: `https://${localHost}/${digest.slice(0, 16)}/resolve/main/`,
    name: folder.split('/').at(-2) ?? `${config.modelType} ${config.quantization}`,
    config,
    manifest,
    files: byPath.set('tensor-cache.json', list),
    library: inside.find((file) => file.name.endsWith('.wasm')) ?? null,
  };
}

/**
 * Takes weights over from a folder, with no network, into the caches that web-llm reads. Every shard is compared with the
 * folder's own list. Rejects as `readMlcFolder` does, with `model-invalid` and the names of files that do not fit their
 * checksums, with `storage-full` or `storage-failed`, or with the signal's AbortError; what it stored is removed then.
 */
export async function importMlcFolder(
  files: readonly File[],
  { signal, onProgress }: MlcOptions = {},
): Promise<ImportedMlc> {
  const folder = await readMlcFolder(files);
  const { url, name, config, manifest } = folder;
  const libraryUrl = folder.library ? new URL(folder.library.name, url).href : null;
  const wanted = wantedOf(folder, libraryUrl);
  await checkRoom(manifest.sizeBytes, name);
  const tally = new Tally(onProgress);
  tally.expect(
    new Set(),
    wanted.reduce((sum, [, { size }]) => sum + size, 0),
  );
  const digests = new Map<string, string>();
  const stored: MlcFile[] = [];
  try {
    for (const [item, file] of wanted) {
      throwIfAborted(signal);
      if (!(await findFile(item.file))) stored.push(item.file);
      digests.set(item.file.url, await takeOver(item, file));
      tally.finish(item.file.url, file.size, 'check');
    }
  } catch (error) {
    for (const file of stored) await deleteFile(file);
    throw error;
  }
  if (libraryUrl !== null) digests.delete(libraryUrl);
  const revision = await revisionOf(digests, url);
  return { url, name, config, libraryUrl, revision, sizeMb: manifest.sizeBytes / 1e6 };
}

type Found = readonly [Wanted, File];

function wantedOf(folder: MlcFolder, libraryUrl: string | null): readonly Found[] {
  const { url, name, config, manifest, files, library } = folder;
  const label: Label = { name, ...(libraryUrl !== null && { library: libraryUrl }) };
  const start = wantedConfig(url, {}).file.url.replace(/[^/]*$/, '');
  const items = [
    wantedConfig(url, label),
    wantedManifest(url),
    wantedTokenizer(url, config),
    ...manifest.shards.map((shard) => wantedShard(url, shard)),
  ];
  const found = items.flatMap((item): readonly Found[] => {
    const file = files.get(item.file.url.slice(start.length));
    return file ? [[item, file]] : [];
  });
  return library && libraryUrl !== null ? [...found, [wantedLibrary(libraryUrl), library]] : found;
}

async function takeOver(wanted: Wanted, file: File): Promise<string> {
  const bytes = await bytesOf(file);
  const md5 = wanted.md5 === null ? null : await md5Of(new Blob([bytes]));
  if (md5 !== wanted.md5) {
    throw new DrpoError(
      'model-invalid',
      `${pathOf(file)} does not fit the checksum that tensor-cache.json names for it: it was damaged, or belongs to other weights. Download that file again.`,
      `MD5 ${md5 ?? '?'} of ${wanted.md5 ?? '?'}`,
    );
  }
  wanted.check(new Uint8Array(bytes), true);
  return putFile(wanted.file, bytes, { ...wanted.label, md5 });
}

/** Throws where a file of the list is missing or has another size, or a shard is not of this list. */
function checkComplete(
  config: MlcConfig,
  { shards }: Manifest,
  files: ReadonlyMap<string, File>,
): void {
  const needed = [wantedTokenizerName(config), ...shards.map(({ path }) => path)];
  const absent = needed.filter((path) => !files.has(path));
  if (absent.length > 0) throw missing(absent);
  const named = new Set(needed);
  const foreign = [
    ...shards
      .filter(({ path, sizeBytes }) => files.get(path)?.size !== sizeBytes)
      .map(({ path }) => path),
    ...[...files.keys()].filter((path) => /params_shard_\d+\.bin$/.test(path) && !named.has(path)),
  ];
  if (foreign.length > 0) {
    throw new DrpoError(
      'file-invalid',
      `This folder mixes two models, or a download of it broke off: ${listOf(foreign)} ${foreign.length === 1 ? 'is' : 'are'} not what tensor-cache.json names. Download the folder again.`,
      foreign.join('\n'),
    );
  }
}

function wantedTokenizerName(config: MlcConfig): string {
  const { url } = wantedTokenizer(`https://${localHost}/`, config).file;
  return url.split('/').at(-1) ?? url;
}

function missing(names: readonly string[]): DrpoError {
  const onlyTokenizer = names.every((name) => name.startsWith('tokenizer.'));
  return new DrpoError(
    onlyTokenizer ? 'tokenizer-missing' : 'file-invalid',
    `The folder is not complete: ${listOf(names)} ${names.length === 1 ? 'is' : 'are'} missing. Choose the whole folder, with all its files.`,
    names.join('\n'),
  );
}

function noWeights(files: readonly File[]): DrpoError {
  const others = files.map(pathOf).filter((path) => /\.(safetensors|gguf|pth|onnx)$/.test(path));
  const found = others.length > 0 ? ` It holds ${listOf(others)}.` : '';
  const remedy = others.some((path) => path.endsWith('.gguf'))
    ? 'Drop the GGUF file by itself.'
    : 'Choose a folder whose name ends in -MLC.';
  return new DrpoError(
    'file-invalid',
    `This is not a folder of weights in MLC’s format: mlc-chat-config.json is missing.${found} ${remedy}`,
    files.map(pathOf).slice(0, 50).join('\n'),
  );
}

function severalModels(configs: readonly File[]): DrpoError {
  const folders = configs.map((file) => pathOf(file).replace(/\/?[^/]*$/, '') || '(top)');
  return new DrpoError(
    'file-invalid',
    `There are several models here: ${listOf(folders)}. Choose the folder of one.`,
  );
}

/** Up to four names, and how many more there are. */
function listOf(names: readonly string[]): string {
  const more = names.length - 4;
  return names.slice(0, 4).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function pathOf(file: File): string {
  return file.webkitRelativePath || file.name;
}

async function bytesOf(file: File): Promise<ArrayBuffer> {
  try {
    return await file.arrayBuffer();
  } catch (error) {
    throw unreadable(`${pathOf(file)}\n${String(error)}`);
  }
}

async function textOf(file: File): Promise<string> {
  return new TextDecoder().decode(await bytesOf(file));
}
