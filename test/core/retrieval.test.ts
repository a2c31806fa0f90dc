import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Example } from '../../src/core/events.ts';
import { cosine, retriever } from '../../src/core/retrieval.ts';
import type { ExampleSettings } from '../../src/core/settings.ts';
import { example, model, requests, searchOf, settingsWith, type Mind } from './builders.ts';

const kitchen = [
  example('bread', 'How do I bake bread without yeast?'),
  example('moon', 'How far away is the moon?'),
  example('grief', 'My dog died and I am sad'),
  example('sum', 'What is 12 times 12?'),
];
const ask = (text: string) => ({ id: `q:${text}`, text });
const retrieve = async (
  examples: readonly Example[],
  text: string,
  change: Partial<ExampleSettings> = {},
  mind: Partial<Mind> = {},
) => {
  const settings = settingsWith({ examples: change });
  const found = await retriever(searchOf({ settings, llm: model(mind) }), examples)(ask(text));
  return found.map((e) => e.id);
};

describe('the nearest examples by words', () => {
  test('share words with the query, most similar first', async () => {
    expect(await retrieve(kitchen, 'Is the moon far from my dog?', { count: 2 })).toEqual([
      'moon',
      'grief',
    ]);
  });

  test('a rare word counts for more than common ones', async () => {
    const examples = [
      example('a', 'how do I do it'),
      example('b', 'how do I whistle'),
      example('c', 'how do I run'),
      example('d', 'how do I sing'),
    ];
    expect(await retrieve(examples, 'how do people whistle', { count: 1 })).toEqual(['b']);
  });

  test('those that share no word follow in their own order', async () => {
    expect(await retrieve(kitchen, 'xylophone', { count: 3 })).toEqual(['bread', 'moon', 'grief']);
  });

  test('a query of nothing but signs still gets examples', async () => {
    expect(await retrieve(kitchen, '???', { count: 2 })).toEqual(['bread', 'moon']);
  });
});

describe('examples chosen at random', () => {
  const random = { retrieval: 'random', count: 2 } as const;

  test('are always the same for one query and run', async () => {
    expect(await retrieve(kitchen, 'a', random)).toEqual(await retrieve(kitchen, 'a', random));
  });

  test('differ between queries', async () => {
    const chosen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      chosen.add((await retrieve(kitchen, `question ${i}`, random)).join());
    }
    expect(chosen.size).toBeGreaterThan(6);
  });
});

describe('the nearest examples by meaning', () => {
  const meaning: Partial<Mind> = {
    embed: ({ query }) =>
      /moon|space/.test(query) ? [1, 0.1] : /sad|dog/.test(query) ? [0.5, 1] : [0, 1],
  };
  const embedding = { similarity: 'embedding', count: 2 } as const;

  test('point the same way, most similar first', async () => {
    expect(await retrieve(kitchen, 'space', embedding, meaning)).toEqual(['moon', 'grief']);
  });

  test('the examples are embedded once, however many queries follow', async () => {
    const llm = model(meaning);
    const find = retriever(
      searchOf({ settings: settingsWith({ examples: embedding }), llm }),
      kitchen,
    );
    await Promise.all([find(ask('space')), find(ask('sad'))]);
    await find(ask('again'));
    expect(requests(llm, 'embed')).toHaveLength(kitchen.length + 3);
  });

  test('a model that cannot embed compares words instead', async () => {
    const llm = model(meaning, { canEmbed: false });
    const find = retriever(
      searchOf({ settings: settingsWith({ examples: embedding }), llm }),
      kitchen,
    );
    expect((await find(ask('bread'))).map((e) => e.id)).toEqual(['bread', 'moon']);
    expect(llm.asked).toEqual([]);
  });

  test('cosine is 1 for the same way, 0 across, −1 against, and 0 where there is no way', () => {
    expect(cosine([1, 2], [2, 4])).toBeCloseTo(1);
    expect(cosine([1, 0], [0, 3])).toBe(0);
    expect(cosine([1, 1], [-1, -1])).toBeCloseTo(-1);
    expect(cosine([0, 0], [1, 1])).toBe(0);
  });
});

const ways: readonly Partial<ExampleSettings>[] = [
  { retrieval: 'nearest', similarity: 'lexical' },
  { retrieval: 'nearest', similarity: 'embedding' },
  { retrieval: 'random' },
];

describe.each(ways)('however they are chosen (%o)', (way) => {
  test('there are K of them, or all where there are fewer', async () => {
    for (const count of [0, 1, 3, 4, 9]) {
      expect(await retrieve(kitchen, 'the moon', { ...way, count })).toHaveLength(
        Math.min(count, 4),
      );
    }
    expect(await retrieve([], 'the moon', { ...way, count: 2 })).toEqual([]);
  });

  test('never is the query itself among them, in whatever letters', async () => {
    const itself = fc.constantFrom(
      ...['How far away is the moon?', 'how far away is the MOON?', ' How far  away is the moon? '],
    );
    await fc.assert(
      fc.asyncProperty(itself, fc.integer({ min: 1, max: 5 }), async (text, count) => {
        const found = await retrieve(kitchen, text, { ...way, count });
        expect(found).not.toContain('moon');
        expect(found).toHaveLength(Math.min(count, 3));
      }),
      { numRuns: 10 },
    );
  });
});
