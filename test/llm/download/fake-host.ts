import type { Part, PartStore } from '../../../src/llm/download/partial-downloads.ts';

/** A file that a host serves. */
export interface Hosted {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag?: string;
  readonly lastModified?: string;
  /** False: it answers requests for ranges with the whole file. */
  readonly ranges?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What goes wrong with one request. */
export type Fault =
  | { readonly type: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly type: 'unreachable' }
  /** The connection breaks after so many bytes of the file. */
  | { readonly type: 'cut'; readonly at: number }
  /** After so many bytes of the file nothing more comes, and nothing breaks. */
  | { readonly type: 'silence'; readonly at: number };

/** A request as the host saw it. `sent` counts the bytes that went out. */
export interface Seen {
  readonly url: string;
  readonly range: string | null;
  readonly ifRange: string | null;
  status: number;
  sent: number;
}

/** Hosts in the place of `fetch`: they serve files, with ranges, and have the faults that are planned for them. */
export class FakeHost {
  readonly files = new Map<string, Hosted>();
  readonly seen: Seen[] = [];
  readonly #faults = new Map<string, Fault[]>();
  readonly pieceBytes: number;

  constructor(pieceBytes = 10_000) {
    this.pieceBytes = pieceBytes;
  }

  /** Plans what happens to the next requests for a file, one each. */
  plan(url: string, ...faults: readonly Fault[]): void {
    this.#faults.set(url, [...(this.#faults.get(url) ?? []), ...faults]);
  }

  /** Bytes sent of a file, or of all. */
  sent(url?: string): number {
    return this.seen
      .filter((seen) => url === undefined || seen.url === url)
      .reduce((sum, { sent }) => sum + sent, 0);
  }

  readonly fetch = (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const address = url instanceof Request ? url.url : String(url);
    const headers = new Headers(init.headers);
    const range = headers.get('range');
    const seen: Seen = {
      url: address,
      range,
      ifRange: headers.get('if-range'),
      status: 0,
      sent: 0,
    };
    this.seen.push(seen);
    try {
      init.signal?.throwIfAborted();
      const response = this.#answer(seen, init.signal ?? null);
      seen.status = response.status;
      return Promise.resolve(response);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  };

  #answer(seen: Seen, signal: AbortSignal | null): Response {
    const fault = this.#faults.get(seen.url)?.shift() ?? null;
    if (fault?.type === 'unreachable') throw new TypeError('Failed to fetch');
    if (fault?.type === 'status') {
      return new Response('', { status: fault.status, headers: fault.headers ?? {} });
    }
    const file = this.files.get(seen.url);
    if (!file) return new Response('not found', { status: 404 });
    const { bytes, etag, lastModified, ranges = true } = file;
    const isCurrent = seen.ifRange === null || seen.ifRange === (etag ?? lastModified);
    const asked = ranges && isCurrent ? rangeOf(seen.range) : null;
    const from = asked?.from ?? 0;
    const to = Math.min(asked?.to ?? bytes.length, bytes.length);
    if (from >= bytes.length && from > 0) return new Response('', { status: 416 });
    const headers = {
      'content-length': String(to - from),
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { 'last-modified': lastModified }),
      ...(asked && { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` }),
      ...file.headers,
    };
    const body = this.#body(bytes.subarray(from, to), { from, fault, seen, signal });
    return new Response(body, { status: asked ? 206 : 200, headers });
  }

  #body(
    bytes: Uint8Array<ArrayBuffer>,
    on: { from: number; fault: Fault | null; seen: Seen; signal: AbortSignal | null },
  ): ReadableStream<Uint8Array> {
    const { fault, seen, signal, from } = on;
    const end =
      fault?.type === 'cut' || fault?.type === 'silence'
        ? Math.min(bytes.length, Math.max(0, fault.at - from))
        : bytes.length;
    let at = 0;
    return new ReadableStream(
      {
        start: (controller) => {
          signal?.addEventListener('abort', () => controller.error(signal.reason));
        },
        pull: (controller) => {
          if (at < end) {
            const piece = bytes.slice(at, Math.min(end, at + this.pieceBytes));
            at += piece.length;
            seen.sent += piece.length;
            controller.enqueue(piece);
          } else if (fault?.type === 'cut') controller.error(new TypeError('network error'));
          else if (fault?.type === 'silence') return new Promise<void>(() => undefined);
          else controller.close();
          return undefined;
        },
      },
      { highWaterMark: 0 },
    );
  }
}

function rangeOf(header: string | null): { from: number; to: number | undefined } | null {
  const [, from, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  return from === undefined
    ? null
    : { from: Number(from), to: last ? Number(last) + 1 : undefined };
}

/** Parts in memory. `room`: how many there is room for. */
export class MemoryParts implements PartStore {
  readonly held = new Map<Part, Blob>();
  room = Infinity;

  list(url: string): Promise<readonly Part[]> {
    const parts = [...this.held.keys()].filter((part) => part.url === url);
    return Promise.resolve(parts.sort((a, b) => a.from - b.from));
  }

  listAll(): Promise<readonly Part[]> {
    return Promise.resolve([...this.held.keys()]);
  }

  async read(part: Part): Promise<ArrayBuffer | null> {
    const bytes = await this.held.get(part)?.arrayBuffer();
    if (bytes?.byteLength === part.to - part.from) return bytes;
    this.held.delete(part);
    return null;
  }

  put(part: Part, bytes: Blob): Promise<Blob | null> {
    if (this.held.size >= this.room) return Promise.resolve(null);
    this.held.set(part, bytes);
    return Promise.resolve(bytes);
  }

  open(part: Part): Promise<Blob | null> {
    return Promise.resolve(this.held.get(part) ?? null);
  }

  remove(parts: readonly Part[]): Promise<void> {
    for (const part of parts) this.held.delete(part);
    return Promise.resolve();
  }
}
