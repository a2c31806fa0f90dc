import { hasModelInCache, MLCEngine, type AppConfig } from '@mlc-ai/web-llm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LoadProgress } from '../../../src/llm/boundary.ts';
import { fetchMlc, type MlcOptions } from '../../../src/llm/mlc/files.ts';
import { checkMlc, removeMlc, storedMlc } from '../../../src/llm/mlc/stored.ts';
import { mlcParts } from '../../../src/llm/download/partial-downloads.ts';
import { FakeHost } from '../download/fake-host.ts';
import { publish, someBytes, someWeights, type FakeWeights } from './fake-weights.ts';
import { saying } from '../requests.ts';

let host: FakeHost;
let weights: FakeWeights;

beforeEach(async () => {
  for (const name of await caches.keys()) await caches.delete(name);
  host = new FakeHost();
  weights = await someWeights();
  publish(host, weights);
  vi.stubGlobal('fetch', host.fetch);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const instantly = (): Promise<void> => Promise.resolve();

function get(options: MlcOptions = {}, of = weights): ReturnType<typeof fetchMlc> {
  return fetchMlc({ base: of.base, libraryUrl: of.libraryUrl }, { pause: instantly, ...options });
}

const shard = (i: number): string => `${weights.base}params_shard_${String(i)}.bin`;

async function stored(cache: string, url: string): Promise<Uint8Array | null> {
  const found = await (await caches.open(cache)).match(new Request(url));
  return found ? new Uint8Array(await found.arrayBuffer()) : null;
}

async function putForeign(
  cache: string,
  url: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  await (await caches.open(cache)).put(url, new Response(bytes));
}

/** The same file with one bit turned, under the headers it had. */
async function damage(cache: string, url: string): Promise<void> {
  const store = await caches.open(cache);
  const found = await store.match(url);
  if (!found) throw new Error(`${url} is not stored`);
  const { headers } = found;
  const bytes = new Uint8Array(await found.arrayBuffer());
  bytes[5] = (bytes[5] ?? 0) ^ 1;
  await store.put(url, new Response(bytes, { headers }));
}

test('everything that web-llm reads is there afterwards, byte for byte', async () => {
  const { revision } = await get();
  expect(revision).toMatch(/^[0-9a-f]{64}$/);
  for (const [path, bytes] of weights.files) {
    const cache = path === 'mlc-chat-config.json' ? 'webllm/config' : 'webllm/model';
    expect(await stored(cache, weights.base + path), path).toEqual(new Uint8Array(bytes));
  }
  expect(await stored('webllm/wasm', weights.libraryUrl)).toEqual(new Uint8Array(weights.library));
  expect(await mlcParts()?.listAll()).toEqual([]);
});

test('web-llm itself finds the weights, and fetches neither config nor library', async () => {
  await get();
  const before = host.seen.length;
  // Its cache would fetch by itself what it misses, past our fetch.
  const add = vi.spyOn(Cache.prototype, 'add');
  const appConfig: AppConfig = {
    cacheBackend: 'cache',
    model_list: [{ model: weights.base, model_id: 'tiny', model_lib: weights.libraryUrl }],
  };
  expect(await hasModelInCache('tiny', appConfig)).toBe(true);
  const engine = new MLCEngine({ appConfig, logLevel: 'SILENT' });
  // The library is no real one: it is read, and fails to start.
  await expect(engine.reload('tiny')).rejects.toThrow(/WebAssembly|wasm/i);
  expect(host.seen).toHaveLength(before);
  expect(add).not.toHaveBeenCalled();
});

test('a second call fetches nothing, checks all, and names the same revision', async () => {
  const first = await get();
  const before = host.seen.length;
  const progress: LoadProgress[] = [];
  expect(await get({ onProgress: (p) => progress.push(p) })).toEqual(first);
  expect(host.seen).toHaveLength(before);
  expect(new Set(progress.map(({ phase }) => phase))).toEqual(new Set(['check']));
  const last = progress.at(-1);
  expect(last?.doneMb).toBe(last?.totalMb);
});

test('progress counts the bytes that came, up to all of them', async () => {
  const progress: LoadProgress[] = [];
  await get({ onProgress: (p) => progress.push(p) });
  const last = progress.at(-1);
  const all = [...weights.files.values(), weights.library].reduce((sum, b) => sum + b.length, 0);
  expect(last).toMatchObject({
    phase: 'download',
    totalMb: expect.closeTo(all / 1e6, 9) as number,
  });
  expect(last?.doneMb).toBeCloseTo(all / 1e6, 9);
  const done = progress.map(({ doneMb }) => doneMb);
  expect(done).toEqual([...done].sort((a, b) => a - b));
});

test('a download that is cut and refused goes on, and no byte comes twice', async () => {
  const at = 20_000;
  host.plan(shard(2), { type: 'cut', at }, { type: 'status', status: 503 });
  host.plan(shard(4), { type: 'status', status: 503 }, { type: 'status', status: 503 });
  await get();
  expect(host.sent(shard(2))).toBe(weights.files.get('params_shard_2.bin')?.length);
  const all = [...weights.files.values(), weights.library].reduce((sum, b) => sum + b.length, 0);
  expect(host.sent()).toBe(all);
});

test('an abort answers at once and keeps what came; the next call goes on there', async () => {
  host.plan(shard(0), { type: 'silence', at: 30_000 });
  host.plan(shard(1), { type: 'silence', at: 10_000 });
  const leaving = new AbortController();
  const getting = get({
    signal: leaving.signal,
    onProgress: () => {
      if (host.sent(shard(0)) + host.sent(shard(1)) >= 40_000) setTimeout(() => leaving.abort());
    },
  });
  const started = performance.now();
  await expect(getting).rejects.toMatchObject({ name: 'AbortError' });
  expect(performance.now() - started).toBeLessThan(2000);
  const parts = (await mlcParts()?.listAll()) ?? [];
  expect(parts.find(({ url }) => url === shard(0))).toMatchObject({ from: 0, to: 30_000 });
  expect(await storedMlc()).toMatchObject([{ base: weights.base, state: 'part' }]);
  await get();
  const all = [...weights.files.values(), weights.library].reduce((sum, b) => sum + b.length, 0);
  expect(host.sent()).toBe(all);
  expect(await mlcParts()?.listAll()).toEqual([]);
});

test.each([
  ['a shard', 'webllm/model', () => shard(3)],
  ['the list', 'webllm/model', () => `${weights.base}tensor-cache.json`],
  ['the tokenizer', 'webllm/model', () => `${weights.base}tokenizer.json`],
  ['the config', 'webllm/config', () => `${weights.base}mlc-chat-config.json`],
  ['the library', 'webllm/wasm', () => weights.libraryUrl],
] as const)(
  '%s that was damaged is noticed and fetched again, and only it',
  async (_name, cache, url) => {
    const { revision } = await get();
    await damage(cache, url());
    host.seen.length = 0;
    expect(await get()).toEqual({ revision });
    expect(host.seen.map((seen) => seen.url)).toEqual([url()]);
    expect(await checkMlc(weights.base)).toEqual([]);
  },
);

test('files that another page of this origin stored are taken where they fit, and only there', async () => {
  for (const [path, bytes] of weights.files) {
    if (path !== 'mlc-chat-config.json')
      await putForeign('webllm/model', weights.base + path, bytes);
  }
  await putForeign('webllm/model', shard(1), someBytes(40_001, 77));
  await putForeign('webllm/model', shard(5), new TextEncoder().encode('<!doctype html>'));
  await get();
  const fetched = host.seen.map(({ url }) => url);
  expect(new Set(fetched)).toEqual(
    new Set([`${weights.base}mlc-chat-config.json`, weights.libraryUrl, shard(1), shard(5)]),
  );
  expect(await checkMlc(weights.base)).toEqual([]);
});

test('a page in the place of a shard is not kept', async () => {
  const page = new TextEncoder().encode(`<!doctype html>${' '.repeat(50_000)}`);
  host.files.set(shard(2), { bytes: page, etag: '"page"' });
  await expect(get()).rejects.toMatchObject({
    code: 'model-invalid',
    message: saying(/params_shard_2\.bin.*login/),
  });
  expect(await stored('webllm/model', shard(2))).toBeNull();
  publish(host, weights);
  await get();
  expect(await checkMlc(weights.base)).toEqual([]);
});

test('a page in the place of the config is not kept', async () => {
  const url = `${weights.base}mlc-chat-config.json`;
  host.files.set(url, { bytes: new TextEncoder().encode('<html>Sign in</html>') });
  await expect(get()).rejects.toMatchObject({ code: 'model-invalid' });
  expect(await stored('webllm/config', url)).toBeNull();
});

test('a shard that comes wrong is fetched once more, and then refused', async () => {
  const right = weights.files.get('params_shard_2.bin');
  if (!right) throw new Error('it is there');
  host.files.set(shard(2), { bytes: someBytes(right.length, 5), etag: '"wrong"' });
  await expect(get()).rejects.toMatchObject({
    code: 'model-invalid',
    message: saying(/params_shard_2\.bin does not fit its checksum/),
  });
  expect(host.seen.filter(({ url }) => url === shard(2))).toHaveLength(2);
  expect(await stored('webllm/model', shard(2))).toBeNull();
  // The list may have been the old one: it is read anew.
  host.seen.length = 0;
  publish(host, weights);
  await get();
  expect(host.seen.map(({ url }) => url)).toContain(`${weights.base}tensor-cache.json`);
});

test('weights without a list of checksums are kept by the checksums of their first download', async () => {
  weights = await someWeights({ withMd5: false });
  publish(host, weights);
  await get();
  await damage('webllm/model', shard(0));
  expect(await checkMlc(weights.base)).toEqual(['params_shard_0.bin']);
  expect(await storedMlc()).toMatchObject([{ state: 'part' }]);
});

test('an older repository’s list is taken under its new name', async () => {
  const list = weights.files.get('tensor-cache.json');
  if (!list) throw new Error('it is there');
  host.files.delete(`${weights.base}tensor-cache.json`);
  host.files.set(`${weights.base}ndarray-cache.json`, { bytes: list });
  await get();
  expect(await stored('webllm/model', `${weights.base}tensor-cache.json`)).toEqual(
    new Uint8Array(list),
  );
});

test.each([
  ['names none', { tokenizer_files: ['vocab.json'] }, /vocab\.json.*tokenizer\.json or/],
  ['names one that is not there', { tokenizer_files: ['tokenizer.model'] }, /no tokenizer\.model/],
])('weights whose config %s miss their tokenizer', async (_name, config, sentence) => {
  weights = await someWeights({ config });
  publish(host, weights);
  await expect(get()).rejects.toMatchObject({
    code: 'tokenizer-missing',
    message: saying(sentence),
  });
});

test('what cannot fit is refused before a shard is asked for', async () => {
  vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ usage: 900_000, quota: 1_000_000 });
  await expect(get()).rejects.toMatchObject({
    code: 'storage-full',
    message: saying(/Tiny-q4f16_1-MLC: 1 MB are still.*holds 1 MB.*allows it 1 MB more/),
  });
  expect(host.seen.filter(({ url }) => url.endsWith('.bin'))).toEqual([]);
});

test('where storage turns out to be full, what came is kept and the rest comes later', async () => {
  const original = Object.getOwnPropertyDescriptor(Cache.prototype, 'put');
  const put = original?.value as (key: string, response: Response) => Promise<void>;
  let puts = 0;
  vi.spyOn(Cache.prototype, 'put').mockImplementation(function (this: Cache, key, response) {
    const url = typeof key === 'string' ? key : '';
    puts += url.endsWith('.bin') ? 1 : 0;
    if (puts > 3) return Promise.reject(new DOMException('full', 'QuotaExceededError'));
    return Reflect.apply(put, this, [url, response]);
  });
  await expect(get()).rejects.toMatchObject({
    code: 'storage-full',
    message: saying(/no room for 1 MB more.*Delete models.*What has come is kept/),
  });
  vi.restoreAllMocks();
  host.seen.length = 0;
  await get();
  expect(host.seen.filter(({ url }) => url.endsWith('.bin')).length).toBeLessThanOrEqual(3);
});

test('stored weights are listed with their sizes, and removed one by one', async () => {
  const other = await someWeights({ repository: 'me/Other-q4f16_1-MLC', seed: 2 });
  publish(host, other);
  host.files.set(weights.libraryUrl, { bytes: weights.library });
  await get();
  await get({}, other);
  const list = await storedMlc();
  expect(list.map(({ name, state, share }) => [name, state, share])).toEqual([
    ['Other-q4f16_1-MLC', 'whole', 1],
    ['Tiny-q4f16_1-MLC', 'whole', 1],
  ]);
  const bytes = [...weights.files.values()].reduce((sum, b) => sum + b.length, 0);
  expect(list[1]?.sizeMb).toBeCloseTo(bytes / 1e6, 9);
  expect(Date.now() - Date.parse(list[1]?.added ?? '')).toBeLessThan(60_000);
  await removeMlc(other.base);
  expect(await storedMlc()).toMatchObject([{ base: weights.base, state: 'whole' }]);
  expect(await stored('webllm/wasm', weights.libraryUrl)).not.toBeNull();
  await removeMlc(weights.base);
  expect(await storedMlc()).toEqual([]);
  for (const name of await caches.keys()) {
    expect(await (await caches.open(name)).keys(), name).toEqual([]);
  }
});

test('equal weights at another address have the same revision, other weights another', async () => {
  const same = await someWeights({ repository: 'me/Copy' });
  const other = await someWeights({ repository: 'me/Other', seed: 3 });
  publish(host, same);
  publish(host, other);
  const { revision } = await get();
  expect((await get({}, same)).revision).toBe(revision);
  expect((await get({}, other)).revision).not.toBe(revision);
});
