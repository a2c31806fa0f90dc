import { DrpoError, isAbort } from '../core/errors.ts';
import type { Speed } from '../core/estimate.ts';
import type { EndpointModel, MlcWeights, ModelSource } from '../core/run-record.ts';
import type { Device } from '../llm/device.ts';
import type { StoredMlc } from '../llm/mlc/stored.ts';
import type { LoadProgress, OpenModel } from '../llm/open.ts';
import type { StoredPart } from '../llm/download/partial-downloads.ts';
import { estimate, isPersisted, persist } from '../store/quota.ts';
import type { KeptModel } from '../store/records.ts';
import type { ChosenModel } from './draft.svelte.ts';
import type { OpenHooks } from './engines.ts';
import { allowHost, isAllowed, readAddress } from './hosts.ts';
import { asTexts, Keys } from './keys.ts';
import { Meter } from './meter.ts';
import { binaryMb, displayName, fileChoice, fileNameOf, modelKey } from './model-key.ts';
import type { ChosenFile, OwnModel } from './model-list.ts';
import type {
  CustomWeights,
  EndpointFacts,
  ModelRow,
  StoredModel,
  Transfer,
  Tried,
} from './model-rows.ts';
import { Seat, type Sitter } from './seat.ts';
import type { Shelf } from './shelf.ts';

export type { ModelRow } from './model-rows.ts';
export type DeviceFacts = Device;

/** A form that a page load has interrupted: it let a new host in, and what was typed goes on there. Keys are never kept so. */
export interface PendingForm {
  readonly form: 'server' | 'weights';
  readonly address: string;
}

/** The models a person can choose from, what this machine is able to run, and what of them is here. */
export class Models implements Sitter {
  device = $state.raw<DeviceFacts | null>(null);
  files = $state.raw<readonly KeptModel[]>([]);
  storage = $state.raw<{
    readonly usedMb: number;
    readonly quotaMb: number;
    readonly persisted: boolean;
  } | null>(null);
  /** A file being read or hashed, 0 to 1. */
  reading = $state.raw<{ readonly name: string; readonly done: number } | null>(null);
  /** What was found out about models when they were loaded, by `modelKey`. */
  tried = $state.raw<Readonly<Record<string, Tried>>>({});
  /** The model that comes into this browser now, or failed to. */
  transfer = $state.raw<Transfer | null>(null);
  pending = $state.raw<PendingForm | null>(null);

  /** What knows the models there are: loaded beside the first script, not in it. */
  #list = $state.raw<typeof import('./model-list.ts') | null>(null);
  #chosen = $state.raw<ReadonlyMap<string, ChosenFile>>(new Map());
  #own = $state.raw<readonly OwnModel[]>([]);
  #downloads = $state.raw<Readonly<Record<string, string>>>({});
  #weights = $state.raw<readonly StoredMlc[]>([]);
  #parts = $state.raw<readonly StoredPart[]>([]);
  readonly #shelf: Shelf;
  readonly #keys: Keys;
  #transferring: AbortController | null = null;
  /** Checksums of kept files that were read through on this visit. */
  readonly #checked = new Set<string>();
  /** This tab's place for models, which a run and a trial share. */
  readonly seat = new Seat();

  readonly rows: readonly ModelRow[] = $derived(
    this.#list?.modelRows({
      device: this.device,
      chosen: this.#chosen,
      kept: this.files,
      own: this.#own,
      weights: this.#weights,
      parts: this.#parts,
      downloads: this.#downloads,
    }) ?? [],
  );

  /** Files, MLC weights and broken-off downloads that this browser keeps. */
  readonly stored: readonly StoredModel[] = $derived([
    ...this.files.map(storedFile),
    ...this.#weights.map(storedWeights),
    ...this.#parts.map(storedPart),
  ]);

  readonly #recommended = $derived(
    this.device && this.#list?.recommended(this.rows, this.device, this.#freeMb()),
  );

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
    this.#keys = new Keys(shelf.library);
  }

  /** The one model to begin with on this machine; null while nothing is known of it. */
  get recommended(): ModelRow | null {
    return this.#recommended?.row ?? null;
  }

  get recommendedWhy(): string | null {
    return this.#recommended?.why ?? null;
  }

  get busy(): boolean {
    return this.#transferring !== null;
  }

  letGo(): void {
    // A trial closes its model itself.
  }

  /** Finds out what this machine offers and what is kept here. */
  async look(): Promise<void> {
    const { library, files } = this.#shelf;
    this.#list = await import('./model-list.ts');
    const { probeDevice } = await import('../llm/device.ts');
    this.device = await probeDevice();
    this.#own = asOwn(await library.get('own-models'));
    this.#downloads = asTexts(await library.get('downloads'));
    this.tried = asTried(await library.get('tried'));
    this.pending = asPending(await library.get('form-after-reload'));
    await library.delete('form-after-reload');
    await this.#keys.restore();
    // Pages served over plain http have no place for files, and work all the same.
    await files.sweep().catch(() => undefined);
    await this.refreshStorage();
    // Not waited for: it tells how fast a browser is, and nothing needs to know that at once.
    void this.#lookCloser();
  }

  async refreshStorage(): Promise<void> {
    const { storedMlc } = await import('../llm/mlc/stored.ts');
    const { storedParts } = await import('../llm/download/partial-downloads.ts');
    this.files = await this.#shelf.files.list();
    this.#weights = await storedMlc();
    this.#parts = await storedParts();
    const sizes = await estimate();
    this.storage = sizes && {
      usedMb: sizes.usageBytes / 2 ** 20,
      quotaMb: sizes.quotaBytes / 2 ** 20,
      persisted: await isPersisted(),
    };
  }

  /** Asks the browser not to clear this page's storage by itself. False if it will not promise. */
  async protect(): Promise<boolean> {
    const protectedNow = await persist();
    await this.refreshStorage();
    return protectedNow;
  }

  /** A dropped or picked file: checked, hashed, offered as a row. Rejects with a DrpoError that leaves everything as it was. */
  async addFile(file: File): Promise<ChosenModel> {
    const { readGguf, checkMemory } = await import('../llm/gguf.ts');
    const { hashFile } = await import('../llm/open.ts');
    this.reading = { name: file.name, done: 0 };
    try {
      const facts = await readGguf(file);
      checkMemory(facts, Math.min(2048, facts.contextLength), this.device?.deviceMemoryGb ?? null);
      const sha256 = await hashFile(file, (done) => {
        this.reading = { name: file.name, done: done / file.size };
      });
      const kind = facts.hasChatTemplate ? 'instruct' : 'base';
      const chosen: ChosenFile = { file, sha256, kind, licence: facts.licence };
      this.#chosen = new Map(this.#chosen).set(sha256, chosen);
      return fileChoice(file, sha256, this.files);
    } finally {
      this.reading = null;
    }
  }

  /** Keeps a dropped file in the browser's private file system, so that Resume finds it. */
  async keepFile(sha256: string): Promise<void> {
    const chosen = this.#chosen.get(sha256);
    if (!chosen) return;
    await this.#keep(chosen.file, sha256);
  }

  async forgetFile(sha256: string): Promise<void> {
    await this.#shelf.files.remove(sha256);
    await this.refreshStorage();
  }

  /**
   * Checks an address of a GGUF file. A host that was not named before is let in by loading the page again, after which the
   * model is on the list. Rejects with `host-blocked`.
   */
  async addUrl(text: string): Promise<ChosenModel> {
    const url = readAddress(text);
    const model: OwnModel = { type: 'gguf-url', url: url.href };
    await this.#addOwn(model);
    if (isAllowed(url)) return model;
    await this.#shelf.library.put('model-after-reload', model);
    this.#letIn(url);
    return model;
  }

  /**
   * Reads what somebody's weights say of themselves, before anything large is downloaded. A new host is let in by loading the
   * page again. Rejects with a DrpoError that names what is missing.
   */
  async inspectWeights(address: string): Promise<CustomWeights> {
    const { weightsAddress, inspectWeights } = await import('./custom-weights.ts');
    const url = weightsAddress(address);
    if (!isAllowed(url)) await this.#comeBack(url, { form: 'weights', address });
    return inspectWeights(url.href, this.device);
  }

  /** Takes a folder of MLC weights into this browser, checked, and says which libraries run it. */
  async addFolder(files: readonly File[]): Promise<CustomWeights> {
    const { importFolder } = await import('./custom-weights.ts');
    this.reading = { name: 'the folder', done: 0 };
    try {
      return await importFolder(files, this.device, (name, done) => {
        this.reading = { name, done };
      });
    } finally {
      this.reading = null;
      await this.refreshStorage();
    }
  }

  async addWeights(weights: MlcWeights): Promise<ChosenModel> {
    await this.#addOwn(weights);
    return weights;
  }

  /** Asks a server what it offers. A new host is let in by loading the page again. Rejects with a DrpoError. */
  async lookAtServer(address: string, key: string): Promise<EndpointFacts> {
    const { endpointAddress, lookAtEndpoint } = await import('../llm/endpoint/look.ts');
    const url = endpointAddress(address);
    if (!isAllowed(url)) await this.#comeBack(url, { form: 'server', address });
    const facts = await lookAtEndpoint(url.href, key === '' ? this.#keys.of(url.href) : key);
    return { ...facts, url: url.href };
  }

  /** Takes a model of a server; its key stays in memory unless `keep`. */
  async addServer(model: EndpointModel, key: string, keep: boolean): Promise<ChosenModel> {
    await this.#keys.put(model.url, key, keep);
    await this.#addOwn(model);
    return model;
  }

  /** Why these models can't be in memory together, in a sentence; null where nothing known speaks against it. */
  whyNotTogether(sources: readonly ModelSource[]): DrpoError | null {
    return (this.device && this.#list?.togetherProblem(sources, this.rows, this.device)) ?? null;
  }

  /** Whether there is a graphics device that is not imitated in software. */
  get hasGpu(): boolean {
    return this.device !== null && this.device.webgpu && !this.device.fallback;
  }

  /** The key of a server, if this tab knows one. */
  keyFor(url: string): string | null {
    return this.#keys.of(url);
  }

  /** Takes a person's own entry off the list. What is stored of it stays. */
  async forget(model: ChosenModel): Promise<void> {
    const key = modelKey(model);
    this.#own = this.#own.filter((own) => modelKey(own) !== key);
    await this.#shelf.library.put('own-models', this.#own);
    if (model.type === 'endpoint') await this.#keys.put(model.url, '', false);
    if (model.type !== 'gguf-file') return;
    const chosen = new Map(this.#chosen);
    chosen.delete(model.sha256);
    this.#chosen = chosen;
  }

  /** Downloads a model's files without loading it. Resolves when they are here or it was cancelled; why it failed is in `transfer`. */
  async download(model: ChosenModel): Promise<void> {
    if (model.type === 'gguf-file' || model.type === 'built-in' || model.type === 'endpoint')
      return;
    await this.#during(model, async ({ signal, onProgress }) => {
      const { bringModel } = await import('../llm/open.ts');
      await persist();
      const onFile = (file: Blob, sha256: string) =>
        model.type === 'gguf-url'
          ? this.keepDownloaded(file, model.url, sha256)
          : Promise.resolve();
      await bringModel(model, { signal, onProgress, onFile });
    });
  }

  /** Loads a model, sees whether it writes language, measures how fast, and lets it go. As `download` otherwise. */
  async tryOut(model: ChosenModel): Promise<void> {
    await this.#during(model, async ({ signal, onProgress }) => {
      const { tried } = this;
      this.tried = without(tried, modelKey(model));
      const { openOnce } = await import('./engines.ts');
      const opened = await openOnce(sourceOf(model), this.openHooks(this, signal, onProgress));
      try {
        onProgress({ phase: 'prepare', doneMb: 0, totalMb: null });
        await this.speedOf(model, opened, signal);
      } finally {
        opened.close();
        // One that could not be tried again is as it was known before.
        if (!this.tried[modelKey(model)]) this.tried = tried;
      }
    });
  }

  /** As `tryOut`, but rejects with what went wrong instead of showing it as a transfer. */
  async measure(model: ChosenModel): Promise<void> {
    await this.tryOut(model);
    const error = this.transfer?.error;
    this.clearTransfer();
    if (error) throw error;
  }

  cancel(): void {
    this.#transferring?.abort();
  }

  clearTransfer(): void {
    if (!this.#transferring) this.transfer = null;
  }

  /** Whether the file with this checksum was chosen in this tab or is kept in this browser. */
  async has(sha256: string): Promise<boolean> {
    return this.#chosen.has(sha256) || (await this.#shelf.files.get(sha256)) !== null;
  }

  /**
   * The file with this checksum, chosen in this tab or kept in this browser; null where it must be chosen again. A kept one is
   * read through once a visit: a damaged one is removed, as a model of it would talk nonsense.
   */
  async file(
    sha256: string,
    onProgress: (progress: LoadProgress) => void = () => undefined,
  ): Promise<File | null> {
    const chosen = this.#chosen.get(sha256);
    if (chosen) return chosen.file;
    const kept = await this.#shelf.files.get(sha256);
    if (!kept || this.#checked.has(sha256)) return kept;
    const { checkFile } = await import('./stored-checks.ts');
    const totalMb = kept.size / 1e6;
    const broken = await checkFile(this.#shelf.files, sha256, (done) =>
      onProgress({ phase: 'check', doneMb: done * totalMb, totalMb }),
    );
    if (broken.length === 0) this.#checked.add(sha256);
    else await this.refreshStorage();
    return broken.length === 0 ? kept : null;
  }

  /** The checksum of what was downloaded from an address; null where nothing was. */
  downloadedFrom(url: string): string | null {
    return this.#downloads[url] ?? null;
  }

  /** Keeps a downloaded file. Where there is no room or no storage the run goes on without, and a later one downloads it again. */
  async keepDownloaded(blob: Blob, url: string, sha256: string): Promise<void> {
    const file = new File([blob], fileNameOf(url));
    const chosen: ChosenFile = { file, sha256, kind: 'unknown', licence: null };
    this.#chosen = new Map(this.#chosen).set(sha256, chosen);
    try {
      await this.#keep(file, sha256);
      this.#downloads = { ...this.#downloads, [url]: sha256 };
      await this.#shelf.library.put('downloads', this.#downloads);
      const { removeParts } = await import('../llm/download/partial-downloads.ts');
      await removeParts(url);
      await this.refreshStorage();
    } catch (error) {
      const isStorage = error instanceof DrpoError && /^storage-/.test(error.code);
      if (!isStorage) throw error;
    }
  }

  async removeStored(key: string): Promise<void> {
    await this.#remove(key);
    await this.refreshStorage();
  }

  async removeAllStored(): Promise<void> {
    for (const { key } of this.stored) await this.#remove(key);
    await this.refreshStorage();
  }

  /** The names of a stored model's files that are not what they were; these are removed, to be downloaded again. */
  async checkStored(key: string, onProgress?: (done: number) => void): Promise<readonly string[]> {
    const { checkFile, checkWeights } = await import('./stored-checks.ts');
    const [type, name] = splitKey(key);
    const broken =
      type === 'file'
        ? await checkFile(this.#shelf.files, name, onProgress)
        : type === 'mlc'
          ? await checkWeights(name, onProgress)
          : [];
    if (broken.length > 0) await this.refreshStorage();
    return broken;
  }

  /** What is known of a loaded model: as found out before, else tried now and kept; null where it can't be measured. */
  async speedOf(
    source: ModelSource,
    model: OpenModel | undefined,
    signal: AbortSignal,
  ): Promise<Tried | null> {
    if (!model) return null;
    const key = modelKey(source);
    const known = this.tried[key];
    if (known) return known;
    try {
      const test = await model.selfTest(signal);
      const speed: Speed = await model.measure(signal);
      const tried: Tried = { ...speed, problem: test.ok ? null : test.sentence };
      this.tried = { ...this.tried, [key]: tried };
      await this.#shelf.library.put('tried', this.tried);
      return tried;
    } catch (error) {
      if (isAbort(error)) throw error;
      return null;
    }
  }

  async #lookCloser(): Promise<void> {
    const { device } = this;
    if (!device?.webgpu) return;
    const { measureSync } = await import('../llm/device.ts');
    const syncMs = await measureSync();
    if (this.device === device) this.device = { ...device, syncMs };
  }

  #freeMb(): number | null {
    return this.storage && this.storage.quotaMb - this.storage.usedMb;
  }

  /** What opens models needs of the app, for whoever is to hold them. */
  openHooks(
    sitter: Sitter,
    signal: AbortSignal,
    onProgress: (progress: LoadProgress) => void,
  ): OpenHooks {
    return {
      signal,
      onProgress,
      gpu: this.hasGpu,
      findFile: (sha256) => this.file(sha256, onProgress),
      keepFile: (file, url, sha256) => this.keepDownloaded(file, url, sha256),
      downloadedFrom: (url) => this.downloadedFrom(url),
      keyFor: (url) => this.keyFor(url),
      takeSeat: (wanting) =>
        this.seat.take(sitter, wanting, () =>
          onProgress({ phase: 'wait', doneMb: 0, totalMb: null }),
        ),
      onRevive: () => undefined,
    };
  }

  /** One transfer at a time: a second press is refused, not doubled. */
  async #during(
    model: ChosenModel,
    work: (hooks: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: LoadProgress) => void;
    }) => Promise<void>,
  ): Promise<void> {
    if (this.#transferring) {
      throw new DrpoError(
        'run-busy',
        `${this.transfer?.name ?? 'Another model'} is on its way. Wait until it is here, or cancel it first.`,
      );
    }
    const controller = new AbortController();
    this.#transferring = controller;
    const meter = new Meter();
    const row = this.rows.find((one) => modelKey(one.model) === modelKey(model));
    const name = row?.name ?? displayName(model);
    const start: Transfer = {
      model,
      name,
      progress: null,
      mbPerSecond: null,
      leftMs: null,
      error: null,
    };
    this.transfer = start;
    const onProgress = (progress: LoadProgress): void => {
      const { mbPerSecond, leftMs } = meter.add(progress, performance.now());
      this.transfer = { ...start, progress, mbPerSecond, leftMs };
    };
    try {
      await work({ signal: controller.signal, onProgress });
      this.transfer = null;
    } catch (error) {
      const progress = this.transfer?.progress ?? null;
      this.transfer = isAbort(error) ? null : { ...start, progress, error: asDrpoError(error) };
    } finally {
      this.#transferring = null;
      await this.seat.rest();
      await this.refreshStorage();
    }
  }

  async #remove(key: string): Promise<void> {
    const [type, name] = splitKey(key);
    if (type === 'file') await this.#shelf.files.remove(name);
    if (type === 'mlc') await (await import('../llm/mlc/stored.ts')).removeMlc(name);
    if (type === 'part')
      await (await import('../llm/download/partial-downloads.ts')).removeParts(name);
  }

  async #addOwn(model: OwnModel): Promise<void> {
    const key = modelKey(model);
    this.#own = [...this.#own.filter((own) => modelKey(own) !== key), model];
    await this.#shelf.library.put('own-models', this.#own);
  }

  /** Loads the page again with a host let in, where the form goes on. */
  async #comeBack(url: URL, form: PendingForm): Promise<void> {
    await this.#shelf.library.put('form-after-reload', form);
    this.#letIn(url);
    // The page is on its way out: whoever waits need not hear more.
    await new Promise(() => undefined);
  }

  #letIn(url: URL): void {
    allowHost(url);
    location.reload();
  }

  async #keep(file: File, sha256: string): Promise<void> {
    await persist();
    try {
      await this.#shelf.files.keep(file, sha256, {
        onProgress: (done, of) => {
          this.reading = { name: file.name, done: done / of };
        },
      });
    } finally {
      this.reading = null;
      await this.refreshStorage();
    }
  }
}

/** How a chosen model can be had again: what a run's record keeps of it. */
export function sourceOf(model: ChosenModel): ModelSource {
  return model.type === 'gguf-file'
    ? { type: 'gguf-file', name: model.name, sha256: model.sha256 }
    : model;
}

function storedFile({ sha256, name, sizeBytes, added }: KeptModel): StoredModel {
  return { key: `file:${sha256}`, name, sizeMb: sizeBytes / 2 ** 20, state: 'whole', added };
}

function storedWeights({ base, name, sizeMb, state, added }: StoredMlc): StoredModel {
  return { key: `mlc:${base}`, name, sizeMb: binaryMb(sizeMb), state, added };
}

function storedPart({ url, doneBytes, added }: StoredPart): StoredModel {
  const name = fileNameOf(url);
  return { key: `part:${url}`, name, sizeMb: doneBytes / 2 ** 20, state: 'part', added };
}

function splitKey(key: string): readonly [type: string, name: string] {
  const colon = key.indexOf(':');
  return [key.slice(0, colon), key.slice(colon + 1)];
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

function asDrpoError(error: unknown): DrpoError {
  if (error instanceof DrpoError) return error;
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new DrpoError(
    'model-load-failed',
    'The model could not be brought here. Try again; if it stays so, choose another one.',
    details,
  );
}

// Only this app writes what follows; what it does not know is left aside.

function asOwn(value: unknown): readonly OwnModel[] {
  if (!Array.isArray(value)) return [];
  const known = ['gguf-url', 'mlc', 'endpoint'];
  return value.filter((x): x is OwnModel => known.includes((x as Partial<OwnModel>).type ?? ''));
}

function asTried(value: unknown): Readonly<Record<string, Tried>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((e): e is [string, Tried] => isTried(e[1])),
  );
}

function isTried(value: unknown): value is Tried {
  const tried = value as Partial<Tried> | null;
  return Number(tried?.prefillPerSecond) > 0 && Number(tried?.decodePerSecond) > 0;
}

function asPending(value: unknown): PendingForm | null {
  const pending = value as Partial<PendingForm> | undefined;
  return pending?.form && typeof pending.address === 'string' ? (pending as PendingForm) : null;
}
