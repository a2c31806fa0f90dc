import * as v from 'valibot';
import { abortError, throwIfAborted } from '../abort.ts';
import { chunksOf } from '../download/chunks.ts';
import { endpointAddress } from './address.ts';
import { DrpoError } from '../../core/errors.ts';

/** How long a server may take. Milliseconds. */
export interface EndpointPatience {
  /** For any request, and so much more for each token that its reply may have. */
  readonly requestMs: number;
  readonly tokenMs: number;
  /** The waits before a request that failed in passing is made again; after the last it is given up. */
  readonly pausesMs: readonly number[];
  /** How often it is said meanwhile that the engine is at work. */
  readonly aliveMs: number;
}

/** Two minutes and half a second a token, as a busy server lets requests wait; five attempts over about a minute. */
export const usualEndpointPatience: EndpointPatience = {
  requestMs: 120_000,
  tokenMs: 500,
  pausesMs: [1_000, 4_000, 15_000, 40_000],
  aliveMs: 5_000,
};

const longestPauseMs = 60_000;

/**
 * A server, and what it takes to speak to it: where the protocol is (`base`, such as `http://localhost:8080/v1`) and where its own calls are
 * (`root`); no slash ends either. The key goes into the Authorization header and nowhere else.
 */
export interface Server {
  readonly base: string;
  readonly root: string;
  readonly key: string | null;
  readonly patience: EndpointPatience;
}

/**
 * The server at an address, as a person typed it. Throws `settings-invalid` if it is none, or `endpoint-refused` for a key that cannot be one:
 * a browser's own complaint would quote it.
 */
export function serverAt(
  address: string,
  key: string | null,
  patience: EndpointPatience = usualEndpointPatience,
): Server {
  const base = endpointAddress(address).href;
  const trimmed = key?.trim() ?? '';
  if (/[^\x21-\x7e]/.test(trimmed)) {
    throw new DrpoError(
      'endpoint-refused',
      'The key has a space or a letter that no key has, perhaps from copying it with something else. Copy it once more.',
    );
  }
  return {
    base,
    root: base.replace(/\/v1$/, ''),
    key: trimmed === '' ? null : trimmed,
    patience,
  };
}

/** Why a request brought nothing. `words` are the server's or the browser's own, the key taken out. */
export type Reason =
  | {
      readonly type: 'status';
      readonly status: number;
      readonly code: string;
      readonly words: string;
      readonly retryAfterMs: number | null;
    }
  | { readonly type: 'network'; readonly words: string }
  | { readonly type: 'timeout'; readonly words: string }
  | { readonly type: 'redirect'; readonly words: string }
  | { readonly type: 'malformed'; readonly words: string };

/** A request that failed for good. For those who call: `endpointError` makes it one for people. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly reason: Reason;
  readonly url: string;

  constructor(reason: Reason, url: string) {
    super(reason.words);
    this.reason = reason;
    this.url = url;
  }
}

/**
 * A request: POST where it has a body. `persist`: `always` makes it again whenever that may help; `busy` only where the server says
 * that it is busy or starting, for what is asked to find out something.
 */
export interface Call {
  readonly url: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly persist: 'always' | 'busy';
  /** Tokens of the reply at most: they take time. */
  readonly maxTokens?: number;
}

/** Makes a request and reads its reply with `read`. Rejects with CallFailed or the signal's AbortError. */
export async function request<T>(
  server: Server,
  call: Call,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await once(server, call, read);
    } catch (error) {
      if (!(error instanceof CallFailed) || !mayPass(error.reason, call, attempt)) throw error;
      const pauseMs = pauseBefore(error.reason, server.patience.pausesMs[attempt]);
      if (pauseMs === null) throw error;
      await pause(pauseMs, call.signal);
    }
  }
}

/** Makes a request whose reply is JSON of a known shape. Rejects as `request` does. */
export function requestJson<const T extends v.GenericSchema>(
  server: Server,
  call: Call,
  schema: T,
): Promise<v.InferOutput<T>> {
  return request(server, call, async (response) =>
    parseJson(await response.text(), schema, server, call.url),
  );
}

/** Throws CallFailed where a text is not JSON of this shape. */
export function parseJson<const T extends v.GenericSchema>(
  text: string,
  schema: T,
  server: Server,
  url: string,
): v.InferOutput<T> {
  const parsed = v.safeParse(schema, jsonIn(scrubKept(text, server.key)));
  if (parsed.success) return parsed.output;
  throw new CallFailed({ type: 'malformed', words: scrub(text, server.key).slice(0, 400) }, url);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The data of each server-sent event, as it comes. */
export async function* eventsOf(response: Response): AsyncGenerator<string> {
  if (!response.body) return;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunksOf(response.body)) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) yield line.slice(5).trim();
    }
  }
  if (rest.startsWith('data:')) yield rest.slice(5).trim();
}

/** Takes the key out of what somebody else wrote. */
export function scrub(text: string, key: string | null): string {
  if (!key) return text;
  const quoted = JSON.stringify(key).slice(1, -1);
  const spellings = [
    key,
    encodeURIComponent(key),
    quoted,
    quoted.replaceAll('/', '\\/'),
    btoa(key),
  ];
  return spellings.reduce((clean, spelt) => clean.replaceAll(spelt, '[key]'), text);
}

/**
 * Takes the key out of what is kept as it is, such as a reply. A short one stays: local servers take any, people then write a word, and a model
 * may say that word.
 */
export function scrubKept(text: string, key: string | null): string {
  return key !== null && key.length >= 12 ? scrub(text, key) : text;
}

async function once<T>(
  { key, patience }: Server,
  call: Call,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  throwIfAborted(call.signal);
  const limitMs = patience.requestMs + patience.tokenMs * (call.maxTokens ?? 0);
  const limit = AbortSignal.timeout(limitMs);
  const signal = call.signal ? AbortSignal.any([call.signal, limit]) : limit;
  const failed = (reason: Reason): CallFailed => new CallFailed(reason, call.url);
  try {
    const response = await fetch(call.url, { ...optionsOf(call, key), signal });
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      throw failed({
        type: 'redirect',
        words: scrub(response.headers.get('location') ?? '', key),
      });
    }
    if (!response.ok) throw failed(await refusalIn(response, key));
    return await read(response);
  } catch (error) {
    if (call.signal?.aborted) throw abortError(call.signal);
    if (error instanceof CallFailed) throw error;
    if (limit.aborted) throw failed({ type: 'timeout', words: `after ${limitMs / 1000} s` });
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    throw failed({ type: 'network', words: scrub(wordsOf(error), key) });
  }
}

function wordsOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function optionsOf({ body }: Call, key: string | null): RequestInit {
  return {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key && { authorization: `Bearer ${key}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    // A redirect would take the key along to somebody whom nobody named.
    redirect: 'manual',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
  };
}

const detail = v.union([v.string(), v.object({ message: v.string() })]);
const refusalSchema = v.union([
  v.object({
    error: v.object({
      message: v.string(),
      type: v.optional(v.unknown()),
      code: v.optional(v.unknown()),
    }),
  }),
  v.object({ error: detail }),
  v.object({ message: v.string() }),
  v.object({ detail }),
]);

/** What a server says when it refuses, of the several forms there are, the key taken out. */
export function readRefusal(
  text: string,
  key: string | null,
): { readonly words: string; readonly code: string } {
  const { words, codes } = refusalParts(text);
  const code = codes.filter((x) => typeof x === 'string').join(' ');
  return { words: scrub(words, key).slice(0, 600), code: scrub(code, key).slice(0, 100) };
}

function refusalParts(text: string): {
  readonly words: string;
  readonly codes: readonly unknown[];
} {
  const parsed = v.safeParse(refusalSchema, jsonIn(text));
  if (!parsed.success) return { words: text, codes: [] };
  const said = parsed.output;
  if ('message' in said) return { words: said.message, codes: [] };
  const refusal = 'error' in said ? said.error : said.detail;
  if (typeof refusal === 'string') return { words: refusal, codes: [] };
  const { message, code, type } = { code: '', type: '', ...refusal };
  return { words: message, codes: [code, type] };
}

async function refusalIn(response: Response, key: string | null): Promise<Reason> {
  const { words, code } = readRefusal(await response.text(), key);
  return {
    type: 'status',
    status: response.status,
    code,
    words,
    retryAfterMs: retryAfter(response.headers.get('retry-after')),
  };
}

/** Seconds, or a date. Browsers show this header only where the server exposes it. */
function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

const busy = [429, 503];
const passing = [408, 425, 429, 500, 502, 503, 504, 529];

/** Whether the same request may fare better in a moment. */
function mayPass(reason: Reason, { persist }: Call, attempt: number): boolean {
  if (reason.type === 'status') {
    const worthIt = (persist === 'always' ? passing : busy).includes(reason.status);
    return worthIt && !isAboutContext(reason) && !isAboutMoney(reason);
  }
  if (persist === 'busy') return false;
  // A server that hangs for minutes is asked once more, not five times.
  return reason.type === 'network' || (reason.type === 'timeout' && attempt === 0);
}

/** Whether a server refused because the prompt and the reply exceed what it holds. */
export function isAboutContext(reason: Reason): boolean {
  if (reason.type !== 'status' || ![400, 413, 422, 500].includes(reason.status)) return false;
  return /context_length|exceed_context|context (length|size|window)|maximum context|(prompt|input) is too long|longer than the maximum model length/i.test(
    `${reason.code} ${reason.words}`,
  );
}

/** Whether a hosted service refused for want of credit: it says 429 to that too. */
export function isAboutMoney(reason: Reason): boolean {
  if (reason.type !== 'status') return false;
  const said = `${reason.code} ${reason.words}`;
  return reason.status === 402 || /insufficient_quota|billing|credit balance/i.test(said);
}

function pauseBefore(reason: Reason, usualMs: number | undefined): number | null {
  if (usualMs === undefined) return null;
  const asked = reason.type === 'status' ? reason.retryAfterMs : null;
  return Math.min(longestPauseMs, asked ?? usualMs);
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timer);
      reject(abortError(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', leave);
      resolve();
    }, ms);
    if (signal?.aborted) leave();
    else signal?.addEventListener('abort', leave, { once: true });
  });
}
