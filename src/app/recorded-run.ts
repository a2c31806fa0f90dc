import { fetchOwn } from '../llm/fetch-own.ts';
import type { Library } from './library.svelte.ts';

/** The recorded run that comes with the app, of the built-in model. */
const path = 'demo/run.json';

/**
 * Keeps the recorded run among the person's own and says its id; one that is there already is not kept again. Rejects with `network`
 * where it cannot be fetched.
 */
export async function keepRecordedRun(library: Library): Promise<string> {
  const preview = await library.preview(await fetchOwn(path, 'The recorded run'));
  const known = library.runs.find(
    ({ name, created }) => name === preview.name && created === preview.created,
  );
  return known?.id ?? preview.keep();
}
