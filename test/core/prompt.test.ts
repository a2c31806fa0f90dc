import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  normalise,
  parsePrompt,
  promptText,
  samePrompt,
  type Prompt,
} from '../../src/core/prompt.ts';

const pieces = fc.constantFrom(
  ...[
    '\n',
    '\r\n',
    '\r',
    '\n\n',
    ' ',
    '\t',
    '- ',
    '* ',
    '• ',
    '– ',
    '1. ',
    '12) ',
    '123. ',
    '-',
    '—',
  ],
  ...['kind', 'Be brief.', 'é', '你好', '👩‍👩‍👧', '\u2028', '\u0000', '```', '**', ':'],
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
);
const lines = (prompt: Prompt) => [prompt.opening, ...prompt.bullets.map((b) => b.text)];

describe('reading and printing', () => {
  test('printing what was read is the identity, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(promptText(parsePrompt(text))).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  test('bullets of one prompt have ids of their own', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { bullets } = parsePrompt(text, 'p7');
        expect(bullets.map((b) => b.id)).toEqual(bullets.map((_, i) => `p7.${String(i)}`));
      }),
    );
  });

  test.each<[string, string, readonly string[]]>([
    ['no bullets', 'You are kind.', ['You are kind.']],
    ['nothing', '', ['']],
    [
      'dashes',
      'You are kind.\n- Be brief.\n- Be true.',
      ['You are kind.', 'Be brief.', 'Be true.'],
    ],
    ['stars and dots', 'Hi\n* One\n• Two\n– Three', ['Hi', 'One', 'Two', 'Three']],
    ['numbers', 'Rules:\n1. One\n2) Two\n10. Ten', ['Rules:', 'One', 'Two', 'Ten']],
    ['indents', 'Hi\n  - One\n\t- Two', ['Hi', 'One', 'Two']],
    ['bullets alone', '- One\n- Two', ['', 'One', 'Two']],
    ['a blank line between', 'Hi\n\n- One\n\n- Two', ['Hi\n', 'One\n', 'Two']],
    ['a bullet of two lines', 'Hi\n- One\n  goes on\n- Two', ['Hi', 'One\n  goes on', 'Two']],
    ['Windows line ends', 'Hi.\r\n- One\r\n- Two', ['Hi.', 'One', 'Two']],
    [
      'a dash within a line',
      'A well-known - and good - thing',
      ['A well-known - and good - thing'],
    ],
    ['a dash without a space', 'Hi\n-5 degrees', ['Hi\n-5 degrees']],
    ['bold is no bullet', '**You** are\n**kind**', ['**You** are\n**kind**']],
    ['a year is no number', 'Born in\n1984. Then', ['Born in\n1984. Then']],
    ['a dash with nothing after it', 'Hi\n- ', ['Hi\n- ']],
  ])('opening and bullets are found: %s', (_, text, expected) => {
    expect(lines(parsePrompt(text))).toEqual(expected);
  });

  test('a bullet says where it came from', () => {
    const origin = { type: 'person' } as const;
    expect(parsePrompt('Hi\n* One', 'p3', origin)).toEqual({
      opening: 'Hi',
      openingLocked: false,
      bullets: [{ id: 'p3.0', text: 'One', lead: '\n* ', locked: false, origin }],
    });
  });
});

describe('what counts as the same', () => {
  test.each([
    ['Be brief.', 'be  BRIEF'],
    ['Say “hello” first!', 'say hello first'],
    ['**Never** guess.', 'Never guess;'],
    ['Be brief.\n', ' Be brief'],
  ])('%j says what %j says', (a, b) => {
    expect(normalise(a)).toBe(normalise(b));
  });

  test('a question is not a statement', () => {
    expect(normalise('Is it true?')).not.toBe(normalise('Is it true.'));
  });

  test('normalising twice changes nothing more', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(normalise(normalise(text))).toBe(normalise(text));
      }),
    );
  });

  const few = fc.constantFrom('Hi', 'hi.', '- One', '* one!', '- Two', '1. Two', '', 'Hi\n- One');
  const somePrompt = fc.array(few, { maxLength: 4 }).map((all) => parsePrompt(all.join('\n')));

  test('sameness is reflexive, symmetric and transitive', () => {
    fc.assert(
      fc.property(somePrompt, somePrompt, somePrompt, (a, b, c) => {
        expect(samePrompt(a, a)).toBe(true);
        expect(samePrompt(a, b)).toBe(samePrompt(b, a));
        if (samePrompt(a, b) && samePrompt(b, c)) expect(samePrompt(a, c)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['markers and case do not matter', 'Hi\n- One\n- Two', 'HI.\n1. one\n* TWO!', true],
    ['the order of bullets matters', 'Hi\n- One\n- Two', 'Hi\n- Two\n- One', false],
    ['the opening matters', 'Hi\n- One', 'Ho\n- One', false],
    ['an opening is not a bullet', 'One', '- One', false],
    ['one bullet more is another prompt', 'Hi\n- One', 'Hi\n- One\n- Two', false],
  ])('%s', (_, a, b, same) => {
    expect(samePrompt(parsePrompt(a), parsePrompt(b))).toBe(same);
  });
});
