import { expect, test } from 'vitest';
import { stepFor } from '../../../src/ui/learn/class-keys.ts';

test.each([
  ['PageDown', 3, 4],
  ['PageUp', 3, 2],
  ['ArrowRight', 3, 4],
  ['ArrowLeft', 3, 2],
  ['Home', 3, 1],
  ['End', 3, 7],
  ['PageDown', 7, 7],
  ['PageUp', 1, 1],
  ['a', 3, null],
])('%s at step %i leads to %s', (key, step, to) => {
  expect(stepFor(key, step, 7, false)).toBe(to);
});

test('a clicker moves from within a slider, while arrows are the slider’s', () => {
  expect(stepFor('PageDown', 3, 7, true)).toBe(4);
  expect(stepFor('ArrowRight', 3, 7, true)).toBeNull();
  expect(stepFor('End', 3, 7, true)).toBeNull();
});
