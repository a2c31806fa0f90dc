import { DrpoError } from '../../core/errors.ts';
import { fetchText } from '../download/fetch-again.ts';
import { configFile, findFile } from './cache.ts';
import {
  differences,
  readManifest,
  readMlcConfig,
  tokenizerFile,
  type Difference,
  type MlcConfig,
} from './config.ts';
import { readMlcAddress } from './address.ts';
import { beginningOf } from './beginning.ts';
import { nameOf } from './files.ts';
import { readMlcFolder } from './folder.ts';

/** What was read of somebody's weights before anything large is fetched. */
export interface InspectedMlc {
  readonly name: string;
  /** Ends in a slash. For a folder, where `importMlcFolder` will store it. */
  readonly url: string;
  /** Ids of listed models whose library runs these weights, the likeliest first; empty where none does. */
  readonly libraries: readonly string[];
  /** Why none does, with the values that differ; null where one does. */
  readonly whyNot: string | null;
  /** The literal text of the token that these weights expect before any text; empty where they expect none. */
  readonly beginning: string;
  /** `text` where the chat template adds nothing, as with base models. */
  readonly form: 'chat' | 'text';
  /** To download, in MB of 10⁶ bytes. */
  readonly sizeMb: number;
  readonly config: MlcConfig;
  /** A folder that brings its own library. */
  readonly hasLibrary: boolean;
}

/** A listed model, and the address of its `mlc-chat-config.json`. */
export interface ListedLibrary {
  readonly id: string;
  readonly configUrl: string;
}

/** Gets the text of a file; rejects with a `network` error where that fails. */
export type FetchText = (url: string) => Promise<string>;

/**
 * Reads what weights are and which listed libraries run them: those that were compiled for the same architecture,
 * quantisation and sizes. Only small files are fetched. Rejects with `host-blocked` for an address that cannot be read
 * from here, `network`, `model-invalid` or `tokenizer-missing`, and for a folder as `readMlcFolder` does.
 */
export async function inspectMlc(
  source: string | readonly File[],
  listed: readonly ListedLibrary[],
  fetchFile: FetchText = fetchText,
): Promise<InspectedMlc> {
  const weights = await (typeof source === 'string'
    ? readAddress(readMlcAddress(source), fetchFile)
    : readFolder(source));
  const { config, name } = weights;
  const compared = await compareAll(config, listed, fetchFile);
  const fitting = compared.filter(({ differences: d }) => d.length === 0);
  const byLikeness = fitting.sort((a, b) => likeness(b.id, name) - likeness(a.id, name));
  const runs = byLikeness.length > 0 || weights.hasLibrary;
  return {
    ...weights,
    libraries: byLikeness.map(({ id }) => id),
    whyNot: runs ? null : whyNot(config, listed, compared),
    form: config.template === null || /^(lm|raw)$/i.test(config.template) ? 'text' : 'chat',
  };
}

type Weights = Omit<InspectedMlc, 'libraries' | 'whyNot' | 'form'>;

async function readAddress(url: string, fetchFile: FetchText): Promise<Weights> {
  const get = (name: string): Promise<string> => fetchFile(new URL(name, url).href);
  const config = readMlcConfig(await get('mlc-chat-config.json'));
  const manifest = readManifest(
    await get('tensor-cache.json').catch(() => get('ndarray-cache.json')),
  );
  tokenizerFile(config);
  const beginning = await beginningOf(get, config);
  const sizeMb = manifest.sizeBytes / 1e6;
  return { name: nameOf(url), url, config, beginning, sizeMb, hasLibrary: false };
}

async function readFolder(files: readonly File[]): Promise<Weights> {
  const folder = await readMlcFolder(files);
  const { name, url, config, manifest } = folder;
  const get = async (path: string): Promise<string> => {
    const file = folder.files.get(path);
    if (!file) throw new DrpoError('file-invalid', `${path} is missing.`);
    return file.text();
  };
  const beginning = await beginningOf(get, config);
  const sizeMb = manifest.sizeBytes / 1e6;
  return { name, url, config, beginning, sizeMb, hasLibrary: folder.library !== null };
}

interface Compared {
  readonly id: string;
  readonly differences: readonly Difference[];
}

/** Compares with the listed models of the same quantisation. Rejects only if none of their configs could be had. */
async function compareAll(
  config: MlcConfig,
  listed: readonly ListedLibrary[],
  fetchFile: FetchText,
): Promise<Compared[]> {
  const near = listed.filter(({ id }) => quantisationOf(id) === config.quantization);
  const results = await Promise.allSettled(
    near.map(async ({ id, configUrl }) => {
      const text = (await storedText(configUrl)) ?? (await fetchFile(configUrl));
      return { id, differences: differences(config, readMlcConfig(text)) };
    }),
  );
  const compared = results.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []));
  const failure = results.find((r) => r.status === 'rejected');
  if (compared.length === 0 && failure) throw failure.reason;
  return compared;
}

/** Where a model was loaded before, no network is needed to compare with it. */
async function storedText(configUrl: string): Promise<string | null> {
  if (!('caches' in globalThis)) return null;
  const found = await findFile(configFile(new URL('.', configUrl).href));
  return found ? found.body.text() : null;
}

function quantisationOf(id: string): string | null {
  return /-(q\df\d+(?:_\d)?)(?:-|$)/.exec(id)?.[1] ?? null;
}

function whyNot(
  config: MlcConfig,
  listed: readonly ListedLibrary[],
  compared: readonly Compared[],
): string {
  if (compared.length === 0) {
    const known = new Set(listed.flatMap(({ id }) => quantisationOf(id) ?? []));
    return `These weights are quantised as ${config.quantization}, and the listed libraries are compiled for ${[...known].join(', ')}. Take the same model in one of these.`;
  }
  const nearest = [...compared].sort((a, b) => distance(a) - distance(b))[0];
  if (!nearest) throw new Error('Something was compared.');
  const { id, differences: found } = nearest;
  const values = found
    .slice(0, 4)
    .map(
      ({ name, weights, library }) => `${name} is ${show(weights)} here and ${show(library)} there`,
    );
  const more = found.length > 4 ? `, and ${found.length - 4} more differ` : '';
  return `No listed library is compiled for these weights. The nearest is that of ${id}: ${values.join(', ')}${more}. Take weights of a listed model’s shape, or a GGUF file.`;
}

/** Another architecture is further away than any other size. */
function distance({ differences: found }: Compared): number {
  return found.length + (found.some(({ name }) => name === 'architecture') ? 1000 : 0);
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** How many letters two names begin with alike. */
export function likeness(a: string, b: string): number {
  let same = 0;
  while (same < a.length && a[same]?.toLowerCase() === b[same]?.toLowerCase()) same++;
  return same;
}
