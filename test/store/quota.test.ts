import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { DrpoError } from '../../src/core/errors.ts';
import { journalStore } from '../../src/store/journal-store.ts';
import { library } from '../../src/store/library.ts';
import { modelFiles } from '../../src/store/model-files.ts';
import { asStorageError, isPersisted, persist } from '../../src/store/quota.ts';
import { importRun } from '../../src/store/runs.ts';
import { makeEntry, makeRunFile } from '../formats/builders.ts';
import { newDatabase, rowCounts } from './databases.ts';

interface Bucket {
  readonly indexedDB: IDBFactory;
  estimate(): Promise<StorageEstimate>;
  getDirectory(): Promise<FileSystemDirectoryHandle>;
}

interface Buckets {
  open(name: string, options: { readonly quota: number }): Promise<Bucket>;
  delete(name: string): Promise<void>;
}

/** Until the test ends, storage is a bucket of its own with this little room: its errors are the browser's own. */
async function limitStorage(quota: number): Promise<void> {
  const { storageBuckets } = navigator as unknown as { readonly storageBuckets: Buckets };
  const bucket = await storageBuckets.open('small', { quota });
  vi.stubGlobal('indexedDB', bucket.indexedDB);
  vi.spyOn(navigator.storage, 'estimate').mockImplementation(() => bucket.estimate());
  vi.spyOn(navigator.storage, 'getDirectory').mockImplementation(() => bucket.getDirectory());
  onTestFinished(async () => {
    await storageBuckets.delete('small');
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}

/** Text of 240 kB that does not compress. */
function noise(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  return Array.from(bytes, (byte, i) => String.fromCharCode(0x4e00 + byte + (i % 97))).join('');
}

describe('with no room left', () => {
  test('a reply is refused with the sizes and the remedy, and earlier ones stay', async () => {
    await limitStorage(3_000_000);
    const db = await newDatabase();
    const journal = journalStore(db, 'a');
    await journal.put(makeEntry('k0'));
    const fill = async () => {
      for (let i = 1; i < 200; i += 1) await journal.put(makeEntry(`k${i}`, noise()));
    };
    await expect(fill()).rejects.toMatchObject({
      code: 'storage-full',
      message: expect.stringMatching(/holds \d MB of the 3 MB .* Delete old runs/) as unknown,
      details: expect.stringMatching(/^QuotaExceededError/) as unknown,
    });
    expect(await journal.get('k0')).toEqual(makeEntry('k0'));
    const { replies } = await rowCounts(db);
    expect((await journal.all()).length).toBe(replies);
  });

  test('an import leaves nothing', async () => {
    await limitStorage(3_000_000);
    const db = await newDatabase();
    const before = await rowCounts(db);
    const journal = Array.from({ length: 40 }, (_, i) => makeEntry(`k${i}`, noise()));
    await expect(importRun(db, { ...makeRunFile(), journal })).rejects.toMatchObject({
      code: 'storage-full',
    });
    expect(await rowCounts(db)).toEqual(before);
  });

  test('a model file is refused before it is copied', async () => {
    await limitStorage(3_000_000);
    const files = modelFiles(await newDatabase());
    const onProgress = vi.fn();
    const file = new File([new Uint8Array(5_000_000)], 'big.gguf');
    await expect(files.keep(file, 'big', { onProgress })).rejects.toMatchObject({
      code: 'storage-full',
      message: expect.stringMatching(/, and 5 MB more are needed/) as unknown,
    });
    expect(onProgress).not.toHaveBeenCalled();
  });

  test('a model file that the estimate let pass leaves nothing', async () => {
    await limitStorage(3_000_000);
    const files = modelFiles(await newDatabase());
    vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ usage: 1e6, quota: 1e12 });
    const file = new File([new Uint8Array(30_000_000)], 'big.gguf');
    await expect(files.keep(file, 'big')).rejects.toMatchObject({
      code: 'storage-full',
      message: expect.stringMatching(/holds 1 MB, more than that/) as unknown,
    });
    expect(await files.list()).toEqual([]);
    expect(await files.get('big')).toBeNull();
  });
});

describe('a storage error', () => {
  test('that is ours stays as it is', async () => {
    const error = new DrpoError('run-missing', 'x');
    expect(await asStorageError(error)).toBe(error);
  });

  test.each([
    ['QuotaExceededError', 'storage-full', /Delete old runs/],
    ['SecurityError', 'storage-failed', /site data/],
    ['InvalidStateError', 'storage-failed', /Reload the page/],
    ['AbortError', 'storage-failed', /storage failed/],
  ])('%s says what to do', async (name, code, message) => {
    const error = await asStorageError(new DOMException('the cause', name));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.details).toBe(`${name}: the cause`);
  });
});

test('the library keeps values by name', async () => {
  const shelf = library(await newDatabase());
  await shelf.put('draft', { a: [1] });
  await shelf.put('queries', ['x']);
  expect(await shelf.get('draft')).toEqual({ a: [1] });
  expect(await shelf.get('none')).toBeUndefined();
  expect(await shelf.keys()).toEqual(['draft', 'queries']);
  await shelf.delete('draft');
  expect(await shelf.keys()).toEqual(['queries']);
});

test('persistence can be asked for', async () => {
  expect(typeof (await persist())).toBe('boolean');
  expect(typeof (await isPersisted())).toBe('boolean');
});
