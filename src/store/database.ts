import {
  openDB,
  type DBSchema,
  type IDBPDatabase,
  type IDBPTransaction,
  type StoreNames,
} from 'idb';
import { DrpoError } from '../core/errors.ts';
import type { SearchEvent, Steer } from '../core/events.ts';
import type { PackedEntry } from './packed-request.ts';
import { asStorageError } from './quota.ts';
import type { RunRecord } from '../core/run-record.ts';
import type { KeptModel } from './records.ts';

/** What is stored, by object store. `run` comes first in every key, so that a run's rows lie together. */
export interface Schema extends DBSchema {
  runs: { key: string; value: RunRecord };
  events: {
    key: [string, number];
    value: { readonly run: string; readonly number: number; readonly event: SearchEvent };
  };
  steers: {
    key: [string, number];
    value: { readonly run: string; readonly point: number; readonly steer: Steer };
  };
  replies: {
    key: [string, string];
    value: { readonly run: string; readonly key: string; readonly entry: PackedEntry };
  };
  /** Texts of requests, once each, under their SHA-256. */
  texts: {
    key: [string, string];
    value: { readonly run: string; readonly hash: string; readonly text: string };
  };
  /** What belongs to no run: drafts, a person's own queries, examples, criteria. */
  library: { key: string; value: unknown };
  models: { key: string; value: KeptModel };
}

/** The open database. */
export type Database = IDBPDatabase<Schema>;

/** The names of its object stores. */
export type StoreName = StoreNames<Schema>;

type Upgrading = IDBPTransaction<Schema, StoreName[], 'versionchange'>;

/** Changes the database from one version to the next, within the one transaction of the upgrade. */
export type Migration = (db: Database, tx: Upgrading) => void | Promise<void>;

/** `migrations[n]` takes version n to n+1. Append only: a step that was released never changes. */
export const migrations: readonly Migration[] = [
  (db) => {
    db.createObjectStore('runs', { keyPath: 'id' });
    db.createObjectStore('events', { keyPath: ['run', 'number'] });
    db.createObjectStore('steers', { keyPath: ['run', 'point'] });
    db.createObjectStore('replies', { keyPath: ['run', 'key'] });
    db.createObjectStore('texts', { keyPath: ['run', 'hash'] });
    db.createObjectStore('library');
    db.createObjectStore('models', { keyPath: 'sha256' });
  },
];

export interface OpenOptions {
  /** Called once if the connection is lost later: a newer DRPO Web was opened in another tab, or the browser failed. */
  readonly onClosed?: (error: DrpoError) => void;
  /** For tests of migrations. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens the database, bringing it to the newest version. Rejects with `storage-failed` where the browser stores nothing,
 * where a newer DRPO Web has written it, and where another tab holds an older version open and does not let go.
 */
export async function openDatabase(name = 'drpo', options: OpenOptions = {}): Promise<Database> {
  const steps = options.migrations ?? migrations;
  let block: (error: DrpoError) => void = ignore;
  const blocked = new Promise<never>((_, reject) => {
    block = reject;
  });
  let failure: unknown = null;
  const opening = openDB<Schema>(name, steps.length, {
    upgrade: (db, from, _to, tx) => {
      migrate(db, tx, steps.slice(from)).catch((error: unknown) => {
        failure = error;
      });
    },
    blocked: () => block(new DrpoError('storage-failed', blockedSentence)),
    blocking: (_current, _wanted, event) => {
      // The newer version waits for us. Transactions under way still end; nothing is lost.
      if (event.target instanceof IDBDatabase) event.target.close();
      options.onClosed?.(new DrpoError('storage-failed', newerSentence));
    },
    terminated: () => options.onClosed?.(new DrpoError('storage-failed', terminatedSentence)),
  });
  try {
    return await Promise.race([opening, blocked]);
  } catch (error) {
    // Where we gave up waiting it may still open, and would then stand in the way of others.
    opening.then((db) => db.close(), ignore);
    throw await asStorageError(failure ?? error);
  }
}

const blockedSentence =
  'Another tab has an older DRPO Web open and keeps the storage in its version. Close the other tabs of DRPO Web, then reload this one.';
const newerSentence =
  'A newer DRPO Web was opened in another tab, so this one has let go of the storage. Reload this tab; everything up to here is kept.';
const terminatedSentence =
  'The browser closed the connection to its storage. Reload the page; everything up to here is kept.';

function ignore(): void {
  // It was never opened, so there is nothing to close; or nobody waits yet.
}

async function migrate(db: Database, tx: Upgrading, steps: readonly Migration[]): Promise<void> {
  // Its failure is that of the opening.
  tx.done.catch(ignore);
  try {
    for (const step of steps) await step(db, tx);
  } catch (error) {
    // Nobody waits for this promise: without an abort, half a migration would count as a whole one.
    tx.abort();
    throw error;
  }
}

/** The keys of a run's rows, in any object store keyed by `[run, …]`. Arrays sort after numbers and strings. */
export function rowsOf(run: string, from?: number): IDBKeyRange {
  return IDBKeyRange.bound(from === undefined ? [run] : [run, from], [run, []]);
}
