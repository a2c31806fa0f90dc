import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePair } from '../../src/core/compare-pair.ts';
import { profiles } from '../../src/core/profiles/index.ts';
import { journaled } from '../../src/llm/journal.ts';
import { scripted } from '../../src/llm/scripted.ts';
import { chance, memoryJournal, openProfile, searchOf } from './builders.ts';
import { scaleBlanks, scaleProfile } from './scale-profile.ts';

/** A judge that says the first is better with this probability. */
function judging(first: (a: string, b: string) => number) {
  const llm = scripted({}, (request) => {
    const { first: a = '', second: b = '' } = scaleBlanks(request);
    const p = first(a, b);
    return [p, 1 - p];
  });
  return { llm, search: searchOf({ llm, profile: scaleProfile }) };
}

test('a judge that prefers a place, whatever stands there, comes out at one half', async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), async (p) => {
      const { search } = judging(() => p);
      const { first } = (await comparePair(search, 'Why?', 'One.', 'Other.')) ?? {};
      expect(first).toBeCloseTo(0.5, 9);
    }),
    { numRuns: 40 },
  );
});

test('a judge that knows is believed, and one that knows but leans to a place too', async () => {
  const knows = judging((a) => (a === 'Good.' ? 1 : 0));
  expect((await comparePair(knows.search, 'Why?', 'Good.', 'Bad.'))?.first).toBe(1);
  expect((await comparePair(knows.search, 'Why?', 'Bad.', 'Good.'))?.first).toBe(0);
  const leans = judging((a) => (a === 'Good.' ? 0.95 : 0.45));
  expect((await comparePair(leans.search, 'Why?', 'Good.', 'Bad.'))?.first).toBeCloseTo(0.75);
});

test('asks the evaluator twice, in both orders, for A or B', async () => {
  const { search, llm } = judging(() => 0.5);
  await comparePair(search, 'Why?', 'One.', 'Other.');
  expect(llm.asked.map(scaleBlanks)).toEqual([
    { query: 'Why?', first: 'One.', second: 'Other.' },
    { query: 'Why?', first: 'Other.', second: 'One.' },
  ]);
  const asked = { role: 'evaluator', output: { type: 'choice', choices: ['A', 'B'] } };
  expect(llm.asked).toMatchObject([asked, asked]);
});

test('turned round, the preference is turned round and nothing new is asked', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { llm } = judging((a, b) => chance(seed, a, b));
      const search = searchOf({ llm: journaled(llm, memoryJournal()), profile: scaleProfile });
      const one = await comparePair(search, 'Why?', 'One.', 'Other.');
      const other = await comparePair(search, 'Why?', 'Other.', 'One.');
      expect((one?.first ?? 0) + (other?.first ?? 0)).toBeCloseTo(1, 9);
      expect(new Set(one?.replies)).toEqual(new Set(other?.replies));
      expect(llm.asked).toHaveLength(2);
    }),
    { numRuns: 20 },
  );
});

test('is possible with our profiles but the built-in model’s', async () => {
  expect(await comparePair(searchOf({ profile: openProfile }), 'Why?', 'a', 'b')).toBeNull();
  const able = Object.values(profiles).filter((p) => p.compare !== undefined);
  expect(able.map((p) => p.id)).toEqual(['instruct', 'base']);
});
