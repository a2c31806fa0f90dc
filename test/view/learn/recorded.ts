import { readFileSync } from 'node:fs';
import { foldAll } from '../../../src/core/run.ts';
import { readRunFile } from '../../../src/formats/run-file.ts';
import type { Recording } from '../../../src/view/learn/recording.ts';

/** The recorded run that comes with the app. */
export function recorded(): Recording {
  const file = new URL('../../../public/demo/run.json', import.meta.url);
  const { run, events } = readRunFile(readFileSync(file, 'utf8'));
  return { record: run, run: foldAll(events) };
}
