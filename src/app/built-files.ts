/** A file of the built app, as its service worker knows it. */
export interface BuiltFile {
  /** Relative to the page, such as `assets/index-1a2b.js`. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the content, as `fetch` checks it: `sha256-` and base64. */
  readonly integrity: string;
}

/**
 * Files up to this size are stored when the service worker is installed: the whole page. What is larger belongs to one
 * engine, and is stored once that engine has been loaded.
 */
const precacheLimitBytes = 1_000_000;

/** Stored with the page although they are larger: what Learn shows offline. They travel compressed, in a sixth of their size. */
const alwaysKept: ReadonlySet<string> = new Set(['demo/run.json']);

/** Whether a file is stored when the service worker is installed. */
export function isPrecached({ path, bytes }: BuiltFile): boolean {
  return bytes <= precacheLimitBytes || alwaysKept.has(path);
}

/** Larger files are models, which the app stores itself; checking one here would hold all of it in memory. */
export const keepLimitBytes = 64_000_000;

/** The one cache of the copy of the app under this scope. Copies under other paths of the origin have their own. */
export function cacheNameFor(scope: URL): string {
  return `drpo-app-${scope.pathname}`;
}

/** Where a file is fetched from. */
export function addressOf(file: BuiltFile, scope: URL): string {
  return new URL(file.path, scope).href;
}

/**
 * Under which address a file is stored. Its content is part of it: versions share what is the same in both, and what
 * differs under one name is stored for each.
 */
export function cacheKeyOf(file: BuiltFile, scope: URL): string {
  return `${addressOf(file, scope)}?${encodeURIComponent(file.integrity)}`;
}

/** The files by address; the page itself also under the bare scope. */
export function byAddress(files: readonly BuiltFile[], scope: URL): ReadonlyMap<string, BuiltFile> {
  const pages = files.filter(({ path }) => path === 'index.html');
  return new Map([
    ...pages.map((page) => [scope.href, page] as const),
    ...files.map((file) => [addressOf(file, scope), file] as const),
  ]);
}

/**
 * The file that answers a request, or null if the request is none of the service worker's business: another origin or
 * path, something sent rather than fetched, a part of a file. What follows `?` or `#` is for the page, not for the host.
 */
export function fileFor(
  request: Pick<Request, 'method' | 'url' | 'headers'>,
  files: ReadonlyMap<string, BuiltFile>,
): BuiltFile | null {
  if (request.method !== 'GET' || request.headers.has('range')) return null;
  const { origin, pathname } = new URL(request.url);
  return files.get(origin + pathname) ?? null;
}

/**
 * The response with the headers that isolate a page from other sites, which threads in WebAssembly need; any others of
 * the host stay. An error or a redirect a page has to follow itself comes back as it is.
 */
export function isolate(response: Response): Response {
  if (response.status === 0) return response;
  const { body, status, statusText } = response;
  const headers = new Headers(response.headers);
  // They speak of the body as it was sent, which is unpacked by now, and of a choice that was made.
  for (const name of ['content-encoding', 'content-length', 'vary']) headers.delete(name);
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-embedder-policy', 'require-corp');
  headers.set('cross-origin-resource-policy', 'same-origin');
  return new Response(body, { status, statusText, headers });
}
