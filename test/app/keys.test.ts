import { expect, test } from 'vitest';
import { Keys } from '../../src/app/keys.ts';
import { newShelf } from './builders.ts';

const url = 'https://example.org/v1';

test('a key lives as long as the tab, and longer only where a person asked for it', async () => {
  const { library } = await newShelf();
  const keys = new Keys(library);
  await keys.put(url, 'secret', false);
  await keys.put('https://kept.example.org/v1', 'kept', true);
  expect(keys.of(url)).toBe('secret');
  const later = new Keys(library);
  await later.restore();
  expect(later.of(url)).toBeNull();
  expect(later.of('https://kept.example.org/v1')).toBe('kept');
});

test('a kept key is forgotten where it is not to be kept any more, or is none', async () => {
  const { library } = await newShelf();
  const keys = new Keys(library);
  await keys.put(url, 'secret', true);
  await keys.put(url, 'secret', false);
  const later = new Keys(library);
  await later.restore();
  expect(later.of(url)).toBeNull();
  await keys.put(url, 'secret', true);
  await keys.put(url, '', true);
  expect(keys.of(url)).toBeNull();
  await later.restore();
  expect(later.of(url)).toBeNull();
  expect(JSON.stringify(await library.get('server-keys'))).not.toContain('secret');
});
