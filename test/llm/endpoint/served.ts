import { existsSync, readFileSync } from 'node:fs';
import type { Llm } from '../../../src/core/llm.ts';
import { openEndpoint, type EndpointOrder } from '../../../src/llm/endpoint/engine.ts';
import { randomModel } from '../../../tools/gguf/random-model.ts';
import {
  serveModel,
  type ServedModel,
  type ServeOptions,
} from '../../../tools/serve-model/server.ts';

const trained = '../shared/models/stories260K.gguf';

/** Whether there is a model that writes English; the random one stands in for it. */
export const isTrained = existsSync(trained);

export const weights: Uint8Array = isTrained
  ? readFileSync(trained)
  : randomModel({ chatTemplate: true, contextSize: 512 });

/** Two short waits, and little patience. */
export const hasty = { requestMs: 30_000, tokenMs: 0, pausesMs: [5, 10], aliveMs: 10 };

/** A server with a model of it behind the port. */
export interface Served {
  readonly llm: Llm;
  readonly server: ServedModel;
  close(): Promise<void>;
}

/** Serves a model and opens it as an endpoint. Closes the server where that fails. */
export async function served(
  options: Partial<ServeOptions> = {},
  order: Partial<EndpointOrder> = {},
): Promise<Served> {
  const server = await serveModel({ model: weights, name: 'served', ...options });
  try {
    const llm = await openEndpoint(orderTo(server, order));
    return { llm, server, close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}

export function orderTo(
  { url }: Pick<ServedModel, 'url'>,
  order: Partial<EndpointOrder> = {},
): EndpointOrder {
  return {
    url,
    model: 'served',
    api: 'chat',
    contextSize: 512,
    concurrency: 4,
    key: null,
    emit: () => undefined,
    patience: hasty,
    ...order,
  };
}
