import { afterEach, expect, test, vi } from 'vitest';
import { DrpoError } from '../../../src/core/errors.ts';
import {
  Backoff,
  fetchText,
  PassingFailure,
  pauseFor,
  retryAfterMs,
} from '../../../src/llm/download/fetch-again.ts';
import { FakeHost } from './fake-host.ts';
import { saying } from '../requests.ts';

const url = 'https://models.example/config.json';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function aHost(): FakeHost {
  const host = new FakeHost();
  host.files.set(url, { bytes: new TextEncoder().encode('{"fine":true}') });
  vi.stubGlobal('fetch', host.fetch);
  return host;
}

/** Waits no time, and says how long it should have been. */
function waits(): { readonly waited: number[]; readonly pause: () => Promise<void> } {
  const waited: number[] = [];
  return {
    waited,
    pause: (ms = 0) => {
      waited.push(ms);
      return Promise.resolve();
    },
  };
}

test('a host that is overloaded twice is asked a third time, later each time', async () => {
  const host = aHost();
  host.plan(url, { type: 'status', status: 503 }, { type: 'status', status: 503 });
  const { waited, pause } = waits();
  expect(await fetchText(url, { pause })).toBe('{"fine":true}');
  expect(waited).toEqual([1000, 2000]);
});

test.each([
  ['seconds', '7', 7000],
  ['no time at all', '0', 1000],
])('a host that asks for %s is given them', async (_name, header, expected) => {
  const host = aHost();
  host.plan(url, { type: 'status', status: 429, headers: { 'retry-after': header } });
  const { waited, pause } = waits();
  await fetchText(url, { pause });
  expect(waited).toEqual([expected]);
});

test('a host that asks for an hour is not waited for', async () => {
  const host = aHost();
  host.plan(url, { type: 'status', status: 429, headers: { 'retry-after': '3600' } });
  const { waited, pause } = waits();
  await expect(fetchText(url, { pause })).rejects.toMatchObject({
    code: 'network',
    message: saying(/answered “429.*Try again later/),
  });
  expect(waited).toEqual([]);
});

test.each([
  [404, /404.*Check the address/],
  [401, /401.*login/],
])('a refusal with %i is not tried again', async (status, sentence) => {
  const host = aHost();
  host.plan(url, { type: 'status', status });
  await expect(fetchText(url)).rejects.toMatchObject({
    code: 'network',
    message: saying(sentence),
  });
  expect(host.seen).toHaveLength(1);
});

test('a host that never answers is given up after three attempts, one that did after eight', async () => {
  const host = aHost();
  host.plan(url, ...Array<{ type: 'unreachable' }>(3).fill({ type: 'unreachable' }));
  const { pause } = waits();
  await expect(fetchText(url, { pause })).rejects.toMatchObject({
    message: saying('models.example could not be reached'),
  });
  expect(host.seen).toHaveLength(3);

  const { waited, pause: pauseLonger } = waits();
  const backoff = new Backoff({ pause: pauseLonger });
  backoff.heard();
  const lasting = new DrpoError('network', 'gone');
  for (let i = 0; i < 7; i++) await backoff.after(new PassingFailure(lasting));
  await expect(backoff.after(new PassingFailure(lasting))).rejects.toBe(lasting);
  expect(waited).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000]);
});

test('bytes that come begin the count anew', async () => {
  const { waited, pause } = waits();
  const backoff = new Backoff({ pause });
  const failure = new PassingFailure(new DrpoError('network', 'gone'));
  await backoff.after(failure);
  backoff.heard(true);
  await backoff.after(failure);
  expect(waited).toEqual([1000, 1000]);
});

test('what cannot pass is not waited for', async () => {
  const bug = new RangeError('a bug');
  await expect(new Backoff().after(bug)).rejects.toBe(bug);
});

test('an abort ends a wait at once, and no timer is left', async () => {
  vi.useFakeTimers();
  const leaving = new AbortController();
  const waiting = pauseFor(60_000, leaving.signal);
  leaving.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  expect(vi.getTimerCount()).toBe(0);
  await expect(pauseFor(1, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});

test('a connection that falls silent is broken off and taken up again', async () => {
  const host = aHost();
  host.plan(url, { type: 'silence', at: 3 });
  const { pause } = waits();
  expect(await fetchText(url, { pause, quietMs: 20 })).toBe('{"fine":true}');
  expect(host.seen).toHaveLength(2);
});

test('a time to wait may be a date', () => {
  const now = Date.parse('2026-01-31T12:00:00Z');
  expect(retryAfterMs('Sat, 31 Jan 2026 12:00:30 GMT', now)).toBe(30_000);
  expect(retryAfterMs('Sat, 31 Jan 2026 11:00:00 GMT', now)).toBe(0);
  expect(retryAfterMs('soon', now)).toBeNull();
  expect(retryAfterMs(null)).toBeNull();
});
