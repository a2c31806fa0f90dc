import { DrpoError, isAbort } from '../core/errors.ts';
import type { Speed } from '../core/estimate.ts';
import type { LlmInfo } from '../core/llm.ts';
import { probeDevice, whyNot, type Device } from '../llm/device.ts';
import type { OpenModel } from '../llm/open.ts';
import { f32Sibling, webLlmModels } from '../llm/web-llm-models.ts';
import { estimate, isPersisted, persist } from '../store/quota.ts';
import type { KeptModel } from '../store/records.ts';
import type { ChosenModel } from './draft.svelte.ts';
import { fileNameOf } from './engines.ts';
import { allowHost, isAllowed, readAddress } from './hosts.ts';
import type { Shelf } from './shelf.ts';

/** A model as the list shows it. Sizes in MB of 2²⁰ bytes. */
export interface ModelRow {
  readonly model: ChosenModel;
  readonly name: string;
  readonly kind: 'instruct' | 'base' | 'unknown';
  readonly sizeMb: number | null;
  readonly memoryMb: number | null;
  readonly licence: string | null;
  readonly note: string | null;
  /** Why this machine can't run it, in a sentence that says what would work; null if it can. */
  readonly whyNot: string | null;
  /** Its file is in this browser already. */
  readonly here: boolean;
}

export type DeviceFacts = Device;

/** A file that was chosen in this tab: kept in memory by reference, in the browser if the person agrees. */
interface ChosenFile {
  readonly file: File;
  readonly sha256: string;
  readonly kind: ModelRow['kind'];
  readonly licence: string | null;
}

/** The models a person can choose from, and what this machine is able to run. */
export class Models {
  device = $state.raw<DeviceFacts | null>(null);
  files = $state.raw<readonly KeptModel[]>([]);
  storage = $state.raw<{
    readonly usedMb: number;
    readonly quotaMb: number;
    readonly persisted: boolean;
  } | null>(null);
  /** A file being read or hashed, 0 to 1. */
  reading = $state.raw<{ readonly name: string; readonly done: number } | null>(null);
  /** Speeds measured before, by the file's checksum or web-llm's id. */
  speeds = $state.raw<Readonly<Record<string, Speed>>>({});

  #chosen = $state.raw<ReadonlyMap<string, ChosenFile>>(new Map());
  #urls = $state.raw<readonly string[]>([]);
  readonly #shelf: Shelf;

  readonly rows: readonly ModelRow[] = $derived.by(() => [
    ...this.#fileRows(),
    ...this.#urls.map(urlRow),
    ...(this.device ? listedRows(this.device) : []),
  ]);

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** Finds out what this machine offers and what is kept here. */
  async look(): Promise<void> {
    this.device = await probeDevice();
    this.#urls = asStrings(await this.#shelf.library.get('model-urls'));
    this.speeds = asSpeeds(await this.#shelf.library.get('speeds'));
    // Pages served over plain http have no place for files, and work all the same.
    await this.#shelf.files.sweep().catch(() => undefined);
    await this.refreshStorage();
  }

  async refreshStorage(): Promise<void> {
    this.files = await this.#shelf.files.list();
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
      return this.#asChosen(file, sha256);
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
    this.#urls = [...new Set([...this.#urls, url.href])];
    await this.#shelf.library.put('model-urls', this.#urls);
    const model: ChosenModel = { type: 'gguf-url', url: url.href };
    if (isAllowed(url)) return model;
    allowHost(url);
    await this.#shelf.library.put('model-after-reload', model);
    location.reload();
    return model;
  }

  /** The file with this checksum, chosen in this tab or kept in this browser; null where it must be chosen again. */
  async file(sha256: string): Promise<File | null> {
    return this.#chosen.get(sha256)?.file ?? (await this.#shelf.files.get(sha256));
  }

  /** Keeps a downloaded file. Where there is no room or no storage the run goes on without, and a later one downloads it again. */
  async keepDownloaded(blob: Blob, name: string, sha256: string): Promise<void> {
    const file = new File([blob], name);
    this.#chosen = new Map(this.#chosen).set(sha256, {
      file,
      sha256,
      kind: 'unknown',
      licence: null,
    });
    try {
      await this.#keep(file, sha256);
    } catch (error) {
      const isStorage = error instanceof DrpoError && /^storage-/.test(error.code);
      if (!isStorage) throw error;
    }
  }

  /** The speed of a loaded model: as measured before, else measured now and kept; null where it can't be measured. */
  async speedOf(model: OpenModel | undefined, signal: AbortSignal): Promise<Speed | null> {
    if (!model) return null;
    const key = speedKey(model.llm.info);
    const known = this.speeds[key];
    if (known) return known;
    try {
      const speed = await model.measure(signal);
      this.speeds = { ...this.speeds, [key]: speed };
      await this.#shelf.library.put('speeds', this.speeds);
      return speed;
    } catch (error) {
      if (isAbort(error)) throw error;
      return null;
    }
  }

  /** Loads a model whose file is here, measures it, and lets it go. Rejects with a DrpoError where it cannot be loaded. */
  async measure(model: ChosenModel): Promise<void> {
    const file = model.type === 'gguf-file' ? await this.file(model.sha256) : null;
    if (model.type !== 'gguf-file' || !file) return;
    const { openModel } = await import('../llm/open.ts');
    const { name, sha256 } = model;
    const opened = await openModel({ type: 'gguf-file', file, name, sha256 });
    try {
      await this.speedOf(opened, new AbortController().signal);
    } finally {
      opened.close();
    }
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

  #asChosen(file: File, sha256: string): ChosenModel {
    return {
      type: 'gguf-file',
      name: file.name,
      sha256,
      sizeMb: file.size / 2 ** 20,
      kept: this.files.some((kept) => kept.sha256 === sha256),
    };
  }

  #fileRows(): readonly ModelRow[] {
    const chosen = [...this.#chosen.values()];
    const keptOnly = this.files.filter((kept) => !this.#chosen.has(kept.sha256));
    return [
      ...chosen.map(({ file, sha256, kind, licence }) =>
        fileRow(this.#asChosen(file, sha256), kind, licence),
      ),
      ...keptOnly.map(({ name, sha256, sizeBytes }) =>
        fileRow(
          { type: 'gguf-file', name, sha256, sizeMb: sizeBytes / 2 ** 20, kept: true },
          'unknown',
          null,
        ),
      ),
    ];
  }
}

function speedKey({ engine, id, revision }: LlmInfo): string {
  return engine.startsWith('web-llm') ? id : revision;
}

function fileRow(model: ChosenModel, kind: ModelRow['kind'], licence: string | null): ModelRow {
  const named = model.type === 'gguf-file' ? model : null;
  return {
    model,
    name: named?.name ?? '',
    kind,
    sizeMb: named?.sizeMb ?? null,
    memoryMb: null,
    licence,
    note: null,
    whyNot: null,
    here: true,
  };
}

function urlRow(url: string): ModelRow {
  return {
    model: { type: 'gguf-url', url },
    name: fileNameOf(url),
    kind: 'unknown',
    sizeMb: null,
    memoryMb: null,
    licence: null,
    note: new URL(url).host,
    whyNot: null,
    here: false,
  };
}

/** One row for each model: in the quantisation that suits this machine, half precision where it can. */
function listedRows(device: Device): readonly ModelRow[] {
  const suited = webLlmModels.filter((listed) => {
    const sibling = f32Sibling(listed);
    return sibling === null || listed.needsF16 === device.shaderF16;
  });
  return suited.map((listed) => ({
    model: { type: 'web-llm', id: listed.id },
    name: listed.name,
    kind: listed.kind,
    sizeMb: listed.sizeMb,
    memoryMb: listed.memoryMb,
    licence: listed.licence,
    note: listed.note ?? null,
    whyNot: whyNot(listed, device)?.message ?? null,
    here: false,
  }));
}

function asStrings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((x) => typeof x === 'string') : [];
}

function asSpeeds(value: unknown): Readonly<Record<string, Speed>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((e): e is [string, Speed] => isSpeed(e[1])),
  );
}

function isSpeed(value: unknown): value is Speed {
  const speed = value as Partial<Speed> | null;
  return Number(speed?.prefillPerSecond) > 0 && Number(speed?.decodePerSecond) > 0;
}
