import { DrpoError } from '../core/errors.ts';
import { builtInModel } from './built-in.ts';
import { fetchOwn } from './fetch-own.ts';

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
  return fetchOwn(model.path, model.name, signal);
}
