import type { Database } from './database.ts';
import { read, write } from './transaction.ts';

/** What belongs to no run, by name. A value is whatever can be cloned; who reads it checks it. */
export interface StoredLibrary {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
}

/** The library of the database. */
export function library(db: Database): StoredLibrary {
  return {
    async get(key) {
      return read(db, ['library'], async (tx): Promise<unknown> => tx.store.get(key));
    },
    async put(key, value) {
      await write(db, ['library'], async (tx) => tx.store.put(value, key));
    },
    async delete(key) {
      await write(db, ['library'], async (tx) => tx.store.delete(key));
    },
    async keys() {
      return read(db, ['library'], async (tx) => tx.store.getAllKeys());
    },
  };
}
