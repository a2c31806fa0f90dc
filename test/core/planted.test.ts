import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Example } from '../../src/core/events.ts';
import {
  cutInHalf,
  otherAnswer,
  pad,
  plant,
  plantings,
  sentencesOf,
  shuffleSentences,
  type PlantedTexts,
} from '../../src/core/planted.ts';
import { dice } from '../../src/core/random.ts';
import { plantedTexts, startingExamples } from '../../src/data/index.ts';
import { example } from './builders.ts';

const texts: PlantedTexts = {
  padding: ['Much could be said.', 'And much was.'],
  refusals: ['No.'],
  compliances: ['Sure.'],
  declines: ["I can't"],
};
const long = 'One thing is this. Another is that. A third is neither of the two. That is all.';
const first: Example = { id: 'a', query: 'Why?', answer: long };
const given = { examples: [first, example('b'), example('c'), example('d')], texts, seed: 1 };

describe('a planted answer', () => {
  test('is always the same for a seed, and never the answer itself', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...plantings),
        fc.constantFrom(...startingExamples),
        fc.nat(),
        (kind, chosen, seed) => {
          const from = { examples: startingExamples, texts: plantedTexts, seed };
          const answer = plant(kind, chosen, from);
          expect(plant(kind, chosen, from)).toBe(answer);
          expect(answer).not.toBe(chosen.answer);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of another query is that of the example half a list away', () => {
    expect(given.examples.map((e) => otherAnswer(e, given.examples))).toEqual(
      ['c', 'd', first, 'b'].map((id) => (typeof id === 'string' ? `answer of ${id}` : id.answer)),
    );
    expect(plant('other', first, { ...given, examples: [first] })).toBeNull();
    const twin = { ...first, id: 'z' };
    expect(plant('other', first, { ...given, examples: [first, twin] })).toBeNull();
  });

  test('without words to plant is one of the three that need none', () => {
    const made = plantings.filter((kind) => plant(kind, first, { ...given, texts: null }) !== null);
    expect(made).toEqual(['other', 'cut', 'shuffled']);
  });

  test.each<[string, Partial<Example>, readonly string[]]>([
    ['nobody knows to be harmful', {}, ['refused']],
    ['nobody knows to be harmful, and whose answer declines', { answer: 'Sorry, I can’t.' }, []],
    ['is harmless, and whose answer declines', { harmful: false, answer: "I can't." }, ['refused']],
    ['is harmful', { harmful: true, answer: "I can't." }, ['complied']],
    ['is harmful, whatever its answer', { harmful: true }, ['complied']],
  ])('refuses or complies only where that is wrong: a query that %s', (_, change, kinds) => {
    const chosen = { ...first, ...change };
    const made = (['refused', 'complied'] as const).filter((kind) => plant(kind, chosen, given));
    expect(made).toEqual(kinds);
  });

  test('of our own examples can be made in every way, compliance in two of them', () => {
    const from = { examples: startingExamples, texts: plantedTexts, seed: 1 };
    const made = plantings.map(
      (kind) => startingExamples.filter((e) => plant(kind, e, from) !== null).length,
    );
    const [other, cut, shuffled, padded, refused, complied] = made;
    expect([other, cut, padded, complied]).toEqual([16, 16, 16, 2]);
    expect(shuffled).toBeGreaterThan(12);
    expect(refused).toBeGreaterThan(9);
  });
});

describe('cutting in half', () => {
  test('keeps whole words of the first half', () => {
    expect(cutInHalf(long)).toBe('One thing is this. Another is that. A');
  });

  test('works without spaces, and leaves alone what is too short', () => {
    expect(cutInHalf('海は塩辛い。'.repeat(10))).toBe('海は塩辛い。'.repeat(5));
    expect(cutInHalf('Just a few words.')).toBeNull();
  });

  test('gives a beginning of the text, at most half as long', () => {
    const words = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), {
      minLength: 30,
      maxLength: 60,
    });
    fc.assert(
      fc.property(words, (all) => {
        const text = all.join(' ').trim();
        const half = cutInHalf(text);
        fc.pre(half !== null);
        expect(text.startsWith(half)).toBe(true);
        expect(Array.from(half).length).toBeLessThanOrEqual(Array.from(text).length / 2);
      }),
    );
  });
});

describe('sentences', () => {
  test.each<[string, readonly string[]]>([
    [
      'One is 2.80 euros. Two? Yes! "Three." Four',
      ['One is 2.80 euros.', 'Two?', 'Yes!', '"Three."', 'Four'],
    ],
    ['Line one\nline two\n\n- line three', ['Line one', 'line two', '- line three']],
    ['海は塩辛い。なぜ？知らない', ['海は塩辛い。', 'なぜ？', '知らない']],
    ['And so on... The end.', ['And so on...', 'The end.']],
  ])('of %j', (text, sentences) => {
    expect(sentencesOf(text).sentences).toEqual(sentences);
  });

  test('and what stands between them are the whole text', () => {
    const pieces = fc.array(fc.constantFrom('A b', '. ', '\n', '! ', '。', 'c', ' ', '...', '2.5'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map((p) => p.join('')),
        ),
        (raw) => {
          const text = raw.trim();
          const { sentences, between } = sentencesOf(text);
          expect(sentences.map((s, i) => s + (between[i] ?? '')).join('')).toBe(text);
        },
      ),
    );
  });

  test('shuffled are the same sentences in another order; two are too few', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const mixed = shuffleSentences(long, dice(seed)) ?? '';
        expect(mixed).not.toBe(long);
        expect([...sentencesOf(mixed).sentences].sort()).toEqual(
          [...sentencesOf(long).sentences].sort(),
        );
      }),
      { numRuns: 50 },
    );
    expect(shuffleSentences('One. Two.', dice(1))).toBeNull();
    expect(shuffleSentences('So. So. So.', dice(1))).toBeNull();
  });
});

describe('padding', () => {
  test('makes an answer at least twice as long and keeps it whole', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 60, maxLength: 300 }), fc.nat(), (text, seed) => {
        const padded = pad(text, texts.padding, dice(seed)) ?? '';
        expect(padded.startsWith(text.trim())).toBe(true);
        expect(padded.length).toBeGreaterThanOrEqual(2 * text.trim().length);
      }),
    );
  });

  test('with nothing to say is not possible', () => {
    expect(pad('An answer.', [], dice(1))).toBeNull();
    expect(pad('An answer.', [' '], dice(1))).toBeNull();
  });
});
