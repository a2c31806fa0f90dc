/**
 * Everything that can go wrong in a way a person can act on. One code, one remedy.
 * Screens switch on the code; the sentence is already written for the reader.
 */
export const errorCodes = [
  'no-webgpu',
  'no-shader-f16',
  'out-of-memory',
  'model-too-large',
  'model-invalid',
  'model-load-failed',
  'model-missing',
  'tokenizer-missing',
  'model-changed',
  'engine-failed',
  'engine-stalled',
  'device-lost',
  'context-too-small',
  'network',
  'host-blocked',
  'endpoint-refused',
  'endpoint-failed',
  'storage-full',
  'storage-failed',
  'run-busy',
  'run-missing',
  'file-not-ours',
  'file-newer',
  'file-invalid',
  'file-too-large',
  'data-empty',
  'data-no-column',
  'data-invalid',
  'settings-invalid',
  'journal-missing',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * A problem a person can do something about: the message names the value and the remedy.
 * `details` is for "copy details" (the engine's own words, for instance) and is never shown first.
 */
export class DrpoError extends Error {
  override readonly name = 'DrpoError';
  readonly code: ErrorCode;
  readonly details: string | undefined;

  constructor(code: ErrorCode, message: string, details?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** True for the rejection that an `AbortSignal` causes: a status, not an error. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
