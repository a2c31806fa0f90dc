import type { Steer } from '../core/events.ts';
import { rowsOf, type Database } from './database.ts';
import type { NumberedSteer } from '../core/run-record.ts';
import { read, write } from './transaction.ts';

/** What was asked of one run at its numbered points: kept like replies, so that running it again goes the same way. */
export interface SteerLog {
  /** Resolves once it is committed; only then may the search see it. */
  put(point: number, steer: Steer): Promise<void>;
  get(point: number): Promise<Steer | undefined>;
  /** All, in order of their points. */
  all(): Promise<readonly NumberedSteer[]>;
  /** Removes those from `point` on: a stopped run that goes on. */
  truncate(point: number): Promise<void>;
}

/** The steers of the run with id `run`. */
export function steerLog(db: Database, run: string): SteerLog {
  return {
    async put(point, steer) {
      await write(db, ['steers'], async (tx) => tx.store.put({ run, point, steer }));
    },
    async get(point) {
      return (await read(db, ['steers'], async (tx) => tx.store.get([run, point])))?.steer;
    },
    async all() {
      const rows = await read(db, ['steers'], async (tx) => tx.store.getAll(rowsOf(run)));
      return rows.map(({ point, steer }) => ({ point, steer }));
    },
    async truncate(point) {
      await write(db, ['steers'], async (tx) => tx.store.delete(rowsOf(run, point)));
    },
  };
}
