import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { LlmRequest } from '../../src/core/llm.ts';
import { profileFor } from '../../src/core/profiles/index.ts';
import { parsePrompt } from '../../src/core/prompt.ts';
import { runSearch } from '../../src/core/search.ts';
import { readRunFile } from '../../src/formats/run-file.ts';
import { replayOnly } from '../../src/llm/journal.ts';
import { drain, memoryJournal } from './builders.ts';

test('the recorded run that comes with the app says the same when it is run again, and asks for all it kept', async () => {
  const file = new URL('../../public/demo/run.json', import.meta.url);
  const { run, events, steers, journal } = readRunFile(readFileSync(file, 'utf8'));
  const asked = new Set<string>();
  const kept = memoryJournal(journal);
  const store = {
    ...kept,
    get: (key: string) => {
      asked.add(key);
      return kept.get(key);
    },
  };
  const llm = replayOnly(run.models.base, store);
  const profile = profileFor(run.models.base);
  const told = new Map(steers.map(({ point, steer }) => [point, steer]));
  const again = await drain(
    runSearch(
      {
        ...run.data,
        startingPrompt: run.startingPrompt,
        handWritten: run.handWritten === null ? null : parsePrompt(run.handWritten, 'hand-written'),
      },
      {
        llms: { base: llm, evaluator: llm, optimizer: llm },
        profiles: { base: profile, evaluator: profile, optimizer: profile },
        settings: run.settings,
        criteria: run.criteria,
        steer: (point) => Promise.resolve(told.get(point) ?? { type: 'go' }),
      },
    ),
  );
  expect(again.events).toEqual(events);
  expect(
    journal.filter((entry: { key: string; request: LlmRequest }) => !asked.has(entry.key)),
  ).toEqual([]);
});
