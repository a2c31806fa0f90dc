import type { Llm, LlmInfo, LlmReply } from '../../core/llm.ts';
import type { Endpoint, WorkerEvent } from '../boundary.ts';
import { answer, embeddingSchema, type Desk } from './answer.ts';
import { learnDialect, type Dialect } from './dialect.ts';
import { endpointError, type EndpointOccasion } from './errors.ts';
import { CallFailed, requestJson, serverAt, type EndpointPatience, type Server } from './http.ts';
import { identify, type Identity } from './look.ts';
import { endpointSizer } from './sizer.ts';
import { Queue } from '../queue.ts';

/** Which model of which server. `emit` hears that the engine is at work. `contextSize`: what a person says that the server holds. */
export interface EndpointOrder extends Omit<Endpoint, 'type'> {
  readonly emit: (event: WorkerEvent) => void;
  readonly patience?: EndpointPatience;
}

const engineName = 'endpoint 1';
const mostAtOnce = 64;

/**
 * A model of a server behind the port. What the server offers (probabilities, seeds, a tokenizer, embeddings) is found out once, with a
 * handful of small requests. Rejects with `network`, `host-blocked`, `endpoint-refused`, `endpoint-failed`, `model-missing` or `settings-invalid`.
 *
 * Of a server the second law of the port holds as far as it is kept there: one that works on several requests in one batch rounds otherwise from
 * time to time.
 */
export async function openEndpoint(order: EndpointOrder): Promise<Llm> {
  const server = serverAt(order.url, order.key, order.patience);
  const { model } = order;
  const alive = new Pulse(order.emit, server.patience.aliveMs);
  return alive.during(async () => {
    const identity = await explained(server, {}, () => identityOf(server));
    const occasion = { model, models: identity.models.map(({ id }) => id) };
    const desk = await explained(server, occasion, () => prepare(order, server, identity));
    const queue = new Queue(desk.info.concurrency);
    return {
      info: desk.info,
      ask: (request, options = {}) => {
        const job = (): Promise<LlmReply> => alive.during(() => answer(desk, request, options));
        return explained(server, occasion, () => queue.run(job, options.signal));
      },
    };
  });
}

/** Does what a server is needed for; its failures become errors for people. */
async function explained<T>(
  server: Server,
  occasion: EndpointOccasion,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof CallFailed ? await endpointError(error, server, occasion) : error;
  }
}

async function prepare(order: EndpointOrder, server: Server, first: Identity): Promise<Desk> {
  const { kind } = first;
  const dialect = await learnDialect(server, order, kind);
  // Ollama tells the context of models that are loaded, which this one is by now.
  const { models } = kind === 'Ollama' ? await identityOf(server) : first;
  const listed = models.find(({ id }) => id === order.model);
  const sizer = await endpointSizer(server, order.model, kind);
  const told = listed?.contextSize ?? null;
  const contextSize = Math.min(order.contextSize, told ?? order.contextSize);
  const info: LlmInfo = {
    engine: kind === null ? engineName : `${engineName} (${kind})`,
    id: order.model,
    revision: listed?.revision ?? 'unknown',
    contextSize,
    name: order.model,
    form: order.api === 'chat' ? 'chat' : 'text',
    canEmbed: await embeds(server, order.model),
    concurrency: Math.max(1, Math.min(mostAtOnce, Math.floor(order.concurrency))),
    notes: notesOn(order, { dialect, kind, told }),
  };
  const { model, api } = order;
  return { server, model, api, info, dialect, sizer, whole: new Set() };
}

/** Some servers have no list of models, and answer all the same. */
async function identityOf(server: Server): Promise<Identity> {
  try {
    return await identify(server);
  } catch (error) {
    const lacking = error instanceof CallFailed && error.reason.type === 'status';
    if (lacking && [404, 405, 501].includes(error.reason.status)) {
      return { kind: null, version: null, models: [] };
    }
    throw error;
  }
}

function notesOn(
  { contextSize, concurrency }: EndpointOrder,
  {
    dialect,
    kind,
    told,
  }: {
    readonly dialect: Dialect;
    readonly kind: Identity['kind'];
    readonly told: number | null;
  },
): readonly string[] {
  const notes: string[] = [];
  if (dialect.listed === 0) {
    notes.push(
      'This server gives no probabilities of tokens: each rating is one digit that the model writes, which is coarser.',
    );
  }
  if (!dialect.seed) {
    notes.push('This server takes no seed: a request that is asked again may get another reply.');
  }
  if (told !== null && told < contextSize) {
    notes.push(
      `The server holds ${told} tokens, fewer than the ${contextSize} named: ${told} count.`,
    );
  }
  if (kind === 'Ollama' && told === null) {
    notes.push(
      `Ollama shortens long prompts without a word. Start it with OLLAMA_CONTEXT_LENGTH=${contextSize} at least.`,
    );
  }
  if (concurrency > 1) {
    notes.push(
      'A server that works on several requests at once may round otherwise from time to time: what is asked anew can get a slightly different reply.',
    );
  }
  return notes;
}

async function embeds(server: Server, model: string): Promise<boolean> {
  const body = { model, input: 'Hello there', encoding_format: 'float' };
  const call = { url: `${server.base}/embeddings`, body, persist: 'busy' } as const;
  try {
    await requestJson(server, call, embeddingSchema);
    return true;
  } catch (error) {
    if (error instanceof CallFailed) return false;
    throw error;
  }
}

/** Says that the engine is at work, as long as it waits for the server: its own time-outs see to a silent one. */
class Pulse {
  readonly #emit: (event: WorkerEvent) => void;
  readonly #everyMs: number;
  #underWay = 0;
  #clock: ReturnType<typeof setInterval> | undefined;

  constructor(emit: (event: WorkerEvent) => void, everyMs: number) {
    this.#emit = emit;
    this.#everyMs = everyMs;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#underWay++ === 0) {
      this.#clock = setInterval(() => this.#emit({ type: 'alive' }), this.#everyMs);
    }
    try {
      return await work();
    } finally {
      if (--this.#underWay === 0) clearInterval(this.#clock);
    }
  }
}
