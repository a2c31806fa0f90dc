import { DrpoError } from '../core/errors.ts';
import { roles, type Llm, type LlmInfo, type Llms, type Role } from '../core/llm.ts';
import type { LoadProgress, OpenModel } from '../llm/open.ts';
import type { ModelSource, RunRecord } from '../core/run-record.ts';

/** Where the file of a model is to be found; null where it must be chosen again. */
export type FindFile = (sha256: string) => Promise<File | null>;

/** Keeps a downloaded file, where the person agreed. */
export type KeepFile = (file: Blob, name: string, sha256: string) => Promise<void>;

export interface OpenHooks {
  readonly findFile: FindFile;
  readonly keepFile: KeepFile;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly signal: AbortSignal;
}

/** The file of a run's model is not in this browser: it must be chosen again. */
export class FileWanted extends Error {
  override readonly name = 'FileWanted';
  readonly fileName: string;
  readonly sha256: string;

  constructor(fileName: string, sha256: string) {
    super(`${fileName} must be chosen again`);
    this.fileName = fileName;
    this.sha256 = sha256;
  }
}

/** The models that are loaded in this tab, each once however many roles it plays. */
export class Engines {
  readonly #open = new Map<string, OpenModel>();

  /** The models of a run, loaded as they were when it began. Rejects with `FileWanted` or a DrpoError. */
  async open(record: RunRecord, hooks: OpenHooks): Promise<Llms> {
    return {
      base: await this.load(record, 'base', hooks),
      evaluator: await this.load(record, 'evaluator', hooks),
      optimizer: await this.load(record, 'optimizer', hooks),
    };
  }

  /** The model of one role; those of other runs are let go first. Rejects as `open` does. */
  async load(record: RunRecord, role: Role, hooks: OpenHooks): Promise<Llm> {
    const there = this.of(record, role);
    if (there) return there.llm;
    this.#closeOthers(record);
    const model = await openSource(record.modelSources[role], record.models[role], hooks);
    this.#open.set(keyOf(record, role), model);
    return model.llm;
  }

  /** The loaded model of a role, if it is there as the run had it. */
  of(record: RunRecord, role: Role): OpenModel | undefined {
    const there = this.#open.get(keyOf(record, role));
    return there && fits(there, record.models[role]) ? there : undefined;
  }

  /** Forgets a model that has failed, so that it is loaded anew. */
  closeAll(): void {
    for (const model of this.#open.values()) model.close();
    this.#open.clear();
  }

  #closeOthers(record: RunRecord): void {
    const used = new Set(roles.map((role) => this.of(record, role)));
    for (const [key, model] of this.#open) {
      if (used.has(model)) continue;
      model.close();
      this.#open.delete(key);
    }
  }
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
  { findFile, keepFile, onProgress, signal }: OpenHooks,
): Promise<OpenModel> {
  const { openModel } = await import('../llm/open.ts');
  const options = {
    signal,
    onProgress,
    ...(before.contextSize > 0 && { contextSize: before.contextSize }),
  };
  if (source.type === 'endpoint') {
    const endpoint = { ...source, key: null };
    return sameAsBefore(await openModel(endpoint, options), before);
  }
  if (source.type === 'web-llm' || source.type === 'mlc')
    return sameAsBefore(await openModel(source, options), before);
  if (source.type === 'gguf-file') {
    const file = await findFile(source.sha256);
    if (!file) throw new FileWanted(source.name, source.sha256);
    return sameAsBefore(await openModel({ ...source, file }, options), before);
  }
  const kept = before.revision === '' ? null : await findFile(before.revision);
  const name = fileNameOf(source.url);
  if (kept) {
    const file = { type: 'gguf-file', file: kept, name, sha256: before.revision } as const;
    return sameAsBefore(await openModel(file, options), before);
  }
  const onFile = (file: Blob, sha256: string) => keepFile(file, name, sha256);
  return sameAsBefore(await openModel(source, { ...options, onFile }), before);
}

/** A file name for a model from the web. */
export function fileNameOf(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last) || 'model.gguf';
  } catch {
    // A lone percent sign, which an address may have.
    return last;
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
