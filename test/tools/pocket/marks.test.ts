import { describe, expect, test } from 'vitest';
import { Dice } from '../../../tools/pocket/dice.ts';
import { drawDocument, type Document } from '../../../tools/pocket/documents.ts';
import { encodeDocument } from '../../../tools/pocket/encode.ts';
import { markGroups, marksOf, type Mark } from '../../../tools/pocket/marks.ts';
import { Encoder, trainVocabulary } from '../../../tools/pocket/tokenizer.ts';

const textOf = (document: Document) => document.map((stretch) => stretch.text).join('');

/** Marks in words: what has been read last, the group, and the names whose bits are set. */
function inWords(document: Document): readonly string[] {
  const text = textOf(document);
  return marksOf(document).map(({ at, group, bits }: Mark) => {
    const names = markGroups[group].filter((_, i) => ((bits >> i) & 1) === 1);
    const word = text.slice(0, at).trim().split(/\s/).at(-1) ?? '';
    return `${word} ${group}: ${names.join(', ')}`;
  });
}

const judged = (answer: string): Document => [
  {
    type: 'given',
    text: `# Query\nHow do I train my rabbit?\n\n# Answer\n${answer}\n\n# Helpfulness\n`,
  },
  { type: 'said', text: '1', weight: 6, first: 6 },
];

describe('marks', () => {
  test('say after each sentence what was read, and past the end what the whole answer is', () => {
    const answer =
      'Reward the rabbit at once when it does well. Ha, tell that to the piano. Good luck with your';
    expect(inWords(judged(answer))).toEqual([
      'rabbit? kind: howto',
      'well. read: core',
      'piano. read: core, joke, wrong',
      'your read: core, joke, wrong, damaged',
      'your read: core, joke, wrong, damaged',
    ]);
  });

  test('hold only at the end against an answer that it has no matter of its own', () => {
    expect(inWords(judged('I am so sorry to hear this.')).slice(1)).toEqual([
      'this. read: empathy',
      'this. read: empathy, wrong',
    ]);
  });

  test('say of bullets what they ask for, and of what is about to be said what it will hold', () => {
    const document: Document = [
      {
        type: 'given',
        text: '# Instructions\nYou are a helpful assistant.\n- Finish with a wise saying.\n- Sing.\n\n# Query\nWhat is love?\n\n# Answer\n',
      },
      { type: 'said', text: 'I only know my small world.', weight: 1, first: 3 },
      { type: 'given', text: '\n\n# Query\nHow do I train my rabbit?\n\n# Answer\n' },
      {
        type: 'said',
        text: 'Reward the rabbit at once when it does well.',
        weight: 1,
        first: 3,
      },
    ];
    expect(inWords(document)).toEqual([
      'saying. bullet: proverb',
      'love? kind: outside',
      'rabbit? kind: howto',
      'Answer plan: core',
      'well. read: core',
    ]);
  });

  test('say before an edit names a bullet what that one asks for', () => {
    const given =
      '# Instructions\nYou are a helpful assistant.\n- Be honest. #1\n- Finish with a wise saying. #2\n\n# Edit\n';
    const edit = (text: string): Document => [
      { type: 'given', text: given },
      { type: 'said', text, weight: 1.5, first: 4 },
    ];
    expect(inWords(edit('drop: #2')).slice(-3)).toEqual([
      'Edit bullet: proverb',
      'drop: bullet: proverb',
      '# bullet: proverb',
    ]);
    expect(inWords(edit('none'))).toEqual(inWords(edit('drop: #3')));
    expect(inWords(edit('none')).at(-1)).toBe('#2 bullet: proverb');
  });

  test('fall on the token that ends what they are about', () => {
    const dice = new Dice(4);
    const documents = Array.from({ length: 60 }, () => drawDocument(dice));
    const encoder = new Encoder(trainVocabulary(documents.map(textOf), 1024));
    for (const document of documents) {
      const { ids, marks } = encodeDocument(encoder, document);
      const text = textOf(document);
      const placed = marksOf(document);
      expect(marks.length).toBe(placed.length);
      marks.forEach(({ token }, i) => {
        const read = ids
          .slice(1, token + 1)
          .map((id) => encoder.text(id))
          .join('');
        expect(read).toBe(text.slice(0, placed[i]?.at));
      });
    }
  });
});
