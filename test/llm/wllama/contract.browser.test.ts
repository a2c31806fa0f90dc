import { Wllama } from '@wllama/wllama/esm/index.js';
import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import * as v from 'valibot';
import { afterAll } from 'vitest';
import type { Llm } from '../../../src/core/llm.ts';
import { openModel } from '../../../src/llm/open.ts';
import { promptOf } from '../../../src/llm/wllama/native.ts';
import { randomModel } from '../../../tools/gguf/random-model.ts';
import { speller } from '../../../tools/gguf/speller.ts';
import { contract, type RawLogProbabilities, type Traits } from '../contract.ts';

const contextSize = 512;

function opener(file: Blob): () => Promise<{ llm: Llm; close(): void }> {
  return () =>
    openModel({ type: 'gguf-file', file, name: 'a.gguf', sha256: 'of a' }, { contextSize });
}

const reply = v.object({
  choices: v.tuple([
    v.object({
      logprobs: v.object({
        content: v.tuple([
          v.object({ top_logprobs: v.array(v.object({ token: v.string(), logprob: v.number() })) }),
        ]),
      }),
    }),
  ]),
});

const quiet = (): void => undefined;
const silent = { debug: quiet, log: quiet, warn: quiet, error: quiet };

const loaded: Wllama[] = [];
afterAll(() => Promise.all(loaded.map((wllama) => wllama.exit())));

/**
 * The model's own, from the package itself on this page: its list of the most probable tokens, which no bias and none of our
 * code has touched. The list must be wide enough to hold every choice.
 */
function rawOf(file: Blob, wide: number): RawLogProbabilities {
  let loading: Promise<Wllama> | null = null;
  const load = async (): Promise<Wllama> => {
    const wllama = new Wllama(
      { default: new URL(wasmUrl, location.href).href },
      { suppressNativeLog: true, logger: silent },
    );
    loaded.push(wllama);
    await wllama.loadModel([file], { n_ctx: contextSize, n_parallel: 1, n_gpu_layers: 0 });
    return wllama;
  };
  return async (content, choices) => {
    loading ??= load();
    const wllama: { createCompletion(body: unknown): Promise<unknown> } & {
      createChatCompletion(body: unknown): Promise<unknown>;
    } = await loading;
    const body = { ...promptOf(content), max_tokens: 1, temperature: 0, n_probs: wide };
    const told = body.messages
      ? await wllama.createChatCompletion(body)
      : await wllama.createCompletion(body);
    const [choice] = v.parse(reply, told).choices;
    const top = choice.logprobs.content[0].top_logprobs;
    return choices.map((text) =>
      Math.log(
        top
          .filter(({ token }) => token === text)
          .reduce((sum, { logprob }) => sum + Math.exp(logprob), 0),
      ),
    );
  };
}

const spoken = 'é😀€';
const spanning: Traits['spanning'] = {
  open: opener(new Blob([speller(spoken)])),
  prompt: 'Go',
  text: spoken,
};

const plain = new Blob([randomModel({ wholeText: true })]);
contract('wllama, a base model', opener(plain), { raw: rawOf(plain, 358), spanning });

const chatty = new Blob([randomModel({ chatTemplate: true })]);
contract('wllama, a chat model that writes bytes', opener(chatty), {
  raw: { cannot: 'a wide list of its tokens has bytes in it that are no text' },
  spanning: { cannot: 'shown with the base model' },
});

// A model that was really trained, if one lies in a folder beside this repository's.
const [stories] = Object.values(
  import.meta.glob<string>('../../../../*/models/stories260K.gguf', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
);
if (stories !== undefined) {
  const trained = await (await fetch(stories)).blob();
  contract('wllama, a trained model', opener(trained), {
    raw: rawOf(trained, 220),
    spanning: { cannot: 'its characters are tokens' },
  });
}
