import type { Database } from '../store/database.ts';
import type { StoredLibrary } from '../store/library.ts';
import type { ModelFiles } from '../store/model-files.ts';

/** Where this browser keeps things: runs, model files, and what belongs to neither. */
export interface Shelf {
  readonly db: Database;
  readonly files: ModelFiles;
  readonly library: StoredLibrary;
}
