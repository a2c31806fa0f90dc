import { CallFailed, requestJson, type Server } from './http.ts';
import type { ServerKind } from './look.ts';
import { listedTokens, replySchema } from './protocol.ts';

/**
 * What of the protocol a server understands for a model: how the length of a reply is limited, whether seeds are taken, of how many
 * tokens probabilities are listed (0: of none), and what is added for its kind.
 */
export interface Dialect {
  readonly limit: 'max_tokens' | 'max_completion_tokens';
  readonly seed: boolean;
  readonly listed: number;
  readonly extras: Readonly<Record<string, unknown>>;
}

type Api = 'chat' | 'completions';

/** Where requests of a kind go. */
export function callUrl({ base }: Server, api: Api): string {
  return api === 'chat' ? `${base}/chat/completions` : `${base}/completions`;
}

/** How a request asks for the probabilities of the next token. */
export function logprobsField({ listed }: Dialect, api: Api): Readonly<Record<string, unknown>> {
  if (listed === 0) return {};
  return api === 'chat' ? { logprobs: true, top_logprobs: listed } : { logprobs: listed };
}

/**
 * Learns a server's dialect by asking for one token, with everything at first, then without what it refuses: a handful of requests at
 * most. Rejects with CallFailed where it refuses even the plainest, or with the signal's AbortError.
 */
export async function learnDialect(
  server: Server,
  { model, api }: { readonly model: string; readonly api: Api },
  kind: ServerKind | null,
): Promise<Dialect> {
  let dialect: Dialect = {
    limit: 'max_tokens',
    seed: true,
    listed: listedSteps[0],
    extras: extrasFor(kind, api),
  };
  for (;;) {
    try {
      const call = { url: callUrl(server, api), body: trial(model, api, dialect), persist: 'busy' };
      const reply = await requestJson(server, { ...call, persist: 'busy' }, replySchema);
      return listedTokens(reply).length > 0 ? dialect : { ...dialect, listed: 0 };
    } catch (error) {
      const plainer = error instanceof CallFailed ? plainerThan(dialect, error) : null;
      if (!plainer) throw error;
      dialect = plainer;
    }
  }
}

function trial(model: string, api: Api, dialect: Dialect): object {
  const prompt = 'Answer with one digit. One and one is';
  return {
    model,
    ...(api === 'chat' ? { messages: [{ role: 'user', content: prompt }] } : { prompt }),
    [dialect.limit]: 1,
    temperature: 1,
    top_p: 1,
    ...(dialect.seed && { seed: 1 }),
    ...logprobsField(dialect, api),
    ...dialect.extras,
  };
}

// llama.cpp lists any number, vLLM and hosted services 20 at most, completions of old 5.
const listedSteps = [200, 20, 5, 0] as const;

/** What to leave out next; null where nothing is left or the refusal has another reason. */
function plainerThan(dialect: Dialect, { reason }: CallFailed): Dialect | null {
  if (reason.type !== 'status' || ![400, 422, 500, 501].includes(reason.status)) return null;
  const { words } = reason;
  if (dialect.limit === 'max_tokens' && words.includes('max_completion_tokens')) {
    return { ...dialect, limit: 'max_completion_tokens' };
  }
  if (dialect.seed && /\bseed\b/.test(words)) return { ...dialect, seed: false };
  const bare = Object.keys(dialect.extras).length === 0;
  const names = Object.keys(dialect.extras);
  if (!bare && names.some((name) => words.includes(name))) return { ...dialect, extras: {} };
  const fewer = listedSteps.find((n) => n < dialect.listed);
  if (fewer !== undefined) return { ...dialect, listed: fewer };
  return bare ? null : { ...dialect, listed: listedSteps[0], extras: {} };
}

/**
 * Switches off what servers do to the draw by default beside temperature and top-p, and the thinking of models that can do without: a judge's
 * digit would drown in it. Hosted services refuse fields that they don't know, and get none.
 */
function extrasFor(kind: ServerKind | null, api: Api): Readonly<Record<string, unknown>> {
  const plain = { chat_template_kwargs: { enable_thinking: false } };
  switch (kind) {
    case 'llama.cpp':
      return { top_k: 0, min_p: 0, ...(api === 'chat' && plain) };
    case 'vLLM':
    case 'SGLang':
      return { top_k: -1, min_p: 0, ...(api === 'chat' && plain) };
    case 'Ollama':
      return api === 'chat' ? { reasoning_effort: 'none' } : {};
    case 'LM Studio':
    case null:
      return {};
  }
}
