import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge } from '../../src/core/judge.ts';
import { profiles } from '../../src/core/profiles/index.ts';
import { requestsPerRating, showsScale } from '../../src/core/rate.ts';
import { expectedScore, spread } from '../../src/core/rating.ts';
import type { JudgeSettings } from '../../src/core/settings.ts';
import { scripted } from '../../src/llm/scripted.ts';
import { around, openProfile, searchOf, settingsWith } from './builders.ts';
import { scaleBlanks, scaleProfile, type ScaleBlanks } from './scale-profile.ts';

const judged = { id: 't0', query: 'Why?', answer: 'Because.' };

/** The rating of one answer on Depth by a judge that rates so, and the requests for it. */
async function rated(
  change: Partial<JudgeSettings>,
  rate: (blanks: ScaleBlanks) => readonly number[],
  think = 'It says too little.',
  profile = scaleProfile,
) {
  const llm = scripted({}, (request) =>
    request.purpose === 'explain' ? think : rate(scaleBlanks(request)),
  );
  const search = searchOf({ llm, profile, settings: settingsWith({ judge: change }) });
  search.chosen.set('t0', { names: ['Depth'], proposed: null, fallback: false });
  const { ratings } = await judge(search, judged);
  return { rating: ratings?.[0], asked: llm.asked };
}

describe('the scale in both orders', () => {
  test('is averaged: a judge that goes by the place of a mark alone comes out in the middle', async () => {
    const byPlace = ({ order }: ScaleBlanks) => around(order === 'rising' ? 5 : 1);
    const { rating, asked } = await rated({ rubricOrders: 2 }, byPlace);
    expect(rating).toMatchObject({ score: 3, probabilities: [0.5, 0, 0, 0, 0.5] });
    expect(asked.map((r) => scaleBlanks(r).order)).toEqual(['rising', 'falling']);
  });

  test('gives the mean of the two expected values', async () => {
    const score = fc.double({ min: 1, max: 5, noNaN: true });
    await fc.assert(
      fc.asyncProperty(score, score, async (a, b) => {
        const { rating } = await rated({ rubricOrders: 2 }, ({ order }) =>
          around(order === 'rising' ? a : b),
        );
        expect(rating?.score).toBeCloseTo((a + b) / 2, 9);
        expect(expectedScore(rating?.probabilities ?? [])).toBeCloseTo(rating?.score ?? 0, 9);
      }),
      { numRuns: 40 },
    );
  });

  test('is asked once by a profile that shows no scale', async () => {
    const { asked } = await rated({ rubricOrders: 2 }, () => around(4), '', openProfile);
    expect(asked).toHaveLength(1);
  });

  test('is shown by our profiles but the built-in model’s', () => {
    const shown = Object.values(profiles).filter(showsScale);
    expect(shown.map((p) => p.id)).toEqual(['instruct', 'base']);
  });
});

describe('thinking first', () => {
  test('gives the rating what was written, and keeps it as the reason', async () => {
    const { rating, asked } = await rated({ thinkFirst: true }, ({ thought }) =>
      around(thought === 'It says too little.' ? 2 : 5),
    );
    expect(rating).toMatchObject({ score: 2, reason: 'It says too little.' });
    expect(asked.map((r) => [r.purpose, r.role, r.output.type])).toEqual([
      ['explain', 'evaluator', 'text'],
      ['rate', 'evaluator', 'choice'],
    ]);
  });

  test('happens once for both orders', async () => {
    const { asked } = await rated({ thinkFirst: true, rubricOrders: 2 }, () => around(3));
    expect(asked.map((r) => r.purpose)).toEqual(['explain', 'rate', 'rate']);
  });

  test('rates without a thought that cannot be read, and gives no reason', async () => {
    const { rating, asked } = await rated({ thinkFirst: true }, () => around(3), '...');
    expect(rating).toEqual({ criterion: 'Depth', score: 3, probabilities: around(3) });
    expect(scaleBlanks(asked.at(-1) ?? fail()).thought).toBeUndefined();
  });

  test('is left out where the profile cannot', async () => {
    const { asked } = await rated({ thinkFirst: true }, () => around(3), '', openProfile);
    expect(asked.map((r) => r.purpose)).toEqual(['rate']);
  });
});

function fail(): never {
  throw new Error('nothing was asked');
}

test('as many requests are counted as are made', async () => {
  for (const thinkFirst of [false, true]) {
    for (const rubricOrders of [1, 2] as const) {
      for (const profile of [openProfile, scaleProfile]) {
        const change = { thinkFirst, rubricOrders };
        const { asked } = await rated(change, () => around(3), 'Fine so far.', profile);
        const settings = settingsWith({ judge: change }).judge;
        expect(requestsPerRating(settings, profile)).toBe(asked.length);
      }
    }
  }
});

test('by default nothing is asked that was not asked before', async () => {
  const { asked: plain } = await rated({}, () => around(3));
  const { asked: said } = await rated({ thinkFirst: false, rubricOrders: 1 }, () => around(3));
  expect(said).toEqual(plain);
  expect(plain).toHaveLength(1);
});

test('a spread is 0 where the judge is sure, 2 where it is torn, and nothing where it wrote', () => {
  const of = (probabilities: readonly number[]) =>
    spread({ criterion: 'Depth', score: expectedScore(probabilities), probabilities });
  expect(of(around(4))).toBe(0);
  expect(of([0.5, 0, 0, 0, 0.5])).toBe(2);
  expect(of(around(3.5))).toBeCloseTo(0.5);
  expect(spread({ criterion: 'Depth', score: 4 })).toBeNull();
  const weights = fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(weights, (given) => {
      const total = given.reduce((a, b) => a + b, 0);
      fc.pre(total > 0);
      expect(of(given.map((w) => w / total))).toBeLessThanOrEqual(2 + 1e-9);
    }),
  );
});
