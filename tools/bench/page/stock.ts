import type { LlmRequest } from '../../../src/core/llm.ts';
import type { StockMeasured } from '../measured.ts';

/** What a worker of an engine's stock behaviour is told, once. */
export type StockCall =
  | {
      readonly type: 'wllama';
      readonly file: Blob;
      readonly wasmUrl: string;
      readonly contextSize: number;
      readonly requests: readonly LlmRequest[];
    }
  | {
      readonly type: 'web-llm';
      readonly id: string;
      readonly contextSize: number;
      readonly requests: readonly LlmRequest[];
    };

/** What it says, once. */
export type StockNews =
  | { readonly type: 'done'; readonly measured: StockMeasured }
  | { readonly type: 'failed'; readonly why: string };

/** Answers the page's one call with what `work` measures. */
export function answerOnce(work: (call: StockCall) => Promise<StockMeasured>): void {
  addEventListener('message', ({ data }: MessageEvent<StockCall>) => {
    const say = (news: StockNews): void => postMessage(news);
    work(data).then(
      (measured) => say({ type: 'done', measured }),
      (error: unknown) => say({ type: 'failed', why: String(error) }),
    );
  });
}
