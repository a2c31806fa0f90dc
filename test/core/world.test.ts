import { describe, expect, test } from 'vitest';
import type { LlmInfo, LlmRequest } from '../../src/core/llm.ts';
import { askChoice, askEmbedding, askText, stopAsked, type World } from '../../src/core/world.ts';
import { drain, model, searchOf, settingsWith, stopAt, worldOf } from './builders.ts';

const ask = { content: { type: 'text', parts: [{ text: '{}' }] }, stop: ['\n##'] } as const;

async function rewriteRequest(
  place: readonly (string | number)[],
  temperature: number,
  seed = 1,
  info: Partial<LlmInfo> = {},
): Promise<LlmRequest> {
  const llm = model({ rewrite: () => '' }, info);
  const settings = settingsWith({ seed, temperature: { optimizer: temperature } });
  const search = searchOf({ llm, settings });
  await askText(search, { role: 'optimizer', purpose: 'rewrite', ask, maxTokens: 300, place });
  const [request] = llm.asked;
  if (!request) throw new Error('nothing was asked');
  return request;
}

describe('a request', () => {
  test('says everything that decides its reply, and nothing else', async () => {
    expect(await rewriteRequest(['p0', 't0', 1], 0)).toEqual({
      role: 'optimizer',
      purpose: 'rewrite',
      model: { engine: 'scripted', id: 'script', revision: '1', contextSize: 4096 },
      content: ask.content,
      output: { type: 'text', maxTokens: 300, stop: ['\n##'] },
      sampling: { temperature: 0, topP: 1, seed: 1 },
    });
  });

  test('at temperature 0 is the same wherever it is asked, in whichever run', async () => {
    expect(await rewriteRequest(['p0'], 0, 1)).toEqual(await rewriteRequest(['p9'], 0, 2));
  });

  test('above temperature 0 has a seed of its own for each place and run', async () => {
    const seedOf = async (place: readonly (string | number)[], seed: number) =>
      (await rewriteRequest(place, 0.7, seed)).sampling.seed;
    const seeds = await Promise.all([
      seedOf(['p0', 't0', 0], 1),
      seedOf(['p0', 't0', 1], 1),
      seedOf(['p1', 't0', 0], 1),
      seedOf(['p0', 't0', 0], 2),
    ]);
    expect(new Set(seeds).size).toBe(4);
    expect(await seedOf(['p0', 't0', 0], 1)).toBe(seeds[0]);
  });

  test.each([
    [4096, 300],
    [600, 150],
    [10, 8],
  ])(
    'in a context of %i leaves room for the prompt: %i tokens of reply',
    async (size, expected) => {
      const { output } = await rewriteRequest([], 0, 1, { contextSize: size });
      expect(output).toMatchObject({ maxTokens: expected });
    },
  );
});

test('a reply of another type than was asked for is a bug, and said so', async () => {
  const usage = { promptTokens: 0, reusedTokens: 0, outputTokens: 0, elapsedMs: 0 };
  const text = { type: 'text', text: '5', finish: 'stop', cut: [], usage } as const;
  const vector = { type: 'embedding', vector: [], cut: [], usage } as const;
  const search = searchOf({
    llm: model({ rate: () => text, embed: () => text, rewrite: () => vector }),
  });
  await expect(askChoice(search, 'rate', ask, ['1', '2'])).rejects.toThrow('asked for a choice');
  await expect(askEmbedding(search, 'a')).rejects.toThrow('asked for an embedding');
  await expect(
    askText(search, { role: 'optimizer', purpose: 'rewrite', ask, maxTokens: 9, place: [] }),
  ).rejects.toThrow('asked for text');
});

test('whoever watches sees what is written, by whom and for what', async () => {
  const seen: unknown[] = [];
  const world: World = { ...worldOf(), onWriting: (writing) => seen.push(writing) };
  const search = { ...searchOf(), ...world };
  await askText(search, { role: 'base', purpose: 'answer', ask, maxTokens: 9, place: [] });
  expect(seen).toEqual([{ role: 'base', purpose: 'answer', text: 'An answer to  under ' }]);
});

test('an aborted signal reaches the model', async () => {
  const controller = new AbortController();
  controller.abort();
  const search = { ...searchOf(), signal: controller.signal };
  await expect(
    askText(search, { role: 'base', purpose: 'answer', ask, maxTokens: 9, place: [] }),
  ).rejects.toMatchObject({ name: 'AbortError' });
});

describe('steering points', () => {
  test('count up from 0, and after a stop every point stops without asking again', async () => {
    const asked: number[] = [];
    const steer: World['steer'] = (point) => {
      asked.push(point);
      return stopAt(2)(point);
    };
    const search = searchOf({ steer });
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await drain(stopAsked(search)));
    expect(asked).toEqual([0, 1, 2]);
    expect(answers.map((a) => a.result)).toEqual([false, false, true, true, true]);
    expect(answers.flatMap((a) => a.events)).toEqual([
      { type: 'steered', point: 2, steer: { type: 'stop' } },
    ]);
  });

  test('a smaller context is in every request from its point on', async () => {
    const contextSizes = { base: 512, evaluator: 256, optimizer: 128 };
    const llm = model();
    const search = searchOf({
      llm,
      steer: (point) =>
        Promise.resolve(point === 1 ? { type: 'context', contextSizes } : { type: 'go' }),
    });
    const answer = () =>
      askText(search, { role: 'base', purpose: 'answer', ask, maxTokens: 900, place: [] });
    await answer();
    const points = [];
    for (let i = 0; i < 2; i++) points.push(await drain(stopAsked(search)));
    await answer();
    expect(points.map((p) => p.result)).toEqual([false, false]);
    expect(points.flatMap((p) => p.events)).toEqual([
      { type: 'steered', point: 1, steer: { type: 'context', contextSizes } },
    ]);
    expect(llm.asked.map((r) => [r.model.contextSize, r.output])).toEqual([
      [4096, { type: 'text', maxTokens: 900, stop: ask.stop }],
      [512, { type: 'text', maxTokens: 128, stop: ask.stop }],
    ]);
  });
});
