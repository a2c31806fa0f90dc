import * as v from 'valibot';
import { joinParts, type Content } from '../../core/llm.ts';
import { CallFailed, requestJson, type Server } from './http.ts';
import type { ServerKind } from './look.ts';
import { messagesOf } from './protocol.ts';
import type { Sizer } from '../fit.ts';

/** Tokens of a text as they are counted; null where the server does not count. */
export type CountTokens = (text: string) => Promise<number>;

/** How sizes are learnt from a server, and how its tokenizer is asked about a text, if it has one to ask. */
export interface EndpointSizer extends Sizer {
  readonly countText: CountTokens | null;
}

// A BOS token and the space that some tokenizers put before a text; what templates add to a turn, and to a chat of their own accord.
const textMargin = 8;
const turnMargin = 24;
const chatMargin = 128;

// Nearer than an upper bound, and rarely too small for text in any of the larger languages.
const bytesPerToken = 3;

const tokensSchema = v.object({ tokens: v.array(v.unknown()) });
const promptSchema = v.object({ prompt: v.string() });

/**
 * Finds out once how a server counts: with its `/tokenize` (llama.cpp, vLLM, SGLang; chats written out by its template where it can), else
 * by an estimate from the number of bytes. Which it is depends on the server alone, so equal requests are cut alike.
 */
export async function endpointSizer(
  server: Server,
  model: string,
  kind: ServerKind | null,
): Promise<EndpointSizer> {
  const counter = new Counter(server, model);
  const countText = (await answers(kind, () => counter.text('Hello there'), 2))
    ? (text: string) => counter.text(text)
    : null;
  if (!countText)
    return { atMost, count: (content) => Promise.resolve(estimate(content)), countText };
  const hello = {
    type: 'chat',
    messages: [{ role: 'user', parts: [{ text: 'Hello there' }] }],
  } as const;
  const ways = [
    (content: Content) => counter.chat(content),
    (content: Content) => counter.writtenChat(content),
  ];
  for (const countChat of ways) {
    if (!(await answers(kind, () => countChat(hello), 3))) continue;
    const count = (content: Content): Promise<number> =>
      content.type === 'chat' ? countChat(content) : countText(contentText(content));
    return { atMost, count, countText };
  }
  const count = async (content: Content): Promise<number> =>
    (await countText(contentText(content))) + marginOf(content);
  return { atMost, count, countText };
}

class Counter {
  readonly #server: Server;
  readonly #model: string;

  constructor(server: Server, model: string) {
    this.#server = server;
    this.#model = model;
  }

  /** llama.cpp reads `content` and `add_special`, the others `prompt` and `add_special_tokens`. */
  text(text: string): Promise<number> {
    return this.#count({
      prompt: text,
      content: text,
      add_special: true,
      add_special_tokens: true,
      parse_special: true,
    });
  }

  chat(content: Content): Promise<number> {
    return this.#count({ messages: messagesOf(content), add_generation_prompt: true });
  }

  /** llama.cpp writes a chat out by one call and counts it by another. */
  async writtenChat(content: Content): Promise<number> {
    const body = { messages: messagesOf(content) };
    const call = { url: `${this.#server.root}/apply-template`, body, persist: 'always' } as const;
    return this.text((await requestJson(this.#server, call, promptSchema)).prompt);
  }

  async #count(body: object): Promise<number> {
    const call = {
      url: `${this.#server.root}/tokenize`,
      body: { model: this.#model, ...body },
      persist: 'always',
    } as const;
    return (await requestJson(this.#server, call, tokensSchema)).tokens.length;
  }
}

/** Whether a way of counting works here, and counts what it was given. */
async function answers(
  kind: ServerKind | null,
  count: () => Promise<number>,
  atLeast: number,
): Promise<boolean> {
  if (kind === 'Ollama' || kind === 'LM Studio') return false;
  try {
    return (await count()) >= atLeast;
  } catch (error) {
    // Also silence: a call that a server lacks is often answered without the headers that a page needs.
    if (error instanceof CallFailed) return false;
    throw error;
  }
}

function marginOf(content: Content): number {
  return content.type === 'text' ? textMargin : chatMargin + turnMargin * content.messages.length;
}

/** A content as plain text: a chat's turns on lines of their own. */
export function contentText(content: Content): string {
  return content.type === 'text'
    ? joinParts(content.parts)
    : content.messages.map((message) => joinParts(message.parts)).join('\n');
}

function atMost(content: Content): number {
  return new TextEncoder().encode(contentText(content)).length + marginOf(content);
}

function estimate(content: Content): number {
  return Math.ceil((atMost(content) - marginOf(content)) / bytesPerToken) + marginOf(content);
}

/** About how many tokens a text has, where nobody counts. */
export function roughTokens(text: string): number {
  return Math.ceil(new TextEncoder().encode(text).length / 4);
}
