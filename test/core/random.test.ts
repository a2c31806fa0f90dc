import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dice, seedAt, shuffled } from '../../src/core/random.ts';

const runSeed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const place = fc.array(fc.oneof(fc.string(), fc.nat()), { maxLength: 4 });

describe('seeds', () => {
  test('lie between a million and 2³¹−2', () => {
    fc.assert(
      fc.property(runSeed, place, (seed, at) => {
        const value = seedAt(seed, ...at);
        expect(Number.isInteger(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(1_000_000);
        expect(value).toBeLessThanOrEqual(2 ** 31 - 2);
      }),
    );
  });

  test('never change: a kept run must find its replies again', () => {
    expect(seedAt(1, 'rewrite', 'p0', 't1', 1, 0)).toBe(453_535_438);
    expect(seedAt(2_147_483_647, 'verdict', 'start')).toBe(1_432_754_258);
  });

  test('differ from place to place and from run to run', () => {
    const places = Array.from({ length: 100 }, (_, run) =>
      Array.from({ length: 100 }, (_, i) => seedAt(run, 'rewrite', 'p0', i)),
    ).flat();
    // Of 10,000 draws from 2³¹ a few may meet by chance; a hash that ignored a part would meet by the hundred.
    expect(new Set(places).size).toBeGreaterThan(9_995);
  });

  test('of neighbours share no pattern: every bit is set about half the time', () => {
    const seeds = Array.from({ length: 2_000 }, (_, i) => seedAt(1, 'rewrite', i));
    for (let bit = 0; bit < 30; bit++) {
      const set = seeds.filter((seed) => (seed >>> bit) & 1).length;
      expect(set / seeds.length).toBeGreaterThan(0.45);
      expect(set / seeds.length).toBeLessThan(0.55);
    }
  });
});

describe('dice', () => {
  test('roll the same for the same seed', () => {
    fc.assert(
      fc.property(runSeed, (seed) => {
        const rolls = () => {
          const roll = dice(seed);
          return Array.from({ length: 20 }, () => roll(1000));
        };
        expect(rolls()).toEqual(rolls());
      }),
    );
  });

  test('stay below the bound and reach every side', () => {
    const roll = dice(7);
    const sides = Array.from({ length: 600 }, () => roll(6));
    expect(new Set(sides)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(dice(7)(1)).toBe(0);
  });
});

describe('shuffling', () => {
  test('keeps every item exactly once, and the list given as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), runSeed, (items, seed) => {
        const before = [...items];
        const order = shuffled(items, dice(seed));
        expect([...order].sort()).toEqual([...items].sort());
        expect(items).toEqual(before);
      }),
    );
  });

  test('reaches every order about equally often', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6_000; seed++) {
      const order = shuffled(['a', 'b', 'c'], dice(seedAt(seed, 'shuffle'))).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1150);
    }
  });
});
