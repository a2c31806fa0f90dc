import { DrpoError, isAbort, type ErrorCode } from '../core/errors.ts';
import type { LlmInfo, LlmReply, LlmRequest } from '../core/llm.ts';
import type { EndpointModel, MlcWeights } from '../core/run-record.ts';

/**
 * How far a load has come, in MB of 10⁶ bytes. `totalMb` is null where nobody knows. `wait`: another tab is loading;
 * `check`: checksums of what is stored; `retry`: a download broke off and is taken up again in a moment.
 */
export interface LoadProgress {
  readonly phase: 'wait' | 'download' | 'retry' | 'check' | 'load' | 'prepare';
  readonly doneMb: number;
  readonly totalMb: number | null;
}

/** An endpoint with its key, which is nowhere else: not in a record, a request or an error. */
export interface Endpoint extends EndpointModel {
  readonly key: string | null;
}

/** What a worker is to load. Addresses are absolute: a worker started from a blob has no place of its own. */
export interface LoadOrder {
  readonly source:
    | {
        readonly type: 'gguf-file';
        readonly file: Blob;
        readonly name: string;
        readonly sha256: string;
      }
    | { readonly type: 'gguf-url'; readonly url: string }
    | { readonly type: 'web-llm'; readonly id: string }
    | MlcWeights
    | Endpoint;
  readonly contextSize: number | null;
  readonly gpu: boolean;
  readonly wasmUrl: string;
}

/** What a worker says unasked. `alive`: it is at work, though it has nothing to tell. */
export type WorkerEvent =
  | { readonly type: 'progress'; readonly progress: LoadProgress }
  | { readonly type: 'file'; readonly file: Blob; readonly sha256: string }
  | { readonly type: 'text'; readonly id: number; readonly text: string }
  | { readonly type: 'alive' };

/** An error as plain data: what crosses to another thread loses its class. `code` is null for a bug. */
export interface Failure {
  readonly code: ErrorCode | 'aborted' | null;
  readonly message: string;
  readonly details: string | undefined;
}

export type Settled<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** What an engine's worker does for the page. Calls never reject. */
export interface EngineWorker {
  listen(listener: (event: WorkerEvent) => void): void;
  load(order: LoadOrder): Promise<Settled<LlmInfo>>;
  /** Brings what is ordered into this browser without loading it. */
  bring(order: LoadOrder): Promise<Settled<null>>;
  ask(id: number, request: LlmRequest, wantsText: boolean): Promise<Settled<LlmReply>>;
  cancel(id: number): void;
}

/** What became of a promise, as data. */
export async function settle<T>(work: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, failure: failureOf(error) };
  }
}

/** The value, or the error thrown again, of its own class. */
export function unsettle<T>(settled: Settled<T>): T {
  if (settled.ok) return settled.value;
  throw errorOf(settled.failure);
}

function failureOf(error: unknown): Failure {
  if (error instanceof DrpoError) {
    return { code: error.code, message: error.message, details: error.details };
  }
  if (!(error instanceof Error)) return { code: null, message: String(error), details: undefined };
  return { code: isAbort(error) ? 'aborted' : null, message: error.message, details: error.stack };
}

function errorOf({ code, message, details }: Failure): Error {
  if (code === 'aborted') return new DOMException(message, 'AbortError');
  if (code !== null) return new DrpoError(code, message, details);
  const error = new Error(message);
  if (details !== undefined) error.stack = details;
  return error;
}
