import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEditLines } from '../../../src/core/profiles/edits.ts';
import { base } from '../../../src/core/profiles/base.ts';
import { instruct } from '../../../src/core/profiles/instruct.ts';
import { pocket } from '../../../src/core/profiles/pocket.ts';
import { parsePrompt, type Prompt } from '../../../src/core/prompt.ts';
import { contentText } from '../builders.ts';

const prompt = parsePrompt('You answer.\n- Be kind.\n- Be brief.\n- Be true.');

const lock = (at: number): Prompt => ({
  ...prompt,
  bullets: prompt.bullets.map((bullet, i) => ({ ...bullet, locked: i === at })),
});

describe('changes of single lines', () => {
  test.each([
    ['Add: Be calm.', 'You answer.\n- Be kind.\n- Be brief.\n- Be true.\n- Be calm.'],
    ['- **Add**: "Be calm."', 'You answer.\n- Be kind.\n- Be brief.\n- Be true.\n- Be calm.'],
    ['1. Add: Be calm.', 'You answer.\n- Be kind.\n- Be brief.\n- Be true.\n- Be calm.'],
    ['Replace 2: Say little.', 'You answer.\n- Be kind.\n- Say little.\n- Be true.'],
    ['Sharpen #2: Use two sentences.', 'You answer.\n- Be kind.\n- Use two sentences.\n- Be true.'],
    ['Drop 1', 'You answer.\n- Be brief.\n- Be true.'],
    ['Drop line 1', null],
    ['Merge 1 and 3: Be kind and true.', 'You answer.\n- Be kind and true.\n- Be brief.'],
    ['Merge 3, 1: Be kind and true.', 'You answer.\n- Be brief.\n- Be kind and true.'],
    ['Merge 2: Be all.', null],
    ['Replace 9: Be calm.', null],
    ['Replace: Be calm.', null],
    ['Add: Be kind!', null],
    ['Add:', null],
    ['Add something nice here', null],
    ['Be calm.', null],
  ])('%s', (line, made) => {
    expect(readEditLines(line, prompt)).toEqual(made === null ? [] : [made]);
  });

  test('are read one by one, and what is none is passed over', () => {
    const said =
      'Sure! Here are two changes:\nAdd: Be calm.\n\nReplace 1: Be warm.\nI hope it helps.';
    expect(readEditLines(said, prompt)).toHaveLength(2);
  });

  test('leave locked lines alone', () => {
    for (const said of [
      'Replace 1: Be warm.',
      'Drop 1',
      'Merge 1 and 2: Be all.',
      'Merge 2 and 1: Be all.',
    ])
      expect(readEditLines(said, lock(0))).toEqual([]);
  });

  test('add nothing to a prompt with eight lines', () => {
    const full = parsePrompt(
      Array.from({ length: 8 }, (_, i) => `- Rule ${String(i)} holds.`).join('\n'),
    );
    expect(readEditLines('Add: Be calm.', full)).toEqual([]);
  });

  test('never throw, whatever a model says', () => {
    const words = fc.constantFrom(
      'Add',
      'Replace',
      'Merge',
      'Drop',
      ':',
      ' ',
      '#',
      '1',
      '2',
      '99',
      '\n',
      '**',
      '"',
      'and',
      'word',
      '𝒳',
    );
    fc.assert(
      fc.property(
        fc.array(words).map((said) => said.join('')),
        (said) => {
          for (const made of readEditLines(said, prompt)) expect(typeof made).toBe('string');
        },
      ),
    );
  });
});

describe.each([base, instruct])('asking for changes ($id)', (profile) => {
  const evidence = ['one', 'two'].map((query) => ({
    query: `Question ${query}?`,
    answer: `Answer ${query}.`,
    ratings: [{ criterion: 'Clarity', score: 2, reason: `Reason ${query}.` }],
  }));
  const asked = (of: Prompt, count = 3) =>
    contentText(
      profile.edit?.({ prompt: of, evidence, tried: ['Be loud.'], count, maxBullets: 8 })
        .content ?? { type: 'text', parts: [] },
    );

  test('shows the prompt with its lines numbered, every answer with its criticism, and what was tried', () => {
    const text = asked(prompt);
    for (const said of [
      '1. Be kind.',
      '3. Be true.',
      'Question one?',
      'Answer two.',
      'Reason two.',
      'Be loud.',
      '3',
    ])
      expect(text).toContain(said);
  });

  test('says which lines must stay', () => {
    expect(asked(lock(1))).toContain('2. Be brief. (must stay as it is)');
    expect(asked(prompt)).not.toContain('must stay');
  });
});

test('the built-in model is asked for one change, of the weakest answer', () => {
  const evidence = ['one', 'two'].map((query) => ({ query, answer: 'x', ratings: [] }));
  const ask = pocket.edit?.({ prompt, evidence, tried: [], count: 3, maxBullets: 8 });
  const text = contentText(ask?.content ?? { type: 'text', parts: [] });
  expect(text).toContain('# Query\none');
  expect(text).not.toContain('two');
  expect(pocket.readEdits?.('drop: #1', prompt)).toEqual(['You answer.\n- Be brief.\n- Be true.']);
  expect(pocket.readEdits?.('nonsense', prompt)).toEqual([]);
});
