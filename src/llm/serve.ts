import { expose } from 'comlink';
import { DrpoError } from '../core/errors.ts';
import type { Llm, LlmReply, LlmRequest } from '../core/llm.ts';
import { settle, type EngineWorker, type LoadOrder, type WorkerEvent } from './boundary.ts';

/** Loads what is ordered; `emit` tells the page how it goes. */
export type OpenEngine = (order: LoadOrder, emit: (event: WorkerEvent) => void) => Promise<Llm>;

const textEveryMs = 100;
const aliveEveryMs = 1000;

/** Downloads what is ordered, without loading it. */
export type BringFiles = (order: LoadOrder, emit: (event: WorkerEvent) => void) => Promise<void>;

/** Makes this worker answer the page, with the engine that `open` gives. One model for one worker. */
export function serve(open: OpenEngine, bring: BringFiles = nothingToBring): void {
  let emit: (event: WorkerEvent) => void = () => undefined;
  let llm: Llm | null = null;
  const running = new Map<number, AbortController>();

  const ask = async (id: number, request: LlmRequest, wantsText: boolean): Promise<LlmReply> => {
    if (!llm) throw new DrpoError('model-missing', 'No model is loaded. Load one first.');
    const controller = new AbortController();
    running.set(id, controller);
    const { signal } = controller;
    const onText = throttled(textEveryMs, (text: string) => emit({ type: 'text', id, text }));
    try {
      return await llm.ask(request, wantsText ? { signal, onText } : { signal });
    } finally {
      running.delete(id);
    }
  };

  const worker: EngineWorker = {
    listen(listener) {
      emit = listener;
    },
    load: (order) =>
      settle(async () => {
        const alive = throttled(aliveEveryMs, () => emit({ type: 'alive' }));
        llm = await open(order, (event) => (event.type === 'alive' ? alive() : emit(event)));
        return llm.info;
      }),
    bring: (order) =>
      settle(async () => {
        await bring(order, (event) => emit(event));
        return null;
      }),
    ask: (id, request, wantsText) => settle(() => ask(id, request, wantsText)),
    cancel(id) {
      running.get(id)?.abort();
    },
  };
  expose(worker);
}

function nothingToBring({ source }: LoadOrder): Promise<void> {
  return Promise.reject(new Error(`A model of type ${source.type} has nothing to download.`));
}

function throttled<T extends readonly unknown[]>(
  everyMs: number,
  say: (...words: T) => void,
): (...words: T) => void {
  let last = -Infinity;
  return (...words) => {
    const now = performance.now();
    if (now - last < everyMs) return;
    last = now;
    say(...words);
  };
}
