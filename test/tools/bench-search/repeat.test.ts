import { describe, expect, test } from 'vitest';
import { leaderAt, runRepeat, searchIn, type Repeat } from '../../../tools/bench-search/repeat.ts';
import { authors, ours, strategies } from '../../../tools/bench-search/strategies.ts';
import { figuresOf, linesOf } from '../../../tools/bench-search/summary.ts';
import { calibrated, makeWorld } from '../../../tools/bench-search/world.ts';

/** A repeat in which the two strategies reached so much of a best of 5. */
function repeatOf(change: Partial<Repeat>, reached: { ours: number; authors: number }): Repeat {
  const at = (strategy: string, equalBudget: number, thirdBudget: number) => ({
    ...{ strategy, spent: 300, atEnd: equalBudget },
    ...{ equalBudget, thirdBudget },
  });
  return {
    ...{ budget: 300, start: 4, best: 5, outcome: 'better', shareOfFives: 0.6, levelSd: 1 },
    ...{ covered: true, falseBetter: false },
    reached: [at(authors.name, reached.authors, 4), at(ours.name, reached.ours, 4.2)],
    ...change,
  };
}

describe('a repeat', () => {
  test('is the same for the same seed and number, and another for another', async () => {
    const [one, again, other] = [
      await runRepeat(3, 0),
      await runRepeat(3, 0),
      await runRepeat(3, 1),
    ];
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
    expect(one.reached.map((r) => r.strategy)).toEqual(strategies.map((s) => s.name));
  });

  test('has everyone between the worst rating and the best prompt, and spends what it says', async () => {
    const { best, budget, reached } = await runRepeat(4, 0);
    for (const r of reached) {
      for (const quality of [r.thirdBudget, r.equalBudget, r.atEnd]) {
        expect(quality).toBeGreaterThanOrEqual(1);
        expect(quality).toBeLessThanOrEqual(best + 1e-9);
      }
    }
    expect(reached.find((r) => r.strategy === authors.name)?.spent).toBe(budget);
  });

  test('has a leader at every count of requests, never one found later', async () => {
    const world = makeWorld({ ...calibrated, seed: 2 });
    const searched = await searchIn(world, ours, 1);
    const first = searched.leaders[0];
    expect(leaderAt(searched, 0)).toBe(first?.prompt);
    expect(leaderAt(searched, Infinity)).toBe(searched.found);
    for (const { spent, prompt } of searched.leaders) {
      const before = searched.leaders.filter((l) => l.spent < spent).at(-1);
      if (before) expect(leaderAt(searched, spent - 1)).toBe(before.prompt);
      expect(prompt).not.toBe('');
    }
  });
});

describe('the figures', () => {
  const repeats = [
    repeatOf({}, { ours: 4.8, authors: 4.6 }),
    repeatOf({ covered: false, falseBetter: true }, { ours: 4.6, authors: 4.2 }),
    repeatOf({ covered: null }, { ours: 4.4, authors: 4.4 }),
  ];

  test('are these and no others', () => {
    const { regretRatioEqualBudget, regretRatioThirdBudget, ...shares } = figuresOf(repeats);
    expect(shares).toEqual({ repeats: 3, intervalCoverage: 0.5, falseBetterRate: 1 / 3 });
    expect(regretRatioEqualBudget).toBeCloseTo((0.2 + 0.4 + 0.6) / (0.4 + 0.8 + 0.6), 10);
    // Ours at a third of the budget against the authors at all of it.
    expect(regretRatioThirdBudget).toBeCloseTo((3 * 0.8) / (0.4 + 0.8 + 0.6), 10);
  });

  test('come with a line for every bar that says whether it is met', () => {
    const bars = linesOf(repeats).slice(-4);
    expect(bars.map((line) => line.split(' ')[0])).toEqual([
      'missed',
      'missed',
      'missed',
      'missed',
    ]);
    const good = Array.from({ length: 20 }, (_, i) =>
      repeatOf({ covered: i > 0 }, { ours: 4.9, authors: 4.1 }),
    );
    expect(
      linesOf(good)
        .slice(-4)
        .map((line) => line.split(' ')[0]),
    ).toEqual([...['met', 'met', 'met', 'met']]);
  });
});
