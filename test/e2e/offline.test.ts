import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import {
  openBrowser,
  pocketFile,
  scratchFolder,
  setUp,
  smallData,
  start,
  storedRun,
} from './app.ts';
import { listen, serveFiles, type FileServer } from './serve.ts';

const folder = scratchFolder();
const site = join(folder.path, 'site');
const nextVersion = join(folder.path, 'next');
const base = '/some/path/';
let server: FileServer;
let asked: string[] = [];
let held: Promise<void> = Promise.resolve();

beforeAll(() => buildNextVersion());
beforeEach(async () => {
  deploy(inject('appFolder'));
  asked = [];
  server = await serveFiles(site, base, async (path) => {
    asked.push(path);
    if (path.endsWith('/sw.js')) await held;
  });
});
afterEach(() => server.close());
afterAll(() => folder.remove());

/** Puts a built app in the place of the one that is served. */
function deploy(built: string): void {
  rmSync(site, { recursive: true, force: true });
  cpSync(built, site, { recursive: true });
}

/** The same app as its next version would be built: another page, and other names for the files that have changed. */
async function buildNextVersion(): Promise<void> {
  await build({
    logLevel: 'error',
    define: { __APP_VERSION__: JSON.stringify('99.0.0') },
    build: { outDir: nextVersion },
    plugins: [
      {
        name: 'next-version',
        transformIndexHtml: (html) => html.replace('<html ', '<html data-version="next" '),
      },
    ],
  });
}

/** Waits until a service worker answers for the page. */
async function controlled(page: Page): Promise<void> {
  const state = (): Promise<string | undefined> =>
    page.evaluate(() => navigator.serviceWorker.controller?.state);
  await expect.poll(state, { timeout: 20_000 }).toBe('activated');
}

async function reload(page: Page): Promise<void> {
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
}

function isNextVersion(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.dataset.version === 'next');
}

function isIsolated(page: Page): Promise<boolean> {
  return page.evaluate(() => crossOriginIsolated);
}

/** Starts a run and waits for its first replies. */
async function startAndWait(page: Page): Promise<string> {
  await start(page);
  await expect
    .poll(async () => (await storedRun(page)).replies, { timeout: 60_000 })
    .toBeGreaterThan(2);
  return (await storedRun(page)).id;
}

/** Paths of what the caches of a name hold, seen from anywhere on the origin. */
function stored(page: Page, cacheName: string): Promise<readonly string[]> {
  return page.evaluate(async (name) => {
    if (!(await caches.has(name))) return [];
    const cache = await caches.open(name);
    return (await cache.keys()).map(({ url }) => new URL(url).pathname);
  }, cacheName);
}

test('a page on a plain static host is isolated from its second load on, and so are its workers', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'isolated'), server.url);
  await controlled(page);
  expect(await isIsolated(page)).toBe(false);
  await reload(page);
  expect(await isIsolated(page)).toBe(true);

  await setUp(page, pocketFile, smallData(folder.path));
  await startAndWait(page);
  const workers = page.workers();
  expect(workers.length).toBeGreaterThan(0);
  const isolated = workers.map((worker) => worker.evaluate(() => crossOriginIsolated));
  expect(new Set(await Promise.all(isolated))).toEqual(new Set([true]));
  await context.close();
});

test('after one visit with a model the app opens and runs it with the server gone', async () => {
  // The hardest case: the engine has been loaded before there was a service worker to keep it.
  let letGo = (): void => undefined;
  held = new Promise((resolve) => (letGo = resolve));
  const { context, page } = await openBrowser(join(folder.path, 'offline'), server.url);
  await setUp(page, pocketFile, smallData(folder.path));
  const before = await startAndWait(page);
  letGo();
  await controlled(page);

  await server.close();
  await expect(fetch(server.url)).rejects.toThrow();
  await page.goto(`${server.url}?from=a-bookmark#/`);
  await reload(page);
  const after = await startAndWait(page);
  expect(after).not.toBe(before);
  await context.close();
});

test('the model that comes with the app runs on a first visit, and with the server gone once it was used', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'built-in'), server.url);
  await controlled(page);
  expect(asked.filter((path) => path.endsWith('.gguf'))).toEqual([]);
  const before = await startAndWait(page);
  expect(asked.filter((path) => path.endsWith('.gguf'))).toEqual([`${base}models/pocket.gguf`]);

  await server.close();
  await page.goto(server.url);
  await reload(page);
  const after = await startAndWait(page);
  expect(after).not.toBe(before);
  await page.goto(`${server.url}#/models`);
  await page.getByRole('article', { name: 'Pocket' }).getByText('Comes with the app').waitFor();
  expect(await page.getByRole('list', { name: 'Stored models' }).count()).toBe(0);
  await context.close();
});

test('a new version waits for the open page, then takes over and leaves nothing behind', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'versions'), server.url);
  const origin = new URL(server.url).origin;
  const cacheName = `drpo-app-${base}`;
  await controlled(page);
  await page.evaluate(async () => {
    await (await caches.open('webllm/model')).put('/shard', new Response('weights'));
    await (await caches.open('drpo-app-/some/path/beside/')).put('/file', new Response('theirs'));
  });
  await setUp(page, pocketFile, smallData(folder.path));
  await startAndWait(page);
  const first = await stored(page, cacheName);
  const engine = first.filter((path) => path.endsWith('.wasm'));
  expect(engine).toHaveLength(1);

  deploy(nextVersion);
  await reload(page);
  const waitingState = () =>
    page.evaluate(async () => (await navigator.serviceWorker.ready).waiting?.state);
  await expect.poll(waitingState, { timeout: 20_000 }).toBe('installed');
  asked = [];
  await reload(page);
  await page.goto(`${server.url}#/runs`);
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
  expect(await isNextVersion(page)).toBe(false);
  expect(asked.filter((path) => !path.endsWith('/sw.js'))).toEqual([]);

  // From beside the app one sees it change hands without keeping it open.
  await page.goto(`${origin}/beside`);
  const waiting = () =>
    page.evaluate(async (scope) => {
      const registration = await navigator.serviceWorker.getRegistration(scope);
      return [registration?.waiting?.state, registration?.active?.state];
    }, base);
  await expect.poll(waiting, { timeout: 20_000 }).toEqual([undefined, 'activated']);
  const second = await stored(page, cacheName);
  expect(second).toEqual(expect.arrayContaining(engine));
  expect(new Set(second).size).toBe(second.length);
  const main = (paths: readonly string[]) => paths.filter((path) => /\/index-.*\.js$/.test(path));
  expect(main(second)).not.toEqual(main(first));
  expect(main(second)).toHaveLength(main(first).length);
  expect(await stored(page, 'webllm/model')).toEqual(['/shard']);
  expect(await stored(page, 'drpo-app-/some/path/beside/')).toEqual(['/file']);
  expect(asked.filter((path) => path.endsWith('.wasm'))).toEqual([]);

  await page.goto(server.url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await isNextVersion(page)).toBe(true);
  await context.close();
});

test('where one file is not what was built no service worker takes over, and the app works as without', async () => {
  writeFileSync(join(site, 'theme.js'), '// altered by the host');
  const { context, page } = await openBrowser(join(folder.path, 'altered'), server.url);
  const ended = page.evaluate(async () => {
    const registration = await navigator.serviceWorker.register('./sw.js');
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (worker?.state === 'redundant' || worker?.state === 'activated') resolve();
      };
      worker?.addEventListener('statechange', look);
      look();
    });
    return worker?.state;
  });
  expect(await ended).toBe('redundant');
  await reload(page);
  expect(await isIsolated(page)).toBe(false);
  await context.close();
});

test('a request to another origin is neither answered nor stored, whatever its path', async () => {
  let served = 0;
  const other = await listen(
    createServer((_, response) => {
      served += 1;
      const headers = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' };
      response.writeHead(200, headers).end(`answer ${served}`);
    }),
    base,
  );
  const { context, page } = await openBrowser(join(folder.path, 'other'), server.url);
  await controlled(page);
  await page.evaluate(
    (host) => localStorage.setItem('drpo-hosts', host),
    new URL(other.url).origin,
  );
  await reload(page);
  const ask = (url: string) => page.evaluate(async (address) => (await fetch(address)).text(), url);
  expect(await ask(`${other.url}theme.js`)).toBe('answer 1');
  expect(await ask(`${other.url}theme.js`)).toBe('answer 2');
  const keys = await page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map(({ url }) => new URL(url).origin);
  });
  expect(new Set(keys)).toEqual(new Set([new URL(server.url).origin]));
  await context.close();
  await other.close();
});
