import { DrpoError } from '../../core/errors.ts';
import { abortError, throwIfAborted } from '../abort.ts';

/** Waits for so long, or rejects with the signal's AbortError as soon as it aborts. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>;

export interface Patient {
  readonly signal?: AbortSignal;
  /** Called before each wait, with its length. */
  readonly onWait?: (waitMs: number) => void;
  readonly pause?: Pause;
  /** How long a connection may say nothing before it counts as broken. */
  readonly quietMs?: number;
}

/** A failure that may pass: tried again after a while, and `lasting` once patience has run out. */
export class PassingFailure extends Error {
  readonly lasting: DrpoError;
  /** What the server asked for; null where it didn't. */
  readonly waitMs: number | null;

  constructor(lasting: DrpoError, waitMs: number | null = null) {
    super(lasting.message, { cause: lasting });
    this.lasting = lasting;
    this.waitMs = waitMs;
  }
}

// A host that never answered is most likely misspelt or closed to other pages; one that did will come back.
const waitsMs = [1, 2, 4, 8, 16, 32, 60].map((seconds) => seconds * 1000);
const waitsBeforeFirstAnswer = 2;
const longestWaitMs = 120_000;
const usualQuietMs = 45_000;

/** Counts failures in a row and waits longer after each. Bytes that came begin the count anew. */
export class Backoff {
  readonly #patient: Patient;
  #failures = 0;
  #answered = false;

  constructor(patient: Patient = {}) {
    this.#patient = patient;
  }

  /** The server has answered; `withBytes`: and something new has come. */
  heard(withBytes = false): void {
    this.#answered = true;
    if (withBytes) this.#failures = 0;
  }

  /**
   * Waits until it is time to try again. Rejects with the signal's AbortError, with what is no passing failure, or with
   * the failure's lasting error once it has been tried often enough (8 times in a row; 3 times where no answer ever came).
   */
  async after(failure: unknown): Promise<void> {
    const { signal, onWait, pause = pauseFor } = this.#patient;
    throwIfAborted(signal);
    if (!(failure instanceof PassingFailure)) throw failure;
    const waits = this.#answered ? waitsMs.length : waitsBeforeFirstAnswer;
    const waitMs = Math.max(waitsMs[this.#failures] ?? 0, failure.waitMs ?? 0);
    if (this.#failures >= waits || waitMs > longestWaitMs) throw failure.lasting;
    this.#failures += 1;
    onWait?.(waitMs);
    await pause(waitMs, signal);
    throwIfAborted(signal);
  }
}

/** Waits by the clock, less where the connection comes back meanwhile. */
export const pauseFor: Pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    throwIfAborted(signal);
    const leave = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      if (hears) removeEventListener('online', goOn);
    };
    const goOn = (): void => {
      leave();
      resolve();
    };
    const abort = (): void => {
      leave();
      reject(abortError(signal));
    };
    // Node, where some tests run, has no such events.
    const hears = 'addEventListener' in globalThis;
    const timer = setTimeout(goOn, ms);
    signal?.addEventListener('abort', abort, { once: true });
    if (hears) addEventListener('online', goOn);
  });

/** Ends a request that has said nothing for a while: a dead connection would otherwise be waited on for ever. */
export class QuietWatch {
  readonly signal: AbortSignal;
  readonly #own = new AbortController();
  readonly #quietMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ signal, quietMs = usualQuietMs }: Patient) {
    this.#quietMs = quietMs;
    this.signal = signal ? AbortSignal.any([signal, this.#own.signal]) : this.#own.signal;
    this.heard();
  }

  /** Something was heard: the time begins anew. */
  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#own.abort(), this.#quietMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/**
 * One request. Resolves with an answer that is fine, or 416 to a request for a range. Rejects with a PassingFailure for
 * what may pass (no connection, 408, 425, 429, 5xx), else with `network`.
 */
export async function fetchOnce(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  let response: Response;
  try {
    // A copy in the browser's own cache would take the room twice, and mix versions of ranges.
    response = await fetch(url, { headers, signal, cache: 'no-store' });
  } catch (error) {
    throw new PassingFailure(
      networkError(
        url,
        'could not be reached. Check the connection, and that this site lets other pages read its files',
        error,
      ),
    );
  }
  if (response.ok || (response.status === 416 && 'range' in headers)) return response;
  await response.body?.cancel();
  throw refusal(url, response);
}

/** The text of a small file, asked for as often as `Backoff` says. Rejects with `network` or the signal's AbortError. */
export async function fetchText(url: string, patient: Patient = {}): Promise<string> {
  const backoff = new Backoff(patient);
  for (;;) {
    const watch = new QuietWatch(patient);
    try {
      const response = await fetchOnce(url, {}, watch.signal);
      backoff.heard();
      return await textOf(response, url);
    } catch (error) {
      await backoff.after(error);
    } finally {
      watch.end();
    }
  }
}

async function textOf(response: Response, url: string): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw new PassingFailure(
      networkError(url, 'broke off. Check the connection and try again', error),
    );
  }
}

function refusal(url: string, response: Response): PassingFailure | DrpoError {
  const { status } = response;
  const words = `${status} ${response.statusText}`.trim();
  const passes = status >= 500 || [408, 425, 429].includes(status);
  const error = networkError(url, `answered “${words}”. ${remedyFor(status, passes)}`, { status });
  if (!passes) return error;
  const waitMs = retryAfterMs(response.headers.get('retry-after'));
  return new PassingFailure(error, waitMs);
}

function remedyFor(status: number, passes: boolean): string {
  if (status === 401 || status === 403) {
    return 'The model may ask for a login: download the file yourself and open it from disk';
  }
  return passes ? 'Try again later: what has come is kept' : 'Check the address';
}

/** A `Retry-After` header, in seconds or as a date; null where there is none that can be read. */
export function retryAfterMs(header: string | null, now = Date.now()): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** The status with which a server refused; null for any other error. */
export function statusOf(error: unknown): number | null {
  const cause: unknown = error instanceof DrpoError ? error.cause : null;
  return typeof cause === 'object' && cause !== null && 'status' in cause
    ? Number(cause.status)
    : null;
}

/** A `network` error whose sentence begins with the host. */
export function networkError(url: string, what: string, cause?: unknown): DrpoError {
  return new DrpoError(
    'network',
    `${new URL(url).host} ${what}.`,
    cause instanceof Error ? `${url}\n${cause.message}` : url,
    { cause },
  );
}
