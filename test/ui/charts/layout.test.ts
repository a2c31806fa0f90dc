import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from '../../../src/view/score-columns.ts';
import { scoreColumns, startScore } from '../../../src/view/score-columns.ts';
import { layoutScores } from '../../../src/ui/charts/score-layout.ts';
import { bestSoFar, lineage } from '../../../src/view/standing.ts';
import { layoutTree } from '../../../src/view/tree-layout.ts';
import type { SearchEvent } from '../../../src/core/events.ts';
import { parsePrompt } from '../../../src/core/prompt.ts';
import { emptyRun, foldAll } from '../../../src/core/run.ts';
import { finishedRun, runUntil } from '../fixture-run.ts';

const prompt = parsePrompt('You are a helpful assistant.');

/** Candidates whose parents may lie any number of levels above them. */
const candidates = fc
  .array(fc.tuple(fc.nat(1000), fc.integer({ min: 1, max: 4 })), { maxLength: 60 })
  .map((steps) => {
    const levels = [0];
    const events: SearchEvent[] = [made(0, null, 0)];
    for (const [pick, deeper] of steps) {
      const parent = pick % levels.length;
      const level = (levels[parent] ?? 0) + deeper;
      events.push(made(levels.length, `p${String(parent)}`, level));
      levels.push(level);
    }
    return foldAll(events);
  });

function made(n: number, parent: string | null, level: number): SearchEvent {
  const id = `p${String(n)}`;
  return { type: 'candidate', candidate: { id, parent, level, prompt, query: null, replies: [] } };
}

test('the tree shows every candidate in the lane of its level, and no two overlap', () => {
  fc.assert(
    fc.property(candidates, (run) => {
      const { nodes, edges } = layoutTree(run);
      expect(nodes.map((n) => n.candidate.id).toSorted()).toEqual(
        run.candidates.map((c) => c.id).toSorted(),
      );
      expect(nodes.every((n) => n.lane === n.candidate.level)).toBe(true);
      for (const [i, node] of nodes.entries()) {
        const next = nodes[i + 1];
        if (next?.lane === node.lane) expect(next.row - node.row).toBeGreaterThanOrEqual(0.999);
      }
      expect(edges.map((e) => `${e.from} ${e.to}`).toSorted()).toEqual(
        run.candidates
          .flatMap((c) => (c.parent === null ? [] : [`${c.parent} ${c.id}`]))
          .toSorted(),
      );
    }),
  );
});

test('an edge that skips a lane passes between the candidates there', () => {
  fc.assert(
    fc.property(candidates, (run) => {
      const { nodes, edges } = layoutTree(run);
      const between = edges.flatMap((e) => e.points.slice(1, -1));
      for (const [lane, row] of between) {
        const near = nodes.filter((n) => n.lane === lane && Math.abs(n.row - row) < 0.999);
        expect(near).toEqual([]);
      }
    }),
  );
});

test('every dot of the score chart lies inside it, at a height that orders like its score', () => {
  const score = fc.double({ min: 1, max: 5, noNaN: true });
  const column = fc.array(score, { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 12 }), score, (scores, start) => {
      const columns = scores.map((list, i): Column => {
        const dots = list.map((s, n) => ({
          candidate: `p${String(n)}`,
          score: s,
          standing: 'kept' as const,
        }));
        return { key: String(i), label: '', dots, best: Math.max(...list) };
      });
      const chart = layoutScores(columns, start, { width: 300, height: 264, slots: 4 });
      for (const dot of chart.dots) {
        expect(dot.x > 0 && dot.x < chart.width && dot.y > 0 && dot.y < 264).toBe(true);
      }
      const byScore = chart.dots.toSorted((a, b) => a.score - b.score);
      expect(byScore.every((d, i) => i === 0 || d.y <= (byScore[i - 1]?.y ?? 0) + 1e-9)).toBe(true);
    }),
  );
});

test('a level under way shows its candidates so far and claims no best', () => {
  const run = runUntil((e) => e.type === 'beam' && e.level === 2);
  const columns = scoreColumns(run);
  expect(columns.map((c) => c.best !== null)).toEqual([true, true, false]);
  expect(columns[2]?.dots.map((d) => d.standing)).toEqual(Array.from({ length: 5 }, () => 'open'));
});

test('an unread rating is left out of every score, not counted as zero', () => {
  const p2 = scoreColumns(finishedRun)[1]?.dots.find((d) => d.candidate === 'p2');
  const read = finishedRun.candidates[2]?.attempts.flatMap((a) => a.reward ?? []) ?? [];
  expect(read).toHaveLength(3);
  expect(p2?.score).toBeCloseTo(read.reduce((a, b) => a + b, 0) / 3);
});

test('the best so far is the start, then the best of the last decided level, then the selected one', () => {
  expect(bestSoFar(emptyRun)).toBeUndefined();
  expect(bestSoFar(runUntil((e) => e.type === 'beam'))?.id).toBe('p0');
  expect(bestSoFar(runUntil((e) => e.type === 'beam' && e.level === 3))?.id).toBe('p3');
  expect(bestSoFar(finishedRun)?.id).toBe('p8');
  expect([...lineage(finishedRun, 'p8')]).toEqual(['p8', 'p4', 'p1', 'p0']);
  expect(startScore(emptyRun)).toBeNull();
});
