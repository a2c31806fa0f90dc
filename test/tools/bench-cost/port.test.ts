import { describe, expect, test } from 'vitest';
import type { LlmReply, Output, Purpose } from '../../../src/core/llm.ts';
import type { LoadedModel } from '../../../tools/bench-cost/model.ts';
import { decodeSteps, llamaPort, prefilled, type Writer } from '../../../tools/bench-cost/port.ts';
import { randomModel } from '../../../tools/gguf/random-model.ts';
import { speller } from '../../../tools/gguf/speller.ts';
import { readLlama, type Llama } from '../../../tools/serve-model/llama.ts';
import { aModel, aRequest, chat, digits, text, words } from '../../llm/requests.ts';

/** A model that counts the tokens it reads. */
function counted(): { readonly model: LoadedModel; readonly reads: () => number } {
  const real = readLlama(randomModel({ layers: 1, dim: 8, hidden: 8, heads: 1, kvHeads: 1 }));
  let reads = 0;
  const llama: Llama = {
    ...real,
    start: () => {
      const sequence = real.start();
      const read = sequence.read.bind(sequence);
      return Object.assign(sequence, {
        read: (token: number) => {
          reads++;
          return read(token);
        },
      });
    },
  };
  return { model: { llama, info: { ...aModel, contextSize: 512 } }, reads: () => reads };
}

const own: Writer = () => null;
const says =
  (said: string): Writer =>
  () => ({ type: 'text', text: said });

async function ask(
  { model }: ReturnType<typeof counted>,
  writer: Writer,
  output: Output,
  purpose: Purpose = 'explain',
): Promise<LlmReply> {
  const request = aRequest({ content: text('Once upon a time'), output });
  return llamaPort(model, writer).ask({ ...request, purpose, model: model.info });
}

describe('a set reply', () => {
  // The test model has a token for each character.
  test.each([
    { said: 'a cat', maxTokens: 9, reply: 'a cat', finish: 'stop', steps: 5 },
    { said: 'a cat', maxTokens: 5, reply: 'a cat', finish: 'length', steps: 4 },
    { said: 'a cat', maxTokens: 3, reply: 'a c', finish: 'length', steps: 2 },
    { said: '', maxTokens: 3, reply: '', finish: 'stop', steps: 0 },
  ])('“$said” of at most $maxTokens tokens takes $steps steps', async ({ said, ...wanted }) => {
    const { maxTokens, steps, finish } = wanted;
    const counter = counted();
    const reply = await ask(counter, says(said), words(maxTokens));
    expect(reply).toMatchObject({ type: 'text', text: wanted.reply, finish });
    expect(decodeSteps(reply.usage)).toBe(steps);
    expect(counter.reads()).toBe(prefilled(reply.usage) + steps);
  });

  test('of probabilities is given as it is, for no step at all', async () => {
    const counter = counted();
    const probabilities = [0.1, 0.2, 0.4, 0.2, 0.1];
    const reply = await ask(counter, () => ({ type: 'choice', probabilities }), digits);
    expect(reply).toMatchObject({ type: 'choice', probabilities });
    expect(decodeSteps(reply.usage)).toBe(0);
    expect(counter.reads()).toBe(reply.usage.promptTokens);
  });
});

describe("the model's own reply", () => {
  test('takes the steps that the model makes', async () => {
    const counter = counted();
    const reply = await ask(counter, own, words(20));
    expect(decodeSteps(reply.usage)).toBeGreaterThan(0);
    expect(counter.reads()).toBe(prefilled(reply.usage) + decodeSteps(reply.usage));
    expect(await ask(counted(), own, words(20))).toEqual(reply);
  });

  test('goes on to its limit where it is an answer, past its end and stops', async () => {
    // Says "cat" after an o, and ends.
    const llama = readLlama(speller('cat'));
    const model = { llama, info: { ...aModel, contextSize: 512 } };
    const request = aRequest({ content: text('Go'), sampling: { temperature: 0 } });
    const ask = (purpose: Purpose, ...stop: readonly string[]) => {
      const output = words(9, ...stop);
      return llamaPort(model, own).ask({ ...request, purpose, output, model: model.info });
    };
    expect(await ask('explain')).toMatchObject({ text: 'cat', usage: { outputTokens: 4 } });
    expect(await ask('explain', 't')).toMatchObject({ text: 'ca', usage: { outputTokens: 3 } });
    expect(await ask('answer', 't')).toMatchObject({
      finish: 'length',
      usage: { outputTokens: 9 },
    });
  });

  test('to a choice is the distribution over the choices', async () => {
    const reply = await ask(counted(), own, digits);
    const probabilities = reply.type === 'choice' ? reply.probabilities : [];
    expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
    expect(new Set(probabilities).size).toBe(5);
  });
});

test('a request is read from where it differs from the one before', async () => {
  const { model } = counted();
  const llm = llamaPort(model, says('yes'));
  const asked = (said: string) => {
    const request = aRequest({ content: text(said), output: words(9) });
    return llm.ask({ ...request, model: model.info });
  };
  // Asked at once, answered in order.
  const [first, second] = await Promise.all([asked('one two'), asked('one four')]);
  expect(prefilled(first.usage)).toBe(1 + 7);
  expect(second.usage).toMatchObject({ promptTokens: 1 + 8, reusedTokens: 1 + 4 });
});

test('a prompt that leaves no room is cut, and the reply says so', async () => {
  const { model } = counted();
  const drop = { order: 1, how: 'middle', what: 'the query' } as const;
  const content = text('Q: ', { text: 'why '.repeat(300), drop });
  const request = aRequest({ content, output: words(12) });
  const reply = await llamaPort(model, says('yes')).ask({ ...request, model: model.info });
  expect(reply.cut).toMatchObject([{ what: 'the query', ofChars: 1200 }]);
  expect(reply.usage.promptTokens + 12).toBe(512);
});

test('a choice of more than a token is refused in words', async () => {
  const wrong: Output = { type: 'choice', choices: ['yes', 'no'] };
  await expect(ask(counted(), own, wrong)).rejects.toThrow('“yes” is not one token');
});

test('a chat is written with markers where the vocabulary has them', async () => {
  const { model } = counted();
  const request = aRequest({ content: chat('one'), output: words(9) });
  const reply = await llamaPort(model, says('yes')).ask({ ...request, model: model.info });
  // Begin, <|im_start|>, "user\none", <|im_end|>, a line's end; and the beginning of the assistant's turn.
  expect(reply.usage.promptTokens).toBe(1 + 1 + 8 + 1 + 1 + (1 + 10));
});
