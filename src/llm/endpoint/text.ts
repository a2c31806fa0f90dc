import * as v from 'valibot';
import {
  CallFailed,
  eventsOf,
  parseJson,
  readRefusal,
  request,
  scrubKept,
  type Server,
} from './http.ts';
import { cutAtStop, replySchema, settledText, type ProtocolReply } from './protocol.ts';

/** A text to be completed. All of `stop` end it, however many of them the server knows. */
export interface TextCall {
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly onText: ((text: string) => void) | undefined;
}

/** What a server said, cut at the first stop. `usage` as it counted. */
export interface Said {
  readonly text: string;
  readonly finish: 'stop' | 'length';
  readonly usage: ProtocolReply['usage'];
}

// Hosted services take no more.
const mostStops = 4;

/**
 * Has a text completed: as a stream where somebody listens, or where stops are left for this side to watch; else in one piece. Rejects
 * with CallFailed or the signal's AbortError.
 */
export async function completeText(server: Server, call: TextCall): Promise<Said> {
  const stop = call.stop.filter((text) => text !== '');
  const streams = call.onText !== undefined || stop.length > mostStops;
  const body = {
    ...call.body,
    ...(stop.length > 0 && { stop: stop.slice(0, mostStops) }),
    ...(streams && { stream: true, stream_options: { include_usage: true } }),
  };
  const { url, signal, maxTokens } = call;
  const hearing = new Hearing(server, { ...call, stop });
  return request(server, { url, body, signal, maxTokens, persist: 'always' }, async (response) => {
    // Some servers answer in one piece whatever they were asked.
    const pieces = response.headers.get('content-type')?.includes('event-stream') ?? false;
    return pieces ? hearing.stream(response) : hearing.whole(await response.text());
  });
}

const errorSchema = v.object({ error: v.unknown() });

class Hearing {
  readonly #server: Server;
  readonly #call: TextCall;

  constructor(server: Server, call: TextCall) {
    this.#server = server;
    this.#call = call;
  }

  whole(body: string): Said {
    const { choices, usage } = parseJson(body, replySchema, this.#server, this.#call.url);
    const [first] = choices;
    if (!first) throw this.#failed({ type: 'malformed', words: 'a reply without choices' });
    const text = first.message?.content ?? first.text ?? '';
    return this.#said(text, first.finish_reason ?? null, usage);
  }

  async stream(response: Response): Promise<Said> {
    let text = '';
    let finish: string | null = null;
    let usage: ProtocolReply['usage'] = null;
    for await (const data of eventsOf(response)) {
      if (data === '[DONE]') break;
      const chunk = this.#chunk(data);
      usage = chunk.usage ?? usage;
      const [first] = chunk.choices;
      text += first?.delta?.content ?? first?.text ?? '';
      finish = first?.finish_reason ?? finish;
      if (cutAtStop(text, this.#call.stop).stopped) return this.#said(text, 'stop', usage);
      if (first) this.#call.onText?.(this.#clean(settledText(text, this.#call.stop)));
    }
    if (finish === null) throw this.#failed({ type: 'network', words: 'the stream broke off' });
    return this.#said(text, finish, usage);
  }

  /** Servers that fail in the middle say so in the stream. */
  #chunk(data: string): ProtocolReply {
    const error = v.safeParse(v.pipe(v.string(), v.parseJson(), errorSchema), data);
    if (!error.success || error.output.error === null) {
      return parseJson(data, replySchema, this.#server, this.#call.url);
    }
    const { words, code } = readRefusal(data, this.#server.key);
    throw this.#failed({
      type: 'status',
      status: 500,
      code,
      words,
      retryAfterMs: null,
    });
  }

  #said(said: string, finish: string | null, usage: ProtocolReply['usage']): Said {
    const { text, stopped } = cutAtStop(said, this.#call.stop);
    const ended = stopped || finish === 'stop';
    return {
      // Half a character at the limit is no text.
      text: this.#clean(ended ? text : text.replace(/\ufffd+$/, '')),
      finish: ended ? 'stop' : 'length',
      usage,
    };
  }

  /** A server may quote anything, also in pieces. */
  #clean(text: string): string {
    return scrubKept(text, this.#server.key).toWellFormed();
  }

  #failed(reason: CallFailed['reason']): CallFailed {
    return new CallFailed(reason, this.#call.url);
  }
}
