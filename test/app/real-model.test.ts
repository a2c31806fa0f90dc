import { beforeEach, expect, test } from 'vitest';
import { journalStore } from '../../src/store/journal-store.ts';
import { getRun } from '../../src/store/runs.ts';
import { settingsWith } from '../core/builders.ts';
import {
  aModelFile,
  aRun,
  atRest,
  emptyFileSystem,
  newShelf,
  newTab,
  onStore,
  storedEvents,
} from './builders.ts';

beforeEach(emptyFileSystem);

const settings = settingsWith({
  search: { depth: 1, extraDepth: 0, queriesPerLevel: 1, width: 1, proposals: 1 },
  examples: { count: 1 },
  evaluation: { selection: 1, test: 2 },
  answerTokens: 12,
  promptTokens: 16,
});

// The model is tested and measured first, for some five seconds.
const patienceMs = 60_000;

test('a run with a model of this machine, paused and resumed in another tab, ends as one without a pause', async () => {
  const shelf = await newShelf();
  const { session, models } = newTab(shelf);
  const chosen = await models.addFile(aModelFile());
  if (chosen.type !== 'gguf-file') throw new Error('a file gives a file');
  const source = { type: 'gguf-file', name: chosen.name, sha256: chosen.sha256 } as const;
  const [whole, cut] = [aRun({ settings }, source), aRun({ settings }, source)];
  await session.start(whole);
  await atRest(session, patienceMs);
  expect(session.error).toBeNull();
  expect(session.status).toBe('finished');
  const { models: infos } = await getRun(shelf.db, whole.id);
  expect(infos.base).toMatchObject({ revision: chosen.sha256, contextSize: 512 });

  const noMore = onStore('put', 'replies', (nth) => {
    if (nth === 20) void session.pause();
  });
  await session.start(cut);
  await atRest(session, patienceMs);
  noMore();
  expect(session.status).toBe('paused');
  const before = await journalStore(shelf.db, cut.id).all();

  const other = newTab(shelf).session;
  await other.open(cut.id);
  await other.resume();
  await atRest(other, patienceMs);
  expect(other.wanted).toEqual({ name: source.name, sha256: source.sha256 });
  await other.provideFile(aModelFile());
  await atRest(other, patienceMs);
  expect(other.status).toBe('finished');
  expect(await storedEvents(shelf, cut.id)).toEqual(await storedEvents(shelf, whole.id));
  // What was answered before the pause is what it was, time and all.
  const after = new Map((await journalStore(shelf.db, cut.id).all()).map((e) => [e.key, e]));
  for (const entry of before) expect(after.get(entry.key)).toEqual(entry);
  expect(await other.check()).toMatchObject({ type: 'same' });

  const { signal } = new AbortController();
  const said = await other.tryOut(cut.startingPrompt, [], 'Why?', () => undefined, signal);
  expect(said.text.length).toBeGreaterThan(0);
}, 240_000);
