import type { Content } from '../../../src/core/llm.ts';
import { contentText } from '../../../src/llm/endpoint/sizer.ts';
import { speller } from '../../../tools/gguf/speller.ts';
import { readLlama } from '../../../tools/serve-model/llama.ts';
import { contract, type RawLogProbabilities, type Traits } from '../contract.ts';
import { isTrained, served, weights } from './served.ts';

const llama = readLlama(weights);

/** The model's own, computed here: of all tokens that write a choice, with or without a space before it. */
const raw: RawLogProbabilities = (content: Content, choices) => {
  const markers = llama.tokenizer.hasChatMarkers && content.type === 'chat';
  const text = contentText(content);
  const prompt = markers ? `<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n` : text;
  const sequence = llama.start();
  let logits = new Float32Array();
  for (const token of llama.tokenizer.encode(prompt))
    logits = Float32Array.from(sequence.read(token));
  const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  const mass = (choice: string): number =>
    logits.reduce((sum, x, id) => {
      const token = Buffer.from(llama.tokenizer.bytes(id)).toString();
      return token.trim() === choice ? sum + Math.exp(x - total) : sum;
    }, 0);
  return Promise.resolve(choices.map((choice) => Math.log(mass(choice))));
};

const spoken = 'é😀€';

for (const api of ['chat', 'completions'] as const) {
  const traits: Traits = {
    raw: isTrained ? raw : { cannot: 'a random model lists its digits too late' },
    spanning: {
      open: () => served({ model: speller(spoken) }, { api, contextSize: 512 }),
      prompt: 'Go',
      text: spoken,
    },
  };
  contract(`endpoint, ${api}`, () => served({ mostLogprobs: 512 }, { api }), traits);
}
