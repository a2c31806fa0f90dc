import type { SearchEvent } from '../core/events.ts';
import type { JournalEntry } from '../core/journal-entry.ts';
import type { NumberedSteer, RunRecord } from '../core/run-record.ts';

/** Everything that is stored of a run. */
export interface RunContent {
  readonly run: RunRecord;
  readonly events: readonly SearchEvent[];
  readonly steers: readonly NumberedSteer[];
  readonly journal: readonly JournalEntry[];
}

/** A model file kept in this browser. `added` is a moment such as 2026-01-31T12:00:00.000Z. */
export interface KeptModel {
  readonly sha256: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly added: string;
}
