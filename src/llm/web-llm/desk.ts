import { DrpoError, isAbort } from '../../core/errors.ts';
import type { Content, Cut, LlmInfo, Usage } from '../../core/llm.ts';
import { abortError, throwIfAborted } from '../abort.ts';
import type { WorkerEvent } from '../boundary.ts';
import type { DeviceLoss } from './device-loss.ts';
import { fit, type Sizer } from '../fit.ts';
import type { PrefixCache } from './prefix-cache.ts';
import type { ChoiceTokens } from './raw-logits.ts';
import type {
  LogitHost,
  MlcChunk,
  MlcCreate,
  MlcEngine,
  MlcRequest,
  MlcTokenizer,
} from './contract.ts';
import { mlcError } from './errors.ts';
import type { ListedModel } from './models.ts';
import { promptOf, thoughtTokens, type WebLlmWeights } from './prompt.ts';

/** What answering takes. What the engine's version or the model does not offer is null. */
export interface Desk {
  readonly engine: MlcEngine;
  readonly model: ListedModel;
  readonly weights: WebLlmWeights;
  readonly info: LlmInfo;
  readonly tokenizer: MlcTokenizer | null;
  readonly choiceTokens: ChoiceTokens | null;
  readonly sizer: Sizer;
  /** Where the model's logits can be read. */
  readonly logits: LogitHost | null;
  /** Where tokens are drawn here, as the engine's own sampler draws wrongly; null where it draws as it should. */
  readonly draws: LogitHost | null;
  readonly prefix: PrefixCache | null;
  readonly loss: DeviceLoss | null;
  readonly emit: (event: WorkerEvent) => void;
}

/** A content as the engine takes it, and what it gave up to fit. */
export interface Prepared {
  readonly prompt: Pick<MlcRequest, 'messages' | 'prompt' | 'extra_body'>;
  readonly cut: readonly Cut[];
  readonly call: MlcCreate;
  /** Tokens that an empty thought takes of the reply; 0 where there is none. */
  readonly thought: number;
}

/** Fits a content and `room` tokens of reply into the context. Rejects with `context-too-small`. */
export async function prepare(desk: Desk, content: Content, room: number): Promise<Prepared> {
  const { engine, weights, info, sizer } = desk;
  const thought = content.type === 'chat' ? thoughtTokens(weights, desk.tokenizer) : 0;
  const space = { contextSize: info.contextSize, room: room + thought };
  const { content: fitted, cut } = await fit(content, space, sizer);
  const call = fitted.type === 'text' ? engine.completions : engine.chat.completions;
  return { prompt: promptOf(fitted, weights), cut, call, thought };
}

/**
 * Runs a request on a cleared chat. Whatever goes wrong leaves the next request an empty cache and rejects with a code; an abort
 * rejects with the signal's error, between two tokens or two stretches of a long prompt.
 */
export async function guard<T>(
  desk: Desk,
  signal: AbortSignal | undefined,
  request: () => Promise<T>,
): Promise<T> {
  const { engine, weights, model, prefix, loss } = desk;
  if (prefix) {
    prefix.onPause = () => {
      desk.emit({ type: 'alive' });
      throwIfAborted(signal);
    };
  }
  const run = async (): Promise<T> => {
    throwIfAborted(signal);
    // web-llm goes on from the last chat where it can, and a reply must not depend on what was asked before.
    await engine.resetChat(false, weights.id);
    return request();
  };
  try {
    return await (loss ? loss.during(run) : run());
  } catch (error) {
    // An abort of ours comes between two steps; any other error may have left a step half done.
    if (!(signal?.aborted && isAbort(error))) prefix?.forget();
    if (signal?.aborted) throw abortError(signal);
    if (error instanceof DrpoError) throw error;
    throw mlcError(error, { type: 'ask', model, name: weights.name });
  }
}

/** Tokens and time of the request just answered. */
export function usageOf(desk: Desk, usage: MlcChunk['usage'], started: number): Usage {
  const prefill = desk.prefix?.prefill;
  return {
    // The engine counts only what it prefilled.
    promptTokens: prefill?.promptTokens ?? usage?.prompt_tokens ?? 0,
    reusedTokens: prefill?.reusedTokens ?? 0,
    outputTokens: usage?.completion_tokens ?? 0,
    elapsedMs: performance.now() - started,
  };
}
