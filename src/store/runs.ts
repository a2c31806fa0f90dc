import { DrpoError } from '../core/errors.ts';
import { rowsOf, type Database } from './database.ts';
import { textsOf } from './journal-store.ts';
import { driveLock } from './locks.ts';
import { pack, TextHashes, unpack } from './packed-request.ts';
import type { RunRecord } from '../core/run-record.ts';
import type { RunContent } from './records.ts';
import { putAll, read, write, type Tx } from './transaction.ts';

const runStores = ['runs', 'events', 'steers', 'replies', 'texts'] as const;

/** An id that no other run has. (Not `randomUUID`, which pages served over plain http lack.) */
export function newRunId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Stores a new run. Rejects where its id is taken. */
export async function createRun(db: Database, run: RunRecord): Promise<void> {
  await write(db, ['runs'], async (tx) => tx.store.add(run));
}

/** The run with this id. Rejects with `run-missing`. */
export async function getRun(db: Database, id: string): Promise<RunRecord> {
  return found(await read(db, ['runs'], async (tx) => tx.store.get(id)));
}

/** All runs, the one changed last first. */
export async function listRuns(db: Database): Promise<readonly RunRecord[]> {
  const runs = await read(db, ['runs'], async (tx) => tx.store.getAll());
  return runs.sort((a, b) => (a.updated < b.updated ? 1 : a.updated > b.updated ? -1 : 0));
}

/** Changes some fields of a run, and `updated`, and returns it. Rejects with `run-missing`. */
export async function patchRun(
  db: Database,
  id: string,
  patch: Partial<Omit<RunRecord, 'id' | 'updated'>>,
): Promise<RunRecord> {
  const updated = new Date().toISOString();
  return write(db, ['runs'], async (tx) => {
    const { error, ...run } = { ...found(await tx.store.get(id)), ...patch, id, updated };
    // Only a failed run has an error.
    const patched = run.status === 'failed' && error ? { ...run, error } : run;
    await tx.store.put(patched);
    return patched;
  });
}

/** Removes a run with all that is stored of it. Rejects with `run-busy` while any tab drives it, this one included. */
export async function deleteRun(db: Database, id: string): Promise<void> {
  const release = await driveLock(id);
  if (!release) {
    throw new DrpoError(
      'run-busy',
      'This run is at work, here or in another tab. Pause it there, then delete it.',
    );
  }
  try {
    await write(db, runStores, async (tx) => {
      const rows = rowsOf(id);
      await Promise.all([
        tx.objectStore('runs').delete(id),
        tx.objectStore('events').delete(rows),
        tx.objectStore('steers').delete(rows),
        tx.objectStore('replies').delete(rows),
        tx.objectStore('texts').delete(rows),
      ]);
    });
  } finally {
    await release();
  }
}

/** Everything that is stored of a run, as of one moment. Rejects with `run-missing`. */
export async function getRunContent(db: Database, id: string): Promise<RunContent> {
  return read(db, runStores, async (tx) => {
    const rows = rowsOf(id);
    const [run, events, steers, replies, texts] = await Promise.all([
      tx.objectStore('runs').get(id),
      tx.objectStore('events').getAll(rows),
      tx.objectStore('steers').getAll(rows),
      tx.objectStore('replies').getAll(rows),
      tx.objectStore('texts').getAll(rows),
    ]);
    const byHash = textsOf(texts);
    return {
      run: found(run),
      events: events.map((row) => row.event),
      steers: steers.map(({ point, steer }) => ({ point, steer })),
      journal: replies.map((row) => unpack(row.entry, byHash)),
    };
  });
}

/**
 * Stores a whole run, all or nothing, and returns its record. Where its id is taken it gets another, so the same file
 * can be imported twice; a run that was exported at work is paused here, since no tab drives it.
 */
export async function importRun(db: Database, content: RunContent): Promise<RunRecord> {
  const hashes = new TextHashes();
  const packed = await Promise.all(content.journal.map((entry) => pack(entry, hashes)));
  const texts = new Map(packed.flatMap((one) => [...one.texts]));
  const otherId = newRunId();
  return write(db, runStores, async (tx) => {
    const taken = await tx.objectStore('runs').getKey(content.run.id);
    const id = taken === undefined ? content.run.id : otherId;
    const status = content.run.status === 'running' ? 'paused' : content.run.status;
    const run = { ...content.run, id, status };
    await Promise.all([
      putAll([run], (value) => tx.objectStore('runs').add(value)),
      putEvents(tx, id, content),
      putAll(packed, ({ entry }) =>
        tx.objectStore('replies').put({ run: id, key: entry.key, entry }),
      ),
      putAll([...texts], ([hash, text]) => tx.objectStore('texts').put({ run: id, hash, text })),
    ]);
    return run;
  });
}

async function putEvents(
  tx: Tx<typeof runStores, 'readwrite'>,
  run: string,
  { events, steers }: RunContent,
): Promise<void> {
  const rows = events.map((event, number) => ({ run, number, event }));
  await Promise.all([
    putAll(rows, (row) => tx.objectStore('events').put(row)),
    putAll(steers, (steer) => tx.objectStore('steers').put({ ...steer, run })),
  ]);
}

function found(run: RunRecord | undefined): RunRecord {
  if (run) return run;
  throw new DrpoError(
    'run-missing',
    'This run is no longer stored here. It may have been deleted in another tab; import it from its file if you have one.',
  );
}
