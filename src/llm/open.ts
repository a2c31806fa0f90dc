import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import { DrpoError } from '../core/errors.ts';
import type { Speed } from '../core/estimate.ts';
import type { Llm, LlmInfo } from '../core/llm.ts';
import { abortError, throwIfAborted } from './abort.ts';
import type { MlcWeights } from '../core/run-record.ts';
import type { Endpoint, LoadOrder, LoadProgress } from './boundary.ts';
import endpointWorkerUrl from './endpoint/endpoint.worker.ts?worker&url';
import hashWorkerUrl from './download/hash.worker.ts?worker&url';
import type { HashNews } from './download/hash.worker.ts';
import { measureSpeed } from './measure.ts';
import { Remote, startWorker, type Patience } from './remote.ts';
import { selfTest, type SelfTest } from './self-test.ts';
import { unreadable } from './unreadable.ts';
import webLlmWorkerUrl from './web-llm/web-llm.worker.ts?worker&url';
import wllamaWorkerUrl from './wllama/wllama.worker.ts?worker&url';

export type { LoadProgress } from './boundary.ts';

/**
 * Where a model comes from: a GGUF file that is here (with its hex SHA-256), one to download (hashed as it comes), one
 * of web-llm's list, weights for one of its libraries, or a server.
 */
export type ModelSource =
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

export interface OpenOptions {
  /** Tokens, prompt and reply together; 2,048 or what the model was trained for if not given. */
  readonly contextSize?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Whether a GGUF model may use WebGPU where there is a real one; replies may then differ from those of the CPU. */
  readonly gpu?: boolean;
  /** Takes a downloaded file to be kept. The model is open once this has resolved; its rejection fails the opening. */
  readonly onFile?: (file: Blob, sha256: string) => Promise<void>;
}

/**
 * A model in a worker of its own. `paceTo` says how fast it has been measured to be, from which follows how long it may be
 * silent before it is given up. `close` ends the worker: whatever is pending rejects with `model-missing`.
 */
export interface OpenModel {
  readonly llm: Llm;
  measure(signal?: AbortSignal): Promise<Speed>;
  selfTest(signal?: AbortSignal): Promise<SelfTest>;
  paceTo(speed: Speed): void;
  close(): void;
}

/**
 * Loads a model. Rejects with a DrpoError that says what to do (`network`, `model-invalid`, `model-too-large`,
 * `model-load-failed`, `out-of-memory`, `no-webgpu`, `engine-stalled` …) or the signal's AbortError; nothing is left running.
 */
export async function openModel(
  source: ModelSource,
  options: OpenOptions = {},
): Promise<OpenModel> {
  throwIfAborted(options.signal);
  const { remote, order, taken } = startFor(source, options);
  try {
    const llm = await remote.load(order, options.signal);
    await taken();
    return {
      llm,
      measure: (measureSignal) => measureSpeed(llm, measureSignal),
      selfTest: (testSignal) => selfTest(llm, testSignal),
      paceTo: (speed) => remote.wait(patienceFor(llm.info, speed)),
      close: () => remote.end(closed(llm.info.name)),
    };
  } catch (error) {
    remote.end(closed('The model'));
    throw error;
  }
}

/**
 * Downloads a model's files without loading it, from where a former download broke off. A GGUF file is given to `onFile`; MLC
 * weights stay where web-llm looks for them. Rejects as `openModel` does.
 */
export async function bringModel(source: ModelSource, options: OpenOptions = {}): Promise<void> {
  throwIfAborted(options.signal);
  const { remote, order, taken } = startFor(source, options);
  try {
    await remote.bring(order, options.signal);
    await taken();
  } finally {
    remote.end(closed('The model'));
  }
}

interface Started {
  readonly remote: Remote;
  readonly order: LoadOrder;
  /** Resolves once a downloaded file has been taken over. */
  readonly taken: () => Promise<void>;
}

function startFor(source: ModelSource, options: OpenOptions): Started {
  let kept: Promise<void> = Promise.resolve();
  const remote = new Remote(startWorker(workerUrlFor(source)), (event) => {
    if (event.type === 'progress') options.onProgress?.(event.progress);
    if (event.type === 'file' && options.onFile) {
      kept = options.onFile(event.file, event.sha256);
      kept.catch(() => undefined);
    }
  });
  const order: LoadOrder = {
    source,
    contextSize: options.contextSize ?? null,
    gpu: options.gpu ?? false,
    wasmUrl: new URL(wasmUrl, location.href).href,
  };
  return { remote, order, taken: () => kept };
}

const tickMs = 20_000;

/**
 * Ten times what reading a full context should take, as an engine may say nothing while it reads; a minute at least, as the
 * machine may be busy, and ten at most.
 */
function patienceFor({ contextSize }: LlmInfo, { prefillPerSecond }: Speed): Patience {
  const silentMs = (10_000 * contextSize) / prefillPerSecond;
  const allowedMs = Math.min(600_000, Math.max(60_000, silentMs));
  return { tickMs, ticks: Math.ceil(allowedMs / tickMs) };
}

function workerUrlFor({ type }: ModelSource): string {
  switch (type) {
    case 'gguf-file':
    case 'gguf-url':
      return wllamaWorkerUrl;
    case 'web-llm':
    case 'mlc':
      return webLlmWorkerUrl;
    case 'endpoint':
      return endpointWorkerUrl;
  }
}

function closed(name: string): DrpoError {
  return new DrpoError('model-missing', `${name} was closed. Load it again to go on.`);
}

/**
 * The hex SHA-256 of a file of any size, read piece by piece in a worker. Rejects with the signal's AbortError, or with
 * `file-invalid` if the file cannot be read (it was moved or changed since it was chosen).
 */
export function hashFile(
  file: Blob,
  onProgress?: (doneBytes: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  throwIfAborted(signal);
  const worker = startWorker(hashWorkerUrl);
  const hashed = new Promise<string>((resolve, reject) => {
    const fail = (details: string): void => reject(unreadable(details));
    signal?.addEventListener('abort', () => reject(abortError(signal)), { once: true });
    worker.addEventListener('message', ({ data }: MessageEvent<HashNews>) => {
      if (data.type === 'done') onProgress?.(data.bytes);
      else if (data.type === 'digest') resolve(data.sha256);
      else fail(data.details);
    });
    worker.addEventListener('error', ({ message }) => fail(message));
  });
  worker.postMessage(file);
  return hashed.finally(() => worker.terminate());
}
