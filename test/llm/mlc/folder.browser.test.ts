import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchMlc } from '../../../src/llm/mlc/files.ts';
import { importMlcFolder } from '../../../src/llm/mlc/folder.ts';
import { inspectMlc } from '../../../src/llm/mlc/inspect.ts';
import { checkMlc, removeMlc, storedMlc } from '../../../src/llm/mlc/stored.ts';
import { FakeHost } from '../download/fake-host.ts';
import { aConfig, asFolder, publish, someBytes, someWeights } from './fake-weights.ts';
import { saying } from '../requests.ts';

let host: FakeHost;

beforeEach(async () => {
  for (const name of await caches.keys()) await caches.delete(name);
  host = new FakeHost();
  vi.stubGlobal('fetch', host.fetch);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const library = (bytes: Uint8Array<ArrayBuffer>): File =>
  new File([bytes], 'Tiny-q4f16_1-MLC/tiny-webgpu.wasm');

test('a folder is taken over with no network, and loads as what was downloaded does', async () => {
  const weights = await someWeights();
  const files = [...asFolder(weights), library(weights.library)];
  const imported = await importMlcFolder(files);
  expect(imported).toMatchObject({
    name: 'Tiny-q4f16_1-MLC',
    sizeMb: weights.shardBytes / 1e6,
    config: { modelType: 'qwen2', quantization: 'q4f16_1' },
  });
  expect(imported.url).toMatch(/^https:\/\/local\.invalid\/[0-9a-f]{16}\/resolve\/main\/$/);
  const libraryUrl = imported.libraryUrl ?? '';
  expect(await fetchMlc({ base: imported.url, libraryUrl })).toEqual({
    revision: imported.revision,
  });
  expect(host.seen).toEqual([]);
  expect(await storedMlc()).toMatchObject([{ name: 'Tiny-q4f16_1-MLC', state: 'whole' }]);

  publish(host, weights);
  const { base, libraryUrl: hosted } = weights;
  expect((await fetchMlc({ base, libraryUrl: hosted })).revision).toBe(imported.revision);

  await removeMlc(imported.url);
  expect(await storedMlc()).toMatchObject([{ base }]);
  expect(await (await caches.open('webllm/wasm')).match(libraryUrl)).toBeUndefined();
});

test('a folder without a library runs on a listed one, which is fetched', async () => {
  const weights = await someWeights();
  publish(host, weights);
  const imported = await importMlcFolder(asFolder(weights));
  expect(imported.libraryUrl).toBeNull();
  await fetchMlc({ base: imported.url, libraryUrl: weights.libraryUrl });
  expect(host.seen.map(({ url }) => url)).toEqual([weights.libraryUrl]);
});

test('an older folder’s list is taken under its new name', async () => {
  const weights = await someWeights();
  const files = asFolder(weights).map((file) =>
    file.name.endsWith('tensor-cache.json')
      ? new File([file], file.name.replace('tensor-cache', 'ndarray-cache'))
      : file,
  );
  const { url } = await importMlcFolder(files);
  expect(await checkMlc(url)).toEqual([]);
  expect(await storedMlc()).toMatchObject([{ state: 'whole' }]);
});

test('files with no folder before their names are one folder', async () => {
  const weights = await someWeights();
  const files = asFolder(weights).map(
    (file) => new File([file], file.name.split('/').at(-1) ?? ''),
  );
  expect(await importMlcFolder(files)).toMatchObject({ name: 'qwen2 q4f16_1' });
});

const without = (files: readonly File[], name: string): File[] =>
  files.filter((file) => !file.name.endsWith(name));

test.each([
  ['a shard', ['params_shard_3.bin'], 'file-invalid', /params_shard_3\.bin is missing/],
  [
    'many shards',
    ['shard_0.bin', 'shard_1.bin', 'shard_2.bin', 'shard_3.bin', 'shard_4.bin'],
    'file-invalid',
    /params_shard_0\.bin, .* and 1 more are missing/,
  ],
  ['the tokenizer', ['tokenizer.json'], 'tokenizer-missing', /tokenizer\.json is missing/],
  ['the list', ['tensor-cache.json'], 'file-invalid', /tensor-cache\.json is missing/],
  ['the config', ['mlc-chat-config.json'], 'file-invalid', /mlc-chat-config\.json is missing/],
] as const)(
  'a folder without %s is refused before anything is stored',
  async (_name, gone, code, sentence) => {
    let files = asFolder(await someWeights());
    for (const name of gone) files = without(files, name);
    await expect(importMlcFolder(files)).rejects.toMatchObject({ code, message: saying(sentence) });
    expect(await storedMlc()).toEqual([]);
  },
);

test('another kind of model is named', async () => {
  const files = [new File(['x'], 'model/model.safetensors'), new File(['{}'], 'model/config.json')];
  await expect(importMlcFolder(files)).rejects.toMatchObject({
    code: 'file-invalid',
    message: saying(/It holds model\/model\.safetensors/),
  });
});

test('two models in one folder are named', async () => {
  const files = [
    ...asFolder(await someWeights(), 'all/one'),
    ...asFolder(await someWeights({ seed: 2 }), 'all/two'),
  ];
  await expect(importMlcFolder(files)).rejects.toMatchObject({
    message: saying('all/one, all/two'),
  });
});

test('a shard of other weights is named: by its size, by its number, by its checksum', async () => {
  const weights = await someWeights();
  const swap = (name: string, bytes: Uint8Array<ArrayBuffer>): File[] => [
    ...without(asFolder(weights), name),
    new File([bytes], `Tiny-q4f16_1-MLC/${name}`),
  ];
  await expect(importMlcFolder(swap('params_shard_1.bin', someBytes(5)))).rejects.toMatchObject({
    code: 'file-invalid',
    message: saying(/params_shard_1\.bin is not what tensor-cache\.json names/),
  });
  await expect(importMlcFolder(swap('params_shard_99.bin', someBytes(5)))).rejects.toMatchObject({
    message: saying('params_shard_99.bin'),
  });
  const length = weights.files.get('params_shard_4.bin')?.length ?? 0;
  await expect(
    importMlcFolder(swap('params_shard_4.bin', someBytes(length, 8))),
  ).rejects.toMatchObject({
    code: 'model-invalid',
    message: saying(/params_shard_4\.bin does not fit the checksum/),
  });
  expect(await storedMlc()).toEqual([]);
});

test('an abort leaves nothing', async () => {
  const leaving = new AbortController();
  const files = asFolder(await someWeights());
  const importing = importMlcFolder(files, {
    signal: leaving.signal,
    onProgress: ({ doneMb }) => {
      if (doneMb > 0.1) leaving.abort();
    },
  });
  await expect(importing).rejects.toMatchObject({ name: 'AbortError' });
  expect(await storedMlc()).toEqual([]);
});

test('a folder that cannot fit is refused with the sizes', async () => {
  vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ usage: 0, quota: 100_000 });
  const files = asFolder(await someWeights());
  await expect(importMlcFolder(files)).rejects.toMatchObject({ code: 'storage-full' });
  expect(await storedMlc()).toEqual([]);
});

test('weights from a folder that were damaged are asked for again, not looked for on the net', async () => {
  const weights = await someWeights();
  const { url, libraryUrl } = await importMlcFolder([
    ...asFolder(weights),
    library(weights.library),
  ]);
  await (await caches.open('webllm/model')).delete(`${url}params_shard_2.bin`);
  await expect(fetchMlc({ base: url, libraryUrl: libraryUrl ?? '' })).rejects.toMatchObject({
    code: 'model-missing',
    message: saying(/params_shard_2\.bin is missing.*Choose the folder again/),
  });
  expect(host.seen).toEqual([]);
  expect(await storedMlc()).toMatchObject([{ state: 'part' }]);
});

test('a folder is looked through before it is taken over, and compared with what was loaded before', async () => {
  const listed = await someWeights({ repository: 'mlc-ai/Listed-q4f16_1-MLC' });
  publish(host, listed);
  await fetchMlc(listed);
  host.seen.length = 0;
  const weights = await someWeights({ seed: 5, config: { conv_template: { name: 'LM' } } });
  const configUrl = `${listed.base}mlc-chat-config.json`;
  const found = await inspectMlc(asFolder(weights), [{ id: 'Listed-q4f16_1-MLC', configUrl }]);
  expect(found).toMatchObject({
    name: 'Tiny-q4f16_1-MLC',
    libraries: ['Listed-q4f16_1-MLC'],
    whyNot: null,
    form: 'text',
    hasLibrary: false,
  });
  expect(host.seen).toEqual([]);
  expect((await importMlcFolder(asFolder(weights))).url).toBe(found.url);
  expect(aConfig().model_type).toBe(found.config.modelType);
});
