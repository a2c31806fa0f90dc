import { DrpoError } from '../core/errors.ts';
import { throwIfAborted } from './abort.ts';
import { builtInModel } from './built-in.ts';

/**
 * The file of a built-in model, from where the page itself came from; the service worker keeps it from the first time on.
 * Rejects with `model-missing` for one that this version does not have, `network`, or the signal's AbortError.
 */
export async function fetchBuiltIn(id: string, signal?: AbortSignal): Promise<File> {
  const model = builtInModel(id);
  if (!model) {
    throw new DrpoError(
      'model-missing',
      `This version of the app comes with no model “${id}”. Reload the page to get its latest version; the run is kept as it is.`,
    );
  }
  const url = new URL(`${import.meta.env.BASE_URL}${model.path}`, location.href);
  const name = model.path.split('/').at(-1) ?? model.path;
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok) throw new Error(`${url.href}: ${String(response.status)}`);
    return new File([await response.blob()], name);
  } catch (error) {
    throwIfAborted(signal);
    throw new DrpoError(
      'network',
      `${model.name} comes with the app, but its file could not be fetched. Check the connection, then try again.`,
      String(error),
    );
  }
}
