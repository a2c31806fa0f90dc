import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pocket } from '../../../src/core/profiles/pocket.ts';
import { parsePrompt } from '../../../src/core/prompt.ts';
import { read, write } from '../../../tools/pocket/answers.ts';
import { Dice } from '../../../tools/pocket/dice.ts';
import { drawInstructions } from '../../../tools/pocket/documents.ts';
import { applied, drawEdit, lifts, readEdit, writeEdit } from '../../../tools/pocket/edits.ts';
import { partsFor } from '../../../tools/pocket/policy.ts';
import { drawInside, readBullet, wordingsOf } from '../../../tools/pocket/world.ts';

const seeds = fc.integer({ min: 1, max: 1_000_000 });

function drawCase(dice: Dice) {
  const instructions = drawInstructions(dice);
  const query = drawInside(dice);
  const reading = read(query, write(query, partsFor(query.kind, instructions.asked), dice));
  return { ...instructions, given: { query, reading, asked: instructions.asked, wishes: false } };
}

describe('edits', () => {
  test('that are drawn lift a weakest criterion', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const dice = new Dice(seed);
        const { given } = drawCase(dice);
        const edit = drawEdit(given, dice);
        expect(edit === null || lifts(given, edit)).toBe(true);
      }),
    );
  });

  test('come back from their words, and the app makes the same prompt of them', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const dice = new Dice(seed);
        const { given, bullets, text, asked } = drawCase(dice);
        const edit = drawEdit(given, dice);
        fc.pre(edit !== null && bullets.length < 8 && new Set(asked).size === asked.length);
        const words = writeEdit(edit, bullets, dice);
        expect(readEdit(words, bullets)).toEqual(edit);
        const prompt = pocket.readPrompt(words, parsePrompt(text));
        const behaviours = parsePrompt(prompt ?? '').bullets.map((b) => readBullet(b.text));
        expect([...behaviours].sort()).toEqual([...applied(asked, edit)].sort());
      }),
    );
  });

  test('put a bullet that hurts elsewhere more narrowly', () => {
    const dice = new Dice(1);
    const query = drawInside(dice, undefined, 'feeling');
    const asked = ['steps', 'empathyFeel', 'direct'] as const;
    const reading = read(query, write(query, partsFor('feeling', asked), dice));
    const drawn = Array.from({ length: 40 }, () =>
      drawEdit({ query, reading, asked, wishes: false }, dice),
    );
    expect(drawn).toContainEqual({ type: 'swap', drop: 'steps', add: 'stepsHowto' });
  });

  test('of bullets that are not there are none', () => {
    const [there = ''] = wordingsOf('direct', 'seen');
    expect(readEdit('drop: #1', [there])).toEqual({ type: 'drop', drop: 'direct' });
    expect(readEdit('drop: #2', [there])).toBeNull();
    expect(readEdit('add: Sing a song.', [there])).toBeNull();
    expect(readEdit('none', [there])).toBeNull();
  });
});
