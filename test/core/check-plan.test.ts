import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pickExamples, planPairs, plantAll } from '../../src/core/check-plan.ts';
import { examplesChecked } from '../../src/core/check-size.ts';
import type { Example } from '../../src/core/events.ts';
import { presets, type Settings } from '../../src/core/settings.ts';
import { plantedTexts, startingExamples } from '../../src/data/index.ts';
import { settingsWith } from './builders.ts';

const all = { examples: startingExamples, texts: plantedTexts, seed: 1 };
const possible = plantAll(startingExamples, all);

test('pairs cost no more than the budget, and none could be added', () => {
  const costs = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(costs, fc.integer({ min: 0, max: 500 }), (each, budget) => {
      const cost = (e: Example) => each[startingExamples.indexOf(e)] ?? 1;
      const pairs = planPairs(possible, cost, budget);
      const begun = new Set(pairs.map((p) => p.example));
      const spent = [...begun, ...pairs.map((p) => p.example)].reduce((s, e) => s + cost(e), 0);
      expect(spent).toBeLessThanOrEqual(budget);
      expect(new Set(pairs).size).toBe(pairs.length);
      const fits = possible.filter(
        (p) =>
          !pairs.includes(p) && cost(p.example) * (begun.has(p.example) ? 1 : 2) <= budget - spent,
      );
      expect(fits).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('every way of spoiling has its turn before one is used much more than another', () => {
  const pairs = planPairs(possible, () => 4, 4 * (16 + 32));
  expect(pairs).toHaveLength(32);
  const times = (kind: string) => pairs.filter((p) => p.kind === kind).length;
  for (const kind of ['other', 'cut', 'shuffled', 'padded', 'refused']) {
    expect(times(kind)).toBeGreaterThanOrEqual(5);
    expect(times(kind)).toBeLessThanOrEqual(7);
  }
  expect(times('complied')).toBe(2);
});

test('pairs of one example stand together', () => {
  const ids = planPairs(possible, () => 1, 60).map((p) => p.example.id);
  const runs = ids.filter((id, i) => id !== ids[i - 1]);
  expect(new Set(runs).size).toBe(runs.length);
});

test.each<[string, Settings, number]>([
  ['quick', presets.quick, 10],
  ['paper', presets.paper, 6],
  ['demo', presets.demo, 16],
  ['few requests', settingsWith({ evaluation: { checkRequests: 5 } }), 4],
  ['many', settingsWith({ evaluation: { checkRequests: 5000 } }), 16],
  ['thinking in both orders', settingsWith({ judge: { thinkFirst: true, rubricOrders: 2 } }), 4],
])('%s takes its number of examples', (_, settings, count) => {
  expect(examplesChecked(settings, 16)).toBe(count);
  expect(pickExamples(startingExamples, settings)).toHaveLength(count);
});

test('examples are picked by the seed, harmful queries among them', () => {
  const pick = (seed: number) =>
    pickExamples(startingExamples, { ...presets.quick, seed }).map((e) => e.id);
  expect(pick(1)).toEqual(pick(1));
  expect(pick(1)).not.toEqual(pick(2));
  for (const seed of [1, 2, 3]) {
    expect(pick(seed)).toEqual(expect.arrayContaining(['example-02', 'example-10']));
    expect(pick(seed)).toEqual(pick(seed).toSorted());
  }
});
