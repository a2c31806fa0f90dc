import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { downloadGguf, type DownloadOptions } from '../../../src/llm/download/gguf.ts';
import { checkBeginning } from '../../../src/llm/gguf.ts';
import { receiveFile, type ReceivePhase } from '../../../src/llm/download/receive-file.ts';
import { randomModel } from '../../../tools/gguf/random-model.ts';
import { FakeHost, MemoryParts } from './fake-host.ts';
import { saying } from '../requests.ts';

const whole = randomModel();
const other = randomModel({ seed: 9 });
const url = 'https://models.example/a/model.gguf';
const sha256 = createHash('sha256').update(whole).digest('hex');
const third = Math.floor(whole.length * 0.3);

let host: FakeHost;
let parts: MemoryParts;

beforeEach(() => {
  host = new FakeHost();
  parts = new MemoryParts();
  host.files.set(url, { bytes: whole, etag: '"one"' });
  vi.stubGlobal('fetch', host.fetch);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const instantly = (): Promise<void> => Promise.resolve();

function get(options: DownloadOptions = {}): ReturnType<typeof downloadGguf> {
  return downloadGguf(url, { pause: instantly, parts, partBytes: 50_000, ...options });
}

async function isWhole({ file }: { readonly file: Blob }): Promise<boolean> {
  return Buffer.compare(new Uint8Array(await file.arrayBuffer()), whole) === 0;
}

test('a download gives the bytes and their hash, and tells how far it is', async () => {
  const progress: (readonly [number, number | null, ReceivePhase])[] = [];
  const download = await get({ onProgress: (...done) => progress.push(done) });
  expect(await isWhole(download)).toBe(true);
  expect(download.sha256).toBe(sha256);
  expect([progress[0], progress.at(-1)]).toEqual([
    [10_000, whole.length, 'download'],
    [whole.length, whole.length, 'download'],
  ]);
});

test('a first piece of two bytes is no reason to refuse a model', async () => {
  host = new FakeHost(2);
  host.files.set(url, { bytes: whole.slice(0, 3000) });
  vi.stubGlobal('fetch', host.fetch);
  expect((await get()).file.size).toBe(3000);
});

test('a download that breaks off goes on where it was, and says so', async () => {
  host.plan(url, { type: 'cut', at: third }, { type: 'status', status: 503 });
  const phases: ReceivePhase[] = [];
  const download = await get({ onProgress: (_done, _total, phase) => phases.push(phase) });
  expect(download.sha256).toBe(sha256);
  expect(await isWhole(download)).toBe(true);
  expect(host.seen.map(({ range }) => range)).toEqual([null, `bytes=${third}-`, `bytes=${third}-`]);
  expect(host.sent()).toBe(whole.length);
  expect(phases.filter((phase) => phase === 'retry')).toHaveLength(2);
});

test('a later download goes on where an aborted one was: no byte comes twice', async () => {
  const leaving = new AbortController();
  const first = get({
    signal: leaving.signal,
    onProgress: (done) => {
      if (done >= third) leaving.abort();
    },
  });
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  const kept = (await parts.list(url)).reduce((sum, part) => sum + part.to - part.from, 0);
  expect(kept).toBeGreaterThanOrEqual(third);
  const phases: ReceivePhase[] = [];
  const download = await get({ onProgress: (_done, _total, phase) => phases.push(phase) });
  expect(download.sha256).toBe(sha256);
  expect(await isWhole(download)).toBe(true);
  expect(host.sent()).toBe(whole.length);
  expect(phases[0]).toBe('check');
});

test('a download that came whole and was not taken over needs no connection', async () => {
  await get();
  host.plan(url, { type: 'unreachable' }, { type: 'unreachable' }, { type: 'unreachable' });
  expect((await get()).sha256).toBe(sha256);
  expect(host.seen).toHaveLength(1);
});

test('a stored part that was damaged is fetched again, and only that', async () => {
  await get();
  const [, second] = await parts.list(url);
  if (!second) throw new Error('there are several parts');
  parts.held.set(second, new Blob(['damaged']));
  const download = await get();
  expect(download.sha256).toBe(sha256);
  expect(await isWhole(download)).toBe(true);
  expect(host.seen[1]?.range).toBe(`bytes=${second.from}-${second.to - 1}`);
  expect(host.sent()).toBe(whole.length + second.to - second.from);
});

test('where the first stored part is damaged, its range is asked for', async () => {
  await get();
  const [first] = await parts.list(url);
  if (!first) throw new Error('there are several parts');
  parts.held.set(first, new Blob([]));
  expect((await get()).sha256).toBe(sha256);
  expect(host.sent()).toBe(whole.length + first.to);
});

test.each([
  ['changed meanwhile', other, { bytes: whole, etag: '"two"' }],
  ['changed by date', other, { bytes: whole, lastModified: 'Sun, 01 Feb 2026 12:00:00 GMT' }],
  ['has no ranges', whole, { bytes: whole, etag: '"one"', ranges: false }],
  ['has another length now', other.slice(0, -8), { bytes: whole, etag: '"one"' }],
])('a file whose host %s begins anew', async (_name, before, now) => {
  const lastModified = 'Sat, 31 Jan 2026 12:00:00 GMT';
  const named = 'etag' in now ? { etag: '"one"' } : { lastModified };
  host.files.set(url, { bytes: before, ...named });
  host.plan(url, { type: 'cut', at: third });
  host.plan(url, ...Array<{ type: 'unreachable' }>(8).fill({ type: 'unreachable' }));
  await expect(get()).rejects.toMatchObject({ code: 'network' });
  expect(await parts.list(url)).not.toEqual([]);
  host.files.set(url, now);
  const download = await get();
  expect(download.sha256).toBe(sha256);
  expect(await isWhole(download)).toBe(true);
});

test('a file that is shorter than what was stored of it begins anew', async () => {
  host.plan(url, { type: 'cut', at: third });
  host.plan(url, ...Array<{ type: 'unreachable' }>(8).fill({ type: 'unreachable' }));
  await expect(get()).rejects.toMatchObject({ code: 'network' });
  const short = whole.slice(0, 5000);
  host.files.set(url, { bytes: short, etag: '"two"' });
  expect((await get()).file.size).toBe(5000);
  expect(host.seen.at(-2)?.status).toBe(416);
});

test('a host that names no version is asked for the whole, and not for ever', async () => {
  host.files.set(url, { bytes: whole });
  host.plan(url, { type: 'cut', at: third });
  expect((await get()).sha256).toBe(sha256);
  expect(host.sent()).toBe(third + whole.length);
  host.plan(url, ...Array<{ type: 'cut'; at: number }>(9).fill({ type: 'cut', at: third }));
  await expect(get()).rejects.toMatchObject({ message: saying(/broke off after .* try again/) });
});

test('a host with another version at each request is given up', async () => {
  let version = 0;
  const cutting = new FakeHost();
  vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
    version += 1;
    cutting.files.set(input, { bytes: whole, etag: `"${String(version)}"` });
    cutting.plan(input, { type: 'cut', at: third });
    return cutting.fetch(input, init);
  });
  await expect(get()).rejects.toMatchObject({ code: 'network', message: saying('another file') });
});

test('bytes that come fast are no part until the download breaks off', async () => {
  const order = { url, parts, partBytes: 50_000, partMs: 60_000, digest: null, checkBeginning };
  const kept: number[] = [];
  const onProgress = (): void => void kept.push(parts.held.size);
  host.plan(url, { type: 'cut', at: third });
  const { file } = await receiveFile({ ...order, onProgress, pause: instantly });
  expect(file.size).toBe(whole.length);
  expect(new Set(kept)).toEqual(new Set([0, 1]));
  expect(await parts.list(url)).toMatchObject([{ from: 0, to: third }]);
});

test('where there is no room for parts the file comes all the same', async () => {
  parts.room = 1;
  host.plan(url, { type: 'cut', at: third * 2 });
  const download = await get();
  expect(download.sha256).toBe(sha256);
  expect(await isWhole(download)).toBe(true);
  expect(host.sent()).toBe(whole.length);
});

test('a file that is sent compressed is taken without its announced length', async () => {
  host.files.set(url, { bytes: whole, etag: '"one"', headers: { 'content-length': '1000' } });
  expect((await get()).sha256).toBe(sha256);
  expect(await parts.list(url)).toEqual([]);
});

const base64 = Buffer.from(sha256, 'hex').toString('base64');

test.each([
  ['Repr-Digest', { 'repr-digest': `sha-256=:${base64}:` }],
  ['Digest', { digest: `sha-256=${base64}` }],
  ['X-Linked-ETag', { 'x-linked-etag': `"${sha256}"` }],
])('a checksum announced by %s is compared', async (_name, headers) => {
  host.files.set(url, { bytes: whole, etag: '"one"', headers });
  expect((await get()).sha256).toBe(sha256);
  host.files.set(url, { bytes: other, etag: '"two"', headers });
  await parts.remove(await parts.list(url));
  host.seen.length = 0;
  await expect(get()).rejects.toMatchObject({
    code: 'model-invalid',
    message: saying(sha256.slice(0, 8)),
  });
  expect(host.seen).toHaveLength(2);
  expect(await parts.list(url)).toEqual([]);
});

test('what Hugging Face keeps as a checksum is read from the pointer beside the file', async () => {
  const there = 'https://huggingface.co/me/it/resolve/main/model.gguf';
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize 1\n`;
  host.files.set('https://huggingface.co/me/it/raw/main/model.gguf', {
    bytes: new TextEncoder().encode(pointer),
  });
  host.files.set(there, { bytes: other, etag: '"two"' });
  await expect(downloadGguf(there, { parts })).rejects.toMatchObject({ code: 'model-invalid' });
  host.files.set(there, { bytes: whole, etag: '"one"' });
  expect((await downloadGguf(there, { parts })).sha256).toBe(sha256);
});

test.each([
  [
    'that ends early',
    { 'content-length': '9000000' },
    'network',
    /broke off after 0\.5 of 9\.0 MB/,
  ],
])('a download %s is told apart', async (_name, headers, code, sentence) => {
  host.files.set(url, { bytes: whole, headers });
  await expect(get()).rejects.toMatchObject({ code, message: saying(sentence) });
});

test.each([
  ['is refused', 403, /models\.example answered “403.* login/],
  ['is not there', 404, /404.*Check the address/],
])('a download that %s is told apart', async (_name, status, sentence) => {
  host.plan(url, { type: 'status', status });
  await expect(get()).rejects.toMatchObject({ code: 'network', message: saying(sentence) });
  expect(host.seen).toHaveLength(1);
});

test('a web page of any length is refused at its beginning, and nothing of it stays', async () => {
  const page = new TextEncoder().encode(`<!DOCTYPE html>${' '.repeat(1000)}`);
  let pulls = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulls += 1;
      controller.enqueue(page);
    },
  });
  const headers = { etag: '"page"', 'content-length': '1000000000' };
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(endless, { headers })));
  await expect(get({ partBytes: 100 })).rejects.toMatchObject({ code: 'model-invalid' });
  expect(pulls).toBeLessThan(5);
  expect(await parts.list(url)).toEqual([]);
});

test('a short web page is refused too', async () => {
  const bytes = new TextEncoder().encode('<!doctype html><title>Sign in</title>');
  host.files.set(url, { bytes, etag: '"page"' });
  await expect(get()).rejects.toMatchObject({ code: 'model-invalid', message: saying('web page') });
  expect(await parts.list(url)).toEqual([]);
});

test('an unreachable host is named', async () => {
  host.plan(url, ...Array<{ type: 'unreachable' }>(3).fill({ type: 'unreachable' }));
  await expect(get()).rejects.toMatchObject({
    code: 'network',
    message: saying('models.example could not be reached'),
  });
});

test('an abort rejects with the signal’s AbortError, also while it waits', async () => {
  const leaving = new AbortController();
  const stopped = new DOMException('stopped', 'AbortError');
  host.plan(url, { type: 'unreachable' });
  const { signal } = leaving;
  const started = performance.now();
  const getting = downloadGguf(url, { parts, signal, onProgress: () => leaving.abort(stopped) });
  await expect(getting).rejects.toBe(stopped);
  expect(performance.now() - started).toBeLessThan(900);
});
