import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesOf } from '../../src/core/compose.ts';
import { pooledSearch } from '../../src/core/pooled-search.ts';
import { readEditLines } from '../../src/core/profiles/edits.ts';
import type { Profile } from '../../src/core/profile.ts';
import { normalise, parsePrompt, promptText, type Prompt } from '../../src/core/prompt.ts';
import { foldAll } from '../../src/core/run.ts';
import { usualPooled, type PooledSettings, type SearchSettings } from '../../src/core/settings.ts';
import {
  around,
  blanksOf,
  chance,
  drain,
  model,
  only,
  openProfile,
  queries,
  requests,
  searchOf,
  settingsWith,
  stopAt,
  type Mind,
  type WorldChange,
} from './builders.ts';

const start = parsePrompt('You answer.\n- Be kind to all.');

/** The open profile, but one that asks for changes of lines; what it shows stands in a rewrite's blanks. */
const editProfile: Profile = {
  ...openProfile,
  edit: ({ prompt, evidence, tried, count }) => ({
    content: {
      type: 'text',
      parts: [
        {
          text: JSON.stringify({
            prompt: promptText(prompt),
            query: evidence.map((e) => e.query).join(' | '),
            ratings: evidence.map((e) => e.ratings),
            criteria: [...tried],
            examples: [],
            former: [String(count)],
          }),
        },
      ],
    },
    stop: [],
  }),
  readEdits: readEditLines,
};

interface Change extends WorldChange {
  readonly mind?: Partial<Mind>;
  readonly search?: Partial<SearchSettings>;
  readonly pooled?: Partial<PooledSettings>;
  readonly from?: Prompt;
}

async function grow({
  mind = {},
  search: change = {},
  pooled = {},
  from = start,
  ...world
}: Change = {}) {
  const settings = settingsWith({
    search: {
      ranking: 'pooled',
      depth: 4,
      proposals: 2,
      queriesPerLevel: 2,
      pooled: { ...usualPooled, scouted: 6, ...pooled },
      ...change,
    },
  });
  const llm = model({ rewrite: twoNew, ...mind });
  const search = searchOf({ llm, settings, profile: editProfile, ...world });
  const { events, result } = await drain(
    pooledSearch(search, from, queries('t', 12), () => Promise.resolve([])),
  );
  return { events, result, llm, run: foldAll(events), search };
}

/** Two new lines, one that helps and one that harms where `worth` is the judge. */
const twoNew: Mind['rewrite'] = (_, { sampling }) =>
  `Add: Good rule number ${String(sampling.seed)} stands.\nAdd: Bad habit of kind ${String(sampling.seed)} shows.`;

/** Rates by what the prompt says: 3 and half a point for each good rule, half a point less for each bad habit. */
const worth: Mind['rate'] = ({ answer }) => {
  const count = (word: RegExp) => [...answer.matchAll(word)].length;
  return around(
    Math.min(5, Math.max(1, 3 + 0.5 * count(/Good rule/g) - 0.5 * count(/Bad habit/g))),
  );
};

const textOf = (prompt: Prompt | undefined) => (prompt ? promptText(prompt) : '');

describe('the pooled search', () => {
  test('keeps the lines that help and leaves those that harm', async () => {
    const { result } = await grow({ mind: { rate: worth }, search: { depth: 8 } });
    const found = textOf(result.beam[0]?.prompt);
    expect([...found.matchAll(/Good rule/g)].length).toBeGreaterThanOrEqual(3);
    expect(found).not.toContain('Bad habit');
  });

  test('finds a prompt that nobody proposed: good lines of several proposals together', async () => {
    const { run, result } = await grow({ mind: { rate: worth }, search: { depth: 8 } });
    const best = run.candidates.find((c) => c.id === result.beam[0]?.id);
    const crossed = run.candidates.filter((c) => c.crossed === true);
    expect(crossed.length).toBeGreaterThan(3);
    expect(best?.prompt.bullets.length).toBeGreaterThan(2);
    for (const { prompt } of crossed) {
      for (const { text } of prompt.bullets) {
        const proposed = run.candidates.some(
          (c) => c.crossed !== true && linesOf(c.prompt).has(normalise(text)),
        );
        expect(proposed).toBe(true);
      }
    }
  });

  test('keeps beside the best prompt one that is best on a criterion, where that is wanted', async () => {
    const torn: Mind['rate'] = ({ answer, criterion }) => {
      const good = [...answer.matchAll(/Good rule/g)].length;
      const bad = [...answer.matchAll(/Bad habit/g)].length;
      const shift = criterion === 'Clarity' ? 0.8 * good - 0.9 * bad : 0.6 * bad - 0.1 * good;
      return around(Math.min(5, Math.max(1, 2.5 + shift)));
    };
    const badIn = async (strategy: 'beam' | 'pareto') => {
      const { result } = await grow({
        mind: { rate: torn },
        search: { strategy, width: 2, depth: 4, queriesPerLevel: 3 },
      });
      return result.beam.map((c) => [...textOf(c.prompt).matchAll(/Bad habit/g)].length);
    };
    const [first = 0, second = 0] = await badIn('pareto');
    expect(second).toBeGreaterThan(first);
    expect(second).toBeGreaterThan((await badIn('beam'))[1] ?? 0);
  });

  test('where opinions count, asks several times and tells of no line that was tried', async () => {
    const opinions = { first: 3, every: 2 };
    const { llm } = await grow({
      mind: { rate: worth },
      pooled: { opinions },
      search: { depth: 5 },
    });
    const asked = requests(llm, 'rewrite');
    expect(asked).toHaveLength(3 + 2);
    for (const request of asked) expect(blanksOf(request).criteria).toEqual([]);
  });

  test('where opinions count, proposals are mixed at once and not tried one by one', async () => {
    const { run } = await grow({
      mind: { rate: worth },
      pooled: { opinions: { first: 3, every: 2 }, crosses: 1 },
      search: { depth: 1 },
    });
    expect(run.candidates.filter((c) => c.query !== null).length).toBeGreaterThan(4);
    // The start, the mixture that is expected to be best, and one that is drawn.
    expect(run.candidates.filter((c) => c.attempts.length > 0).length).toBeLessThanOrEqual(3);
  });

  test('where opinions count, a line that comes again and again is mixed in first', async () => {
    const same: Mind['rewrite'] = (_, { sampling }) =>
      `Add: Always say what is meant here.\nAdd: Rule ${String(sampling.seed)} of the ${String(sampling.seed % 977)} others.`;
    const { run } = await grow({
      mind: { rewrite: same },
      pooled: { opinions: { first: 6, every: 9 }, crosses: 0 },
      search: { depth: 1 },
    });
    const [mixed] = run.candidates.filter((c) => c.crossed === true);
    expect(mixed?.prompt.bullets.map((b) => b.text)).toEqual(['Always say what is meant here.']);
  });

  test('tries the start on the first queries, and asks those again on which it was neither perfect nor hopeless', async () => {
    const rated: Record<string, number> = { t0: 5, t1: 3.6, t2: 3.5, t3: 1, t4: 3.8, t5: 3.4 };
    const rate: Mind['rate'] = ({ query }) => around(rated[query.replace('question ', '')] ?? 3);
    const { run } = await grow({ mind: { rate } });
    expect(run.levels[0]?.queries).toEqual(['t0', 't1', 't2', 't3', 't4', 't5']);
    const later = new Set(run.levels.slice(1).flatMap((level) => level.queries));
    expect([...later].sort()).toEqual(['t1', 't2', 't4', 't5']);
  });

  test('rates proposals on the start’s weakest criteria only', async () => {
    const rate: Mind['rate'] = ({ criterion }) => around(criterion === 'Clarity' ? 2 : 4);
    const { run } = await grow({ mind: { rate }, pooled: { ratings: 1 } });
    const [first, ...others] = run.candidates;
    expect(first?.attempts[0]?.ratings).toHaveLength(2);
    const attempts = others.flatMap((c) => c.attempts);
    expect(attempts.length).toBeGreaterThan(3);
    for (const { ratings } of attempts)
      expect(ratings?.map((r) => r.criterion)).toEqual(['Clarity']);
  });

  test('shows the optimizer several weak answers at once, with as many reasons as asked for', async () => {
    const { llm, run } = await grow({ pooled: { evidence: 3, reasons: 1 }, search: { depth: 1 } });
    const [asked] = requests(llm, 'rewrite');
    if (!asked) throw new Error('a rewrite');
    expect(blanksOf(asked).query.split(' | ')).toHaveLength(3);
    expect(run.candidates[0]?.explanations).toHaveLength(1);
  });

  test('refuses a line that nearly says what was tried, before it costs anything', async () => {
    const rewrite: Mind['rewrite'] = () =>
      'Add: To all be kind!\nAdd: Speak of the matter at hand.';
    const { run, events } = await grow({ mind: { rewrite }, search: { depth: 2 } });
    const refused = only(events, 'proposal-refused');
    expect(refused.map((e) => e.why)).toContain('duplicate');
    const said = run.candidates.flatMap((c) => c.prompt.bullets.map((b) => b.text));
    expect(said).not.toContain('To all be kind!');
    expect(said).toContain('Speak of the matter at hand.');
  });

  test.each([
    ['nothing that is a change', 'I cannot do that.', ['unreadable']],
    // A duplicate where the line had been left out before.
    ['the line it was given', 'Add: Be kind to all.', ['unreadable', 'duplicate']],
  ])('goes on where the optimizer says %s', async (_, said, whys) => {
    const { events, result } = await grow({ mind: { rewrite: () => said } });
    expect(only(events, 'proposal-refused').every((e) => whys.includes(e.why))).toBe(true);
    expect(only(events, 'beam')).toHaveLength(5);
    expect(result.beam.length).toBeGreaterThan(0);
  });

  test('keeps a locked line in every prompt', async () => {
    const locked = { ...start, bullets: start.bullets.map((b) => ({ ...b, locked: true })) };
    const rate: Mind['rate'] = ({ answer }) => around(answer.includes('kind to all') ? 2 : 4);
    const { run } = await grow({ from: locked, mind: { rate }, search: { depth: 6 } });
    for (const { prompt } of run.candidates) expect(textOf(prompt)).toContain('- Be kind to all.');
  });

  test('a line of the start that harms can go', async () => {
    const rate: Mind['rate'] = ({ answer }) => around(answer.includes('kind to all') ? 2 : 4);
    const { result } = await grow({ mind: { rate }, search: { depth: 8 } });
    expect(textOf(result.beam[0]?.prompt)).not.toContain('kind to all');
  });

  test('a bullet that does too little for its price is left out', async () => {
    const free = await grow({ mind: { rate: worth }, pooled: { bulletPrice: 0 } });
    const dear = await grow({ mind: { rate: worth }, pooled: { bulletPrice: 2 } });
    expect(free.result.beam[0]?.prompt.bullets.length).toBeGreaterThan(1);
    expect(dear.result.beam[0]?.prompt.bullets.length).toBeLessThanOrEqual(1);
  });

  test('asks for nothing where every rating is good', async () => {
    const { llm, events } = await grow({ mind: { rate: () => around(4.9) } });
    expect(requests(llm, 'rewrite')).toHaveLength(0);
    expect(only(events, 'skipped').length).toBeGreaterThan(0);
  });
});

describe('the end of a pooled search', () => {
  test('comes after so many levels without another best prompt', async () => {
    const stuck: Partial<Mind> = { rewrite: () => 'No change.', rate: () => around(3) };
    const { run } = await grow({ mind: stuck, search: { depth: 30, stop: { patience: 3 } } });
    expect(run.levels.length).toBeLessThan(12);
  });

  test('comes after so many requests', async () => {
    const bound = 40;
    const { search, run } = await grow({ search: { depth: 50, stop: { requests: bound } } });
    expect(search.spent.asked.size).toBeGreaterThanOrEqual(bound);
    // The level under way is finished.
    expect(search.spent.asked.size).toBeLessThan(bound + 60);
    expect(run.levels.length).toBeLessThan(10);
  });

  test('comes where a person stops it, with the best so far', async () => {
    const { result, run } = await grow({ steer: stopAt(2), mind: { rate: worth } });
    expect(run.levels).toHaveLength(2);
    expect(result.beam.length).toBeGreaterThan(0);
  });
});

test('no prompt ever has more than eight bullets or says a line twice, whatever is proposed and rated', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1000), async (seed) => {
      const { run } = await grow({
        search: { depth: 6, proposals: 4, racing: 1 },
        mind: {
          rate: ({ answer, criterion }) =>
            chance(seed, answer) < 0.1
              ? [0.2, 0.2, 0.2, 0.2, 0.2]
              : around(1 + 4 * chance(seed, answer, criterion)),
          rewrite: (_, { sampling }) =>
            chance(seed, sampling.seed) < 0.2
              ? 'No.'
              : [0, 1, 2, 3]
                  .map(
                    (i) => `Add: Rule ${String((sampling.seed + i) % 23)} of ${String(i)} things.`,
                  )
                  .join('\n'),
        },
      });
      for (const { prompt } of run.candidates) {
        expect(prompt.bullets.length).toBeLessThanOrEqual(8);
        expect(linesOf(prompt).size).toBe(prompt.bullets.length);
      }
      expect(new Set(run.candidates.map((c) => c.id)).size).toBe(run.candidates.length);
    }),
    { numRuns: 10 },
  );
});
