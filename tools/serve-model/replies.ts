import type { Drawn, End, Logprob } from './generate.ts';

/** How the two calls of the protocol word their replies: whole, or in chunks with the usage in one of its own at the end. */
export class Format {
  readonly #chat: boolean;
  readonly #model: string;
  readonly #wantsLogprobs: boolean;

  constructor(api: 'chat' | 'text', model: string, wantsLogprobs: boolean) {
    this.#chat = api === 'chat';
    this.#model = model;
    this.#wantsLogprobs = wantsLogprobs;
  }

  whole(end: End, drawn: readonly Drawn[]): unknown {
    const said = this.#chat
      ? { message: { role: 'assistant', content: end.text } }
      : { text: end.text };
    const logprobs = this.#wantsLogprobs ? this.#logprobs(drawn) : null;
    const choice = { index: 0, ...said, logprobs, finish_reason: end.finish };
    return { ...this.#head(''), choices: [choice], usage: usageOf(end) };
  }

  chunk(piece: string, finish: string | null): unknown {
    const said = this.#chat ? { delta: { content: piece } } : { text: piece };
    return { ...this.#head('.chunk'), choices: [{ index: 0, ...said, finish_reason: finish }] };
  }

  usage(end: End): unknown {
    return { ...this.#head('.chunk'), choices: [], usage: usageOf(end) };
  }

  #head(suffix: string): Readonly<Record<string, unknown>> {
    const object = this.#chat ? `chat.completion${suffix}` : 'text_completion';
    return { id: 'cmpl-1', object, created: 0, model: this.#model };
  }

  #logprobs(drawn: readonly Drawn[]): unknown {
    const plain = ({ token, bytes, logprob }: Logprob): Logprob => ({ token, bytes, logprob });
    if (this.#chat) {
      const content = drawn.map((d) => ({ ...plain(d), top_logprobs: d.alternatives.map(plain) }));
      return { content };
    }
    // Tokens of one text are one entry here: this form is older than the other.
    const tops = drawn.map(({ alternatives }) =>
      Object.fromEntries(alternatives.map((a) => [a.token, a.logprob] as const).reverse()),
    );
    return {
      tokens: drawn.map((d) => d.token),
      token_logprobs: drawn.map((d) => d.logprob),
      top_logprobs: tops,
    };
  }
}

function usageOf({ promptTokens, outputTokens, reusedTokens }: End): unknown {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: outputTokens,
    total_tokens: promptTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: reusedTokens },
  };
}
