import { describe, expect, test } from 'vitest';
import { beamAt } from '../../../src/view/learn/beam.ts';
import { recorded } from './recorded.ts';

const { record, run } = recorded();

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
