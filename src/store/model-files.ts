import { DrpoError, isAbort } from '../core/errors.ts';
import type { Database } from './database.ts';
import { copyLock, sweepLock } from './locks.ts';
import { asStorageError, estimate, storageFull } from './quota.ts';
import type { KeptModel } from './records.ts';
import { read, write } from './transaction.ts';

export interface KeepOptions {
  readonly onProgress?: (doneBytes: number, ofBytes: number) => void;
  readonly signal?: AbortSignal;
}

/** Model files kept in this browser (its origin-private file system), so that the next visit needs no choosing. */
export interface ModelFiles {
  /**
   * Copies a file under its SHA-256, which the caller has taken. It counts as kept only once it is whole; a failed or
   * aborted copy leaves nothing. Rejects with `storage-full`, `storage-failed` or the signal's AbortError.
   */
  keep(file: File, sha256: string, options?: KeepOptions): Promise<KeptModel>;
  /** The file under its own name, or null where it is not kept or was lost. */
  get(sha256: string): Promise<File | null>;
  /** The kept files, by name. */
  list(): Promise<readonly KeptModel[]>;
  /**
   * Whether a kept file still has its checksum; `hash` takes it of the whole file. A damaged one is removed. False also
   * where the file is not kept. Rejects as `hash` does, and nothing is removed then.
   */
  check(sha256: string, hash: (file: File) => Promise<string>): Promise<boolean>;
  remove(sha256: string): Promise<void>;
  /** Bytes of all kept files. */
  total(): Promise<number>;
  /** Removes what a copy left that died with its tab. Does nothing while a copy is under way. */
  sweep(): Promise<void>;
}

/** The model files of this origin; `db` knows which of them are whole. */
export function modelFiles(db: Database): ModelFiles {
  const list = async (): Promise<readonly KeptModel[]> => {
    const models = await read(db, ['models'], async (tx) => tx.store.getAll());
    return models.sort((a, b) => a.name.localeCompare(b.name));
  };
  const remove = async (sha256: string): Promise<void> => {
    // The record first: a file without one is swept, a record without a file would promise too much.
    await forget(db, sha256);
    await removeFile(sha256);
  };
  return {
    list,
    remove,
    keep: (file, sha256, options = {}) => keep(db, file, { ...options, sha256 }),
    get: async (sha256) => (await find(db, sha256))?.file ?? null,
    async check(sha256, hash) {
      const found = await find(db, sha256);
      if (!found) return false;
      if ((await hash(found.file)) === sha256) return true;
      await remove(sha256);
      return false;
    },
    total: async () => (await list()).reduce((sum, model) => sum + model.sizeBytes, 0),
    sweep: () => sweep(list),
  };
}

async function keep(
  db: Database,
  file: File,
  options: KeepOptions & { readonly sha256: string },
): Promise<KeptModel> {
  const { sha256 } = options;
  const kept = await find(db, sha256);
  if (kept) return kept.model;
  await checkRoom(file.size);
  const release = await copyLock();
  try {
    await copy(file, sha256, options);
    const added = new Date().toISOString();
    const model = { sha256, name: file.name, sizeBytes: file.size, added };
    await write(db, ['models'], async (tx) => tx.store.put(model));
    return model;
  } finally {
    await release?.();
  }
}

/** A record and its file; a record whose file was lost is removed. */
async function find(
  db: Database,
  sha256: string,
): Promise<{ readonly model: KeptModel; readonly file: File } | null> {
  const model = await read(db, ['models'], async (tx) => tx.store.get(sha256));
  if (!model) return null;
  const file = await openFile(sha256);
  if (file?.size === model.sizeBytes) return { model, file: new File([file], model.name) };
  await forget(db, sha256);
  return null;
}

async function forget(db: Database, sha256: string): Promise<void> {
  await write(db, ['models'], async (tx) => tx.store.delete(sha256));
}

const folderName = 'models';

async function folder(): Promise<FileSystemDirectoryHandle> {
  if (!('storage' in navigator)) {
    throw new DrpoError(
      'storage-failed',
      'Model files can be kept only where the page is served over https or from this computer. Open it so, or choose the file on each visit.',
    );
  }
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(folderName, { create: true });
}

async function checkRoom(sizeBytes: number): Promise<void> {
  const sizes = await estimate();
  if (sizes && sizeBytes > sizes.quotaBytes - sizes.usageBytes) throw await storageFull(sizeBytes);
}

/** What is written appears under the name only when the writer closes. */
async function copy(file: File, sha256: string, options: KeepOptions): Promise<void> {
  options.signal?.throwIfAborted();
  try {
    const handle = await (await folder()).getFileHandle(sha256, { create: true });
    const target = await handle.createWritable();
    await file
      .stream()
      .pipeThrough(counted(file.size, options.onProgress))
      .pipeTo(target, options.signal ? { signal: options.signal } : {});
  } catch (error) {
    await removeFile(sha256).catch(() => undefined);
    options.signal?.throwIfAborted();
    throw isAbort(error) ? error : await asStorageError(error);
  }
}

function counted(
  ofBytes: number,
  onProgress: KeepOptions['onProgress'],
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let doneBytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      doneBytes += chunk.length;
      onProgress?.(doneBytes, ofBytes);
    },
  });
}

async function openFile(sha256: string): Promise<File | null> {
  try {
    return await (await (await folder()).getFileHandle(sha256)).getFile();
  } catch (error) {
    if (isNotFound(error)) return null;
    throw await asStorageError(error);
  }
}

async function removeFile(name: string): Promise<void> {
  try {
    await (await folder()).removeEntry(name);
  } catch (error) {
    if (!isNotFound(error)) throw await asStorageError(error);
  }
}

async function sweep(list: ModelFiles['list']): Promise<void> {
  const release = await sweepLock();
  if (!release) return;
  try {
    const whole = new Set((await list()).map((model) => model.sha256));
    const names: string[] = [];
    for await (const name of (await folder()).keys()) names.push(name);
    for (const name of names) if (!whole.has(name)) await removeFile(name);
  } catch (error) {
    throw await asStorageError(error);
  } finally {
    await release();
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError';
}
