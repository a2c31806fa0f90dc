import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { randomModel } from '../../tools/gguf/random-model.ts';
import { someBytes, someWeights, type FakeWeights } from '../llm/mlc/fake-weights.ts';
import { kill, openBrowser, scratchFolder, type Browser } from './app.ts';
import { hostModels, type ModelHost } from './model-host.ts';
import { serveFiles, type FileServer } from './serve.ts';

const folder = scratchFolder();
const model = randomModel({ layers: 4, dim: 256, hidden: 1024, contextSize: 512, seed: 3 });
const sha256 = createHash('sha256').update(model).digest('hex');
const third = Math.floor(model.length * 0.3);

let site: FileServer;
let host: ModelHost;
let weights: FakeWeights;
let browser: Browser | null = null;

beforeAll(async () => {
  const outDir = join(folder.path, 'site');
  mkdirSync(outDir);
  await build({
    configFile: false,
    base: './',
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      outDir,
      target: 'es2023',
      rolldownOptions: {
        input: new URL('./model-page.ts', import.meta.url).pathname,
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: 'models.js' },
      },
    },
  });
  writeFileSync(join(outDir, 'index.html'), '<!doctype html><h1>Models</h1>');
  site = await serveFiles(outDir, '/');
  host = await hostModels();
  weights = await someWeights({ shards: 6, bytesPerShard: 2_000_000 });
});

afterEach(async () => {
  await browser?.context.close();
  browser = null;
});

afterAll(async () => {
  await host.close();
  await site.close();
  await folder.remove();
});

async function open(profile: string): Promise<Page> {
  browser = await openBrowser(join(folder.path, profile), site.url);
  return browser.page;
}

/** The module as it is in the page. */
type Models = typeof import('./model-page.ts');

/** What came of a call: a value, or why not. */
interface Answered<T> {
  readonly value: T | null;
  readonly failed: {
    readonly code: string;
    readonly message: string;
    readonly details?: string;
  } | null;
}

/** Code for the page, with the module and the argument at hand. Failures come back as plain data. */
async function call<A, T>(
  page: Page,
  run: (models: Models, argument: A) => Promise<T>,
  argument: A,
): Promise<Answered<T>> {
  const code = `(async () => {
    const models = await import(${JSON.stringify(`${site.url}models.js`)});
    try {
      return { value: await (${run.toString()})(models, ${JSON.stringify(argument)}), failed: null };
    } catch (error) {
      return { value: null, failed: { code: error.code ?? error.name, message: error.message, details: error.details } };
    }
  })()`;
  return page.evaluate<Answered<T>>(code);
}

/** Bytes that went out more than once. */
function twice(path: string, length: number): number {
  return host.sentBytes(path) - length;
}

const kept = 2 ** 20;

test('a model whose download is cut at 30 % loads as if nothing had happened', async () => {
  const page = await open('cut');
  host.put('cut.gguf', model);
  host.plan('cut.gguf', { type: 'cut', at: third }, { type: 'status', status: 503 });
  const { value, failed } = await call(
    page,
    async ({ openModel, storedParts, removeParts }, url) => {
      const phases: string[] = [];
      const broken = new Set<number>();
      let taken = '';
      const opened = await openModel(
        { type: 'gguf-url', url },
        {
          onProgress: ({ phase, doneMb }) => {
            if (phases.at(-1) !== phase) phases.push(phase);
            if (phase === 'retry') broken.add(Math.round(doneMb * 1e6));
          },
          onFile: (_file, sha) => {
            taken = sha;
            return Promise.resolve();
          },
        },
      );
      const { revision } = opened.llm.info;
      opened.close();
      const before = await storedParts();
      await removeParts(url);
      const after = await storedParts();
      return { phases, broken: [...broken], taken, revision, before, after };
    },
    `${host.url}cut.gguf`,
  );
  expect(failed).toBeNull();
  expect(value).toMatchObject({ taken: sha256, revision: sha256, after: [] });
  expect(value?.phases.slice(0, 4)).toEqual(['download', 'retry', 'download', 'load']);
  expect(value?.before).toMatchObject([{ doneBytes: model.length, totalBytes: model.length }]);
  // What the browser had not handed over when the connection broke is lost to it; what the page had is not asked for again.
  expect(host.sent('cut.gguf').map(({ from }) => from)).toEqual([0, ...(value?.broken ?? [])]);
  expect(value?.broken[0]).toBeLessThanOrEqual(third);
});

test.skipIf(!existsSync('/proc'))('a download goes on where the browser was killed', async () => {
  const page = await open('killed');
  host.put('killed.gguf', model);
  host.plan('killed.gguf', { type: 'silence', at: 2 * third });
  const options = { url: `${host.url}killed.gguf`, partBytes: kept };
  void call(page, ({ downloadGguf }, { url, ...o }) => downloadGguf(url, o), options).catch(
    () => undefined,
  );
  await host.reached('killed.gguf', 2 * third);
  await stored(page, kept);
  if (browser) await kill(join(folder.path, 'killed'), browser);
  const after = await open('killed');
  const { value } = await call(
    after,
    async ({ downloadGguf, storedParts }, { url, ...o }) => {
      const [broken] = await storedParts();
      const download = await downloadGguf(url, o);
      return { broken, sha256: download.sha256 };
    },
    options,
  );
  expect(value).toMatchObject({ broken: { url: options.url, totalBytes: model.length }, sha256 });
  expect(value?.broken?.doneBytes).toBeGreaterThanOrEqual(2 * third - 2 * kept);
  expect(twice('killed.gguf', model.length)).toBeLessThanOrEqual(2 * kept);
});

/** Waits until so many bytes at most are missing of what the host has sent. */
async function stored(page: Page, missing: number): Promise<void> {
  await expect
    .poll(async () => {
      const { value } = await call(page, ({ storedParts }) => storedParts(), null);
      return value?.[0]?.doneBytes ?? 0;
    })
    .toBeGreaterThan(2 * third - missing - 1);
}

test('a stopped download answers within a second and keeps what came', async () => {
  const page = await open('stopped');
  host.put('stopped.gguf', model);
  host.plan('stopped.gguf', { type: 'silence', at: third });
  const url = `${host.url}stopped.gguf`;
  const { value } = await call(
    page,
    async ({ downloadGguf, storedParts }, [address, enough]) => {
      const leaving = new AbortController();
      let stoppedAt = 0;
      const options = {
        signal: leaving.signal,
        onProgress: (done: number) => {
          if (done < enough || stoppedAt > 0) return;
          stoppedAt = performance.now();
          setTimeout(() => leaving.abort());
        },
      };
      const error = await downloadGguf(address, options).catch((e: unknown) => e);
      const tookMs = performance.now() - stoppedAt;
      return { name: (error as Error).name, tookMs, parts: await storedParts() };
    },
    [url, third] as const,
  );
  expect(value).toMatchObject({ name: 'AbortError', parts: [{ url, doneBytes: third }] });
  expect(value?.tookMs).toBeLessThan(1000);
  const { value: sha } = await call(
    page,
    // The parts are removed while the file made of them is still in use.
    async ({ downloadGguf, hashFile, removeParts }, address) => {
      const { file } = await downloadGguf(address);
      await removeParts(address);
      return hashFile(file);
    },
    url,
  );
  expect(sha).toBe(sha256);
  expect(twice('stopped.gguf', model.length)).toBe(0);
});

test('a GGUF file larger than the storage allows comes all the same', async () => {
  const page = await open('small');
  await limitStorage(page, 2_500_000);
  host.put('small.gguf', model);
  const { value, failed } = await call(
    page,
    async ({ downloadGguf }, url) => (await downloadGguf(url, { partBytes: 2 ** 20 })).sha256,
    `${host.url}small.gguf`,
  );
  expect([failed, value]).toEqual([null, sha256]);
  expect(twice('small.gguf', model.length)).toBe(0);
});

/** Makes this page's storage so large, as far as the browser is concerned. */
async function limitStorage(page: Page, quotaSize: number): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const { origin } = new URL(site.url);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize });
}

/** Puts the weights on the host under a name, with a library. */
function publish(name: string): { readonly base: string; readonly libraryUrl: string } {
  for (const [path, bytes] of weights.files) host.put(`${name}/resolve/main/${path}`, bytes);
  host.put(`${name}.wasm`, weights.library);
  return { base: `${host.url}${name}/resolve/main/`, libraryUrl: `${host.url}${name}.wasm` };
}

const shard = (name: string, i: number): string =>
  `${name}/resolve/main/params_shard_${String(i)}.bin`;
const allBytes = (): number =>
  [...weights.files.values(), weights.library].reduce((sum, b) => sum + b.length, 0);

const load = (page: Page, place: { base: string; libraryUrl: string }) =>
  call(page, ({ fetchMlc }, where) => fetchMlc(where), place);

test('weights come through refusals and a cut, and a page in a shard’s place is not kept', async () => {
  const page = await open('weights');
  const place = publish('weights');
  host.forget();
  const busy = { type: 'status', status: 503, retryAfter: '1' } as const;
  host.plan('weights/resolve/main/tensor-cache.json', busy, busy);
  host.plan(shard('weights', 1), { type: 'cut', at: 600_000 });
  host.plan(shard('weights', 4), { type: 'page' });
  const { value, failed } = await load(page, place);
  expect(failed).toBeNull();
  expect(value?.revision).toMatch(/^[0-9a-f]{64}$/);
  expect(host.sentBytes() - allBytes()).toBeLessThanOrEqual(kept);
  const { value: after } = await call(
    page,
    async ({ checkMlc, storedMlc }, base) => [await checkMlc(base), await storedMlc()] as const,
    place.base,
  );
  expect(after).toMatchObject([[], [{ base: place.base, state: 'whole', files: 9 }]]);
});

test('a shard that was damaged on the disk is the one that is fetched again', async () => {
  const page = await open('damaged');
  const place = publish('damaged');
  const first = await load(page, place);
  host.forget();
  await call(
    page,
    async (_models, url) => {
      const cache = await caches.open('webllm/model');
      const found = await cache.match(url);
      const bytes = new Uint8Array((await found?.arrayBuffer()) ?? []);
      bytes[1_000_000] = (bytes[1_000_000] ?? 0) ^ 255;
      await cache.put(url, new Response(bytes, found ? { headers: found.headers } : {}));
    },
    `${host.url}${shard('damaged', 3)}`,
  );
  expect(await load(page, place)).toEqual(first);
  expect(host.sent().map(({ path }) => path)).toEqual([shard('damaged', 3)]);
});

test('weights go on where the browser was killed, by whole shards at least', async () => {
  const page = await open('half');
  const place = publish('half');
  for (const i of [3, 4, 5]) host.plan(shard('half', i), { type: 'silence', at: 300_000 });
  void load(page, place).catch(() => undefined);
  await expect
    .poll(async () => (await call(page, ({ storedMlc }) => storedMlc(), null)).value?.[0]?.files, {
      timeout: 20_000,
    })
    .toBe(6);
  if (browser) await kill(join(folder.path, 'half'), browser);
  host.forget();
  const after = await open('half');
  const { value } = await call(after, ({ storedMlc }) => storedMlc(), null);
  expect(value).toMatchObject([{ base: place.base, state: 'part' }]);
  expect((await load(after, place)).failed).toBeNull();
  expect(
    host
      .sent()
      .map(({ path }) => path)
      .sort(),
  ).toEqual([3, 4, 5].map((i) => shard('half', i)));
});

test('weights that the storage has no room for are refused, and go on once it has', async () => {
  const page = await open('full');
  await limitStorage(page, 5_000_000);
  const place = publish('full');
  const { failed } = await load(page, place);
  expect(failed).toMatchObject({ code: 'storage-full' });
  expect(failed?.message).toMatch(/no room for \d MB more beside the \d MB.*What has come is kept/);
  await limitStorage(page, 100_000_000);
  host.forget();
  expect((await load(page, place)).failed).toBeNull();
  expect(host.sentBytes()).toBeLessThan(allBytes());
});

test('a shard that comes wrong twice is refused by name', async () => {
  const page = await open('wrong');
  const place = publish('wrong');
  host.put(shard('wrong', 2), someBytes(2_000_002, 9), '"other"');
  const { failed } = await load(page, place);
  expect(failed).toMatchObject({ code: 'model-invalid' });
  expect(failed?.message).toMatch(/params_shard_2\.bin does not fit its checksum, twice/);
});
