import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkJudge,
  checkPlanted,
  leastSquaresSlope,
  shareInterval,
  type CheckedAnswer,
} from '../../src/core/judge-check.ts';
import type { Planting } from '../../src/core/planted.ts';
import { around } from './builders.ts';

describe('the judge check', () => {
  test('a judge that rates right answers higher tells', () => {
    const pairs = Array.from({ length: 6 }, () => ({ right: 4, wrong: 2 }));
    expect(checkJudge(pairs, 1)).toEqual({
      right: 4,
      wrong: 2,
      pairs: 6,
      interval: { low: 2, high: 2 },
      tells: true,
    });
  });

  test.each<[string, readonly { right: number; wrong: number }[]]>([
    ['rates all alike', Array.from({ length: 12 }, () => ({ right: 3, wrong: 3 }))],
    ['prefers wrong answers', Array.from({ length: 12 }, () => ({ right: 2, wrong: 4 }))],
    [
      'is right half of the time',
      Array.from({ length: 12 }, (_, i) => ({ right: 3, wrong: i % 2 ? 2 : 4 })),
    ],
    ['could be read nowhere', []],
    ['could be read once', [{ right: 5, wrong: 1 }]],
    ['could be read too rarely', Array.from({ length: 3 }, () => ({ right: 5, wrong: 1 }))],
  ])('a judge that %s does not tell', (_, pairs) => {
    expect(checkJudge(pairs, 1).tells).toBe(false);
  });

  test('many pairs of three examples are no more than three', () => {
    const pairs = Array.from({ length: 30 }, (_, i) => ({
      right: 5,
      wrong: 1,
      example: String(i % 3),
    }));
    expect(checkJudge(pairs, 1)).toMatchObject({ pairs: 30, tells: false });
  });
});

/** An answer to an example rated so on Depth and Clarity. */
function answer(
  example: string,
  kind: Planting | null,
  scores: Readonly<Record<string, number>>,
  more: Partial<CheckedAnswer> = {},
): CheckedAnswer {
  const ratings = Object.entries(scores).map(([criterion, score]) => ({
    criterion,
    score,
    probabilities: around(score),
  }));
  const reward = ratings.reduce((sum, r) => sum + r.score, 0) / ratings.length;
  return { example, kind, answer: 'x'.repeat(100), ratings, reward, ...more };
}

const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
/** A judge that knows Depth and is blind to Clarity. */
const oneEyed = ids.flatMap((id, i) => [
  answer(id, null, { Depth: 4, Clarity: 3 }),
  answer(id, 'other', { Depth: 2, Clarity: i % 2 ? 2 : 4 }),
  answer(id, 'cut', { Depth: 3, Clarity: 3 }),
]);
const keep = { seed: 1, drop: false };

describe('planted answers', () => {
  test('show on which criteria the judge tells', () => {
    const { planted, tells } = checkPlanted(oneEyed, keep);
    expect(tells).toBe(true);
    expect(planted?.examples).toBe(6);
    expect(planted?.criteria.map((c) => [c.criterion, c.pairs, c.wins, c.tells])).toEqual([
      ['Depth', 12, 1, true],
      ['Clarity', 12, 0.5, false],
    ]);
  });

  test('show how each way of spoiling fares, and which were not possible', () => {
    const { planted } = checkPlanted(oneEyed, keep);
    expect(planted?.kinds).toEqual([
      { kind: 'other', pairs: 6, wins: 1 },
      { kind: 'cut', pairs: 6, wins: 1 },
    ]);
    expect(planted?.notMade).toEqual(['shuffled', 'padded', 'refused', 'complied']);
  });

  test('a tie is half a win', () => {
    const tied = ids.flatMap((id) => [
      answer(id, null, { Depth: 3 }),
      answer(id, 'cut', { Depth: 3 + 1e-9 }),
    ]);
    expect(checkPlanted(tied, keep).planted?.kinds).toEqual([{ kind: 'cut', pairs: 6, wins: 0.5 }]);
  });

  test('a spoiled answer whose own could not be read counts for nothing', () => {
    const { planted, pairs } = checkPlanted([answer('a', 'cut', { Depth: 1 })], keep);
    expect(pairs).toBe(0);
    expect(planted?.kinds).toEqual([]);
    expect(planted?.criteria).toMatchObject([{ pairs: 0, wins: 0.5, tells: null }]);
  });

  test('too few to show it say neither that the judge tells nor that it does not', () => {
    const three = oneEyed.filter((a) => ['a', 'b', 'c'].includes(a.example) && a.kind !== 'cut');
    expect(checkPlanted(three, keep).planted?.criteria.map((c) => c.tells)).toEqual([null, null]);
  });

  test('blind criteria are dropped where that is wanted and another one tells', () => {
    expect(checkPlanted(oneEyed, keep).planted?.dropped).toEqual([]);
    expect(checkPlanted(oneEyed, { seed: 1, drop: true }).planted?.dropped).toEqual(['Clarity']);
    const blind = oneEyed.map((a) => ({
      ...a,
      ratings: a.ratings.filter((r) => r.criterion === 'Clarity'),
    }));
    expect(checkPlanted(blind, { seed: 1, drop: true }).planted?.dropped).toEqual([]);
  });

  test('the share of fives, the spread and the slope by length are those of all answers', () => {
    const rated = [
      answer('a', null, { Depth: 5 }, { answer: 'x'.repeat(300) }),
      answer('a', 'cut', { Depth: 4 }, { answer: 'x'.repeat(200) }),
      answer('b', null, { Depth: 4.5 }, { answer: 'x'.repeat(250) }),
      answer('b', 'cut', { Depth: 3.5 }, { answer: 'x'.repeat(150) }),
    ];
    const [depth] = checkPlanted(rated, keep).planted?.criteria ?? [];
    expect(depth?.fives).toBe(0.5);
    expect(depth?.lengthSlope).toBeCloseTo(1);
    expect(depth?.spread).toBeCloseTo(0.25);
  });

  test('agreement is how far ratings move when the criterion is said in other words', () => {
    const again = (score: number) => ({ reworded: [{ criterion: 'Depth', score }] });
    const rated = [
      answer('a', null, { Depth: 4, Clarity: 3 }, again(3)),
      answer('a', 'cut', { Depth: 2, Clarity: 3 }, again(2.5)),
      answer('b', null, { Depth: 5, Clarity: 3 }),
    ];
    const { planted } = checkPlanted(rated, keep);
    expect(planted?.criteria.map((c) => c.agreement)).toEqual([
      { answers: 2, difference: 0.75 },
      null,
    ]);
  });

  test('whatever is rated, what is reported is in range and can be written to a file', () => {
    const score = fc.double({ min: 1, max: 5, noNaN: true });
    const one = fc.record({
      example: fc.constantFrom(...ids),
      kind: fc.constantFrom<(Planting | null)[]>(null, 'other', 'cut', 'padded'),
      scores: fc.dictionary(fc.constantFrom('Depth', 'Clarity'), score, { minKeys: 1 }),
      length: fc.nat({ max: 500 }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 24 }), fc.boolean(), (all, drop) => {
        const answers = all.map(({ example, kind, scores, length }) =>
          answer(example, kind, scores, { answer: 'x'.repeat(length) }),
        );
        const check = checkPlanted(answers, { seed: 1, drop });
        expect(JSON.parse(JSON.stringify(check))).toEqual(check);
        for (const { wins, interval, fives, tells } of check.planted?.criteria ?? []) {
          for (const share of [wins, fives]) {
            expect(share).toBeGreaterThanOrEqual(0);
            expect(share).toBeLessThanOrEqual(1);
          }
          expect(interval.low).toBeLessThanOrEqual(wins + 1e-9);
          expect(interval.high).toBeGreaterThanOrEqual(wins - 1e-9);
          if (tells) expect(interval.low).toBeGreaterThan(0.5);
        }
      }),
      { numRuns: 60 },
    );
  });
});

test('a share’s interval is Wilson’s', () => {
  // Newcombe 1998, table I, row 81 of 263.
  const { low, high } = shareInterval(81 / 263, 263);
  expect(low).toBeCloseTo(0.2553, 4);
  expect(high).toBeCloseTo(0.3662, 4);
  expect(shareInterval(0, 20)).toMatchObject({ low: 0 });
});

test('a slope is that of the line through the points, whatever the order, and none where there is no line', () => {
  const points = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 3, maxLength: 9 });
  const number = fc.integer({ min: -20, max: 20 });
  fc.assert(
    fc.property(points, number, number, (xs, slope, at) => {
      const found = leastSquaresSlope(xs.map((x) => [x, at + slope * x]));
      expect(found).toBeCloseTo(slope, 6);
    }),
  );
  expect(
    leastSquaresSlope([
      [0, 1],
      [1, 2],
      [2, 1],
    ]),
  ).toBeCloseTo(0);
  expect(
    leastSquaresSlope([
      [0, 1],
      [1, 2],
    ]),
  ).toBeNull();
  expect(
    leastSquaresSlope([
      [2, 1],
      [2, 3],
      [2, 5],
    ]),
  ).toBeNull();
});
