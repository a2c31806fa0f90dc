import type { SearchEvent } from '../core/events.ts';
import { rowsOf, type Database } from './database.ts';
import { putAndCommit, read, write } from './transaction.ts';

/** One run's events, numbered from 0. They follow from the replies, so they may lag behind and can be written again. */
export interface EventLog {
  /** Writes events under `from`, `from` + 1, …: all or none. What was there is replaced. */
  append(from: number, events: readonly SearchEvent[]): Promise<void>;
  /** The events from number `from` on, in order. */
  read(from?: number): Promise<readonly SearchEvent[]>;
  /** Removes the events from number `from` on. */
  truncate(from: number): Promise<void>;
}

/** The events of the run with id `run`. */
export function eventLog(db: Database, run: string): EventLog {
  return {
    async append(from, events) {
      if (events.length === 0) return;
      const rows = events.map((event, i) => ({ run, number: from + i, event }));
      await write(db, ['events'], async (tx) =>
        putAndCommit(
          tx,
          rows.map((row) => () => tx.store.put(row)),
        ),
      );
    },
    async read(from = 0) {
      const rows = await read(db, ['events'], async (tx) => tx.store.getAll(rowsOf(run, from)));
      return rows.map((row) => row.event);
    },
    async truncate(from) {
      await write(db, ['events'], async (tx) => tx.store.delete(rowsOf(run, from)));
    },
  };
}
