import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import { generate, Shelf, type Drawn, type End, type Wish } from './generate.ts';
import { readLlama, type Llama } from './llama.ts';
import { Format } from './replies.ts';

/** What a server does wrong on purpose: another answer, no answer at all, or an end in the middle of one. */
export type Fault =
  | {
      readonly type: 'answer';
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly type: 'stall' }
  | { readonly type: 'break' };

/** A request as it came. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface ServeOptions {
  /** A GGUF file, as `readLlama` takes it. */
  readonly model: Uint8Array;
  readonly name?: string;
  /** A free port if not given. */
  readonly port?: number;
  /** Without it anybody may ask. */
  readonly key?: string;
  readonly contextSize?: number;
  /** Of how many tokens it gives log-probabilities at most; 0 makes it a server that has none. */
  readonly mostLogprobs?: number;
  readonly cors?: boolean;
  /** What an older server lacks: `/tokenize`, `/v1/embeddings`. */
  readonly without?: readonly ('tokenize' | 'embeddings')[];
  /** Asked about every request; null lets it be answered properly. */
  readonly fault?: (seen: Seen) => Fault | null;
}

/** A server that runs. `url` is its base, without `/v1`. */
export interface ServedModel {
  readonly url: string;
  readonly requests: readonly Seen[];
  /** How many texts were under way at once, at most. */
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
}

const logprobCount = v.nullish(v.union([v.boolean(), v.pipe(v.number(), v.integer())]));
const wishSchema = v.object({
  prompt: v.optional(v.string()),
  messages: v.optional(v.array(v.object({ role: v.string(), content: v.string() }))),
  max_tokens: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  temperature: v.optional(v.pipe(v.number(), v.minValue(0)), 1),
  top_p: v.optional(v.number(), 1),
  seed: v.optional(v.pipe(v.number(), v.integer())),
  stop: v.optional(v.union([v.string(), v.pipe(v.array(v.string()), v.maxLength(4))]), []),
  stream: v.optional(v.boolean(), false),
  logprobs: logprobCount,
  top_logprobs: v.nullish(v.pipe(v.number(), v.integer())),
});
const textSchema = v.object({
  content: v.optional(v.string()),
  prompt: v.optional(v.string()),
  messages: v.optional(v.array(v.object({ role: v.string(), content: v.string() }))),
  input: v.optional(v.string()),
});
type Messages = readonly { readonly role: string; readonly content: string }[];

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Serves a model over OpenAI's protocol: `/v1/models`, `/v1/chat/completions`, `/v1/completions`, `/v1/embeddings`, `/tokenize`. Real
 * inference, on one thread, at most four stops a request as hosted servers have it. A chat is written in ChatML where the vocabulary
 * has its markers, and as its texts one after another elsewhere.
 */
export async function serveModel(options: ServeOptions): Promise<ServedModel> {
  const site = new Site(options);
  const server = createServer((request, response) => void site.answer(request, response));
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${String(port)}`,
    requests: site.requests,
    mostAtOnce: () => site.mostAtOnce,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: taken } = server.address() as AddressInfo;
  return taken;
}

class Site {
  readonly #options: ServeOptions;
  readonly #llama: Llama;
  readonly #shelf: Shelf;
  readonly #name: string;
  readonly #root: string;
  readonly #contextSize: number;
  readonly requests: Seen[] = [];
  #atOnce = 0;
  mostAtOnce = 0;

  constructor(options: ServeOptions) {
    this.#options = options;
    this.#llama = readLlama(options.model);
    this.#shelf = new Shelf(this.#llama);
    this.#name = options.name ?? this.#llama.name;
    this.#root = createHash('sha256').update(options.model).digest('hex');
    this.#contextSize = options.contextSize ?? this.#llama.contextSize;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#options.cors ?? true) allowEverybody(response);
    const seen = await see(request);
    if (seen.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    this.requests.push(seen);
    const fault = this.#options.fault?.(seen) ?? null;
    try {
      if (fault) misbehave(response, fault);
      else await this.#serve(seen, response);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : null;
      const [status, code] = refusal ? [refusal.status, refusal.code] : [500, 'server_error'];
      const message = error instanceof Error ? error.message : String(error);
      if (response.headersSent) response.destroy();
      else send(response, status, { error: { message, type: code, code } });
    }
  }

  async #serve(
    { method, path, authorization, body }: Seen,
    response: ServerResponse,
  ): Promise<void> {
    const { key, without = [] } = this.#options;
    if (key !== undefined && authorization !== `Bearer ${key}`) {
      throw new Refusal(401, 'invalid_api_key', 'Incorrect API key provided.');
    }
    const lacking = without.some((what) => path.endsWith(`/${what}`));
    const call = lacking ? undefined : this.#calls[`${method} ${path}`];
    if (!call) throw new Refusal(404, 'not_found', `There is no ${method} ${path}.`);
    await call(body, response);
  }

  readonly #calls: Readonly<
    Record<string, (body: string, response: ServerResponse) => void | Promise<void>>
  > = {
    'GET /v1/models': (_, response) => send(response, 200, this.#models()),
    'POST /tokenize': (body, response) => {
      const { content, prompt, messages } = parse(textSchema, body);
      const tokens = this.#tokens(messages ?? content ?? prompt ?? '');
      send(response, 200, { tokens, count: tokens.length });
    },
    'POST /v1/embeddings': (body, response) => send(response, 200, this.#embedding(body)),
    'POST /v1/chat/completions': (body, response) => this.#complete(body, 'chat', response),
    'POST /v1/completions': (body, response) => this.#complete(body, 'text', response),
  };

  #models(): unknown {
    const model = {
      id: this.#name,
      object: 'model',
      created: 0,
      owned_by: 'serve-model',
      root: this.#root,
      max_model_len: this.#contextSize,
    };
    return { object: 'list', data: [model] };
  }

  #checkModel(body: string): void {
    const { model } = parse(v.object({ model: v.string() }), body);
    if (model === this.#name) return;
    throw new Refusal(404, 'model_not_found', `The model ${model} does not exist.`);
  }

  #tokens(of: string | Messages): readonly number[] {
    if (typeof of === 'string') return this.#llama.tokenizer.encode(of);
    const { hasChatMarkers } = this.#llama.tokenizer;
    const turns = of.map(({ role, content }) =>
      hasChatMarkers ? `<|im_start|>${role}\n${content}<|im_end|>\n` : content,
    );
    const opening = hasChatMarkers ? '<|im_start|>assistant\n' : '';
    return this.#llama.tokenizer.encode(turns.join('') + opening);
  }

  /** The mean of the tokens' last hidden states, of length 1. */
  #embedding(body: string): unknown {
    this.#checkModel(body);
    const tokens = this.#tokens(parse(textSchema, body).input ?? '');
    this.#checkRoom(tokens.length, 0);
    const sequence = this.#llama.start();
    const sum: number[] = [];
    for (const token of tokens) {
      sequence.read(token);
      sequence.hidden.forEach((x, i) => (sum[i] = (sum[i] ?? 0) + x));
    }
    const length = Math.hypot(...sum);
    const embedding = sum.map((x) => (length > 0 ? x / length : 0));
    const usage = { prompt_tokens: tokens.length, total_tokens: tokens.length };
    const data = [{ object: 'embedding', index: 0, embedding }];
    return { object: 'list', model: this.#name, data, usage };
  }

  #checkRoom(promptTokens: number, maxTokens: number): void {
    if (promptTokens + maxTokens <= this.#contextSize) return;
    throw new Refusal(
      400,
      'context_length_exceeded',
      `This model's maximum context length is ${String(this.#contextSize)} tokens. The request has ${String(promptTokens)} and asks for ${String(maxTokens)} more.`,
    );
  }

  async #complete(body: string, api: 'chat' | 'text', response: ServerResponse): Promise<void> {
    this.#checkModel(body);
    const asked = parse(wishSchema, body);
    const alternatives = this.#alternatives(asked.logprobs, asked.top_logprobs);
    const prompt = this.#tokens((api === 'chat' ? asked.messages : asked.prompt) ?? '');
    const wish: Wish = {
      maxTokens: asked.max_tokens ?? 16,
      stop: typeof asked.stop === 'string' ? [asked.stop] : asked.stop,
      temperature: asked.temperature,
      topP: asked.top_p,
      seed: asked.seed ?? Math.floor(Math.random() * 2 ** 31),
      alternatives: alternatives ?? 0,
    };
    this.#checkRoom(prompt.length, wish.maxTokens);
    const format = new Format(api, this.#name, alternatives !== null);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    try {
      const run = generate(this.#llama, this.#shelf, prompt, wish, gone.signal);
      if (asked.stream) await stream(run, format, response);
      else await collect(run, format, response);
    } finally {
      this.#atOnce--;
    }
  }

  /** Null where no log-probabilities are wanted: chats say so by a flag and a number, completions by a number alone. */
  #alternatives(
    flag: boolean | number | null | undefined,
    top: number | null | undefined,
  ): number | null {
    const most = this.#options.mostLogprobs ?? 20;
    const wanted = typeof flag === 'number' ? flag : flag ? (top ?? 0) : null;
    if (wanted === null || most === 0) return null;
    if (wanted <= most) return wanted;
    throw new Refusal(400, 'invalid_value', `At most ${String(most)} logprobs can be requested.`);
  }
}

function allowEverybody(response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', 'authorization, content-type');
  response.setHeader('access-control-allow-methods', 'GET, POST, OPTIONS');
  response.setHeader('access-control-expose-headers', 'retry-after');
}

async function see(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    method: request.method ?? 'GET',
    path: new URL(request.url ?? '/', 'http://localhost').pathname,
    authorization: request.headers.authorization,
    body: Buffer.concat(chunks).toString(),
  };
}

function misbehave(response: ServerResponse, fault: Fault): void {
  if (fault.type === 'answer') {
    response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
    response.end(fault.body);
  } else if (fault.type === 'break') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"choices":[{"index":0,"delta":{"content":"On"},"text":"On"}]}\n\n', () =>
      response.destroy(),
    );
  }
}

function parse<const T extends v.GenericSchema>(schema: T, body: string): v.InferOutput<T> {
  let data: unknown;
  try {
    data = JSON.parse(body);
  } catch {
    throw new Refusal(400, 'invalid_request_error', 'The body is not JSON.');
  }
  const parsed = v.safeParse(schema, data);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const where = v.getDotPath(issue) ?? 'body';
  throw new Refusal(400, 'invalid_request_error', `${where}: ${issue.message}`);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function collect(
  run: AsyncGenerator<Drawn, End>,
  format: Format,
  response: ServerResponse,
): Promise<void> {
  const drawn: Drawn[] = [];
  for (;;) {
    const next = await run.next();
    if (next.done) {
      send(response, 200, format.whole(next.value, drawn));
      return;
    }
    drawn.push(next.value);
  }
}

async function stream(
  run: AsyncGenerator<Drawn, End>,
  format: Format,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const say = (data: unknown): boolean => response.write(`data: ${JSON.stringify(data)}\n\n`);
  let said = '';
  for (;;) {
    const next = await run.next();
    const { text } = next.value;
    const piece = text.slice(said.length);
    said = text;
    if (next.done) {
      say(format.chunk(piece, next.value.finish));
      say(format.usage(next.value));
      response.end('data: [DONE]\n\n');
      return;
    }
    if (piece !== '') say(format.chunk(piece, null));
  }
}
