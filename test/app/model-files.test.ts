import { beforeEach, expect, test, vi } from 'vitest';
import type { Models } from '../../src/app/models.svelte.ts';
import type { Shelf } from '../../src/app/shelf.ts';
import { getRun } from '../../src/store/runs.ts';
import {
  aModelFile,
  answeredTwice,
  aRun,
  atRest,
  emptyFileSystem,
  eventsOfSearch,
  newShelf,
  newTab,
  startAndPause,
  storedEvents,
} from './builders.ts';
import { aModel, hashFile, stage } from './stage.ts';

vi.mock('../../src/llm/open.ts', () => import('./stage.ts'));

beforeEach(async () => {
  stage.reset();
  await emptyFileSystem();
});

/** A run on a file that was chosen in this tab, paused after 30 replies. */
async function pausedRun(shelf: Shelf, use?: (models: Models, sha256: string) => Promise<void>) {
  const { session, models } = newTab(shelf);
  const chosen = await models.addFile(aModelFile('mine.gguf'));
  if (chosen.type !== 'gguf-file') throw new Error('a file gives a file');
  const { sha256 } = chosen;
  await use?.(models, sha256);
  const run = aRun({}, { type: 'gguf-file', name: 'mine.gguf', sha256 });
  await startAndPause(session, run, 30);
  return { run, sha256 };
}

test('a run whose file is gone asks for it by name; another is refused, the right one goes on', async () => {
  const shelf = await newShelf();
  const { run, sha256 } = await pausedRun(shelf);
  const { session } = newTab(shelf);
  await session.open(run.id);
  await session.resume();
  await atRest(session);
  expect(session.status).toBe('needs-file');
  expect(session.wanted).toEqual({ name: 'mine.gguf', sha256 });
  expect(session.error).toBeNull();
  expect((await getRun(shelf.db, run.id)).status).toBe('paused');

  const other = aModelFile('mine.gguf', 2);
  await expect(session.provideFile(other)).rejects.toMatchObject({
    code: 'model-changed',
    message: expect.stringContaining(sha256.slice(0, 12)) as string,
  });
  const page = new File(['<!doctype html><p>Not found'], 'mine.gguf');
  await expect(session.provideFile(page)).rejects.toMatchObject({ code: 'model-invalid' });
  expect(session).toMatchObject({ status: 'needs-file', wanted: { name: 'mine.gguf' } });
  expect(stage.opened).toHaveLength(1);

  // The same file under another name is the same file.
  await session.provideFile(aModelFile('copy.gguf'));
  await atRest(session);
  expect(session).toMatchObject({ status: 'finished', wanted: null });
  const llm = aModel({ revision: sha256 });
  expect(await storedEvents(shelf, run.id)).toEqual(await eventsOfSearch(run, { llm }));
  expect(await answeredTwice()).toBe(0);
});

test('a run whose file is kept in this browser goes on without being asked for it', async () => {
  const shelf = await newShelf();
  const { run } = await pausedRun(shelf, (models, sha256) => models.keepFile(sha256));
  const { session } = newTab(shelf);
  await session.open(run.id);
  await session.resume();
  await atRest(session);
  expect(session.status).toBe('finished');
});

test('a downloaded model is kept, and a resumed run takes the kept file', async () => {
  const shelf = await newShelf();
  const file = aModelFile();
  const url = 'https://huggingface.co/me/model/resolve/main/tiny%20model.gguf';
  const sha256 = await hashFile(file);
  stage.info = { revision: sha256 };
  stage.afterOpen = async ({ source, options }) => {
    if (source.type === 'gguf-url') await options.onFile?.(file, sha256);
  };
  const run = aRun({}, { type: 'gguf-url', url });
  await startAndPause(newTab(shelf).session, run, 30);
  expect(await shelf.files.list()).toMatchObject([
    { name: 'tiny model.gguf', sha256, sizeBytes: file.size },
  ]);
  const { session } = newTab(shelf);
  await session.open(run.id);
  await session.resume();
  await atRest(session);
  expect(session.status).toBe('finished');
  expect(stage.opened.map((a) => a.source.type)).toEqual(['gguf-url', 'gguf-file']);
  expect(await answeredTwice()).toBe(0);
});

test('a run of an address is not continued with what that address has meanwhile', async () => {
  const shelf = await newShelf();
  const source = { type: 'gguf-url', url: 'https://huggingface.co/me/tiny.gguf' } as const;
  const old = aRun({}, source);
  stage.info = { revision: 'old' };
  await startAndPause(newTab(shelf).session, old, 30);
  stage.info = { revision: 'new' };
  const { session } = newTab(shelf);
  await session.start(aRun({}, source));
  await atRest(session);
  expect(session.status).toBe('finished');
  // The new weights are loaded now, under the same address.
  await session.open(old.id);
  expect(session.canAnswer).toBe(false);
  await session.resume();
  await atRest(session);
  expect(session.error).toMatchObject({ code: 'model-changed' });
});
