import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './serve.ts';

/** What goes wrong with one request for a file. Positions are in the file. */
export type Trouble =
  | { readonly type: 'status'; readonly status: number; readonly retryAfter?: string }
  /** The connection ends at this byte. */
  | { readonly type: 'cut'; readonly at: number }
  /** From this byte on nothing more is said. */
  | { readonly type: 'silence'; readonly at: number }
  /** A web page in the file's place, answered as if all were well. */
  | { readonly type: 'page' };

/** A stretch of a file that went out. */
export interface Sent {
  readonly path: string;
  readonly from: number;
  readonly bytes: number;
}

/** A host of model files that can be told to fail, and counts what it sends. Other pages may read its files. */
export interface ModelHost {
  readonly url: string;
  put(path: string, bytes: Uint8Array, etag?: string): void;
  /** Plans what happens to the next requests for a file, one each. */
  plan(path: string, ...troubles: readonly Trouble[]): void;
  /** What went out since the last `forget`, of a file or of all. */
  sent(path?: string): readonly Sent[];
  sentBytes(path?: string): number;
  forget(): void;
  /** Resolves once so many bytes of a file have gone out. */
  reached(path: string, bytes: number): Promise<void>;
  readonly close: () => Promise<void>;
}

interface Hosted {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

interface State {
  readonly files: Map<string, Hosted>;
  readonly troubles: Map<string, Trouble[]>;
  readonly sent: { path: string; from: number; bytes: number }[];
  readonly waiting: Set<() => void>;
}

const pieceBytes = 64 * 2 ** 10;

export async function hostModels(): Promise<ModelHost> {
  const state: State = { files: new Map(), troubles: new Map(), sent: [], waiting: new Set() };
  const server = createServer((request, response) => {
    answer(state, request, response).catch(() => response.destroy());
  });
  const { url, ...listening } = await listen(server, '/');
  const sent = (path?: string): readonly Sent[] =>
    state.sent.filter((one) => path === undefined || one.path === path);
  const sentBytes = (path?: string): number =>
    sent(path).reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    url,
    close: () => listening.close(),
    sent,
    sentBytes,
    put: (path, bytes, etag = `"${path}"`) => state.files.set(`/${path}`, { bytes, etag }),
    plan(path, ...troubles) {
      state.troubles.set(`/${path}`, [...(state.troubles.get(`/${path}`) ?? []), ...troubles]);
    },
    forget: () => void state.sent.splice(0),
    reached: (path, bytes) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (sentBytes(path) < bytes) return;
          state.waiting.delete(look);
          resolve();
        };
        state.waiting.add(look);
        look();
      }),
  };
}

const open = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': '*',
  // A page that is isolated takes what says that it may be taken.
  'cross-origin-resource-policy': 'cross-origin',
};

async function answer(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const file = state.files.get(path);
  const trouble = state.troubles.get(path)?.shift() ?? null;
  // As Hugging Face's storage does: what needs to ask first is refused.
  if (request.method === 'OPTIONS') return void response.writeHead(403).end();
  if (!file) return void response.writeHead(404, open).end('not found');
  if (trouble?.type === 'status') {
    const { status, retryAfter } = trouble;
    const headers = { ...open, ...(retryAfter !== undefined && { 'retry-after': retryAfter }) };
    return void response.writeHead(status, headers).end();
  }
  if (trouble?.type === 'page') {
    const page = `<!doctype html><title>Sign in</title>${' '.repeat(5000)}`;
    return void response.writeHead(200, { ...open, 'content-type': 'text/html' }).end(page);
  }
  const { from, to, isPart } = stretchOf(request, file);
  response.writeHead(isPart ? 206 : 200, {
    ...open,
    etag: file.etag,
    'content-length': to - from,
    ...(isPart && { 'content-range': `bytes ${from}-${to - 1}/${file.bytes.length}` }),
  });
  await send(state, { path: path.slice(1), file, from, to, trouble }, response);
}

function stretchOf(
  request: IncomingMessage,
  { bytes, etag }: Hosted,
): { readonly from: number; readonly to: number; readonly isPart: boolean } {
  const [, from, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const condition = request.headers['if-range'];
  if (from === undefined || (condition !== undefined && condition !== etag)) {
    return { from: 0, to: bytes.length, isPart: false };
  }
  return { from: Number(from), to: last ? Number(last) + 1 : bytes.length, isPart: true };
}

interface Sending {
  readonly path: string;
  readonly file: Hosted;
  readonly from: number;
  readonly to: number;
  readonly trouble: Trouble | null;
}

/** Sends piece by piece, and no faster than the browser takes it: what is counted has gone out. */
async function send(state: State, sending: Sending, response: ServerResponse): Promise<void> {
  const { path, file, from, to, trouble } = sending;
  const stops = trouble?.type === 'cut' || trouble?.type === 'silence';
  const end = stops ? Math.max(from, Math.min(to, trouble.at)) : to;
  const sent = { path, from, bytes: 0 };
  state.sent.push(sent);
  for (let at = from; at < end && !response.destroyed; at += pieceBytes) {
    const piece = file.bytes.subarray(at, Math.min(end, at + pieceBytes));
    await new Promise<void>((resolve) => {
      response.write(piece, () => resolve());
    });
    sent.bytes += piece.length;
    for (const look of [...state.waiting]) look();
  }
  if (trouble?.type === 'silence') return;
  // The end of the connection, after all that was sent has arrived: what is lost then is what the browser throws away.
  if (trouble?.type === 'cut') response.socket?.end();
  else response.end();
}
