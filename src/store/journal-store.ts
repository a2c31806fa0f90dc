import type { JournalEntry, JournalStore } from '../core/journal-entry.ts';
import { rowsOf, type Database } from './database.ts';
import { hashesIn, pack, TextHashes, unpack } from './packed-request.ts';
import { putAll, read, write } from './transaction.ts';

/** One run's replies in the database. */
export interface StoredJournal extends JournalStore {
  /** The keys of all replies. */
  keys(): Promise<ReadonlySet<string>>;
  /** All entries, in the order of their keys. */
  all(): Promise<readonly JournalEntry[]>;
}

/** The journal of the run with id `run`. The caller holds the run's drive lock if it puts. */
export function journalStore(db: Database, run: string): StoredJournal {
  const hashes = new TextHashes();
  // Texts known to be committed, so that a prompt is written once and not with every request that carries it.
  const kept = new Set<string>();

  return {
    async get(key) {
      return read(db, ['replies', 'texts'], async (tx) => {
        const row = await tx.objectStore('replies').get([run, key]);
        if (!row) return undefined;
        const store = tx.objectStore('texts');
        const rows = await Promise.all(hashesIn(row.entry).map((hash) => store.get([run, hash])));
        return unpack(row.entry, textsOf(rows));
      });
    },

    async put(entry) {
      const packed = await pack(entry, hashes);
      const texts = [...packed.texts].filter(([hash]) => !kept.has(hash));
      await write(db, ['replies', 'texts'], async (tx) => {
        const row = { run, key: entry.key, entry: packed.entry };
        await Promise.all([
          putAll(texts, ([hash, text]) => tx.objectStore('texts').put({ run, hash, text })),
          putAll([row], (value) => tx.objectStore('replies').put(value)),
        ]);
      });
      for (const [hash] of texts) kept.add(hash);
    },

    async keys() {
      return read(db, ['replies'], async (tx) => {
        const keys = await tx.store.getAllKeys(rowsOf(run));
        return new Set(keys.map(([, key]) => key));
      });
    },

    async all() {
      return read(db, ['replies', 'texts'], async (tx) => {
        const [rows, texts] = await Promise.all([
          tx.objectStore('replies').getAll(rowsOf(run)),
          tx.objectStore('texts').getAll(rowsOf(run)),
        ]);
        const byHash = textsOf(texts);
        return rows.map((row) => unpack(row.entry, byHash));
      });
    },
  };
}

/** How many replies of a run are kept. */
export async function countReplies(db: Database, run: string): Promise<number> {
  return read(db, ['replies'], async (tx) => tx.store.count(rowsOf(run)));
}

/** Rows of `texts` by hash. */
export function textsOf(
  rows: readonly ({ readonly hash: string; readonly text: string } | undefined)[],
): ReadonlyMap<string, string> {
  return new Map(rows.flatMap((row) => (row ? [[row.hash, row.text] as const] : [])));
}
