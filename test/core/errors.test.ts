import { expect, test } from 'vitest';
import { DrpoError, isAbort } from '../../src/core/errors.ts';

test('a problem keeps its code, its sentence, the engine’s own words and its cause', () => {
  const cause = new TypeError('buffer lost');
  const error = new DrpoError('device-lost', 'The GPU was lost. Load the model again.', 'vk: -4', {
    cause,
  });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'DrpoError',
    code: 'device-lost',
    message: 'The GPU was lost. Load the model again.',
    details: 'vk: -4',
    cause,
  });
});

test('only an abort is an abort', () => {
  const controller = new AbortController();
  controller.abort();
  expect(isAbort(controller.signal.reason)).toBe(true);
  expect(isAbort(new DrpoError('network', 'No network.'))).toBe(false);
  expect(isAbort('AbortError')).toBe(false);
});
