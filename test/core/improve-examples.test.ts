import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { improveExamples } from '../../src/core/improve-examples.ts';
import type { LlmReply } from '../../src/core/llm.ts';
import type { ExampleSettings } from '../../src/core/settings.ts';
import type { World } from '../../src/core/world.ts';
import {
  around,
  blanksOf,
  chance,
  drain,
  example,
  model,
  only,
  requests,
  searchOf,
  settingsWith,
  stopAt,
  type Mind,
} from './builders.ts';

type Improve = ExampleSettings['improve'];
const ours: Improve = { rounds: 3, which: 'all', accept: 'better', from: 'best' };
const theirs: Improve = { rounds: 3, which: 'all', accept: 'at-least', from: 'latest' };

const starting = { id: 'a', query: 'question', answer: 'v0 is the text' };
const numbered = (text: string) => Number(/^v(\d+)/.exec(text)?.[1]);

/** Improves one answer, "v0"; the rewrites are "v1", "v2"…, and each is rated as the list says. */
async function improve(scores: readonly number[], settings: Improve, mind: Partial<Mind> = {}) {
  let version = 0;
  const llm = model({
    rate: ({ answer }) => around(scores[numbered(answer)] ?? 1),
    improve: () => `v${++version} is the text`,
    ...mind,
  });
  const search = searchOf({ llm, settings: settingsWith({ examples: { improve: settings } }) });
  const { events, result } = await drain(improveExamples(search, [starting], new Set()));
  const [kept] = only(events, 'example-kept');
  return {
    events,
    llm,
    kept: kept?.round,
    answer: result[0]?.answer,
    rated: only(events, 'example-rated').map((e) => [e.round, e.reward]),
    from: requests(llm, 'improve').map((r) => numbered(blanksOf(r).answer)),
  };
}

describe('improving an example', () => {
  test('keeps the best of all rounds', async () => {
    const { kept, answer, rated } = await improve([2, 3, 4, 1], ours);
    expect(rated).toEqual([
      [0, 2],
      [1, 3],
      [2, 4],
      [3, 1],
    ]);
    expect(kept).toBe(2);
    expect(answer).toBe('v2 is the text');
  });

  test('keeps the starting answer where no rewrite is better', async () => {
    expect(await improve([3, 2, 3, 1], ours)).toMatchObject({ kept: 0, answer: starting.answer });
  });

  test('takes a better answer only beyond what the judge is unsure of, where that is wanted', async () => {
    const clearly: Improve = { ...ours, rounds: 1, accept: 'beyond-noise' };
    expect((await improve([3, 3.2], ours)).kept).toBe(1);
    expect((await improve([3, 3.2], clearly)).kept).toBe(0);
    expect((await improve([3, 3.5], clearly)).kept).toBe(1);
    expect((await improve([3, 3], clearly)).kept).toBe(0);
  });

  test('stops as soon as every rating is a 5', async () => {
    expect((await improve([2, 5, 5, 5], ours)).rated).toEqual([
      [0, 2],
      [1, 5],
    ]);
    expect((await improve([5], ours)).from).toEqual([]);
  });

  test('the authors rewrite even a perfect answer once', async () => {
    expect((await improve([5, 5], theirs)).rated).toEqual([
      [0, 5],
      [1, 5],
    ]);
  });

  test('of equals keeps the earlier, or in the authors’ way the later', async () => {
    const scores = [3, 3, 3, 3];
    expect((await improve(scores, ours)).kept).toBe(0);
    expect((await improve(scores, theirs)).kept).toBe(3);
  });

  test('rewrites the best so far, or in the authors’ way the latest', async () => {
    const scores = [3, 1, 2, 1];
    expect((await improve(scores, ours)).from).toEqual([0, 0, 0]);
    expect((await improve(scores, theirs)).from).toEqual([0, 1, 2]);
  });

  test('what is kept is never rated lower than what was there', async () => {
    const score = fc.double({ min: 1, max: 5, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(score, { minLength: 5, maxLength: 5 }),
        fc.constantFrom(ours, theirs),
        async (scores, settings) => {
          const { kept, rated } = await improve(scores, settings);
          const rewards = rated.map(([, reward]) => reward ?? 0);
          expect(rewards[kept ?? -1]).toBe(Math.max(...rewards));
        },
      ),
      { numRuns: 40 },
    );
  });

  const usage = { promptTokens: 0, reusedTokens: 0, outputTokens: 0, elapsedMs: 0 };
  const cut: LlmReply = { type: 'text', text: 'v1 and so', finish: 'length', cut: [], usage };
  test.each<[string, LlmReply | string, string]>([
    ['cut', cut, 'cut'],
    ['unreadable', '??', 'unreadable'],
    ['the same', starting.answer, 'same'],
  ])(
    'a reply that is %s is refused and never rated, whatever it would have got',
    async (_, reply, why) => {
      const { events, kept, rated, answer } = await improve(
        [2, 5],
        { ...ours, rounds: 1 },
        {
          improve: () => reply,
        },
      );
      expect(only(events, 'example-refused')).toEqual([
        { type: 'example-refused', example: 'a', round: 1, why, replies: [] },
      ]);
      expect({ kept, rated, answer }).toEqual({
        kept: 0,
        rated: [[0, 2]],
        answer: starting.answer,
      });
    },
  );

  test('a refused round does not end the rounds', async () => {
    let round = 0;
    const { kept, rated } = await improve([2, 4], ours, {
      improve: () => (++round === 1 ? cut : 'v1 is the text'),
    });
    expect(kept).toBe(2);
    expect(rated).toEqual([
      [0, 2],
      [2, 4],
    ]);
  });

  test('an answer whose ratings cannot be read is never kept over one whose ratings can', async () => {
    const settings = settingsWith({
      examples: { improve: { ...theirs, rounds: 1 } },
      judge: { rating: 'written' },
    });
    const llm = model({
      improve: () => 'v1 is the text',
      rate: ({ answer, criteria }) =>
        answer === starting.answer ? criteria.map((c) => `${c}: poor. Score: 1`).join('\n') : 'Hm.',
    });
    const { result } = await drain(
      improveExamples(searchOf({ llm, settings }), [starting], new Set()),
    );
    expect(result).toEqual([starting]);
  });
});

describe('improving all examples', () => {
  const examples = ['a', 'b', 'c', 'd', 'e'].map((id) => example(id));
  const search = (change: Partial<Improve>, concurrency = 1, steer = stopAt(-1)) => {
    const llm = model({ rate: ({ answer }) => around(1 + 4 * chance(answer)) }, { concurrency });
    return searchOf({
      llm,
      steer,
      settings: settingsWith({ examples: { improve: { ...ours, ...change } } }),
    });
  };

  test('those not in use are left as they are', async () => {
    const { events } = await drain(
      improveExamples(search({ which: 'in-use' }), examples, new Set(['b', 'd'])),
    );
    expect(only(events, 'example-kept').map((e) => e.example)).toEqual(['b', 'd']);
  });

  test('no rounds ask nothing', async () => {
    const nothing = search({ rounds: 0 });
    expect(await drain(improveExamples(nothing, examples, new Set()))).toEqual({
      events: [],
      result: examples,
    });
  });

  test('their criteria are not those of a training query of the same id', async () => {
    const { events } = await drain(improveExamples(search({}), examples.slice(0, 1), new Set()));
    expect(only(events, 'criteria').map((e) => e.query)).toEqual(['example:a']);
  });

  test('all come back in their order, ids and queries untouched', async () => {
    const { result } = await drain(improveExamples(search({}, 3), examples, new Set()));
    expect(result.map(({ id, query }) => ({ id, query }))).toEqual(
      examples.map(({ id, query }) => ({ id, query })),
    );
  });

  test('a stop before any example keeps what is done, however many are under way at once', async () => {
    for (let stop = 0; stop <= examples.length; stop++) {
      const [one, ...others] = await Promise.all(
        [1, 2, 4, 8].map((concurrency) =>
          drain(improveExamples(search({}, concurrency, stopAt(stop)), examples, new Set())),
        ),
      );
      expect(only(one?.events ?? [], 'example-kept')).toHaveLength(stop);
      for (const other of others) expect(other).toEqual(one);
    }
  });

  test('a context that became smaller is said before the examples that it is for', async () => {
    const contextSizes = { base: 512, evaluator: 512, optimizer: 512 };
    const steer: World['steer'] = (point) =>
      Promise.resolve(point === 2 ? { type: 'context', contextSizes } : { type: 'go' });
    const { events } = await drain(improveExamples(search({}, 1, steer), examples, new Set()));
    const told = events.filter((e) => e.type === 'steered' || e.type === 'example-kept');
    expect(told.map((e) => (e.type === 'steered' ? e.steer.type : e.example))).toEqual([
      'a',
      'b',
      'context',
      'c',
      'd',
      'e',
    ]);
  });
});
