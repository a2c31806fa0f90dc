/** A compiled model library: where it is, and the part of its address that names its build, such as `v0_2_86/sg32`. */
export interface Library {
  readonly url: string;
  readonly version: string;
}

/** What is known of libraries by their addresses. Neither rejects. */
export interface LibraryShelf {
  /** Whether this browser keeps it. */
  stored(url: string): Promise<boolean>;
  /** Whether it can be downloaded. */
  offered(url: string): Promise<boolean>;
}

/**
 * The library to run a listed model with, from the address of its usual build. Devices with subgroups take the faster build
 * of the same name where it exists. One that is stored is taken as it is, the faster first: the two differ in their last digits, and a run must
 * find the one that it began with, without a network too.
 */
export async function chooseLibrary(
  usualUrl: string,
  subgroups: boolean,
  shelf: LibraryShelf,
): Promise<Library> {
  const fasterUrl = usualUrl.replace('/base/', '/sg32/');
  if (!subgroups || fasterUrl === usualUrl) return libraryAt(usualUrl);
  if (await shelf.stored(fasterUrl)) return libraryAt(fasterUrl);
  if (await shelf.stored(usualUrl)) return libraryAt(usualUrl);
  return libraryAt((await shelf.offered(fasterUrl)) ? fasterUrl : usualUrl);
}

/** The library at an address. */
export function libraryAt(url: string): Library {
  return { url, version: new URL(url).pathname.split('/').slice(-3, -1).join('/') };
}

/** The libraries in the browser's own cache, where web-llm looks for them, and on the net. */
export const browserShelf: LibraryShelf = {
  async stored(url) {
    try {
      const cache = await caches.open('webllm/wasm');
      return (await cache.match(url)) !== undefined;
    } catch {
      return false;
    }
  },
  async offered(url) {
    try {
      return (await fetch(url, { method: 'HEAD' })).ok;
    } catch {
      return false;
    }
  },
};
