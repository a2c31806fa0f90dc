import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dice } from '../../../src/core/random.ts';
import { mean } from '../../../src/core/rating.ts';
import { beamAt } from '../../../src/view/learn/beam.ts';
import { lessonsOf } from '../../../src/view/learn/edits.ts';
import { findingOf, pairingsOf, resample } from '../../../src/view/learn/pairs.ts';
import { alike, placesBy, telling } from '../../../src/view/learn/ranks.ts';
import { tellingRatings, withShare } from '../../../src/view/learn/ratings.ts';
import { recorded } from './recorded.ts';

const recording = recorded();
const { record, run } = recording;

describe('a beam of another width', () => {
  test('is the run itself at the run’s own width', () => {
    const levels = beamAt(run, record.settings.search.width);
    expect(levels.map((l) => l.ranking.slice(0, l.kept))).toEqual(run.levels.map((l) => l.kept));
    expect(levels.flatMap((l) => l.unmade)).toEqual([]);
  });

  test.each([1, 2, 3, 4])('of %i keeps so many, each made of one that was kept before', (width) => {
    const levels = beamAt(run, width);
    for (const [i, { ranking, kept }] of levels.entries()) {
      expect(kept).toBe(Math.min(width, ranking.length));
      const before = levels[i - 1]?.ranking.slice(0, width).map((r) => r.candidate) ?? [];
      for (const { candidate } of i === 0 ? [] : ranking) {
        const parent = run.candidates.find((c) => c.id === candidate)?.parent ?? '';
        expect(before.includes(candidate) || before.includes(parent)).toBe(true);
      }
    }
  });

  test('of 1 never makes what the run’s second member led to', () => {
    expect(beamAt(run, 1).flatMap((l) => l.unmade).length).toBeGreaterThan(0);
  });
});

describe('places by one query', () => {
  const decided = run.levels.filter((l) => (l.dropped?.length ?? 0) > 0);

  test('are from 1 up, like rewards share one, and the block’s come in order', () => {
    for (const level of decided) {
      for (const query of level.queries) {
        const places = placesBy(run, level, query);
        for (const { place, reward } of places) {
          expect(place).toBe(1 + places.filter((p) => p.reward > reward + alike).length);
        }
        const inBlock = places.map((p) => p.placeInBlock);
        expect(inBlock).toEqual(inBlock.toSorted((a, b) => a - b));
      }
    }
  });

  test('often do not tell what the block tells', () => {
    const all = decided.flatMap((level) => level.queries.map((q) => telling(run, level, q)));
    expect(all.filter((t) => t === 'unknown')).toEqual([]);
    expect(all.filter((t) => t === 'same').length).toBeLessThan(all.length / 2);
  });

  test('of a level nobody met are none', () => {
    const level = { level: 9, queries: ['never'], kept: null, dropped: null, spared: 0 };
    expect(telling(run, level, 'never')).toBe('unknown');
  });
});

describe('five probabilities of which one is moved', () => {
  const five = fc
    .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 })
    .map((weights) => {
      const sum = weights.reduce((a, b) => a + b, 0);
      return sum > 1e-6 ? weights.map((w) => w / sum) : [1, 0, 0, 0, 0];
    });

  test('still sum to 1, and the others keep their proportions', () => {
    fc.assert(
      fc.property(
        five,
        fc.nat({ max: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (p, at, s) => {
          const moved = withShare(p, at, s);
          expect(moved.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
          expect(moved[at]).toBe(s);
          expect(moved.every((x) => x >= 0)).toBe(true);
          const others = [0, 1, 2, 3, 4].filter((i) => i !== at);
          const sum = others.reduce((a, i) => a + (p[i] ?? 0), 0);
          for (const i of sum > 0 ? others : []) {
            expect((moved[i] ?? 0) * sum).toBeCloseTo((p[i] ?? 0) * (1 - s), 9);
          }
        },
      ),
    );
  });

  test('share the rest evenly where the others had nothing', () => {
    expect(withShare([1, 0, 0, 0, 0], 0, 0.2)).toEqual([0.2, 0.2, 0.2, 0.2, 0.2]);
  });
});

test('the ratings to look at begin with the least sure, and no answer comes twice', () => {
  const ratings = tellingRatings(run, 4);
  expect(ratings.length).toBe(4);
  expect(new Set(ratings.map((r) => r.attempt.answer)).size).toBe(4);
  const [first, last] = [ratings[0], ratings.at(-1)].map((r) =>
    Math.max(...(r?.rating.probabilities ?? [])),
  );
  expect(first).toBeLessThan(last ?? 0);
});

test('an edit’s story runs from a weak answer of the parent to a query that both met later', () => {
  const lessons = lessonsOf(run);
  expect(lessons.length).toBe(run.candidates.length - 1);
  for (const { parent, child, weak, weakest, before, after, gain } of lessons) {
    expect(weak.candidate).toBe(parent.id);
    expect(weak.ratings?.every((r) => r.score >= weakest.score)).toBe(true);
    expect([before.candidate, after.candidate]).toEqual([parent.id, child.id]);
    expect(after.query).toBe(before.query);
    expect(after.query).not.toBe(child.query);
    expect(Number.isFinite(gain)).toBe(true);
  }
  expect(lessons.map((l) => l.gain)).toEqual(lessons.map((l) => l.gain).toSorted((a, b) => b - a));
});

describe('paired differences', () => {
  test('of all test queries say what the run’s verdict says', () => {
    for (const { against, difference, interval } of run.verdict?.comparisons ?? []) {
      const pairing = pairingsOf(recording).find((p) => p.key === against);
      expect(pairing && findingOf(pairing)).toMatchObject({ mean: difference, interval });
    }
  });

  test('of a few queries prove nothing', () => {
    const [pairing] = pairingsOf(recording);
    expect(pairing && findingOf(pairing, 4).outcome).toBe('no-difference');
  });

  test('drawn again are as many, and their mean is that of those drawn', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 2 ** 30 }),
        (differences, seed) => {
          const drawn = resample(differences, dice(seed));
          expect(drawn.times.reduce((a, b) => a + b, 0)).toBe(differences.length);
          const all = differences.flatMap((d, i) => Array<number>(drawn.times[i] ?? 0).fill(d));
          expect(drawn.mean).toBeCloseTo(mean(all), 9);
        },
      ),
    );
  });
});
