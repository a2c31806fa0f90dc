import { Wllama, type LoadModelParams } from '@wllama/wllama/esm/index.js';
import * as v from 'valibot';
import { DrpoError } from '../../core/errors.ts';
import type { WorkerEvent } from '../boundary.ts';
import { Breakdown, EngineLog, loadFailure, wordsOf } from './failures.ts';
import { nativeOf, type Native } from './native.ts';

/** What llama.cpp is to load, and how. Sizes in bytes; the context in tokens. */
export interface NativeOrder {
  readonly file: Blob;
  readonly fileBytes: number;
  readonly name: string;
  readonly contextSize: number;
  readonly threads: number;
  readonly gpu: boolean;
  readonly wasmUrl: string;
  readonly emit: (event: WorkerEvent) => void;
}

/** Up to here the time goes into overhead rather than into weights, and a cache of any kind is small. */
const smallBytes = 32e6;

/**
 * Tokens of one batch. An abort waits for the batch that is being read, so it is smaller for larger models; on a processor speed is
 * the same from 64 to 512. Embeddings depend on it, as a text to embed must fit in one: so it must not depend on the machine.
 */
function batchTokens({ fileBytes, gpu }: NativeOrder): number {
  if (gpu || fileBytes <= smallBytes) return 256;
  return fileBytes <= 512e6 ? 64 : 32;
}

/** Starts llama.cpp in a worker of its own and loads the file. */
export async function loadNative(order: NativeOrder): Promise<Native> {
  checkWebAssembly();
  const crash = watchForCrash();
  const log = new EngineLog((words) => crash.happen(words));
  const wllama = new Wllama({ default: order.wasmUrl }, { logger: log.logger });
  // What browsers need that lack something would come from another site.
  wllama.setCompat(null);
  try {
    const loading = wllama.loadModel([watched(order)], parametersOf(order));
    await withinTime(Promise.race([loading, crash.happened]), loadSeconds(order.fileBytes));
    const info = v.parse(loaded, wllama.getLoadedContextInfo());
    if (!info.success) throw new Error('The engine says it could not load the file.');
    return nativeOf({
      calls: wllama,
      crashed: crash.happened,
      log,
      name: order.name,
      contextSize: Math.min(info.n_ctx, info.n_ctx_train),
      onAlive: () => order.emit({ type: 'alive' }),
    });
  } catch (error) {
    crash.forget();
    await wllama.exit();
    if (error instanceof DrpoError) throw error;
    throw loadFailure({ words: wordsOf(error), log: log.text, name: order.name });
  }
}

const loaded = v.object({ success: v.boolean(), n_ctx: v.number(), n_ctx_train: v.number() });

function parametersOf(order: NativeOrder): LoadModelParams {
  return {
    n_ctx: order.contextSize,
    n_batch: batchTokens(order),
    n_ubatch: batchTokens(order),
    // With four slots a search read 0.3 % fewer tokens, as the engine keeps former prompts aside by itself; and each slot
    // would hold a whole context.
    n_parallel: 1,
    n_threads: order.threads,
    n_gpu_layers: order.gpu ? 99_999 : 0,
    // With it, a reply from a warm cache differs from that of a cold one.
    flash_attn: false,
    // llama.cpp's WebAssembly has no fast way from 16-bit floats and back: a quarter of a small model's time. Warm and cold stay
    // equal. It takes twice the cache, which larger models have no room for.
    ...(!order.gpu &&
      order.fileBytes <= smallBytes && { cache_type_k: 'f32', cache_type_v: 'f32' }),
    embeddings: true,
    pooling_type: 'mean',
    reasoning: false,
    reasoning_format: 'none',
    skip_chat_parsing: true,
  };
}

interface Crash {
  readonly happened: Promise<never>;
  happen(words: string): void;
  /** Stops listening. */
  forget(): void;
}

/**
 * Hears of breakdowns that no call tells of: the engine's worker could not start, or its report failed by itself, as it does where
 * no engine is at its address.
 */
function watchForCrash(): Crash {
  let reject: (error: Error) => void = () => undefined;
  const happened = new Promise<never>((_resolve, fail) => {
    reject = fail;
  });
  happened.catch(() => undefined);
  const happen = (words: string): void => reject(new Breakdown(words));
  const hear = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    happen(wordsOf(event.reason));
  };
  globalThis.addEventListener('unhandledrejection', hear);
  return {
    happened,
    happen,
    forget: () => globalThis.removeEventListener('unhandledrejection', hear),
  };
}

/** The file, telling how much of it has been read: the load says nothing else. */
function watched({ file, emit }: NativeOrder): Blob {
  const totalMb = file.size / 1e6;
  const blob = new Blob([file]);
  const slice = blob.slice.bind(blob);
  return Object.assign(blob, {
    slice: (start?: number, end?: number, type?: string): Blob => {
      const doneMb = Math.min(end ?? file.size, file.size) / 1e6;
      emit({ type: 'progress', progress: { phase: 'load', doneMb, totalMb } });
      return slice(start, end, type);
    },
  });
}

/** Generous: a slow disk reads more than 5 MB a second. A wrong address of the engine shows in nothing but time. */
function loadSeconds(fileBytes: number): number {
  return 60 + fileBytes / 5e6;
}

async function withinTime(work: Promise<unknown>, seconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new DrpoError(
          'engine-stalled',
          `The model did not load within ${Math.round(seconds)} seconds. Reload the page and try again; if it stays so, take a smaller model.`,
        ),
      );
    }, seconds * 1000);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function checkWebAssembly(): void {
  try {
    const description = { address: 'i64', initial: 1n, maximum: 1n };
    // Its type knows 32-bit memories only.
    new WebAssembly.Memory(description as unknown as WebAssembly.MemoryDescriptor);
  } catch (error) {
    throw new DrpoError(
      'model-load-failed',
      'This browser cannot run GGUF models: it lacks 64-bit WebAssembly memory. Use a current Chrome, Edge or Firefox.',
      wordsOf(error),
    );
  }
}
