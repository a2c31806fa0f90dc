import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stopIn, sureOf, wholeCharacters } from '../../../src/llm/web-llm/growing-text.ts';

test('a text ends at the first place of any stop', () => {
  expect(stopIn('one\n\n\ntwo', ['two', '\n\n'])).toBe(3);
  expect(stopIn('one', ['two'])).toBeNull();
  expect(stopIn('one', [])).toBeNull();
});

test('half characters are left out at the end, and nowhere else', () => {
  expect(wholeCharacters('a\ufffdb\ufffd\ufffd')).toBe('a\ufffdb');
});

test('what is sure of a growing text begins the text that it becomes', () => {
  const character = fc.constantFrom('a', '\n', '#', ' ', '\ufffd');
  const stop = fc.string({ unit: fc.constantFrom('a', '\n', '#'), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(character, { maxLength: 30 }),
      fc.array(stop, { maxLength: 3 }),
      (characters, stops) => {
        const whole = characters.join('');
        const end = stopIn(whole, stops);
        const became = end === null ? whole : whole.slice(0, end);
        for (let length = 0; length <= whole.length; length++) {
          const grown = whole.slice(0, length);
          if (stopIn(grown, stops) !== null) break;
          const sure = sureOf(grown, stops);
          expect(became.startsWith(sure)).toBe(true);
          expect(sure).not.toMatch(/\ufffd$/);
        }
      },
    ),
  );
});

test('a text that can no longer become a stop is not held back', () => {
  expect(sureOf('one\n', ['\n\n'])).toBe('one');
  expect(sureOf('one\nt', ['\n\n'])).toBe('one\nt');
});
