import { beforeEach, expect, test, vi } from 'vitest';
import { modelFiles } from '../../src/store/model-files.ts';
import { newDatabase } from './databases.ts';

const bytes = new Uint8Array(300_000).map((_, i) => i % 251);

function makeFile(name = 'tiny.gguf'): File {
  return new File([bytes], name);
}

async function namesOnDisk(): Promise<readonly string[]> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('models', { create: true });
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  return names.sort();
}

beforeEach(async () => {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry('models', { recursive: true }).catch(() => undefined);
});

test('a kept file comes back, byte for byte, and is listed', async () => {
  const files = modelFiles(await newDatabase());
  const progress: number[] = [];
  const model = await files.keep(makeFile(), 'abc', { onProgress: (done) => progress.push(done) });
  expect(model).toMatchObject({ sha256: 'abc', name: 'tiny.gguf', sizeBytes: bytes.length });
  expect(progress.at(-1)).toBe(bytes.length);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  const file = await files.get('abc');
  expect(file?.name).toBe('tiny.gguf');
  const read = new Uint8Array((await file?.arrayBuffer()) ?? []);
  expect(read.length === bytes.length && read.every((byte, i) => byte === bytes[i])).toBe(true);
  expect(await files.list()).toEqual([model]);
  expect(await files.total()).toBe(bytes.length);
  expect(await files.get('other')).toBeNull();
});

test('a removed file is gone; removing it again changes nothing', async () => {
  const files = modelFiles(await newDatabase());
  await files.keep(makeFile(), 'abc');
  await files.remove('abc');
  await files.remove('abc');
  expect(await files.get('abc')).toBeNull();
  expect(await files.total()).toBe(0);
  expect(await namesOnDisk()).toEqual([]);
});

test('an aborted copy leaves nothing, and the abort is a status', async () => {
  const files = modelFiles(await newDatabase());
  const control = new AbortController();
  const keeping = files.keep(makeFile(), 'abc', {
    signal: control.signal,
    onProgress: () => control.abort(),
  });
  await expect(keeping).rejects.toMatchObject({ name: 'AbortError' });
  await expect(
    files.keep(makeFile(), 'abc', { signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ name: 'AbortError' });
  expect(await files.get('abc')).toBeNull();
  expect(await namesOnDisk()).toEqual([]);
});

test('a file that cannot be read to its end is not kept', async () => {
  const files = modelFiles(await newDatabase());
  const file = makeFile();
  let pulls = 0;
  vi.spyOn(file, 'stream').mockReturnValue(
    new ReadableStream({
      pull(controller) {
        pulls += 1;
        if (pulls < 3) controller.enqueue(new Uint8Array(1_000));
        else controller.error(new DOMException('gone', 'NotReadableError'));
      },
    }),
  );
  await expect(files.keep(file, 'abc')).rejects.toMatchObject({
    code: 'storage-failed',
    details: 'NotReadableError: gone',
  });
  expect(await files.list()).toEqual([]);
  expect(await namesOnDisk()).toEqual([]);
});

test('a file that was lost or cut is forgotten, not given out', async () => {
  const db = await newDatabase();
  const files = modelFiles(db);
  await files.keep(makeFile(), 'abc');
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('models');
  const writer = await (await folder.getFileHandle('abc')).createWritable();
  await writer.write('short');
  await writer.close();
  expect(await files.get('abc')).toBeNull();
  expect(await files.list()).toEqual([]);
});

async function sha256Of(file: Blob): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Turns one bit of a kept file, as a bad disk would. */
async function damage(name: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const handle = await (await root.getDirectoryHandle('models')).getFileHandle(name);
  const writer = await handle.createWritable({ keepExistingData: true });
  await writer.write({ type: 'write', position: 1000, data: new Uint8Array([255]) });
  await writer.close();
}

test('a kept file is checked against the checksum it is kept under; a damaged one is removed', async () => {
  const files = modelFiles(await newDatabase());
  const sha256 = await sha256Of(makeFile());
  await files.keep(makeFile(), sha256);
  expect(await files.check(sha256, sha256Of)).toBe(true);
  expect((await files.get(sha256))?.size).toBe(bytes.length);
  await damage(sha256);
  await expect(files.check(sha256, () => Promise.reject(new Error('stopped')))).rejects.toThrow();
  expect(await files.get(sha256)).not.toBeNull();
  expect(await files.check(sha256, sha256Of)).toBe(false);
  expect(await files.list()).toEqual([]);
  expect(await namesOnDisk()).toEqual([]);
  expect(await files.check(sha256, sha256Of)).toBe(false);
});

test('keeping a file again copies nothing', async () => {
  const files = modelFiles(await newDatabase());
  const first = await files.keep(makeFile(), 'abc');
  const onProgress = vi.fn();
  expect(await files.keep(makeFile('renamed.gguf'), 'abc', { onProgress })).toEqual(first);
  expect(onProgress).not.toHaveBeenCalled();
});

test('what a dead copy left is swept, kept files stay', async () => {
  const files = modelFiles(await newDatabase());
  await files.keep(makeFile(), 'abc');
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('models');
  await folder.getFileHandle('dead', { create: true });
  expect(await namesOnDisk()).toEqual(['abc', 'dead']);
  await files.sweep();
  expect(await namesOnDisk()).toEqual(['abc']);
});

test('a copy under way is not swept', async () => {
  const db = await newDatabase();
  const files = modelFiles(db);
  let swept: Promise<void> | undefined;
  const onProgress = () => {
    swept ??= files.sweep();
  };
  await files.keep(makeFile(), 'abc', { onProgress });
  await swept;
  expect((await files.get('abc'))?.size).toBe(bytes.length);
});
