import { describe, expect, test } from 'vitest';
import { exportRunFile, readRunFile } from '../../src/formats/run-file.ts';
import { eventLog } from '../../src/store/event-log.ts';
import { journalStore } from '../../src/store/journal-store.ts';
import { library } from '../../src/store/library.ts';
import { driveLock } from '../../src/store/locks.ts';
import type { RunContent } from '../../src/store/records.ts';
import {
  createRun,
  deleteRun,
  getRun,
  getRunContent,
  importRun,
  listRuns,
  newRunId,
  patchRun,
} from '../../src/store/runs.ts';
import { makeEntry, makeRun, makeRunFile } from '../formats/builders.ts';
import { newDatabase, rowCounts } from './databases.ts';

const long = 'You are a helpful assistant. '.repeat(20);

function makeContent(id: string): RunContent {
  const { run, events, steers } = makeRunFile(id);
  return { run, events, steers, journal: [makeEntry('k1', long), makeEntry('k2', long)] };
}

describe('runs', () => {
  test('are stored, found and listed, the one changed last first', async () => {
    const db = await newDatabase();
    await createRun(db, { ...makeRun('a'), updated: '2026-01-01T00:00:00.000Z' });
    await createRun(db, { ...makeRun('b'), updated: '2026-01-02T00:00:00.000Z' });
    expect(await getRun(db, 'a')).toEqual({ ...makeRun('a'), updated: '2026-01-01T00:00:00.000Z' });
    expect((await listRuns(db)).map((run) => run.id)).toEqual(['b', 'a']);
    const patched = await patchRun(db, 'a', { name: 'Mine', status: 'stopped' });
    expect(patched).toMatchObject({ id: 'a', name: 'Mine', status: 'stopped' });
    expect(await getRun(db, 'a')).toEqual(patched);
    await patchRun(db, 'a', { status: 'failed', error: { message: 'no room' } });
    expect(await getRun(db, 'a')).toMatchObject({ error: { message: 'no room' } });
    expect(await patchRun(db, 'a', { status: 'finished' })).not.toHaveProperty('error');
    expect((await listRuns(db)).map((run) => run.id)).toEqual(['a', 'b']);
  });

  test('that are not there are missing, not empty', async () => {
    const db = await newDatabase();
    const missing = { code: 'run-missing' };
    await expect(getRun(db, 'a')).rejects.toMatchObject(missing);
    await expect(getRunContent(db, 'a')).rejects.toMatchObject(missing);
    await expect(patchRun(db, 'a', { name: 'x' })).rejects.toMatchObject(missing);
    expect(await rowCounts(db)).toMatchObject({ runs: 0 });
  });

  test('do not overwrite each other', async () => {
    const db = await newDatabase();
    await createRun(db, makeRun('a'));
    await expect(createRun(db, { ...makeRun('a'), name: 'other' })).rejects.toMatchObject({
      code: 'storage-failed',
    });
    expect((await getRun(db, 'a')).name).toBe('My run');
    expect(newRunId()).not.toBe(newRunId());
  });

  test('patched at once keep both changes', async () => {
    const db = await newDatabase();
    await createRun(db, makeRun('a'));
    await Promise.all([
      patchRun(db, 'a', { name: 'x' }),
      patchRun(db, 'a', { status: 'failed', error: { message: 'y' } }),
    ]);
    const expected = { name: 'x', status: 'failed', error: { message: 'y' } };
    expect(await getRun(db, 'a')).toMatchObject(expected);
  });

  test('leave nothing behind when deleted, and take nothing of others along', async () => {
    const db = await newDatabase();
    await library(db).put('draft', 1);
    await importRun(db, makeContent('other'));
    const before = await rowCounts(db);
    await importRun(db, makeContent('othe'));
    await importRun(db, makeContent('other2'));
    await deleteRun(db, 'othe');
    await deleteRun(db, 'other2');
    expect(await rowCounts(db)).toEqual(before);
    expect(await getRunContent(db, 'other')).toEqual(makeContent('other'));
  });

  test('at work cannot be deleted', async () => {
    const db = await newDatabase();
    await createRun(db, makeRun('busy'));
    const release = await driveLock('busy');
    await expect(deleteRun(db, 'busy')).rejects.toMatchObject({ code: 'run-busy' });
    await release?.();
    await deleteRun(db, 'busy');
    expect(await listRuns(db)).toEqual([]);
  });
});

describe('a run that is imported', () => {
  test('from an exported file equals it', async () => {
    const db = await newDatabase();
    const file = readRunFile(exportRunFile(makeRunFile('a')));
    expect(await importRun(db, file)).toEqual(makeRun('a'));
    const content = await getRunContent(db, 'a');
    expect({ ...file, ...content }).toEqual(makeRunFile('a'));
    expect(await eventLog(db, 'a').read()).toEqual(file.events);
    expect(await journalStore(db, 'a').get('k1')).toEqual(makeEntry('k1'));
  });

  test('twice is there twice', async () => {
    const db = await newDatabase();
    await importRun(db, makeContent('a'));
    const second = await importRun(db, makeContent('a'));
    expect(second.id).not.toBe('a');
    expect(await getRunContent(db, second.id)).toEqual({ ...makeContent('a'), run: second });
    expect(await rowCounts(db)).toMatchObject({ runs: 2, replies: 4, texts: 2 });
  });

  test('while it was at work is paused', async () => {
    const db = await newDatabase();
    const content = makeContent('a');
    await importRun(db, { ...content, run: { ...content.run, status: 'running' } });
    expect((await getRun(db, 'a')).status).toBe('paused');
  });

  test('is there whole or not at all', async () => {
    const db = await newDatabase();
    const content = makeContent('a');
    const bad = { ...makeEntry('k3', long), unclonable: () => 0 };
    const before = await rowCounts(db);
    await expect(
      importRun(db, { ...content, journal: [...content.journal, bad] }),
    ).rejects.toMatchObject({ code: 'storage-failed' });
    expect(await rowCounts(db)).toEqual(before);
  });
});
