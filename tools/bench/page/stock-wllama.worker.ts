import { Wllama } from '@wllama/wllama/esm/index.js';
import * as v from 'valibot';
import type { LlmRequest, Usage } from '../../../src/core/llm.ts';
import { readGguf } from '../../../src/llm/gguf.ts';
import { neverTextIds, tokenIds } from '../../../src/llm/vocabulary.ts';
import { promptOf } from '../../../src/llm/wllama/native.ts';
import { answerOnce } from './stock.ts';

const chunkSchema = v.object({
  prompt_progress: v.optional(v.object({ total: v.number(), cache: v.number() })),
  choices: v.array(
    v.object({
      text: v.optional(v.string()),
      delta: v.optional(v.object({ content: v.nullish(v.string()) })),
    }),
  ),
  timings: v.optional(
    v.object({ cache_n: v.number(), prompt_n: v.number(), predicted_n: v.number() }),
  ),
});

/** The package's calls with the fields that its types lack. */
interface Calls {
  createCompletion(body: unknown): Promise<unknown>;
  createChatCompletion(body: unknown): Promise<unknown>;
}

/** Tokens that end the engine's request with an exception, and those of the five ratings. */
interface Ids {
  readonly never: readonly number[];
  readonly digits: readonly number[];
}

answerOnce(async (call) => {
  if (call.type !== 'wllama') throw new Error(`This is not the worker for ${call.type}.`);
  const { vocabulary } = await readGguf(call.file);
  const ids: Ids = {
    never: neverTextIds(vocabulary),
    digits: ['1', '2', '3', '4', '5'].flatMap((digit) => tokenIds(vocabulary, digit)),
  };
  const wllama = new Wllama({ default: call.wasmUrl });
  // The context alone is given, so that the same requests fit; all else is as the package has it.
  await wllama.loadModel([call.file], { n_ctx: call.contextSize });
  const usages: Usage[] = [];
  const started = performance.now();
  for (const request of call.requests) usages.push(await ask(wllama, request, ids));
  const wallMs = performance.now() - started;
  await wllama.exit();
  return { wallMs, usages };
});

async function ask(calls: Calls, request: LlmRequest, ids: Ids): Promise<Usage> {
  const started = performance.now();
  const usage = { promptTokens: 0, reusedTokens: 0, outputTokens: 0, elapsedMs: 0 };
  const onData = (data: unknown): void => {
    const { prompt_progress, choices, timings } = v.parse(chunkSchema, data);
    if (choices[0]?.text ?? choices[0]?.delta?.content) usage.outputTokens += 1;
    if (prompt_progress) {
      usage.promptTokens = prompt_progress.total;
      usage.reusedTokens = prompt_progress.cache;
    }
    if (!timings) return;
    usage.promptTokens = timings.cache_n + timings.prompt_n;
    usage.reusedTokens = timings.cache_n;
    usage.outputTokens = timings.predicted_n;
  };
  const streamed = { stream: true, return_progress: true, onData };
  const body = { ...promptOf(request.content), ...wanted(request, ids), ...streamed };
  try {
    if (body.messages) await calls.createChatCompletion(body);
    else await calls.createCompletion(body);
  } catch (error) {
    // A reply that ends in half a character is lost, but its work was done. What fails before that has told nothing.
    if (usage.promptTokens === 0) throw error;
  }
  return { ...usage, elapsedMs: performance.now() - started };
}

function wanted({ output, sampling }: LlmRequest, { never, digits }: Ids): object {
  const { temperature, topP: top_p, seed } = sampling;
  switch (output.type) {
    case 'text':
      return {
        ...{ max_tokens: output.maxTokens, stop: output.stop, temperature, top_p, seed },
        // Half a character would end the engine's request with an exception.
        logit_bias: never.map((id) => [id, false]),
        grammar: 'root ::= .*',
      };
    case 'choice':
      return {
        ...{ max_tokens: 1, temperature: 1, seed, n_probs: digits.length },
        post_sampling_probs: true,
        logit_bias: digits.map((id) => [id, 200]),
      };
    case 'embedding':
      throw new Error('The script asks for no embeddings.');
  }
}
