import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Models } from '../../src/app/models.svelte.ts';
import type { Shelf } from '../../src/app/shelf.ts';
import { modelKey } from '../../src/app/model-key.ts';
import { DrpoError } from '../../src/core/errors.ts';
import { ggufPresets } from '../../src/llm/gguf-presets.ts';
import { openModel } from '../../src/llm/open.ts';
import { aModelFile, emptyFileSystem, newShelf } from './builders.ts';

beforeEach(emptyFileSystem);
afterEach(() => {
  localStorage.removeItem('drpo-hosts');
  vi.restoreAllMocks();
});

/** The models as a newly opened tab sees them. */
async function looked(shelf: Shelf): Promise<Models> {
  const models = new Models(shelf);
  await models.look();
  return models;
}

const files = (models: Models) => models.rows.filter((row) => row.model.type === 'gguf-file');

async function added(models: Models, file = aModelFile()) {
  const model = await models.addFile(file);
  if (model.type !== 'gguf-file') throw new Error('a file gives a file');
  return model;
}

describe('a file', () => {
  test('that is a model becomes a row with its facts, and is found by its checksum', async () => {
    const models = await looked(await newShelf());
    const file = aModelFile();
    const model = await added(models, file);
    expect(model).toEqual({
      type: 'gguf-file',
      name: 'tiny.gguf',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      sizeMb: file.size / 2 ** 20,
      kept: false,
    });
    expect(files(models)).toMatchObject([
      { model, name: 'tiny.gguf', kind: 'base', licence: 'cc0-1.0', here: true, whyNot: null },
    ]);
    expect(await models.file(model.sha256)).toBe(file);
    expect(models.reading).toBeNull();
    // The same again is no other model.
    await added(models, aModelFile());
    expect(files(models)).toHaveLength(1);
  });

  const whole = aModelFile();
  test.each([
    ['cut short', whole.slice(0, whole.size - 1000), 'model-invalid'],
    ['cut short in its header', whole.slice(0, 100), 'model-invalid'],
    ['a web page', new Blob(['<!DOCTYPE html><title>404</title>']), 'model-invalid'],
    ['empty', new Blob([]), 'model-invalid'],
    [
      'a pointer of Git LFS',
      new Blob(['version https://git-lfs.github.com/spec/v1\n']),
      'model-invalid',
    ],
  ])('that is %s is refused in a sentence, and nothing changes', async (_what, blob, code) => {
    const models = await looked(await newShelf());
    await added(models, aModelFile('good.gguf', 2));
    const before = models.rows;
    await expect(models.addFile(new File([blob], 'bad.gguf'))).rejects.toMatchObject({ code });
    expect(models.rows).toEqual(before);
    expect(models.reading).toBeNull();
  });

  test('that is too large for this machine is refused in a sentence, and nothing changes', async () => {
    const models = await looked(await newShelf());
    // A whole model by its header, of a size that no browser can hold.
    const file = aModelFile('huge.gguf');
    Object.defineProperty(file, 'size', { value: 9e9 });
    await expect(models.addFile(file)).rejects.toMatchObject({ code: 'model-too-large' });
    expect(files(models)).toEqual([]);
  });

  test('that is kept is there on the next visit, and gone once it is forgotten', async () => {
    const shelf = await newShelf();
    const models = await looked(shelf);
    const { sha256 } = await added(models);
    await models.keepFile(sha256);
    expect(files(models)).toMatchObject([{ model: { kept: true } }]);
    expect(models.reading).toBeNull();

    const later = await looked(shelf);
    expect(files(later)).toMatchObject([{ name: 'tiny.gguf', model: { sha256, kept: true } }]);
    expect((await later.file(sha256))?.size).toBe(aModelFile().size);
    await later.forgetFile(sha256);
    expect(files(later)).toEqual([]);
    expect(await later.file(sha256)).toBeNull();
    expect(files(await looked(shelf))).toEqual([]);
  });

  test('that was damaged where it is kept is removed, and must be chosen again', async () => {
    const shelf = await newShelf();
    const models = await looked(shelf);
    const { sha256 } = await added(models);
    await models.keepFile(sha256);
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
    const handle = await folder.getFileHandle(sha256);
    const writable = await handle.createWritable({ keepExistingData: true });
    await writable.write({ type: 'write', position: 5000, data: new Uint8Array([1, 2, 3, 4]) });
    await writable.close();
    const later = await looked(shelf);
    expect(await later.has(sha256)).toBe(true);
    expect(await later.file(sha256)).toBeNull();
    expect(files(later)).toEqual([]);
  });

  test('that was chosen here stays on the list when its copy is forgotten', async () => {
    const models = await looked(await newShelf());
    const { sha256 } = await added(models);
    await models.keepFile(sha256);
    await models.forgetFile(sha256);
    expect(files(models)).toMatchObject([{ model: { sha256, kept: false } }]);
    expect(await models.file(sha256)).not.toBeNull();
  });

  test('that was not kept is gone on the next visit', async () => {
    const shelf = await newShelf();
    const { sha256 } = await added(await looked(shelf));
    const later = await looked(shelf);
    expect(files(later)).toEqual([]);
    expect(await later.file(sha256)).toBeNull();
  });

  test.each(['storage-full', 'storage-failed'] as const)(
    'that was downloaded is used even where it cannot be kept (%s)',
    async (code) => {
      const shelf = await newShelf();
      const keep = () => Promise.reject(new DrpoError(code, 'No room.'));
      const models = await looked({ ...shelf, files: { ...shelf.files, keep } });
      await models.keepDownloaded(aModelFile(), 'https://example.org/tiny.gguf', 'abc');
      expect((await models.file('abc'))?.name).toBe('tiny.gguf');
    },
  );
});

describe('an address', () => {
  const url = 'https://huggingface.co/me/tiny/resolve/main/tiny.gguf';
  /** Without those that everybody is offered. */
  const listed = (models: Models) =>
    models.rows.filter(
      ({ model }) =>
        model.type === 'gguf-url' && !ggufPresets.some((preset) => preset.url === model.url),
    );

  test('of an allowed host becomes a row, here and on the next visit, once', async () => {
    const shelf = await newShelf();
    const models = await looked(shelf);
    expect(await models.addUrl(` ${url} `)).toEqual({ type: 'gguf-url', url });
    await models.addUrl(url);
    expect(listed(models)).toMatchObject([
      { name: 'tiny.gguf', note: 'huggingface.co', here: false },
    ]);
    expect(listed(await looked(shelf))).toEqual(listed(models));
    expect(await shelf.library.get('model-after-reload')).toBeUndefined();
  });

  test.each(['tiny.gguf', 'ftp://example.org/tiny.gguf', ''])(
    '“%s” is refused, and nothing changes',
    async (text) => {
      const shelf = await newShelf();
      const models = await looked(shelf);
      await expect(models.addUrl(text)).rejects.toMatchObject({ code: 'host-blocked' });
      expect(listed(models)).toEqual([]);
      expect(await shelf.library.keys()).toEqual([]);
    },
  );

  test('with a lone percent sign, or no file name, is listed like any other', async () => {
    const models = await looked(await newShelf());
    await models.addUrl('https://huggingface.co/50%model.gguf');
    await models.addUrl('https://huggingface.co/');
    expect(listed(models).map((row) => row.name)).toEqual(['50%model.gguf', 'model.gguf']);
  });
});

test('what comes with the app is first on the list, at hand, and nothing that is stored', async () => {
  const models = await looked(await newShelf());
  // Files that tests beside this one have stored for the moment come before the list.
  expect(models.rows.find((row) => !row.own)).toMatchObject({
    model: { type: 'built-in', id: 'pocket' },
    name: 'Pocket',
    here: true,
    own: false,
    whyNot: null,
  });
  expect(models.stored.map(({ name }) => name).filter((name) => /pocket/i.test(name))).toEqual([]);
  await models.download({ type: 'built-in', id: 'pocket' });
  expect(models.transfer).toBeNull();
});

test('what is listed says why this machine cannot run it', async () => {
  const models = await looked(await newShelf());
  const rows = models.rows.filter((row) => row.model.type === 'web-llm');
  expect(rows.length).toBeGreaterThan(3);
  if (models.device?.webgpu) return;
  for (const row of rows) expect(row.whyNot).toMatch(/\w+.*\.$/);
});

test('a browser that has no place for files still shows the models', async () => {
  const shelf = await newShelf();
  const sweep = () => Promise.reject(new DrpoError('storage-failed', 'No place.'));
  const models = await looked({ ...shelf, files: { ...shelf.files, sweep } });
  expect(models.rows.length).toBeGreaterThan(0);
});

describe('a loaded model', () => {
  async function opened(models: Models) {
    const model = await added(models);
    const file = await models.file(model.sha256);
    if (!file) throw new Error('the file was just added');
    return { model, loaded: await openModel({ ...model, file }) };
  }

  test('is tried once, and what was found out is remembered on the next visit', async () => {
    const shelf = await newShelf();
    const models = await looked(shelf);
    const { model, loaded } = await opened(models);
    const measure = vi.spyOn(loaded, 'measure');
    const { signal } = new AbortController();
    const tried = await models.speedOf(model, loaded, signal);
    expect(tried?.decodePerSecond).toBeGreaterThan(0);
    // Its weights are random, and so is what it writes.
    expect(tried?.problem).toMatch(/\w+.*\.$/);
    expect(await models.speedOf(model, loaded, signal)).toEqual(tried);
    const later = await looked(shelf);
    expect(later.tried).toEqual({ [modelKey(model)]: tried });
    expect(await later.speedOf(model, loaded, signal)).toEqual(tried);
    expect(measure).toHaveBeenCalledTimes(1);
    loaded.close();
  });

  test('that cannot be measured is not known; a pause meanwhile is a pause', async () => {
    const models = await looked(await newShelf());
    const { model, loaded } = await opened(models);
    vi.spyOn(loaded, 'measure').mockRejectedValueOnce(new DrpoError('engine-failed', 'Broken.'));
    const abort = new AbortController();
    expect(await models.speedOf(model, loaded, abort.signal)).toBeNull();
    expect(models.tried).toEqual({});
    abort.abort();
    await expect(models.speedOf(model, loaded, abort.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
    loaded.close();
  });
});
