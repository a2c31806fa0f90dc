import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fewestOwnQueries, planQueries, splitOwn, type Splits } from '../../src/core/plan.ts';
import { queries, settingsWith } from './builders.ts';

const ids = (splits: Splits) => ({
  train: splits.train.map((q) => q.id),
  select: splits.select.map((q) => q.id),
  test: splits.test.map((q) => q.id),
});
const all = (splits: Splits) => [...splits.train, ...splits.select, ...splits.test];

describe('the app’s own queries', () => {
  const ours = { train: queries('t', 9), select: queries('s', 7), test: queries('x', 8) };
  const plan = (seed: number) =>
    planQueries(ours, { ...settingsWith({ evaluation: { selection: 3, test: 5 } }), seed });

  test('are as many as the settings want, all of them for training', () => {
    const { train, select, test: tested } = plan(1);
    expect([train.length, select.length, tested.length]).toEqual([9, 3, 5]);
    expect(new Set(train)).toEqual(new Set(ours.train));
  });

  test('are taken in a row, from a place that the seed decides', () => {
    const next = new Map(ours.test.map((q, i) => [q.id, `x${(i + 1) % 8}`]));
    const starts = new Set<string | undefined>();
    for (let seed = 0; seed < 40; seed++) {
      const { test: taken } = ids(plan(seed));
      taken.slice(1).forEach((id, i) => expect(id).toBe(next.get(taken[i] ?? '')));
      starts.add(taken[0]);
      expect(ids(plan(seed)).test).toEqual(taken);
    }
    expect(starts.size).toBe(8);
  });

  test('none, where there are none', () => {
    const none = { train: [], select: [], test: [] };
    expect(planQueries(none, settingsWith())).toEqual(none);
  });
});

describe('a person’s own queries', () => {
  const own = fc
    .uniqueArray(fc.nat(999), { minLength: fewestOwnQueries, maxLength: 80 })
    .map((all) => all.map((n) => ({ text: `What is ${n}?`, kind: '' })));

  test('are each used once: at most 40 % for the test, 20 % for selection, the rest to train on', () => {
    fc.assert(
      fc.property(own, fc.nat(), (texts, seed) => {
        const splits = splitOwn(texts, { ...settingsWith(), seed });
        const used = all(splits);
        expect(new Set(used.map((q) => q.id)).size).toBe(texts.length);
        expect(used.map((q) => q.text).sort()).toEqual(texts.map((t) => t.text).sort());
        expect(splits.test.length).toBeLessThanOrEqual(0.4 * texts.length);
        expect(splits.select.length).toBeLessThanOrEqual(0.2 * texts.length);
        expect(splits.train.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  test('that say the same count once, so that no test query was trained on', () => {
    const texts = Array.from({ length: 20 }, (_, i) => ({ text: `What is ${i}?`, kind: '' }));
    const again = texts.map(({ text }) => ({ text: ` ${text.toUpperCase()} `, kind: '' }));
    const used = all(splitOwn([...texts, ...again], settingsWith()));
    expect(used.map((q) => q.text).sort()).toEqual(texts.map((t) => t.text).sort());
    const same = Array.from({ length: 30 }, () => ({ text: 'Hello', kind: '' }));
    expect(() => splitOwn(same, settingsWith())).toThrow('1 query is too few');
  });

  test('are split the same way for the same seed', () => {
    const texts = queries('own', 20);
    const split = (seed: number) => ids(splitOwn(texts, { ...settingsWith(), seed }));
    expect(split(3)).toEqual(split(3));
    expect(split(3)).not.toEqual(split(4));
  });

  test.each([0, 1, fewestOwnQueries - 1])(
    '%i are too few, and the message says how many it takes',
    (count) => {
      expect(() => splitOwn(queries('own', count), settingsWith())).toThrow(
        expect.objectContaining({
          code: 'data-empty',
          message: expect.stringContaining(`at least ${fewestOwnQueries}`) as string,
        }) as Error,
      );
    },
  );
});
