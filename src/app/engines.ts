import { DrpoError } from '../core/errors.ts';
import { roles, type Llm, type LlmInfo, type Llms, type Role } from '../core/llm.ts';
import type { ModelSource, RunRecord } from '../core/run-record.ts';
import { abortError } from '../llm/abort.ts';
import type { LoadProgress, ModelSource as Source, OpenModel, OpenOptions } from '../llm/open.ts';
import { isMendable } from '../llm/mendable.ts';
import { supervised } from '../llm/supervised.ts';
import { FileWanted } from './file-wanted.ts';
import { fileNameOf } from './model-key.ts';

/** Where the file of a model is to be found; null where it must be chosen again. */
export type FindFile = (sha256: string) => Promise<File | null>;

/** Keeps the file that was downloaded from an address. */
export type KeepFile = (file: Blob, url: string, sha256: string) => Promise<void>;

export interface OpenHooks {
  readonly findFile: FindFile;
  readonly keepFile: KeepFile;
  /** The checksum of what was downloaded from an address before; null where nothing was, or it is gone. */
  readonly downloadedFrom: (url: string) => string | null;
  /** Whether a GGUF model may try the graphics device. */
  readonly gpu: boolean;
  /** The key of a server; null where it needs none or none is known. */
  readonly keyFor: (url: string) => string | null;
  /** Waits until this tab may hold models in memory. */
  readonly takeSeat: (signal: AbortSignal) => Promise<void>;
  readonly onProgress: (progress: LoadProgress) => void;
  /** An engine has failed and is loaded anew. */
  readonly onRevive: (error: DrpoError) => void;
  readonly signal: AbortSignal;
}

/** The models that are loaded in this tab, each once however many roles it plays and however often it is asked for. */
export class Engines {
  readonly #open = new Map<string, OpenModel>();
  readonly #loading = new Map<string, Loading>();

  /** The models of a run, loaded as they were when it began. Rejects with `FileWanted` or a DrpoError. */
  async open(record: RunRecord, hooks: OpenHooks): Promise<Llms> {
    return {
      base: await this.load(record, 'base', hooks),
      evaluator: await this.load(record, 'evaluator', hooks),
      optimizer: await this.load(record, 'optimizer', hooks),
    };
  }

  /** The model of one role; those of other runs are let go first, also while they load. Rejects as `open` does. */
  async load(record: RunRecord, role: Role, hooks: OpenHooks): Promise<Llm> {
    const there = this.of(record, role);
    if (there) return there.llm;
    this.#closeOthers(record);
    const key = keyOf(record, role);
    const running = this.#loading.get(key);
    const loading = running && !running.givenUp ? running : this.#begin(record, role, hooks);
    return (await loading.wait(hooks.signal)).llm;
  }

  /** The loaded model of a role, if it is there as the run had it. */
  of(record: RunRecord, role: Role): OpenModel | undefined {
    const there = this.#open.get(keyOf(record, role));
    return there && fits(there, record.models[role]) ? there : undefined;
  }

  /** Forgets a model that has failed, so that it is loaded anew. */
  closeAll(): void {
    for (const loading of this.#loading.values()) loading.giveUp();
    this.#loading.clear();
    for (const model of this.#open.values()) model.close();
    this.#open.clear();
  }

  #begin(record: RunRecord, role: Role, hooks: OpenHooks): Loading {
    const key = keyOf(record, role);
    const loading = new Loading((signal) => open(record, role, { ...hooks, signal }));
    this.#loading.set(key, loading);
    loading.model
      .then((model) => {
        // Given up at the last moment: nobody would close it.
        if (loading.givenUp) model.close();
        else this.#open.set(key, model);
      })
      .catch(() => undefined)
      .finally(() => {
        if (this.#loading.get(key) === loading) this.#loading.delete(key);
      });
    return loading;
  }

  #closeOthers(record: RunRecord): void {
    const used = new Set(roles.map((role) => this.of(record, role)));
    for (const [key, model] of this.#open) {
      if (used.has(model)) continue;
      model.close();
      this.#open.delete(key);
    }
    const wanted = new Set(roles.map((role) => keyOf(record, role)));
    for (const [key, loading] of this.#loading) {
      if (wanted.has(key)) continue;
      loading.giveUp();
      this.#loading.delete(key);
    }
  }
}

/** A model on its way, for whoever waits for it: two presses load it once, and it is given up when nobody waits any more. */
class Loading {
  readonly model: Promise<OpenModel>;
  readonly #controller = new AbortController();
  #waiting = 0;

  constructor(open: (signal: AbortSignal) => Promise<OpenModel>) {
    this.model = open(this.#controller.signal);
    this.model.catch(() => undefined);
  }

  get givenUp(): boolean {
    return this.#controller.signal.aborted;
  }

  giveUp(): void {
    this.#controller.abort();
  }

  wait(signal: AbortSignal): Promise<OpenModel> {
    this.#waiting += 1;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting -= 1;
        if (this.#waiting === 0) this.giveUp();
        reject(abortError(signal));
      };
      if (signal.aborted) {
        leave();
        return;
      }
      signal.addEventListener('abort', leave, { once: true });
      const settled = (): void => signal.removeEventListener('abort', leave);
      this.model.finally(settled).then(resolve, reject);
    });
  }
}

/** Loads a role's model behind its supervisor: an engine that fails in the middle is loaded anew, just as it was. */
async function open(record: RunRecord, role: Role, hooks: OpenHooks): Promise<OpenModel> {
  const { modelSources, models } = record;
  const source = modelSources[role];
  if (source.type !== 'endpoint') await hooks.takeSeat(hooks.signal);
  const first = await openFresh(source, models[role], hooks);
  const before = first.llm.info;
  return supervised(first, {
    onRevive: hooks.onRevive,
    reopen: (signal) => openFresh(source, before, { ...hooks, ...(signal && { signal }) }),
  });
}

/** Loads a model outside any run, as a new run would. Rejects with `FileWanted` or a DrpoError. */
export async function openOnce(source: ModelSource, hooks: OpenHooks): Promise<OpenModel> {
  const fresh: LlmInfo = {
    engine: '',
    id: '',
    revision: '',
    contextSize: 0,
    name: '',
    form: 'text',
    canEmbed: false,
    concurrency: 1,
  };
  if (source.type !== 'endpoint') await hooks.takeSeat(hooks.signal);
  return openFresh(source, fresh, hooks);
}

/** How a model is loaded: its context in tokens, null for the usual one, and whether a GGUF model tries the graphics device. */
interface Way {
  readonly contextSize: number | null;
  readonly gpu: boolean;
}

/**
 * A model that was never loaded takes a smaller context where its memory does not suffice for the usual one, and the processor
 * where the graphics device fails. One that was goes on as it was: other ways round otherwise.
 */
async function openFresh(
  source: ModelSource,
  before: LlmInfo,
  hooks: OpenHooks,
): Promise<OpenModel> {
  let last: unknown;
  for (const way of waysOf(source, before, hooks.gpu)) {
    try {
      return await openSource(source, before, hooks, way);
    } catch (error) {
      last = error;
      if (!mayHelp(error, way)) throw error;
    }
  }
  throw last;
}

function waysOf({ type }: ModelSource, before: LlmInfo, hasGpu: boolean): readonly Way[] {
  const { contextSize, engine } = before;
  if (contextSize > 0) return [{ contextSize, gpu: engine.includes('WebGPU') }];
  if (type === 'endpoint') return [{ contextSize: null, gpu: false }];
  const onGpu = hasGpu && type.startsWith('gguf');
  const smaller = [1024, 512].map((size) => ({ contextSize: size, gpu: false }));
  return [
    ...(onGpu ? [{ contextSize: null, gpu: true }] : []),
    { contextSize: null, gpu: false },
    ...smaller,
  ];
}

/** Whether loading it another way may do: with less memory, or without the graphics device. */
function mayHelp(error: unknown, { gpu }: Way): boolean {
  const code = error instanceof DrpoError ? error.code : null;
  return code === 'out-of-memory' || (gpu && (isMendable(error) || code === 'model-load-failed'));
}

function keyOf(record: RunRecord, role: Role): string {
  return JSON.stringify(record.modelSources[role]);
}

/**
 * Whether a loaded model is as a run had it: another context cuts otherwise, and an address may have other weights by now. A
 * run that never loaded takes it as it is.
 */
function fits({ llm }: OpenModel, before: LlmInfo): boolean {
  const { contextSize } = llm.info;
  const sameContext = before.contextSize === 0 || before.contextSize === contextSize;
  return sameContext && isSame(llm.info, before);
}

function isSame({ revision, engine }: LlmInfo, before: LlmInfo): boolean {
  const sameWeights = before.revision === '' || before.revision === revision;
  return sameWeights && (before.contextSize === 0 || before.engine === engine);
}

async function openSource(
  source: ModelSource,
  before: LlmInfo,
  { findFile, keepFile, downloadedFrom, keyFor, onProgress, signal }: OpenHooks,
  { contextSize, gpu }: Way,
): Promise<OpenModel> {
  const { openModel, hashFile } = await import('../llm/open.ts');
  const options = {
    signal,
    onProgress,
    gpu,
    ...(contextSize !== null && { contextSize }),
  };
  const openAs = async (from: Source, more: Partial<OpenOptions> = {}): Promise<OpenModel> =>
    sameAsBefore(await openModel(from, { ...options, ...more }), before);
  switch (source.type) {
    case 'web-llm':
    case 'mlc':
      return openAs(source);
    case 'endpoint':
      return openAs({ ...source, key: keyFor(source.url) });
    case 'gguf-file': {
      const file = await findFile(source.sha256);
      if (!file) throw new FileWanted(source.name, source.sha256);
      return openAs({ ...source, file });
    }
    case 'built-in': {
      const { fetchBuiltIn } = await import('../llm/fetch-built-in.ts');
      const file = await fetchBuiltIn(source.id, signal);
      const sha256 = await hashFile(file, undefined, signal);
      return openAs({ type: 'gguf-file', file, name: file.name, sha256 });
    }
    case 'gguf-url': {
      const known = before.revision === '' ? downloadedFrom(source.url) : before.revision;
      const kept = known === null ? null : await findFile(known);
      const name = fileNameOf(source.url);
      if (kept && known !== null) {
        return openAs({ type: 'gguf-file', file: kept, name, sha256: known });
      }
      return openAs(source, { onFile: (file, sha256) => keepFile(file, source.url, sha256) });
    }
  }
}

/** A run goes on only with the weights that it began with: others would say other things. */
function sameAsBefore(model: OpenModel, before: LlmInfo): OpenModel {
  if (isSame(model.llm.info, before)) return model;
  model.close();
  const { revision, engine } = model.llm.info;
  if (before.revision === '' || before.revision === revision) {
    throw new DrpoError(
      'model-changed',
      `This run began with ${before.engine} and this version of the app has ${engine}, which may answer otherwise. Start a new run; this one is kept as it is.`,
    );
  }
  throw new DrpoError(
    'model-changed',
    `${before.name} is not what it was when this run began (${before.revision.slice(0, 12)}… then, ${revision.slice(0, 12)}… now). Start a new run with it, or bring back the old file.`,
  );
}
