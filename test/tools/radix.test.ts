import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RadixTree } from '../../tools/bench/radix.ts';

const prompts = fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 12 }), {
  maxLength: 30,
});

/** The same cache as a plain set of beginnings, each with when it was last used. */
function plainly(capacity: number): (prompt: readonly number[]) => number {
  const used = new Map<string, number>();
  let clock = 0;
  return (prompt) => {
    clock++;
    const beginnings = prompt.map((_, i) => prompt.slice(0, i + 1).join(' '));
    const missing = beginnings.filter((beginning) => !used.has(beginning)).length;
    for (const beginning of beginnings) used.set(beginning, clock);
    while (used.size > capacity) used.delete(oldestEnd(used));
    return missing;
  };
}

function oldestEnd(used: ReadonlyMap<string, number>): string {
  const all = [...used.keys()];
  const ends = all.filter((b) => !all.some((other) => other.startsWith(`${b} `)));
  return ends.reduce((a, b) => ((used.get(b) ?? 0) < (used.get(a) ?? 0) ? b : a));
}

describe('the floor of a prefix cache', () => {
  test('without a bound is the number of distinct beginnings', () => {
    fc.assert(
      fc.property(prompts, (all) => {
        const tree = new RadixTree();
        const read = all.reduce((sum, prompt) => sum + tree.add(prompt), 0);
        const distinct = new Set(all.flatMap((p) => p.map((_, i) => p.slice(0, i + 1).join(' '))))
          .size;
        expect([read, tree.held]).toEqual([distinct, distinct]);
      }),
    );
  });

  test('with a bound gives up the end of what was used longest ago', () => {
    fc.assert(
      fc.property(prompts, fc.integer({ min: 0, max: 40 }), (all, capacity) => {
        const tree = new RadixTree(capacity);
        const reference = plainly(capacity);
        for (const prompt of all) {
          expect(tree.add(prompt)).toBe(reference(prompt));
          expect(tree.held).toBeLessThanOrEqual(capacity);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('is reached by asking a prompt again, and by every beginning of it', () => {
    const tree = new RadixTree();
    expect([[1, 2, 3, 4], [1, 2, 3, 4], [1, 2], [1, 2, 5], []].map((p) => tree.add(p))).toEqual([
      4, 0, 0, 1, 0,
    ]);
  });
});
