import { expect, test } from 'vitest';
import type { Content, LlmReply } from '../../../src/core/llm.ts';
import { openModel } from '../../../src/llm/open.ts';
import { randomModel } from '../../../tools/gguf/random-model.ts';
import { readLlama } from '../../../tools/serve-model/llama.ts';
import { aRequest, chat, text, words } from '../requests.ts';

// The small server computes for itself. llama.cpp, on the same file, is what it is measured by: its keys and values have 16 bits.
const pieces = ['he', 'the', '▁the', 'in', 'ing', 'qu', 'ow', 'own', '▁br', '▁brown'];
const weights = randomModel({ chatTemplate: true, pieces, layers: 3, heads: 8, kvHeads: 2 });
const llama = readLlama(weights);

const sentence = 'The quick brown fox, being in the den, is jumping over the 7 dogs. ';
const choices = ['1', '3', 'A', 'q', 'z'];

/** What the small server would be asked, as text. */
function written(content: Content): string {
  if (content.type === 'text') return content.parts.map((part) => part.text).join('');
  const turns = content.messages.map(
    ({ role, parts }) => `<|im_start|>${role}\n${parts.map((p) => p.text).join('')}<|im_end|>\n`,
  );
  return `${turns.join('')}<|im_start|>assistant\n`;
}

function logits(prompt: readonly number[]): readonly number[] {
  const sequence = llama.start();
  let last = new Float32Array();
  for (const token of prompt) last = Float32Array.from(sequence.read(token));
  return Array.from(last);
}

test.each([
  ['a text', text('Rate this: ')],
  ['a long text with bytes of its own', text(sentence.repeat(5), 'é – 😀 ', sentence)],
  ['a chat', chat(sentence, 'No.', `${sentence}How many? `)],
] as const)(
  '%s has the tokens and the probabilities that llama.cpp gives it',
  async (_name, content) => {
    const file = new Blob([weights]);
    const model = await openModel({ type: 'gguf-file', file, name: 'r.gguf', sha256: 'x' });
    const output = { type: 'choice', choices } as const;
    const reply: LlmReply = await model.llm.ask(aRequest({ content, output }));
    const greedy = { temperature: 0, topP: 1 };
    const one = await model.llm.ask(aRequest({ content, output: words(1), sampling: greedy }));
    model.close();
    const prompt = llama.tokenizer.encode(written(content));
    expect(prompt.length).toBe(reply.usage.promptTokens);
    const ours = logits(prompt);
    const masses = choices.map((choice) =>
      ours.reduce((sum, x, id) => (said(id) === choice ? sum + Math.exp(x) : sum), 0),
    );
    const total = masses.reduce((a, b) => a + b, 0);
    const theirs = reply.type === 'choice' ? reply.probabilities : [];
    theirs.forEach((p, i) => {
      expect(Math.abs(Math.log(p) - Math.log((masses[i] ?? 0) / total))).toBeLessThan(0.01);
    });
    const best = ours.indexOf(Math.max(...ours));
    if (one.type === 'text' && one.text !== '') expect(said(best)).toBe(one.text);
  },
);

function said(id: number): string {
  return new TextDecoder().decode(llama.tokenizer.bytes(id));
}
