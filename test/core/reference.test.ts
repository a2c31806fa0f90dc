import { readdirSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { differs, referenceFile } from '../../tools/reference-replay.ts';

const folder = new URL('../fixtures/', import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => /^drpo-.*\.json$/.test(name))
  .flatMap(
    (name) => v.parse(referenceFile, JSON.parse(readFileSync(new URL(name, folder), 'utf8'))).cases,
  );

test('both kinds of decision of the authors are recorded', () => {
  expect(new Set(cases.map((c) => ('queries' in c ? 'search' : 'examples')))).toEqual(
    new Set(['search', 'examples']),
  );
});

test.each(cases)('the paper preset decides as the authors do: $name', async (recorded) => {
  expect(await differs(recorded)).toBeNull();
});

test('a decision that the authors did not take is found', async () => {
  const [first] = cases;
  if (!first) throw new Error('no case');
  const altered = { ...first, decisions: first.decisions.slice(1) };
  expect(await differs(altered)).toMatch(/^decision 0/);
});
