import { foldAll, type Run } from '../core/run.ts';
import type { RunRecord } from '../core/run-record.ts';
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

/** The recorded run, read whole and not kept. Rejects with `network` where it cannot be fetched. */
export async function readRecordedRun(): Promise<{
  readonly record: RunRecord;
  readonly run: Run;
}> {
  const file = await fetchOwn(path, 'The recorded run');
  const { readRunFile } = await import('../formats/run-file.ts');
  const { run, events } = readRunFile(await file.text());
  return { record: run, run: foldAll(events) };
}
