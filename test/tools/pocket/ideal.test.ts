import { describe, expect, test } from 'vitest';
import { Dice } from '../../../tools/pocket/dice.ts';
import { Speaker } from '../../../tools/pocket/evaluate/ask.ts';
import {
  editing,
  explaining,
  following,
  improving,
  judging,
  keepingScope,
  reading,
  recognising,
  scoped,
} from '../../../tools/pocket/evaluate/roles.ts';
import { search } from '../../../tools/pocket/evaluate/searches.ts';
import { allQueries } from '../../../tools/pocket/find-query.ts';
import { idealModel } from '../../../tools/pocket/ideal.ts';
import { behaviours } from '../../../tools/pocket/world.ts';

const queries = allQueries();
const ideal = idealModel([...queries.values()]);
const speaker = new Speaker(ideal);
const all = (count: number) => ({ hits: count, of: count });

describe('a model that does what is taught without mistake', () => {
  test('has every figure of the evaluation full', async () => {
    const dice = new Dice(1);
    for (const pairs of ['seen', 'held-out'] as const) {
      const { exact, near } = await judging(speaker, dice, { phrasings: 'held-out', pairs }, 30);
      expect(exact).toEqual(all(exact.of));
      expect(near).toEqual(all(exact.of));
    }
    const read = await reading(speaker, dice, 40);
    expect(read).toEqual(all(read.of));
    for (const b of behaviours) expect(await following(speaker, dice, b, 6), b).toEqual(all(6));
    for (const b of scoped) expect(await keepingScope(speaker, dice, b, 6), b).toEqual(all(6));
    expect(await editing(speaker, dice, 40)).toEqual(all(40));
    expect(await explaining(speaker, dice, 40)).toEqual(all(40));
    expect(await improving(speaker, dice, 30)).toEqual({
      better: all(30),
      worse: { hits: 0, of: 30 },
    });
    const { insideTaken, ...outside } = await recognising(speaker, dice, 20);
    expect(insideTaken).toEqual({ hits: 0, of: 20 });
    for (const role of Object.values(outside)) expect(role).toEqual(all(20));
  });

  test('wins what the search can win, far more than random edits do and than every bullet at once', async () => {
    const found = { taught: 0, random: 0, every: 0 };
    for (const seed of [1, 2, 3]) {
      const taught = await search(ideal, queries, seed, 'taught');
      const random = await search(ideal, queries, seed, 'random');
      expect(taught.rule.after - taught.rule.before).toBeGreaterThan(1.5);
      expect(taught.outcome).toBe('better');
      expect(taught.ruleOutcome).toBe('better');
      expect(taught.judge.after).toBeCloseTo(taught.rule.after, 6);
      expect(taught.bullets.length).toBeLessThanOrEqual(8);
      found.taught += taught.rule.after / 3;
      found.random += random.rule.after / 3;
      found.every += taught.rule.every / 3;
    }
    expect(found.taught - found.random).toBeGreaterThan(0.4);
    expect(found.taught - found.every).toBeGreaterThan(0.4);
  });
});
