import { DrpoError } from '../core/errors.ts';
import { throwIfAborted } from './abort.ts';

/**
 * A file that comes with the app, from where the page itself came from; the service worker keeps it from the first time on. `name` is
 * what people call it. Rejects with `network` or the signal's AbortError.
 */
export async function fetchOwn(path: string, name: string, signal?: AbortSignal): Promise<File> {
  const url = new URL(`${import.meta.env.BASE_URL}${path}`, location.href);
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok) throw new Error(`${url.href}: ${String(response.status)}`);
    return new File([await response.blob()], path.split('/').at(-1) ?? path);
  } catch (error) {
    throwIfAborted(signal);
    throw new DrpoError(
      'network',
      `${name} comes with the app, but its file could not be fetched. Check the connection, then try again.`,
      String(error),
    );
  }
}
