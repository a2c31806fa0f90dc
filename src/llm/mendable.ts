import { DrpoError, type ErrorCode } from '../core/errors.ts';

/** What a fresh worker may mend: the engine is gone or hangs, and nothing is wrong with the request. */
const mendable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'device-lost',
  'engine-failed',
  'engine-stalled',
  'out-of-memory',
]);

/** Whether a model that failed so is worth loading anew. */
export function isMendable(error: unknown): error is DrpoError {
  return error instanceof DrpoError && mendable.has(error.code);
}
