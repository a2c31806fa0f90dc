import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import { DrpoError } from '../core/errors.ts';
import type { Speed } from '../core/estimate.ts';
import type { Llm } from '../core/llm.ts';
import { abortError, throwIfAborted } from './abort.ts';
import type { MlcWeights } from '../core/run-record.ts';
import type { Endpoint, LoadProgress } from './boundary.ts';
import endpointWorkerUrl from './endpoint.worker.ts?worker&url';
import hashWorkerUrl from './hash.worker.ts?worker&url';
import type { HashNews } from './hash.worker.ts';
import { measureSpeed } from './measure.ts';
import { Remote, startWorker } from './remote.ts';
import { unreadable } from './unreadable.ts';
import webLlmWorkerUrl from './web-llm.worker.ts?worker&url';
import wllamaWorkerUrl from './wllama.worker.ts?worker&url';

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

/** A model in a worker of its own. `close` ends the worker: whatever is pending rejects with `model-missing`. */
export interface OpenModel {
  readonly llm: Llm;
  measure(signal?: AbortSignal): Promise<Speed>;
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
  const { signal, onProgress, onFile } = options;
  throwIfAborted(signal);
  let kept: Promise<void> = Promise.resolve();
  const remote = new Remote(startWorker(workerUrlFor(source)), (event) => {
    if (event.type === 'progress') onProgress?.(event.progress);
    if (event.type === 'file' && onFile) {
      kept = onFile(event.file, event.sha256);
      kept.catch(() => undefined);
    }
  });
  try {
    const order = {
      source,
      contextSize: options.contextSize ?? null,
      gpu: options.gpu ?? false,
      wasmUrl: new URL(wasmUrl, location.href).href,
    };
    const llm = await remote.load(order, signal);
    await kept;
    return {
      llm,
      measure: (measureSignal) => measureSpeed(llm, measureSignal),
      close: () => remote.end(closed(llm.info.name)),
    };
  } catch (error) {
    remote.end(closed('The model'));
    throw error;
  }
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
