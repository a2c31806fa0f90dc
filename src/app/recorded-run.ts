import { DrpoError } from '../core/errors.ts';
import type { Library } from './library.svelte.ts';

/** The recorded run that comes with the app, of the built-in model. */
const path = 'demo/run.json';

/**
 * Keeps the recorded run among the person's own and says its id; one that is there already is not kept again. Rejects with `network`
 * where it cannot be fetched.
 */
export async function keepRecordedRun(library: Library): Promise<string> {
  const preview = await library.preview(await fetchRecorded());
  const known = library.runs.find(
    ({ name, created }) => name === preview.name && created === preview.created,
  );
  return known?.id ?? preview.keep();
}

async function fetchRecorded(): Promise<File> {
  const url = new URL(`${import.meta.env.BASE_URL}${path}`, location.href);
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url.href}: ${String(response.status)}`);
    return new File([await response.blob()], 'run.json');
  } catch (error) {
    throw new DrpoError(
      'network',
      'The recorded run comes with the app, but could not be fetched. Check the connection, then try again.',
      String(error),
    );
  }
}
