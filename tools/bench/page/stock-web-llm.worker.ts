import { MLCEngine, prebuiltAppConfig } from '@mlc-ai/web-llm';
import { joinParts, type LlmRequest, type Usage } from '../../../src/core/llm.ts';
import { answerOnce } from './stock.ts';

answerOnce(async (call) => {
  if (call.type !== 'web-llm') throw new Error(`This is not the worker for ${call.type}.`);
  const engine = new MLCEngine({ appConfig: prebuiltAppConfig, logLevel: 'ERROR' });
  await engine.reload(call.id, { context_window_size: call.contextSize });
  const usages: Usage[] = [];
  const started = performance.now();
  for (const request of call.requests) usages.push(await ask(engine, request));
  const wallMs = performance.now() - started;
  await engine.unload();
  return { wallMs, usages };
});

/** As it is, the engine keeps nothing of a conversation that the next request does not begin with. */
async function ask(engine: MLCEngine, { content, output, sampling }: LlmRequest): Promise<Usage> {
  const started = performance.now();
  const text = output.type === 'text';
  const wanted = {
    stream: false as const,
    max_tokens: text ? output.maxTokens : 1,
    temperature: text ? sampling.temperature : 1,
    top_p: sampling.topP,
    seed: sampling.seed,
    ...(text ? { stop: [...output.stop] } : { logprobs: true, top_logprobs: 5 }),
  };
  await engine.resetChat();
  const { usage } =
    content.type === 'text'
      ? await engine.completions.create({ ...wanted, prompt: joinParts(content.parts) })
      : await engine.chat.completions.create({
          ...wanted,
          messages: content.messages.map(({ role, parts }) => ({
            role,
            content: joinParts(parts),
          })),
        });
  return {
    promptTokens: usage?.prompt_tokens ?? 0,
    reusedTokens: 0,
    outputTokens: usage?.completion_tokens ?? 0,
    elapsedMs: performance.now() - started,
  };
}
