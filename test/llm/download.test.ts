import { createHash } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { downloadGguf } from '../../src/llm/download.ts';
import { randomModel } from '../../tools/gguf/random-model.ts';
import { saying } from './requests.ts';

const whole = randomModel();
const url = 'https://models.example/a/model.gguf';

afterEach(() => {
  vi.unstubAllGlobals();
});

interface Served {
  readonly pieces?: readonly Uint8Array<ArrayBuffer>[];
  readonly breaks?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
}

/** Makes fetch answer with these pieces, and break off after them if told so. */
function serve({ pieces = inPieces(whole), breaks, headers = {}, status }: Served): void {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      if (breaks) controller.error(new TypeError('network error'));
      else controller.close();
    },
  });
  const response = new Response(body, { headers, status: status ?? 200 });
  vi.stubGlobal('fetch', () => Promise.resolve(response));
}

function inPieces(bytes: Uint8Array<ArrayBuffer>, size = 100_000): Uint8Array<ArrayBuffer>[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => bytes.slice(i * size, (i + 1) * size));
}

test('a download gives the bytes and their hash, and tells how far it is', async () => {
  serve({ headers: { 'content-length': String(whole.length) } });
  const progress: (readonly [number, number | null])[] = [];
  const { file, sha256 } = await downloadGguf(url, {
    onProgress: (...done) => progress.push(done),
  });
  expect(Buffer.compare(new Uint8Array(await file.arrayBuffer()), whole)).toBe(0);
  expect(sha256).toBe(createHash('sha256').update(whole).digest('hex'));
  expect([progress[0], progress.at(-1)]).toEqual([
    [100_000, whole.length],
    [whole.length, whole.length],
  ]);
});

test('a first piece of two bytes is no reason to refuse a model', async () => {
  serve({ pieces: [whole.slice(0, 2), whole.slice(2, 3), whole.slice(3)] });
  expect((await downloadGguf(url)).file.size).toBe(whole.length);
});

test.each([
  ['that breaks off', { breaks: true }, 'network', /broke off after .* try again/],
  [
    'that ends early',
    { headers: { 'content-length': '9000000' } },
    'network',
    /broke off after 0\.5 of 9\.0 MB/,
  ],
  ['that is refused', { status: 403 }, 'network', /models\.example answered “403.* login/],
  ['that is not there', { status: 404 }, 'network', /404.*Check the address/],
  [
    'that is a web page',
    { pieces: [new TextEncoder().encode('<!doctype html><title>Sign in</title>')] },
    'model-invalid',
    /web page/,
  ],
] as const)('a download %s is told apart', async (_name, served, code, sentence) => {
  serve(served);
  const error: unknown = await downloadGguf(url).catch((e: unknown) => e);
  expect(error).toMatchObject({ code, message: saying(sentence) });
});

test('a web page of any length is refused at its beginning', async () => {
  const page = new TextEncoder().encode(`<!DOCTYPE html>${' '.repeat(1000)}`);
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(page),
  });
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(endless)));
  await expect(downloadGguf(url)).rejects.toMatchObject({ code: 'model-invalid' });
});

test('an unreachable host is named', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  await expect(downloadGguf(url)).rejects.toMatchObject({
    code: 'network',
    message: saying('models.example could not be reached'),
  });
});

test('an abort rejects with the signal’s AbortError', async () => {
  const leaving = new AbortController();
  const stopped = new DOMException('stopped', 'AbortError');
  vi.stubGlobal('fetch', () => {
    leaving.abort(stopped);
    return Promise.reject(stopped);
  });
  await expect(downloadGguf(url, { signal: leaving.signal })).rejects.toBe(stopped);
});
