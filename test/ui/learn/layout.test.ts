import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beamAt } from '../../../src/view/learn/beam.ts';
import { beamEdges, beamRows, beamSlots } from '../../../src/ui/learn/beam-layout.ts';
import { binned, reachOf, stacked } from '../../../src/ui/learn/plot-layout.ts';
import { sharedWords } from '../../../src/ui/learn/shared-words.ts';
import { finishedRun } from '../fixture-run.ts';

const differences = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { maxLength: 30 });

test.each([1, 2, 3])('with a beam of %i no two candidates stand on one place', (width) => {
  const levels = beamAt(finishedRun, width);
  const slots = beamSlots(levels);
  const places = slots.map(({ column, row }) => `${String(column)} ${String(row)}`);
  expect(new Set(places).size).toBe(slots.length);
  expect(Math.max(...slots.map((s) => s.row))).toBe(beamRows(levels) - 1);
  const ranked = levels.slice(1).flatMap((l) => l.ranking);
  expect(beamEdges(finishedRun, levels).length).toBe(ranked.length);
});

test('the scale holds every difference', () => {
  fc.assert(
    fc.property(differences, (all) => {
      const reach = reachOf(all);
      expect(all.every((d) => Math.abs(d) <= reach)).toBe(true);
    }),
  );
});

test('dots of like differences stand on each other, and none is far from its own', () => {
  fc.assert(
    fc.property(differences, (all) => {
      const reach = reachOf(all);
      const dots = stacked(all, reach);
      const places = dots.map((d) => `${d.value.toFixed(6)} ${String(d.height)}`);
      expect(new Set(places).size).toBe(dots.length);
      for (const [i, dot] of dots.entries()) {
        expect(Math.abs(dot.value - (all[i] ?? 0))).toBeLessThanOrEqual(reach / 28 + 1e-9);
      }
    }),
  );
});

test('every mean is counted in a bin', () => {
  fc.assert(
    fc.property(differences, (all) => {
      const bins = binned(all, reachOf(all));
      expect(bins.reduce((sum, b) => sum + b.count, 0)).toBe(all.length);
    }),
  );
});

test('shared words are found in whatever case, and the text stays whole', () => {
  const parts = sharedWords('Tell me HOW to plant a palm.', 'how do I plant it?');
  expect(parts.filter((p) => p.shared).map((p) => p.text)).toEqual(['HOW', 'plant']);
  expect(parts.map((p) => p.text).join('')).toBe('Tell me HOW to plant a palm.');
});
