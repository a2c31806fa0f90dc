import { describe, expect, test } from 'vitest';
import { attemptAll, meanReward, rewardOf, type Trial } from '../../src/core/attempts.ts';
import type { Llm } from '../../src/core/llm.ts';
import { parsePrompt } from '../../src/core/prompt.ts';
import { retriever } from '../../src/core/retrieval.ts';
import {
  around,
  attempt,
  blanksOf,
  drain,
  example,
  model,
  only,
  queries,
  query,
  searchOf,
  settingsWith,
} from './builders.ts';

const noExamples = () => Promise.resolve([]);
const trial = (id: string): Trial => ({
  id,
  prompt: parsePrompt(`Prompt ${id}`),
  retrieve: noExamples,
});

describe('trying prompts on queries', () => {
  test('answers a prompt’s whole block before it is judged, one prompt after the other', async () => {
    const llm = model();
    const search = searchOf({ llm });
    await drain(attemptAll(search, [trial('p0'), trial('p1')], queries('t', 2), 'train'));
    expect(llm.asked.map((r) => r.purpose)).toEqual([
      ...['choose-criteria', 'choose-criteria'],
      ...['answer', 'answer', 'rate', 'rate', 'rate', 'rate'],
      ...['answer', 'answer', 'rate', 'rate', 'rate', 'rate'],
    ]);
  });

  test('has one request waiting wherever its order is known, and never two', async () => {
    const under: number[] = [];
    const llm = model();
    let now = 0;
    let before: Promise<unknown> = Promise.resolve();
    // Takes one request after another, each a turn of the event loop long.
    const oneByOne: Llm = {
      info: llm.info,
      ask(request, options) {
        under.push(++now);
        const reply = before.then(async () => {
          await new Promise((resolve) => setImmediate(resolve));
          now--;
          return llm.ask(request, options);
        });
        before = reply;
        return reply;
      },
    };
    const search = searchOf({ llm: oneByOne });
    await drain(attemptAll(search, [trial('p0')], queries('t', 4), 'train'));
    expect(under.filter((count) => count === 2).length).toBeGreaterThanOrEqual(4 + 4 + 8 - 3);
    expect(Math.max(...under)).toBe(2);
  });

  test('says attempt by attempt what came of it, and returns the same under the prompts’ ids', async () => {
    const search = searchOf({
      llm: model({ rate: ({ criterion }) => around(criterion === 'Clarity' ? 2 : 4) }),
    });
    const { events, result } = await drain(
      attemptAll(search, [trial('p0'), trial('p1')], queries('t', 2), 'train'),
    );
    const said = only(events, 'attempt').map((e) => e.attempt);
    expect(said.map((a) => [a.candidate, a.query])).toEqual([
      ['p0', 't0'],
      ['p0', 't1'],
      ['p1', 't0'],
      ['p1', 't1'],
    ]);
    expect(said[0]).toEqual({
      candidate: 'p0',
      query: 't0',
      split: 'train',
      examples: [],
      answer: 'An answer to question t0 under Prompt p0',
      answerCut: false,
      ratings: [
        { criterion: 'Helpfulness', score: 4, probabilities: around(4) },
        { criterion: 'Clarity', score: 2, probabilities: around(2) },
      ],
      reward: 3,
      cuts: [],
      replies: [],
    });
    expect([...result]).toEqual([
      ['p0', said.slice(0, 2)],
      ['p1', said.slice(2)],
    ]);
  });

  test('the examples shown are kept with the attempt', async () => {
    const search = searchOf({ settings: settingsWith({ examples: { count: 2 } }) });
    const retrieve = retriever(search, [
      example('a', 'bread'),
      example('b', 'moon'),
      example('c', 'dog'),
    ]);
    const moon = { ...query('t0'), text: 'the moon' };
    const { events } = await drain(
      attemptAll(search, [{ ...trial('p0'), retrieve }], [moon], 'test'),
    );
    expect(only(events, 'attempt')[0]?.attempt).toMatchObject({
      examples: ['b', 'a'],
      split: 'test',
    });
  });

  test('an answer that ran into its limit says so and is rated as it is; cuts and keys are kept', async () => {
    const usage = { promptTokens: 0, reusedTokens: 0, outputTokens: 0, elapsedMs: 0 };
    const cut = { what: 'the query', removedChars: 5, ofChars: 9 };
    const llm = model({
      answer: () => ({
        type: 'text',
        text: ' half an ans',
        finish: 'length',
        cut: [cut],
        usage,
        key: 'k1',
      }),
      'choose-criteria': () => 'Clarity, Depth',
      rate: ({ criterion }) => ({
        type: 'choice',
        probabilities: around(5),
        cut: [],
        usage,
        key: `rate ${criterion}`,
      }),
    });
    const { events } = await drain(
      attemptAll(searchOf({ llm }), [trial('p0')], queries('t', 1), 'train'),
    );
    expect(only(events, 'attempt')[0]?.attempt).toMatchObject({
      answer: 'half an ans',
      answerCut: true,
      reward: 5,
      cuts: [cut],
      replies: ['k1', 'rate Clarity', 'rate Depth'],
    });
  });

  test('no queries, no attempts', async () => {
    const { events, result } = await drain(attemptAll(searchOf(), [trial('p0')], [], 'train'));
    expect(events).toEqual([]);
    expect(result.size).toBe(0);
  });

  test('without a prompt the model is given none', async () => {
    const llm = model();
    await drain(
      attemptAll(searchOf({ llm }), [{ ...trial('p0'), prompt: null }], queries('t', 1), 'train'),
    );
    expect(llm.asked.filter((r) => r.purpose === 'answer').map((r) => blanksOf(r).prompt)).toEqual([
      '',
    ]);
  });
});

describe('the mean reward of attempts', () => {
  const attempts = [attempt('p0', 't0', [4]), attempt('p0', 't1', null), attempt('p0', 't2', [2])];

  test('leaves unreadable ones out', () => {
    const search = searchOf({ settings: settingsWith({ judge: { unreadable: 'leave-out' } }) });
    expect(meanReward(search, attempts)).toBe(3);
    expect(rewardOf(search, attempt('p0', 't0', null))).toBeNull();
  });

  test('counts them 0 where the authors’ way is wanted', () => {
    const search = searchOf({ settings: settingsWith({ judge: { unreadable: 'zero' } }) });
    expect(meanReward(search, attempts)).toBe(2);
    expect(rewardOf(search, attempt('p0', 't0', null))).toBe(0);
  });

  test('is none where nothing could be read', () => {
    const search = searchOf();
    expect(meanReward(search, [attempt('p0', 't0', null)])).toBeNull();
    expect(meanReward(search, [])).toBeNull();
  });
});
