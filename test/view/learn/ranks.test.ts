import { describe, expect, test } from 'vitest';
import { alike, placesBy, telling } from '../../../src/view/learn/ranks.ts';
import { recorded } from './recorded.ts';

const { run } = recorded();

describe('places by one query', () => {
  const decided = run.levels.filter((l) => (l.dropped?.length ?? 0) > 0);

  test('are from 1 up, like rewards share one, and the block’s come in order', () => {
    for (const level of decided) {
      for (const query of level.queries) {
        const places = placesBy(run, level, query);
        for (const { place, reward } of places) {
          expect(place).toBe(1 + places.filter((p) => p.reward > reward + alike).length);
        }
        expect(places[0]?.mean).toBeCloseTo(level.kept?.[0]?.aggregate ?? 0, 2);
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
