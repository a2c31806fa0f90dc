import type { Speed } from '../core/estimate.ts';
import type { Content, Llm, LlmReply, LlmRequest } from '../core/llm.ts';

const sentence = 'A person asks a question and the model answers it as well as it can. ';

/**
 * How fast a model is, from two requests: a prompt it has not seen, for one token, and the same prompt, which it then
 * remembers, for 24. An estimate: on a warm page it is good to a fifth or so.
 */
export async function measureSpeed(llm: Llm, signal?: AbortSignal): Promise<Speed> {
  const ask = (content: Content, maxTokens: number): Promise<LlmReply> =>
    llm.ask(request(llm, content, maxTokens), signal ? { signal } : {});
  const content = fresh(llm);
  const first = await ask(content, 1);
  const second = await ask(content, 24);
  return {
    prefillPerSecond: perSecond(first.usage.promptTokens - first.usage.reusedTokens, first),
    decodePerSecond: perSecond(second.usage.outputTokens, second),
  };
}

function perSecond(tokens: number, { usage }: LlmReply): number {
  return Math.max(1, tokens) / (Math.max(1, usage.elapsedMs) / 1000);
}

/** A prompt that no cache knows, as its beginning is new. It gives way in a small context. */
function fresh(llm: Llm): Content {
  const parts = [
    { text: `${crypto.randomUUID()} ` },
    { text: sentence.repeat(12), drop: { order: 1, how: 'middle', what: 'filler' } as const },
  ];
  return llm.info.form === 'text'
    ? { type: 'text', parts }
    : { type: 'chat', messages: [{ role: 'user', parts }] };
}

function request({ info }: Llm, content: Content, maxTokens: number): LlmRequest {
  const { engine, id, revision, contextSize } = info;
  return {
    role: 'base',
    purpose: 'answer',
    model: { engine, id, revision, contextSize },
    content,
    output: { type: 'text', maxTokens, stop: [] },
    sampling: { temperature: 1, topP: 1, seed: 1_234_567 },
  };
}
