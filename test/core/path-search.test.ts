import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathSearch } from '../../src/core/path-search.ts';
import { parsePrompt } from '../../src/core/prompt.ts';
import { presets, type SearchSettings } from '../../src/core/settings.ts';
import {
  around,
  dicyRate,
  drain,
  model,
  only,
  queries,
  requests,
  searchOf,
  settingsWith,
  stopAt,
  type Mind,
  type WorldChange,
} from './builders.ts';

const noExamples = () => Promise.resolve([]);

interface Change extends WorldChange {
  readonly mind?: Partial<Mind>;
  readonly search?: Partial<SearchSettings>;
  readonly train?: number;
}

/** The authors' search with ratings as probabilities, so that any reward can be scripted. */
async function walk({ mind = {}, search: change = {}, train = 16, ...world }: Change = {}) {
  const settings = settingsWith(
    {
      search: { width: 2, proposals: 2, depth: 4, extraDepth: 3, ...change },
      judge: { rating: 'probabilities', unreadable: 'zero' },
    },
    presets.paper,
  );
  const llm = model(mind);
  const search = searchOf({ llm, settings, ...world });
  const { events, result } = await drain(
    pathSearch(search, parsePrompt('You answer.'), queries('t', train), noExamples),
  );
  return { events, result, llm, points: search.points.passed };
}

/** Prompts grow by one rule a level; the reward depends on how many rules there are. */
function byLength(rewards: readonly number[]): Partial<Mind> {
  return {
    rate: ({ answer }) => around(rewards[answer.match(/rule/g)?.length ?? 0] ?? 1),
  };
}

describe('what a path is worth', () => {
  const rewards = byLength([1, 4, 2, 3]);

  test('a beam of several takes the mean along it, without the start’s own', async () => {
    const { events } = await walk({ mind: rewards, search: { width: 2, proposals: 1 } });
    expect(only(events, 'beam').map((b) => b.kept[0]?.aggregate)).toEqual([4, 3, 3]);
  });

  test('a beam of one takes its last reward', async () => {
    const { events } = await walk({ mind: rewards, search: { width: 1, proposals: 1 } });
    expect(only(events, 'beam').map((b) => b.kept[0]?.aggregate)).toEqual([4, 2, 3]);
  });

  test('greedy and greedy Monte Carlo are beams of one', async () => {
    for (const strategy of ['greedy', 'greedy-monte-carlo'] as const) {
      const { events } = await walk({
        mind: rewards,
        search: { strategy, width: 3, proposals: 1 },
      });
      expect(only(events, 'beam').map((b) => b.kept.map((k) => k.aggregate))).toEqual([
        [4],
        [2],
        [3],
      ]);
    }
  });
});

describe('a level', () => {
  test('keeps nothing worse than what it dropped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 3 }), async (seed, width) => {
        const { events } = await walk({ mind: { rate: dicyRate(seed) }, search: { width } });
        for (const { kept, dropped } of only(events, 'beam')) {
          const worst = Math.min(...kept.map((k) => k.aggregate ?? -1));
          for (const d of dropped) expect(d.aggregate).toBeLessThanOrEqual(worst);
          expect(kept.length).toBeLessThanOrEqual(width);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('asks every path the next query, one query a level', async () => {
    const { events } = await walk({ mind: { rate: dicyRate(2) } });
    expect(only(events, 'level').map((e) => e.queries)).toEqual([['t1'], ['t2'], ['t3']]);
  });
});

describe('the depth', () => {
  test('grows by one for a level that needs no rewrite, so often at most', async () => {
    for (const extraDepth of [0, 1, 3]) {
      const { events, result, llm } = await walk({
        mind: { rate: () => around(5) },
        search: { depth: 3, extraDepth },
      });
      expect(requests(llm, 'rewrite')).toEqual([]);
      expect(result.levels).toBe(3 + extraDepth);
      expect(only(events, 'skipped').filter((e) => e.lengthened)).toHaveLength(extraDepth);
    }
  });

  test('is bounded whatever the ratings are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(3), fc.nat(3), async (seed, depth, extraDepth) => {
        const mind = { rate: dicyRate(seed) };
        const { result } = await walk({ mind, search: { depth, extraDepth, skipAbove: 3 } });
        expect(result.levels).toBeLessThanOrEqual(depth + extraDepth);
      }),
      { numRuns: 30 },
    );
  });

  test('ends where the queries do', async () => {
    const { result, events } = await walk({ train: 3, search: { depth: 9 } });
    expect(only(events, 'level').map((e) => e.queries)).toEqual([['t1'], ['t2']]);
    expect(result.path).toHaveLength(3);
  });
});

test('an unreadable rating counts 0 and calls for no rewrite', async () => {
  const settings = settingsWith({ search: { depth: 2, extraDepth: 0 } }, presets.paper);
  const llm = model({ rate: () => 'Hm.' });
  const { events, result } = await drain(
    pathSearch(searchOf({ llm, settings }), parsePrompt('Hi'), queries('t', 4), noExamples),
  );
  expect(requests(llm, 'rewrite')).toEqual([]);
  expect(only(events, 'beam').map((b) => b.kept)).toEqual([[{ candidate: 'p0', aggregate: 0 }]]);
  expect(result.candidate.id).toBe('p0');
});

test('where every proposal is refused the search ends with the prompts it has', async () => {
  const { result } = await walk({ mind: { rewrite: () => 'No.' } });
  expect(result.candidate.id).toBe('p0');
});

test('a stop at any point ends with the best path so far', async () => {
  const mind = { rate: dicyRate(3) };
  const { points } = await walk({ mind });
  expect(points).toBeGreaterThan(2);
  for (let stop = 0; stop < points; stop++) {
    const { events, result } = await walk({ mind, steer: stopAt(stop) });
    const best = only(events, 'beam').at(-1)?.kept[0]?.candidate ?? 'p0';
    expect(result.candidate.id).toBe(best);
    expect(only(events, 'steered').map((e) => e.point)).toEqual([stop]);
  }
});
