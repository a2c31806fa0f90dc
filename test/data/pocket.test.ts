import { expect, test } from 'vitest';
import { maxBullets, normalise, parsePrompt } from '../../src/core/prompt.ts';
import { presets } from '../../src/core/settings.ts';
import { pocketWorld } from '../../src/data/pocket.ts';

const { queries, examples, start, handWritten } = pocketWorld;
const everyQuery = Object.values(queries).flat();

test('no id is given twice, and no question serves two purposes or is an example', () => {
  const ids = [...everyQuery, ...examples].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const texts = [...everyQuery.map(({ text }) => text), ...examples.map(({ query }) => query)];
  expect(new Set(texts.map(normalise)).size).toBe(texts.length);
});

test('every split has every kind of question, and enough of them for the demo', () => {
  const kinds = (split: keyof typeof queries) =>
    [...new Set(queries[split].map(({ kind }) => kind))].sort();
  expect(kinds('select')).toEqual(kinds('train'));
  expect(kinds('test')).toEqual(kinds('train'));
  const { search, evaluation } = presets.demo;
  expect(queries.train.length).toBeGreaterThanOrEqual(search.queriesPerLevel);
  expect(queries.select.length).toBeGreaterThanOrEqual(evaluation.selection);
  expect(queries.test.length).toBeGreaterThanOrEqual(evaluation.test);
});

test('the starting prompt is bare, and the hand-written one is its opening with a few bullets', () => {
  expect(parsePrompt(start).bullets).toEqual([]);
  const written = parsePrompt(handWritten);
  expect(written.opening).toBe(start);
  expect(written.bullets.length).toBeGreaterThan(1);
  expect(written.bullets.length).toBeLessThanOrEqual(maxBullets);
});
