import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import { drive } from '../../../src/app/run-driver.ts';
import type { Llm } from '../../../src/core/llm.ts';
import { probeDevice } from '../../../src/llm/device.ts';
import { hashFile, openModel, type ModelSource } from '../../../src/llm/open.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { createRun } from '../../../src/store/runs.ts';
import type { Asked, Measured, Order, StockMeasured, StockOrder } from '../measured.ts';
import { benchRun, scriptedReply } from '../script.ts';
import type { StockCall, StockNews } from './stock.ts';

/** What the bench calls in this page. */
export interface Bench {
  hasGpu(): Promise<boolean>;
  measure(order: Order): Promise<Measured>;
  measureStock(order: StockOrder): Promise<StockMeasured>;
}

declare global {
  interface Window {
    bench: Bench;
  }
}

async function measure(order: Order): Promise<Measured> {
  const model = await openModel(await sourceOf(order), { contextSize: order.contextSize });
  try {
    return await measureRun(model.llm, order);
  } finally {
    model.close();
  }
}

/** Drives a run as the app does: real database, real journal, real worker; only what the search is told is the script's. */
async function measureRun(llm: Llm, { size }: Order): Promise<Measured> {
  const db = await openDatabase();
  const record = benchRun(llm.info, size);
  await createRun(db, record);
  const asked: Asked[] = [];
  let first = NaN;
  let last = NaN;
  const watched: Llm = {
    info: llm.info,
    async ask(request, options) {
      const called = performance.now();
      // The clock starts with the first request: what a run reads when it is opened is no request's.
      if (asked.length === 0) first = last = called;
      const reply = await llm.ask(request, options);
      const replied = performance.now();
      const { cut, usage } = reply;
      asked.push({ request, cut, usage, portMs: replied - called, beforeMs: called - last });
      last = replied;
      if (asked.length % 20 === 0) console.info(`${asked.length} requests …`);
      return scriptedReply(request, reply);
    },
  };
  const hooks = {
    onEvent: ignore,
    onReply: ignore,
    onWriting: ignore,
    stopWanted: () => false,
    onPoint: ignore,
    onFailure: ignore,
  };
  const llms = { base: watched, evaluator: watched, optimizer: watched };
  await drive(db, record, llms, hooks, new AbortController().signal);
  const ended = performance.now();
  db.close();
  const { engine, name, form, contextSize } = llm.info;
  return {
    ...{ engine, name, form, contextSize },
    isolated: crossOriginIsolated,
    wallMs: ended - first,
    asked,
  };
}

function ignore(): void {
  // Nobody watches.
}

async function sourceOf({ source }: Order): Promise<ModelSource> {
  if (source.type === 'web-llm') return source;
  const file = await fileOf(source.url);
  return { type: 'gguf-file', file, name: source.name, sha256: await hashFile(file) };
}

async function fileOf(url: string): Promise<Blob> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.blob();
}

async function measureStock({ source, contextSize, requests }: StockOrder): Promise<StockMeasured> {
  const worker =
    source.type === 'gguf'
      ? new Worker(new URL('./stock-wllama.worker.ts', import.meta.url), { type: 'module' })
      : new Worker(new URL('./stock-web-llm.worker.ts', import.meta.url), { type: 'module' });
  const call: StockCall =
    source.type === 'gguf'
      ? {
          type: 'wllama',
          file: await fileOf(source.url),
          wasmUrl: new URL(wasmUrl, location.href).href,
          contextSize,
          requests,
        }
      : { type: 'web-llm', id: source.id, contextSize, requests };
  try {
    return await new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<StockNews>) => {
        if (data.type === 'done') resolve(data.measured);
        else reject(new Error(data.why));
      });
      worker.addEventListener('error', ({ message }) => reject(new Error(message)));
      worker.postMessage(call);
    });
  } finally {
    worker.terminate();
  }
}

async function hasGpu(): Promise<boolean> {
  const { webgpu, fallback } = await probeDevice();
  return webgpu && !fallback;
}

window.bench = { hasGpu, measure, measureStock };
