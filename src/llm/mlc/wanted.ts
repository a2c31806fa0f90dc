import { DrpoError } from '../../core/errors.ts';
import { configFile, fileName, libraryFile, modelFile, type Label, type MlcFile } from './cache.ts';
import {
  readManifest,
  readMlcConfig,
  tokenizerFile,
  type MlcConfig,
  type Shard,
} from './config.ts';

/** A file that a model needs, and how to tell that what one has is it. */
export interface Wanted {
  readonly file: MlcFile;
  /** Where it can be had, the likeliest first. */
  readonly sources: readonly string[];
  /** Null where nothing says so beforehand. */
  readonly sizeBytes: number | null;
  /** Hex; null where nothing says so beforehand. */
  readonly md5: string | null;
  /** Throws `model-invalid` for bytes that are something else; `isWhole`: they are all there is. */
  readonly check: (bytes: Uint8Array, isWhole: boolean) => void;
  readonly label: Label;
}

const nothing = { sizeBytes: null, md5: null, label: {} };

export function wantedConfig(base: string, label: Label): Wanted {
  const file = configFile(base);
  const check = whenWhole(file, (text) => readMlcConfig(text));
  return { ...nothing, file, sources: [file.url], check, label };
}

/** The list of the shards. Older repositories call it ndarray-cache.json; the content is the same. */
export function wantedManifest(base: string): Wanted {
  const file = modelFile(base, 'tensor-cache.json');
  const older = modelFile(base, 'ndarray-cache.json').url;
  const check = whenWhole(file, (text) => readManifest(text));
  return { ...nothing, file, sources: [file.url, older], check };
}

/** Throws `tokenizer-missing` where the config names none that web-llm reads. */
export function wantedTokenizer(base: string, config: MlcConfig): Wanted {
  const file = modelFile(base, tokenizerFile(config));
  const isJson = file.url.endsWith('.json');
  const check = isJson ? whenWhole(file, checkJson(file)) : notAPage(file);
  return { ...nothing, file, sources: [file.url], check };
}

export function wantedShard(base: string, { path, sizeBytes, md5 }: Shard): Wanted {
  const file = modelFile(base, path);
  return { file, sources: [file.url], sizeBytes, md5, check: notAPage(file), label: {} };
}

export function wantedLibrary(url: string): Wanted {
  const file = libraryFile(url);
  const check = (bytes: Uint8Array): void => {
    if (String(bytes.subarray(0, 4)) !== '0,97,115,109') throw wrong(file, bytes);
  };
  return { ...nothing, file, sources: [url], check };
}

function notAPage(file: MlcFile): Wanted['check'] {
  return (bytes) => {
    const beginning = decode(bytes.subarray(0, 512));
    const isOther = /^\s*<(!doctype|html|head|body|\?xml)|^version https:\/\/git-lfs/i;
    if (isOther.test(beginning)) throw wrong(file, bytes);
  };
}

function whenWhole(file: MlcFile, read: (text: string) => unknown): Wanted['check'] {
  const checkPage = notAPage(file);
  return (bytes, isWhole) => {
    checkPage(bytes, isWhole);
    if (isWhole) read(decode(bytes));
  };
}

function checkJson(file: MlcFile): (text: string) => void {
  return (text) => {
    try {
      JSON.parse(text);
    } catch {
      throw wrong(file, new TextEncoder().encode(text.slice(0, 500)));
    }
  };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** What was to be a file and is something else: a page, most likely. */
function wrong(file: MlcFile, bytes: Uint8Array): DrpoError {
  return new DrpoError(
    'model-invalid',
    `What came as ${fileName(file)} is something else, such as a page that asks for a login, and was not kept. Try again, on a network without a login page.`,
    `${file.url}\n${decode(bytes.subarray(0, 500))}`,
  );
}
