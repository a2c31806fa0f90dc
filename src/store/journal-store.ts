import type { JournalEntry, JournalStore } from '../core/journal-entry.ts';
import { rowsOf, type Database } from './database.ts';
import { hashesIn, pack, TextHashes, unpack } from './packed-request.ts';
import { putAndCommit, read, write } from './transaction.ts';

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
  // Whoever puts holds the drive lock: from its first put on nobody else adds any, and what is not here is not there.
  let own: Promise<Set<string>> | null = null;
  const ownKeys = async (): Promise<Set<string>> => {
    own ??= readKeys(db, run);
    try {
      return await own;
    } catch (error) {
      own = null;
      throw error;
    }
  };

  return {
    async get(key) {
      if (own && !(await ownKeys()).has(key)) return undefined;
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
      const row = { run, key: entry.key, entry: packed.entry };
      const keys = await ownKeys();
      await write(db, ['replies', 'texts'], async (tx) => {
        const [replyStore, textStore] = [tx.objectStore('replies'), tx.objectStore('texts')];
        return putAndCommit(tx, [
          ...texts.map(
            ([hash, text]) =>
              () =>
                textStore.put({ run, hash, text }),
          ),
          () => replyStore.put(row),
        ]);
      });
      keys.add(entry.key);
      for (const [hash] of texts) kept.add(hash);
    },

    async keys() {
      return readKeys(db, run);
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

async function readKeys(db: Database, run: string): Promise<Set<string>> {
  return read(db, ['replies'], async (tx) => {
    const keys = await tx.store.getAllKeys(rowsOf(run));
    return new Set(keys.map(([, key]) => key));
  });
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
