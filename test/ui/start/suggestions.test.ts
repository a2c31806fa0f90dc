import { expect, test } from 'vitest';
import { suggestions } from '../../../src/ui/start/suggestions.ts';
import { listRow } from '../fixture-models.ts';

const many = Array.from({ length: 7 }, (_, i) => listRow({ name: `m${String(i)}` }));
const best = listRow({ name: 'best' });
const here = listRow({ name: 'here', here: true });
const never = listRow({ name: 'never', whyNot: 'Too large.' });
const names = (...args: Parameters<typeof suggestions>) =>
  suggestions(...args).map((row) => row.name);

test('the recommended model comes first, then what is here, then others until there are four', () => {
  expect(names([never, ...many, here, best], best)).toEqual(['best', 'here', 'm0', 'm1']);
});

test('all that is here is offered, however much it is', () => {
  const kept = many.map((row) => ({ ...row, here: true }));
  expect(names([...kept, best], best)).toEqual(['best', ...kept.map((row) => row.name)]);
});

test('those that follow instructions fill up before base models', () => {
  const base = listRow({ name: 'base', kind: 'base' });
  expect(names([base, ...many], null)).toEqual(['m0', 'm1', 'm2', 'm3']);
  expect(names([base, ...many.slice(0, 2)], null)).toEqual(['m0', 'm1', 'base']);
});

test('what does not run here is not suggested, and nothing twice', () => {
  expect(names([never], null)).toEqual([]);
  expect(names([here], here)).toEqual(['here']);
});
