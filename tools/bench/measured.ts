import type { Cut, LlmRequest, Usage } from '../../src/core/llm.ts';

/** What the page is to measure. A GGUF model has a `url` on the bench's own server. */
export interface Order {
  readonly source:
    | { readonly type: 'gguf'; readonly url: string; readonly name: string }
    | { readonly type: 'web-llm'; readonly id: string };
  readonly size: 'whole' | 'short';
  readonly contextSize: number;
}

/** One request that the engine answered, with the time from calling the port on the page to its reply. */
export interface Asked {
  readonly request: LlmRequest;
  readonly cut: readonly Cut[];
  readonly usage: Usage;
  readonly portMs: number;
  /** From the reply before to this call: journal, database, events, search. 0 for the first. */
  readonly beforeMs: number;
}

/** A run of the script through everything that the app puts round an engine. */
export interface Measured {
  readonly engine: string;
  readonly name: string;
  readonly form: 'chat' | 'text';
  readonly contextSize: number;
  readonly isolated: boolean;
  /** From the first call to the end of the run. */
  readonly wallMs: number;
  readonly asked: readonly Asked[];
}

/** The same requests, cut to fit already, sent to the engine's package as its manual says. */
export interface StockOrder extends Order {
  readonly requests: readonly LlmRequest[];
}

export interface StockMeasured {
  readonly wallMs: number;
  readonly usages: readonly Usage[];
}
