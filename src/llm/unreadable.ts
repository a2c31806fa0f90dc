import { DrpoError } from '../core/errors.ts';

/** A chosen file that is no longer what it was: the browser reads it from disk each time and refuses then. */
export function unreadable(details: string): DrpoError {
  return new DrpoError(
    'file-invalid',
    'The file could not be read: it was moved or changed since it was chosen. Choose it again.',
    details,
  );
}
