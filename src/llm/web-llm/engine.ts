import { DrpoError } from '../../core/errors.ts';
import type { AskOptions, Llm, LlmReply, LlmRequest } from '../../core/llm.ts';
import type { WorkerEvent } from '../boundary.ts';
import { DeviceLoss } from './device-loss.ts';
import { usualContextSize } from '../memory.ts';
import { blockTokens, PrefixCache } from './prefix-cache.ts';
import { Queue } from '../queue.ts';
import { ChoiceTokens } from './raw-logits.ts';
import { answerChoice } from './choice.ts';
import {
  deviceLossOf,
  logitHostOf,
  pagedPipelineOf,
  tokenizerOf,
  type MlcEngine,
} from './contract.ts';
import { guard, type Desk } from './desk.ts';
import { mlcError } from './errors.ts';
import type { ListedModel } from './models.ts';
import { sizerOf, usualTemplate, type WebLlmWeights } from './prompt.ts';
import { answerText } from './text.ts';
import { tryOut } from './trial.ts';

/** What to load. `library` names the compiled library, which is part of the model's reference. */
export interface WebLlmOrder {
  /** Set up so that it knows the weights by their id. */
  readonly engine: MlcEngine;
  /** The listed model whose library runs the weights. */
  readonly model: ListedModel;
  readonly weights: WebLlmWeights;
  readonly library: string;
  readonly contextSize: number | null;
  readonly emit: (event: WorkerEvent) => void;
  /** Puts every file of the model where the engine looks for it, and resolves to a digest that names the weights. */
  readonly fetch: () => Promise<string>;
  /** Removes from the browser's cache what `fetch` cannot check: the library. */
  readonly forget: () => Promise<void>;
}

/**
 * A model of web-llm's list, or other weights on its library, behind the port. Rejects as `fetch` does, and with what
 * `mlcError` knows.
 */
export async function openWebLlm(order: WebLlmOrder): Promise<Llm> {
  const contextSize = Math.min(order.contextSize ?? usualContextSize, order.model.contextSize);
  const digest = await order.fetch();
  await load(order, contextSize);
  order.emit({ type: 'progress', progress: { phase: 'prepare', doneMb: 0, totalMb: null } });
  const desk = await tryOut(deskFor(order, contextSize, digest));
  const queue = new Queue();
  return {
    info: desk.info,
    ask: (request, options = {}) => queue.run(() => answer(desk, request, options), options.signal),
  };
}

async function load(order: WebLlmOrder, contextSize: number): Promise<void> {
  const { engine, weights, model } = order;
  try {
    // A sliding window would forget the beginning of a prompt, and the engine takes one of the two only.
    const options = { context_window_size: contextSize, sliding_window_size: -1 } as const;
    await engine.reload(weights.id, options);
  } catch (error) {
    const known = mlcError(error, { type: 'load', model, name: weights.name });
    // A page that answered in place of the library would stay in the cache for good.
    if (known.code === 'model-invalid') await order.forget();
    throw known;
  }
}

function deskFor(order: WebLlmOrder, contextSize: number, digest: string): Desk {
  const { engine, model, weights, library, emit } = order;
  const tokenizer = tokenizerOf(engine, weights.id);
  const paged = pagedPipelineOf(engine, weights.id);
  const prefix = paged && PrefixCache.install(paged);
  const lost = deviceLossOf(engine, weights.id);
  const occasion = { type: 'ask', model, name: weights.name } as const;
  return {
    engine,
    model,
    weights,
    info: {
      engine: 'web-llm 0.2.86',
      id: weights.id,
      revision: [digest, library, ...(prefix ? [`b${blockTokens}`] : [])].join(' '),
      contextSize,
      name: weights.name,
      form: weights.form,
      canEmbed: false,
      concurrency: 1,
    },
    tokenizer,
    choiceTokens: tokenizer && new ChoiceTokens(tokenizer),
    sizer: sizerOf(weights, tokenizer, usualTemplate),
    logits: tokenizer && logitHostOf(engine, weights.id),
    draws: null,
    prefix,
    loss: lost && new DeviceLoss(lost, (why) => mlcError(`device lost: ${why}`, occasion)),
    emit,
  };
}

function answer(desk: Desk, request: LlmRequest, options: AskOptions): Promise<LlmReply> {
  const { signal } = options;
  return guard<LlmReply>(desk, signal, async () => {
    switch (request.output.type) {
      case 'text':
        return answerText(desk, request, request.output, options);
      case 'choice':
        return answerChoice(desk, request, request.output, signal);
      case 'embedding':
        throw new DrpoError(
          'settings-invalid',
          `${desk.info.name} gives no embeddings. Choose similar examples by their words instead.`,
        );
    }
  });
}
