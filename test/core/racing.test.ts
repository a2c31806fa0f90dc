import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockSearch } from '../../src/core/block-search.ts';
import { candidateOf, foldAll } from '../../src/core/run.ts';
import { parsePrompt } from '../../src/core/prompt.ts';
import { outOfRace, type Runner } from '../../src/core/racing.ts';
import { around, drain, model, only, queries, searchOf, settingsWith } from './builders.ts';

const runner = (id: string, ...rewards: readonly (number | null)[]): Runner => ({ id, rewards });

describe('a race', () => {
  test('drops who is far behind on every query, and nobody whose deficit varies as much', () => {
    const runners = [
      runner('best', 5, 4, 5, 4),
      runner('near', 4, 5, 4, 4),
      runner('wild', 1, 5, 5, 4),
      runner('far', 2, 1, 2, 1),
    ];
    expect(outOfRace(runners, { width: 1, left: 4 })).toEqual(['far']);
  });

  test('has no doubt at the end of the block', () => {
    const runners = [runner('best', 5, 4), runner('near', 4.9, 4)];
    expect(outOfRace(runners, { width: 1, left: 6 })).toEqual([]);
    expect(outOfRace(runners, { width: 1, left: 0 })).toEqual(['near']);
  });

  test('goes by what both were rated on', () => {
    const runners = [runner('best', 5, null, 5, 5), runner('gap', null, 5, 5, 5)];
    expect(outOfRace(runners, { width: 1, left: 2 })).toEqual([]);
  });

  const rewards = fc.array(fc.integer({ min: 4, max: 20 }), { minLength: 1, maxLength: 12 });

  test('never drops a prompt that is best on every query, nor more than leaves the width', () => {
    const field = fc.tuple(
      rewards,
      fc.array(fc.array(fc.nat({ max: 16 }), { minLength: 12, maxLength: 12 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat({ max: 12 }),
    );
    fc.assert(
      fc.property(field, ([best, deficits, width, left]) => {
        const others = deficits.map((deficit, i) =>
          runner(
            `o${String(i)}`,
            ...best.map((r, at) => Math.max(1, (r - (deficit[at] ?? 0)) / 4)),
          ),
        );
        const runners = [...others, runner('best', ...best.map((r) => r / 4))];
        const out = outOfRace(runners, { width, left });
        expect(out).not.toContain('best');
        expect(runners.length - out.length).toBeGreaterThanOrEqual(Math.min(width, runners.length));
      }),
    );
  });
});

describe('a level with a race', () => {
  /** The optimizer says a number; a prompt is as good as its number, on every query. */
  const numbered = () => {
    let next = 0;
    return model({
      rewrite: () => `- Be ${String([2, 5, 1, 4][next++ % 4])} of five.`,
      rate: ({ answer }) => around(Number(/Be (\d)/.exec(answer)?.[1] ?? 3)),
    });
  };
  const settings = (racing: number) =>
    settingsWith({
      search: { width: 1, proposals: 4, depth: 1, extraDepth: 0, queriesPerLevel: 6, racing },
    });

  const searched = async (racing: number) => {
    const search = searchOf({ llm: numbered(), settings: settings(racing) });
    const noExamples = () => Promise.resolve([]);
    return drain(blockSearch(search, parsePrompt('Answer.'), queries('t', 12), noExamples));
  };

  test('keeps what it would keep without, for fewer attempts, and says what was spared', async () => {
    const [without, raced] = [await searched(0), await searched(2)];
    const kept = (events: typeof raced.events) =>
      only(events, 'beam').map((e) => e.kept.map((k) => k.candidate));
    expect(kept(raced.events)).toEqual(kept(without.events));
    const made = (events: typeof raced.events) => only(events, 'attempt').length;
    const spared = foldAll(raced.events).levels.reduce((sum, level) => sum + level.spared, 0);
    expect(spared).toBeGreaterThan(0);
    expect(made(raced.events) + spared).toBe(made(without.events));
  });

  test('is told with each prompt that left it', async () => {
    const { events } = await searched(2);
    const run = foldAll(events);
    const said = only(events, 'raced-out').flatMap(({ level, left, candidates }) =>
      candidates.map((id) => ({ id, level, left })),
    );
    expect(said.length).toBeGreaterThan(0);
    const held = run.candidates.flatMap(({ id, racedOut }) =>
      racedOut.map((race) => ({ id, ...race })),
    );
    expect(new Set(held)).toEqual(new Set(said));
    for (const { id, level, left } of said) {
      const block = run.levels[level]?.queries ?? [];
      const met = candidateOf(run, id)?.attempts.filter((a) => block.includes(a.query));
      expect(met).toHaveLength(block.length - left);
    }
  });

  test('is none where all of its prompts are kept anyway', async () => {
    const { events } = await searched(2);
    const first = only(events, 'raced-out').map((e) => e.level);
    expect(first).not.toContain(0);
  });
});
