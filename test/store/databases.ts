import { deleteDB } from 'idb';
import { onTestFinished } from 'vitest';
import { openDatabase, type Database, type OpenOptions } from '../../src/store/database.ts';

let count = 0;

/** A name that no other test uses. */
export function newName(): string {
  count += 1;
  return `test-${Date.now()}-${Math.random().toString(36).slice(2)}-${count}`;
}

/** An empty database, removed when the test ends. */
export async function newDatabase(name = newName(), options: OpenOptions = {}): Promise<Database> {
  const db = await openDatabase(name, options);
  onTestFinished(async () => {
    db.close();
    await deleteDB(name);
  });
  return db;
}

/** How many rows each object store has. */
export async function rowCounts(db: Database): Promise<Readonly<Record<string, number>>> {
  const counts = [...db.objectStoreNames].map(
    async (name) => [name, await db.count(name)] as const,
  );
  return Object.fromEntries(await Promise.all(counts));
}
