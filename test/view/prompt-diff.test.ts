import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeBullet, parsePrompt, type Prompt } from '../../src/core/prompt.ts';
import { promptChange, wordChanges } from '../../src/view/prompt-diff.ts';

function promptOf(...lines: readonly string[]): Prompt {
  const [first = '', ...rest] = lines;
  const bullets = rest.map((line) => makeBullet(line, line, { type: 'start' }));
  return { ...parsePrompt(first), bullets };
}

const types = (before: Prompt, after: Prompt) =>
  promptChange(before, after).bullets.map((b) => b.type);

test('the words that stayed and went are the text before, those that stayed and came the text after', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const words = wordChanges(before, after);
      const without = (type: string) =>
        words
          .filter((w) => w.type !== type)
          .map((w) => w.text)
          .join('');
      expect([without('added'), without('removed')]).toEqual([before, after]);
    }),
  );
});

test('a prompt is the same as itself', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 6 }), (lines) => {
      expect(promptChange(promptOf(...lines), promptOf(...lines)).same).toBe(true);
    }),
  );
});

test('a reworded bullet is a change; one with other words is one gone and another come', () => {
  const before = promptOf('Help.', 'Keep it under 120 words.');
  expect(types(before, promptOf('Help.', 'Keep it under 90 words.'))).toEqual(['changed']);
  expect(types(before, promptOf('Help.', 'Name the danger first.'))).toEqual(['added', 'removed']);
});

test('a bullet that moved is not a difference', () => {
  const before = promptOf('Help.', 'Be brief.', 'Name sources.');
  expect(types(before, promptOf('Help.', 'Name sources.', 'Be brief.'))).toEqual(['same', 'same']);
});
