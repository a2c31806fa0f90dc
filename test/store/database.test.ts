import { openDB } from 'idb';
import { describe, expect, test, vi } from 'vitest';
import { migrations, openDatabase, type Migration } from '../../src/store/database.ts';
import { journalStore } from '../../src/store/journal-store.ts';
import { library } from '../../src/store/library.ts';
import { modelFiles } from '../../src/store/model-files.ts';
import { getRun, getRunContent } from '../../src/store/runs.ts';
import { newDatabase, newName, rowCounts } from './databases.ts';
import { fixtures } from './fixtures.ts';

const addsShelf: Migration = (db) => {
  db.createObjectStore('shelf' as 'library');
};

/** A database as version `version` left it. */
async function writeOld(
  name: string,
  version: number,
  rows: Readonly<Record<string, readonly unknown[]>>,
): Promise<void> {
  const old = await openDatabase(name, { migrations: migrations.slice(0, version) });
  const plain = await openDB(name);
  for (const [store, values] of Object.entries(rows)) {
    for (const value of values)
      await plain.put(store, value, store === 'library' ? 'draft' : undefined);
  }
  plain.close();
  old.close();
}

describe('the database', () => {
  test('has a fixture of every version', () => {
    expect(fixtures).toHaveLength(migrations.length + 1);
  });

  test.each(fixtures.map((rows, version) => [version, rows] as const))(
    'of version %i opens with everything in it',
    async (version, rows) => {
      const name = newName();
      if (version > 0) await writeOld(name, version, rows);
      const db = await newDatabase(name);
      expect(db.version).toBe(migrations.length);
      if (version === 0) return;
      expect(await getRun(db, 'kept')).toEqual(rows['runs']?.[0]);
      const content = await getRunContent(db, 'kept');
      expect(content.events).toEqual([{ type: 'phase', phase: 'search' }]);
      expect(content.steers).toEqual([{ point: 3, steer: { type: 'stop' } }]);
      expect((await journalStore(db, 'kept').get('k1'))?.request.content).toEqual({
        type: 'chat',
        messages: [{ role: 'user', parts: [{ text: 'A long text.' }] }],
      });
      expect(await library(db).get('draft')).toEqual({ queries: ['a'] });
      expect(await modelFiles(db).list()).toEqual(rows['models']);
    },
  );

  test('goes through new migrations and keeps what is in it', async () => {
    const name = newName();
    const old = await openDatabase(name);
    await library(old).put('a', 1);
    old.close();
    const db = await newDatabase(name, { migrations: [...migrations, addsShelf] });
    expect(await library(db).get('a')).toBe(1);
    expect(Object.keys(await rowCounts(db))).toContain('shelf');
  });

  test('stays as it was where a migration fails, and says so', async () => {
    const name = newName();
    (await openDatabase(name)).close();
    const fails: Migration = async (db, tx) => {
      db.createObjectStore('shelf' as 'library');
      await tx.objectStore('library').put(1, 'a');
      throw new Error('made to fail');
    };
    await expect(openDatabase(name, { migrations: [...migrations, fails] })).rejects.toMatchObject({
      code: 'storage-failed',
      details: 'Error: made to fail',
    });
    const db = await newDatabase(name);
    expect(db.version).toBe(migrations.length);
    expect(await library(db).keys()).toEqual([]);
  });

  test('lets go when another tab opens a newer version, and says so', async () => {
    const name = newName();
    const onClosed = vi.fn();
    const old = await openDatabase(name, { onClosed });
    await newDatabase(name, { migrations: [...migrations, addsShelf] });
    expect(onClosed).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        code: 'storage-failed',
        message: expect.stringMatching(/newer DRPO Web .* Reload this tab/) as unknown,
      }),
    );
    await expect(library(old).get('a')).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringMatching(/connection .* was closed. Reload/) as unknown,
    });
  });

  test('does not wait for ever for an old tab that does not let go', async () => {
    const name = newName();
    const stuck = await openDB(name, 1);
    await expect(
      openDatabase(name, { migrations: [...migrations, addsShelf] }),
    ).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringMatching(/Close the other tabs/) as unknown,
    });
    stuck.close();
  });

  test('written by a newer DRPO Web is not touched', async () => {
    const name = newName();
    (await openDatabase(name, { migrations: [...migrations, addsShelf] })).close();
    await expect(openDatabase(name)).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringMatching(/newer DRPO Web than this page. Reload/) as unknown,
    });
  });
});
