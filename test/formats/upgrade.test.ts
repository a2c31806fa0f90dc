import { expect, test } from 'vitest';
import { upgrade, type Upgrades } from '../../src/formats/upgrade.ts';

const made: Upgrades = {
  1: ({ query, ...rest }) => ({ type: 'upgraded', file: { ...rest, queries: [query] } }),
  2: (file) =>
    Array.isArray(file['queries']) && file['queries'][0] !== null
      ? { type: 'upgraded', file: { ...file, count: file['queries'].length } }
      : { type: 'refused', reason: 'it has no queries' },
};

test('a file goes through every step from its version on', () => {
  expect(upgrade({ version: 1, query: 'a', other: true }, 1, 3, made)).toEqual({
    type: 'upgraded',
    file: { version: 3, queries: ['a'], count: 1, other: true },
  });
  expect(upgrade({ version: 2, queries: ['a', 'b'] }, 2, 3, made)).toEqual({
    type: 'upgraded',
    file: { version: 3, queries: ['a', 'b'], count: 2 },
  });
});

test('a file of the newest version stays as it is', () => {
  const file = { version: 3, queries: [] };
  expect(upgrade(file, 3, 3, made)).toEqual({ type: 'upgraded', file });
});

test('a step that cannot be taken gives its reason', () => {
  expect(upgrade({ version: 1, query: null }, 1, 3, made)).toEqual({
    type: 'refused',
    reason: 'it has no queries',
  });
});

test('a version that nothing is known of is refused', () => {
  expect(upgrade({ version: 0 }, 0, 3, made)).toEqual({
    type: 'refused',
    reason: 'nothing is known of its version 0',
  });
});
