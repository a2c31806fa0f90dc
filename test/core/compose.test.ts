import { describe, expect, test } from 'vitest';
import { compose, linesOf, type Library } from '../../src/core/compose.ts';
import { parsePrompt, promptText, type Prompt } from '../../src/core/prompt.ts';

const start = parsePrompt('You answer.\n- Be kind.\n- Be brief.');

function libraryOf(prompt: Prompt, more: readonly string[] = []): Library {
  const others = parsePrompt(more.map((line) => `\n- ${line}`).join(''), 'p1');
  return { start: prompt, lines: new Map([...linesOf(prompt), ...linesOf(others)]) };
}

const effects = (of: Readonly<Record<string, number>>) => new Map(Object.entries(of));

describe('a prompt made of known lines', () => {
  test('has those that add more than they cost, in the order in which they became known', () => {
    const library = libraryOf(start, ['Be true.', 'Be loud.']);
    const made = compose(
      library,
      effects({ 'be kind': 0.1, 'be true': 0.5, 'be brief': 0.04 }),
      0.05,
    );
    expect(promptText(made)).toBe('You answer.\n- Be kind.\n- Be true.');
  });

  test('keeps a locked line, whatever it does', () => {
    const [kind, brief] = start.bullets;
    if (!kind || !brief) throw new Error('two bullets');
    const library = libraryOf({ ...start, bullets: [{ ...kind, locked: true }, brief] });
    expect(promptText(compose(library, effects({ 'be kind': -3 }), 0))).toBe(
      'You answer.\n- Be kind.',
    );
  });

  test('has eight lines at most, those that add most', () => {
    const many = Array.from({ length: 12 }, (_, i) => `Rule ${String(i)}.`);
    const library = libraryOf(parsePrompt('You answer.'), many);
    const worth = effects(Object.fromEntries(many.map((_, i) => [`rule ${String(i)}`, i + 1])));
    expect(compose(library, worth, 0).bullets.map((b) => b.text)).toEqual(many.slice(4));
  });

  test('begins without an empty line where there is no opening', () => {
    const library = libraryOf(parsePrompt('- Be kind.\n- Be brief.'), ['Be true.']);
    const made = compose(library, effects({ 'be brief': 1, 'be true': 1 }), 0);
    expect(promptText(made)).toBe('- Be brief.\n- Be true.');
  });

  test('keeps the ids and origins of its lines', () => {
    const library = libraryOf(start, ['Be true.']);
    const [first] = compose(library, effects({ 'be true': 1 }), 0).bullets;
    expect(first?.id).toBe('p1.0');
  });
});
