import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockOf, blockSearch, select, type BlockResult } from '../../src/core/block-search.ts';
import type { Ranked, SearchEvent } from '../../src/core/events.ts';
import { parsePrompt, promptText } from '../../src/core/prompt.ts';
import { candidateOf, foldAll } from '../../src/core/run.ts';
import type { SearchSettings } from '../../src/core/settings.ts';
import {
  around,
  blanksOf,
  candidate,
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

const start = parsePrompt('You answer.\n- Be kind to all.');
const noExamples = () => Promise.resolve([]);

interface Change extends WorldChange {
  readonly mind?: Partial<Mind>;
  readonly search?: Partial<SearchSettings>;
  readonly train?: number;
  readonly written?: boolean;
}

async function grow({ mind = {}, search: change = {}, train = 8, written, ...world }: Change = {}) {
  const settings = settingsWith({
    search: { depth: 3, extraDepth: 2, queriesPerLevel: 2, ...change },
    judge: { rating: written ? 'written' : 'probabilities' },
  });
  const llm = model(mind);
  const search = searchOf({ llm, settings, ...world });
  const asked = queries('t', train);
  const { events, result } = await drain(blockSearch(search, start, asked, noExamples));
  return { events, result, llm, run: foldAll(events), points: search.points.passed };
}

/** The events of each level, from its beginning to its beam. */
function levelsOf(events: readonly SearchEvent[]): readonly (readonly SearchEvent[])[] {
  const starts = events.flatMap((e, i) => (e.type === 'level' ? [i] : []));
  const ends = events.flatMap((e, i) => (e.type === 'beam' ? [i + 1] : []));
  return starts.map((from, i) => events.slice(from, ends[i]));
}

const worth = ({ aggregate }: Ranked) => aggregate ?? -Infinity;
const seed = fc.nat(100_000);

/** Ratings by dice, of which some cannot be read. */
const partlyUnreadable = (n: number): Partial<Mind> => ({
  rate: (blanks, request, place) => {
    const line = dicyRate(n)(blanks, request, place);
    return typeof line === 'string' && line.includes('Score: 1') ? 'Hm.' : line;
  },
});

const shapes = fc.record({
  width: fc.integer({ min: 1, max: 3 }),
  proposals: fc.integer({ min: 1, max: 3 }),
  depth: fc.integer({ min: 0, max: 3 }),
  queriesPerLevel: fc.integer({ min: 1, max: 3 }),
});

describe('a level', () => {
  test('keeps nothing worse than what it dropped, and never more than the width', async () => {
    await fc.assert(
      fc.asyncProperty(seed, shapes, async (n, search) => {
        const { events } = await grow({ mind: partlyUnreadable(n), search, written: true });
        for (const { kept, dropped } of only(events, 'beam')) {
          const worst = Math.min(...kept.map(worth));
          for (const other of dropped) expect(worth(other)).toBeLessThanOrEqual(worst);
          expect(kept.length).toBeGreaterThan(0);
          expect(kept.length).toBeLessThanOrEqual(search.width);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('ranks by the mean reward on its own queries', async () => {
    const { events } = await grow({ mind: { rate: dicyRate(5) } });
    for (const level of levelsOf(events)) {
      const [beam] = only(level, 'beam');
      for (const { candidate: id, aggregate } of [
        ...(beam?.kept ?? []),
        ...(beam?.dropped ?? []),
      ]) {
        const rewards = only(level, 'attempt').flatMap(({ attempt }) =>
          attempt.candidate === id ? [attempt.reward ?? NaN] : [],
        );
        expect(aggregate).toBeCloseTo(rewards.reduce((a, b) => a + b, 0) / rewards.length);
      }
    }
  });

  test('has all its prompts, parents and proposals, answer the same queries', async () => {
    await fc.assert(
      fc.asyncProperty(seed, shapes, async (n, search) => {
        const { events } = await grow({ mind: { rate: dicyRate(n) }, search });
        for (const level of levelsOf(events)) {
          const [{ queries: asked } = { queries: [] }] = only(level, 'level');
          const [beam] = only(level, 'beam');
          const met = [...(beam?.kept ?? []), ...(beam?.dropped ?? [])].map((r) => r.candidate);
          const answered = (id: string) =>
            only(level, 'attempt').flatMap(({ attempt }) =>
              attempt.candidate === id ? [attempt.query] : [],
            );
          for (const id of met) expect(answered(id)).toEqual(asked);
          expect(only(level, 'attempt')).toHaveLength(met.length * asked.length);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('has the beam before it compete with its proposals', async () => {
    const { events } = await grow({ mind: { rate: dicyRate(8) } });
    const beams = only(events, 'beam');
    beams.slice(1).forEach(({ kept, dropped }, i) => {
      const met = [...kept, ...dropped].map((r) => r.candidate);
      for (const { candidate: id } of beams[i]?.kept ?? []) expect(met).toContain(id);
    });
  });

  test('of equals keeps the parent, then the earlier proposal', async () => {
    const { events } = await grow();
    expect(only(events, 'beam').map((b) => b.kept.map((k) => k.candidate))).toEqual([
      ['p0'],
      ['p0', 'p1'],
      ['p0', 'p1'],
      ['p0', 'p1'],
    ]);
  });

  test('never ranks a prompt on the answers that called for it', async () => {
    const { events, run } = await grow({ mind: { rate: dicyRate(4) } });
    for (const level of levelsOf(events)) {
      const [{ queries: asked, level: number } = { queries: [], level: 0 }] = only(level, 'level');
      for (const c of run.candidates.filter((x) => x.level === number && x.query !== null)) {
        expect(asked).not.toContain(c.query);
      }
    }
  });
});

describe('proposals', () => {
  test('learn from the weakest answers of the last block, each from another', async () => {
    const mind: Partial<Mind> = {
      rate: ({ query }) => around(query.endsWith('t1') ? 1 : 3),
      rewrite: ({ query }) => `You.\n- Think of ${query}.`,
    };
    const { llm } = await grow({ mind, search: { depth: 1, proposals: 3 } });
    expect(requests(llm, 'rewrite').map((r) => blanksOf(r).query)).toEqual([
      'question t1',
      'question t0',
      'question t1',
    ]);
  });

  test('are shown their path’s former prompts, oldest first, and at most the newest few', async () => {
    let best = 0;
    const mind: Partial<Mind> = {
      // Each new prompt is better than all before, so that the path is one line.
      rate: ({ answer }) => around(1 + (answer.match(/Mind rule/g)?.length ?? 0) * 0.3),
      rewrite: ({ prompt }) => `${prompt}\n- Mind rule ${++best} is new.`,
    };
    const search = { strategy: 'greedy', proposals: 1, depth: 5, formerPrompts: 3 } as const;
    const { llm, events } = await grow({ mind, search });
    const asked = requests(llm, 'rewrite').map(blanksOf);
    expect(asked.map((b) => b.former.length)).toEqual([0, 1, 2, 2, 2]);
    expect(only(events, 'rewritten').map((e) => e.former)).toEqual([0, 1, 2, 2, 2]);
    const last = asked[4];
    expect(last?.former.map((f) => f.match(/rule/g)?.length)).toEqual([2, 3]);
    expect(last?.prompt.match(/rule/g)).toHaveLength(4);
  });

  test('of a prompt that stays in the beam are asked for anew, even on the same queries', async () => {
    const mind: Partial<Mind> = { rate: ({ answer }) => around(/rule/.test(answer) ? 2 : 4) };
    const { events, llm } = await grow({ mind, train: 2, search: { depth: 4, width: 1 } });
    const seeds = requests(llm, 'rewrite').map((r) => r.sampling.seed);
    expect(new Set(seeds).size).toBe(8);
    expect(only(events, 'proposal-refused')).toEqual([]);
  });

  test('that are all refused leave the beam as it was', async () => {
    const { events, result } = await grow({ mind: { rewrite: () => 'No.' } });
    expect(only(events, 'proposal-refused').map((e) => e.why)).toEqual(Array(6).fill('unreadable'));
    expect(only(events, 'candidate')).toHaveLength(1);
    expect(result.beam).toEqual([result.start]);
  });
});

describe('strategies', () => {
  const tried = (events: readonly SearchEvent[]) =>
    only(events, 'rewritten').map((e) => e.children.length);

  test('greedy is a beam of one', async () => {
    const mind = { rate: dicyRate(11) };
    const greedy = await grow({ mind, search: { strategy: 'greedy', width: 3 } });
    const one = await grow({ mind, search: { strategy: 'beam', width: 1 } });
    expect(greedy.events).toEqual(one.events);
  });

  test('greedy Monte Carlo follows one prompt, but tries as many as the beam', async () => {
    const mind = { rate: dicyRate(11) };
    const search = { width: 2, proposals: 3, depth: 3 };
    const { events } = await grow({ mind, search: { ...search, strategy: 'greedy-monte-carlo' } });
    const beam = await grow({ mind, search: { ...search, strategy: 'beam' } });
    expect(only(events, 'beam').every((b) => b.kept.length === 1)).toBe(true);
    expect(tried(events)).toEqual([6, 6, 6]);
    // The beam begins with one prompt, then has two.
    expect(tried(beam.events)).toEqual([3, 3, 3, 3, 3]);
  });
});

describe('a level that is good already', () => {
  const good: Partial<Mind> = { rate: () => around(4.8) };

  test('needs no rewrite and lengthens the search by one, up to a bound', async () => {
    for (const [depth, extraDepth] of [
      [3, 2],
      [2, 0],
      [1, 4],
    ] as const) {
      const { events, llm } = await grow({ mind: good, search: { depth, extraDepth } });
      expect(requests(llm, 'rewrite')).toEqual([]);
      expect(only(events, 'level').map((e) => e.level)).toEqual(
        Array.from({ length: depth + extraDepth + 1 }, (_, i) => i),
      );
      expect(only(events, 'skipped').filter((e) => e.lengthened)).toHaveLength(extraDepth);
    }
  });

  test('whatever the ratings, the search ends within its bound', async () => {
    await fc.assert(
      fc.asyncProperty(seed, fc.nat(2), fc.nat(2), async (n, depth, extraDepth) => {
        const mind = { rate: dicyRate(n) };
        const { events } = await grow({ mind, search: { depth, extraDepth, skipAbove: 3 } });
        const levels = only(events, 'level').length - 1;
        expect(levels).toBeGreaterThanOrEqual(depth);
        expect(levels).toBeLessThanOrEqual(depth + extraDepth);
      }),
      { numRuns: 30 },
    );
  });

  test('at a threshold of 5, is one of all fives only', async () => {
    const nearly = await grow({ mind: { rate: () => around(4.9) }, search: { skipAbove: 5 } });
    const all = await grow({ mind: { rate: () => around(5) }, search: { skipAbove: 5 } });
    expect(only(nearly.events, 'skipped')).toEqual([]);
    expect(only(all.events, 'rewritten')).toEqual([]);
  });

  test('where no rating could be read there is nothing to learn from, and nothing is scored', async () => {
    const { events, llm, result } = await grow({ mind: { rate: () => 'Hm.' }, written: true });
    expect(requests(llm, 'rewrite')).toEqual([]);
    expect(only(events, 'beam').flatMap((b) => b.kept)).toEqual(
      only(events, 'beam').map(() => ({ candidate: 'p0', aggregate: null })),
    );
    expect(result.beam).toEqual([result.start]);
    // The search is not lengthened for it.
    expect(only(events, 'level')).toHaveLength(4);
    expect(only(events, 'skipped').filter((e) => e.lengthened)).toEqual([]);
  });
});

describe('a stop', () => {
  test('at any point ends with the best beam so far', async () => {
    const mind = { rate: dicyRate(21) };
    const { points } = await grow({ mind });
    for (let stop = 0; stop < points; stop++) {
      const { events, result } = await grow({ mind, steer: stopAt(stop) });
      const last = only(events, 'beam')
        .at(-1)
        ?.kept.map((k) => k.candidate) ?? ['p0'];
      expect(result.beam.map((c) => c.id)).toEqual(last);
      expect(only(events, 'steered').map((e) => e.point)).toEqual([stop]);
      expect(only(events, 'level')).toHaveLength(only(events, 'beam').length);
    }
  });
});

describe('blocks of queries', () => {
  const ids = (size: number, level: number, count: number) =>
    blockOf(queries('t', count), size, level).map((q) => q.id);

  test('follow one another and start again when the queries run out', () => {
    expect([0, 1, 2].map((level) => ids(2, level, 5))).toEqual([
      ['t0', 't1'],
      ['t2', 't3'],
      ['t4', 't0'],
    ]);
  });

  test('hold no query twice, and all where there are fewer than wanted', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.nat(20),
        fc.integer({ min: 1, max: 9 }),
        (size, level, count) => {
          const block = ids(size, level, count);
          expect(block).toHaveLength(Math.min(size, count));
          expect(new Set(block).size).toBe(block.length);
        },
      ),
    );
  });
});

describe('selection', () => {
  const finalists: BlockResult = {
    start: candidate('p0', 'Start'),
    beam: [candidate('p3', 'Three'), candidate('p0', 'Start'), candidate('p5', 'Five')],
    nextId: 'p6',
  };
  const rank = async (scores: Readonly<Record<string, number>>) => {
    const mind: Partial<Mind> = {
      rate: ({ answer }) => around(scores[answer.split('under ')[1] ?? ''] ?? 1),
    };
    const { events, result } = await drain(
      select(searchOf({ llm: model(mind) }), finalists, queries('s', 2), noExamples),
    );
    return { events, order: result.ranking.map((r) => r.candidate) };
  };

  test('lets the start meet the finalists, each once, on the same queries', async () => {
    const { events } = await rank({});
    expect(
      only(events, 'attempt').map(({ attempt: a }) => [a.candidate, a.query, a.split]),
    ).toEqual(
      ['p0', 'p3', 'p5'].flatMap((id) => [
        [id, 's0', 'select'],
        [id, 's1', 'select'],
      ]),
    );
  });

  test('the best mean wins, and of equals the start, then the better in the search', async () => {
    expect((await rank({ Start: 2, Three: 3, Five: 4 })).order).toEqual(['p5', 'p3', 'p0']);
    expect((await rank({ Start: 3, Three: 3, Five: 3 })).order).toEqual(['p0', 'p3', 'p5']);
  });
});

test('a proposal’s prompt is what is tried', async () => {
  const { run, llm } = await grow({ search: { depth: 1 } });
  const answered = new Set(requests(llm, 'answer').map((r) => blanksOf(r).prompt));
  expect(answered).toEqual(new Set(run.candidates.map((c) => promptText(c.prompt))));
  expect(candidateOf(run, 'p1')?.prompt.bullets).toHaveLength(2);
});
