/**
 * The service worker: the app, and the engines it has loaded, work offline, and the page is isolated from its second load
 * on, on hosts that cannot send headers too. It answers for the files of its own version and leaves everything else
 * alone: model hosts, endpoints, other apps of the origin. A new version waits until no page of the old one is open.
 */
import {
  addressOf,
  byAddress,
  cacheKeyOf,
  cacheNameFor,
  fileFor,
  isolate,
  isPrecached,
  type BuiltFile,
} from './app/built-files.ts';

declare const self: ServiceWorkerGlobalScope;
declare const __BUILT_FILES__: readonly BuiltFile[];

const builtFiles = __BUILT_FILES__;
const scope = new URL(self.registration.scope);
const files = byAddress(builtFiles, scope);

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const file = fileFor(event.request, files);
  if (file) event.respondWith(answer(file, event));
});

/** Stores the page whole; rejects, which undoes the installation, if one file is not to be had as it was built. */
async function install(): Promise<void> {
  const cache = await openCache();
  const page = builtFiles.filter(isPrecached);
  await Promise.all(
    page.map(async (file) => {
      const key = cacheKeyOf(file, scope);
      if (!(await cache.match(key))) await cache.put(key, await download(file));
    }),
  );
}

async function activate(): Promise<void> {
  const cache = await openCache();
  await forgetOthers(cache);
  // The page that is open on a first visit has no service worker yet: what it loads from now on is to be kept too.
  await self.clients.claim();
  await keepLoaded(cache);
}

/** Removes what no file of this version is stored under. */
async function forgetOthers(cache: Cache): Promise<void> {
  const keys = new Set(builtFiles.map((file) => cacheKeyOf(file, scope)));
  const stored = await cache.keys();
  await Promise.all(stored.filter(({ url }) => !keys.has(url)).map((key) => cache.delete(key)));
}

/** Stores what a first visit has loaded before this took over, from the browser's own cache: nothing is downloaded. */
async function keepLoaded(cache: Cache): Promise<void> {
  const large = builtFiles.filter((file) => !isPrecached(file));
  for (const file of large) {
    const key = cacheKeyOf(file, scope);
    if (await cache.match(key)) continue;
    try {
      await cache.put(key, await request(file, { cache: 'only-if-cached', mode: 'same-origin' }));
    } catch {
      // Not loaded so far, or no room: it is fetched when it is needed.
    }
  }
}

async function answer(file: BuiltFile, event: FetchEvent): Promise<Response> {
  try {
    const cache = await openCache();
    const key = cacheKeyOf(file, scope);
    const stored = await cache.match(key);
    if (stored) return stored;
    const response = await download(file);
    // Without room for it the file is still served.
    event.waitUntil(cache.put(key, response.clone()).catch(() => undefined));
    return response;
  } catch {
    // Storage has failed, or the host has another version by now: the network decides, as without a service worker.
    return isolate(await fetch(event.request));
  }
}

/** A file as it was built, from the browser's own cache or the host. Rejects if there is something else in both. */
async function download(file: BuiltFile): Promise<Response> {
  try {
    return await request(file, {});
  } catch {
    // What the browser's own cache has may be of another version.
    return await request(file, { cache: 'reload' });
  }
}

async function request(file: BuiltFile, how: RequestInit): Promise<Response> {
  const response = await fetch(addressOf(file, scope), { ...how, integrity: file.integrity });
  if (!response.ok) throw new TypeError(`${file.path}: ${response.status}`);
  return isolate(response);
}

function openCache(): Promise<Cache> {
  return caches.open(cacheNameFor(scope));
}
