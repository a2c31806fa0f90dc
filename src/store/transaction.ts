import type { IDBPTransaction } from 'idb';
import type { Database, Schema, StoreName } from './database.ts';
import { asStorageError } from './quota.ts';

/** A transaction over `TStores`. */
export type Tx<
  TStores extends readonly StoreName[],
  TMode extends IDBTransactionMode,
> = IDBPTransaction<Schema, [...TStores], TMode>;

/**
 * Writes in one transaction and resolves once it is committed: all of it or nothing. `work` may await the transaction's
 * own requests and nothing else, or the browser closes it. Rejects with `storage-full` or `storage-failed`.
 */
export async function write<const TStores extends readonly StoreName[], TResult>(
  db: Database,
  stores: TStores,
  work: (tx: Tx<TStores, 'readwrite'>) => Promise<TResult>,
): Promise<TResult> {
  return transact(db, stores, 'readwrite', work);
}

/** Reads in one transaction, so that what is read belongs together. Rejects as `write` does. */
export async function read<const TStores extends readonly StoreName[], TResult>(
  db: Database,
  stores: TStores,
  work: (tx: Tx<TStores, 'readonly'>) => Promise<TResult>,
): Promise<TResult> {
  return transact(db, stores, 'readonly', work);
}

async function transact<
  const TStores extends readonly StoreName[],
  TMode extends 'readonly' | 'readwrite',
  TResult,
>(
  db: Database,
  stores: TStores,
  mode: TMode,
  work: (tx: Tx<TStores, TMode>) => Promise<TResult>,
): Promise<TResult> {
  let failure: () => DOMException | null = () => null;
  try {
    // Relaxed: committed means handed to the operating system, not yet to the disk. A killed browser loses nothing;
    // a power cut may lose the last moments, and the run asks for those replies again.
    const tx = db.transaction([...stores], mode, { durability: 'relaxed' });
    failure = () => tx.error;
    const done = tx.done;
    done.catch(ignore);
    try {
      const result = await work(tx);
      await done;
      return result;
    } catch (error) {
      abort(tx);
      await done.catch(ignore);
      throw error;
    }
  } catch (error) {
    // Where a commit fails, requests still pending see only an AbortError; the transaction knows the reason.
    throw await asStorageError(failure() ?? error);
  }
}

/**
 * Puts and commits without waiting to hear of each request, which saves a way to the browser and back: the last thing that
 * `write`'s work does. A request that fails still fails the whole.
 */
export async function putAndCommit(
  tx: { readonly commit: () => void },
  puts: readonly (() => Promise<unknown>)[],
): Promise<void> {
  // One that throws at once rejects here; what fails later is told by the transaction.
  for (const put of puts) put().catch(ignore);
  tx.commit();
  return Promise.resolve();
}

function abort(tx: { abort: () => void }): void {
  try {
    tx.abort();
  } catch {
    // It has ended already.
  }
}

function ignore(): void {
  // Its error is reported by the one who awaits the work.
}

/** Waits for all of many requests; the first failure is the one reported. An async callback turns a throw into a rejection. */
export async function putAll<TValue>(
  values: readonly TValue[],
  put: (value: TValue) => Promise<unknown>,
): Promise<void> {
  await Promise.all(values.map(async (value) => put(value)));
}
