import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChosenCriteria } from '../../src/core/criteria.ts';
import { chooseCriteria, judge, withReasons } from '../../src/core/judge.ts';
import { presets, type CriteriaSettings } from '../../src/core/settings.ts';
import {
  around,
  blanksOf,
  criteria,
  criterion,
  drain,
  model,
  only,
  query,
  requests,
  searchOf,
  settingsWith,
  type Mind,
} from './builders.ts';

const dynamic = presets.quick.criteria.prompts;
const fixed: CriteriaSettings = { ...dynamic, mode: 'fixed', fixed: ['Depth', 'clarity'] };

/** What is chosen for one query where the evaluator replies so. */
async function chosenFor(
  reply: string,
  change: Partial<CriteriaSettings> = {},
  list = criteria,
): Promise<ChosenCriteria | undefined> {
  const search = searchOf({ llm: model({ 'choose-criteria': () => reply }), criteria: list });
  await drain(chooseCriteria(search, [query('t0')], { ...dynamic, ...change }));
  return search.chosen.get('t0');
}

describe('choosing criteria', () => {
  test('happens once for each query, however often it is judged', async () => {
    const llm = model();
    const search = searchOf({ llm });
    const first = await drain(
      chooseCriteria(search, [query('a'), query('b'), query('a')], dynamic),
    );
    const second = await drain(chooseCriteria(search, [query('b'), query('c')], dynamic));
    expect(requests(llm, 'choose-criteria').map((r) => blanksOf(r).query)).toEqual([
      'question a',
      'question b',
      'question c',
    ]);
    const chosen = { names: ['Helpfulness', 'Clarity'], proposed: null, fallback: false };
    const said = (id: string) => ({ type: 'criteria', query: id, chosen, replies: [] });
    expect(first.events).toEqual([said('a'), said('b')]);
    expect(second.events).toEqual([said('c')]);
  });

  test.each<[string, string, readonly string[]]>([
    ['as they are', 'Depth, Clarity', ['Depth', 'Clarity']],
    ['in other letters', 'DEPTH, clarity', ['Depth', 'Clarity']],
    ['with other hyphens', 'critical thinking, Depth', ['Critical-Thinking', 'Depth']],
    ['with marks', '**Depth**, "Clarity".', ['Depth', 'Clarity']],
    ['twice', 'Depth, depth, Clarity', ['Depth', 'Clarity']],
    ['among unknown ones', 'Sparkle, Depth, Zest, Clarity', ['Depth', 'Clarity']],
  ])('names are matched to the list: %s', async (_, reply, names) => {
    expect(await chosenFor(reply)).toEqual({ names, proposed: null, fallback: false });
  });

  test('a proposed criterion is kept with what it means, and both ends of its scale', async () => {
    expect(await chosenFor('Depth\nNew: Warmth = It sounds like a friend.')).toEqual({
      names: ['Depth', 'Warmth'],
      proposed: {
        name: 'Warmth',
        definition: 'It sounds like a friend.',
        low: expect.any(String) as string,
        high: expect.any(String) as string,
      },
      fallback: false,
    });
  });

  test.each<[string, string, Partial<CriteriaSettings>, readonly string[]]>([
    [
      'none may be proposed',
      'Depth, Clarity\nNew: Warmth = like a friend',
      { propose: false },
      ['Depth', 'Clarity'],
    ],
    [
      'it is on the list already',
      'Depth\nNew: clarity = easy to read',
      {},
      ['Depth', 'Helpfulness'],
    ],
    [
      'there is no room for it',
      'Depth, Clarity\nNew: Warmth = like a friend',
      { atMost: 2 },
      ['Depth', 'Clarity'],
    ],
  ])('a proposed criterion is left out where %s', async (_, reply, change, names) => {
    expect(await chosenFor(reply, change)).toMatchObject({ names, proposed: null });
  });

  test('there are at most as many as wanted', async () => {
    const all = criteria.map((c) => c.name).join(', ');
    expect((await chosenFor(all, { atMost: 3 }))?.names).toEqual([
      'Helpfulness',
      'Clarity',
      'Factuality',
    ]);
  });

  test('general criteria fill up where too few were named', async () => {
    expect(await chosenFor('Depth', { atLeast: 3 })).toEqual({
      names: ['Depth', 'Helpfulness', 'Clarity'],
      proposed: null,
      fallback: false,
    });
  });

  test.each(['', 'I do not know.', '???', '1 2 3'])(
    'a reply that names none (%j) falls back on the general ones, and says so',
    async (reply) => {
      expect(await chosenFor(reply)).toEqual({
        names: ['Helpfulness', 'Clarity'],
        proposed: null,
        fallback: true,
      });
    },
  );

  test('a list of one’s own without the general ones falls back on itself', async () => {
    const own = ['Rhyme', 'Metre', 'Wit'].map(criterion);
    expect((await chosenFor('', {}, own))?.names).toEqual(['Rhyme', 'Metre']);
  });

  test('whatever is replied, every query gets criteria, each once and each known', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc
            .array(
              fc.constantFrom(
                ...criteria.map((c) => c.name),
                'New: X = yes it is',
                ',',
                '\n',
                '- ',
              ),
            )
            .map((all) => all.join(' ')),
        ),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 3, max: 6 }),
        async (reply, atLeast, atMost) => {
          const chosen = await chosenFor(reply, { atLeast, atMost });
          const names = chosen?.names ?? [];
          expect(names.length).toBeGreaterThanOrEqual(atLeast);
          expect(names.length).toBeLessThanOrEqual(atMost);
          expect(new Set(names).size).toBe(names.length);
          const known = [...criteria.map((c) => c.name), chosen?.proposed?.name];
          expect(names.filter((n) => !known.includes(n))).toEqual([]);
        },
      ),
    );
  });

  test('fixed criteria ask nothing', async () => {
    const llm = model();
    const search = searchOf({ llm });
    const { events } = await drain(chooseCriteria(search, [query('a'), query('b')], fixed));
    expect(llm.asked).toEqual([]);
    expect(only(events, 'criteria').map((e) => e.chosen)).toEqual(
      Array.from({ length: 2 }, () => ({
        names: ['Depth', 'Clarity'],
        proposed: null,
        fallback: false,
      })),
    );
  });

  test('fixed criteria of which none is on the list are the whole list', async () => {
    const own = ['Rhyme', 'Wit'].map(criterion);
    const search = searchOf({ criteria: own });
    await drain(chooseCriteria(search, [query('a')], { ...fixed, fixed: ['Depth'] }));
    expect(search.chosen.get('a')?.names).toEqual(['Rhyme', 'Wit']);
  });
});

const judged = { id: 't0', query: 'question t0', answer: 'an answer' };

/** A search in which these criteria are chosen for t0. */
function judging(
  mind: Partial<Mind>,
  names: readonly string[],
  rating: 'probabilities' | 'written',
) {
  const llm = model(mind);
  const search = searchOf({ llm, settings: settingsWith({ judge: { rating } }) });
  search.chosen.set('t0', {
    names,
    proposed: names.includes('Warmth') ? criterion('Warmth') : null,
    fallback: false,
  });
  return { search, llm };
}

describe('rating by probabilities', () => {
  test('takes the expected value over 1 to 5 of one request for each criterion', async () => {
    const unsure = [0, 0, 0.5, 0.25, 0.25];
    const { search, llm } = judging(
      { rate: ({ criterion: c }) => (c === 'Depth' ? unsure : around(2)) },
      ['Depth', 'Warmth'],
      'probabilities',
    );
    expect(await judge(search, judged)).toEqual({
      ratings: [
        { criterion: 'Depth', score: 3.75, probabilities: unsure },
        { criterion: 'Warmth', score: 2, probabilities: around(2) },
      ],
      reward: 2.875,
      cuts: [],
      replies: [],
    });
    expect(llm.asked.map((r) => [r.purpose, r.output])).toEqual(
      Array.from({ length: 2 }, () => [
        'rate',
        { type: 'choice', choices: ['1', '2', '3', '4', '5'] },
      ]),
    );
  });
});

describe('rating in writing', () => {
  test('asks once for all criteria and reads reasons and scores', async () => {
    const { search, llm } = judging(
      { rate: () => 'Depth: says why. Score: 4\nClarity: a long sentence. Score: 2' },
      ['Depth', 'Clarity'],
      'written',
    );
    expect(await judge(search, judged)).toEqual({
      ratings: [
        { criterion: 'Depth', score: 4, reason: 'says why.' },
        { criterion: 'Clarity', score: 2, reason: 'a long sentence.' },
      ],
      reward: 3,
      cuts: [],
      replies: [],
    });
    expect(llm.asked).toHaveLength(1);
  });

  test.each(['', 'It is good.', 'Depth: fine. Score: 4', 'Depth: 4\nClarity: 9'])(
    'a reply that does not rate every criterion (%j) is unreadable, never a score',
    async (reply) => {
      const { search } = judging({ rate: () => reply }, ['Depth', 'Clarity'], 'written');
      expect(await judge(search, judged)).toMatchObject({ ratings: null, reward: null });
    },
  );
});

test('judging a query without criteria is a bug', async () => {
  await expect(judge(searchOf(), judged)).rejects.toThrow('no criteria chosen');
});

describe('reasons', () => {
  const rating = (name: string, score: number, reason?: string) => ({
    criterion: name,
    score,
    ...(reason !== undefined && { reason }),
  });

  test('are asked for the two weakest ratings below 4.5 that have none', async () => {
    const { search, llm } = judging(
      {},
      ['Depth', 'Clarity', 'Warmth', 'Factuality'],
      'probabilities',
    );
    const ratings = [
      rating('Depth', 3),
      rating('Clarity', 1, 'said already'),
      rating('Warmth', 2),
      rating('Factuality', 4),
    ];
    const { ratings: with_, explained } = await withReasons(search, judged, ratings);
    expect(requests(llm, 'explain').map((r) => blanksOf(r).criterion)).toEqual(['Warmth', 'Depth']);
    expect(with_).toEqual([
      rating('Depth', 3, 'It would have more Depth.'),
      rating('Clarity', 1, 'said already'),
      rating('Warmth', 2, 'It would have more Warmth.'),
      rating('Factuality', 4),
    ]);
    expect(explained.map((e) => e.criterion)).toEqual(['Warmth', 'Depth']);
  });

  test('are not asked for good ratings, nor kept where they cannot be read', async () => {
    const { search, llm } = judging(
      { explain: () => '...' },
      ['Depth', 'Clarity'],
      'probabilities',
    );
    const ratings = [rating('Depth', 4.5), rating('Clarity', 4.4)];
    expect(await withReasons(search, judged, ratings)).toEqual({ ratings, explained: [] });
    expect(requests(llm, 'explain')).toHaveLength(1);
  });
});
