import { describe, expect, test } from 'vitest';
import { maxBullets, parsePrompt, promptText } from '../../src/core/prompt.ts';
import {
  criteria,
  handWrittenPrompt,
  plantedTexts,
  queryKinds,
  selectQueries,
  startingExamples,
  startingPrompts,
  testQueries,
  trainQueries,
} from '../../src/data/index.ts';

const splits = { train: trainQueries, select: selectQueries, test: testQueries };
const sizes = { train: 140, select: 40, test: 60 };
const everyQuery = Object.values(splits).flat();

const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const wordCount = (text: string) => text.trim().split(/\s+/).length;
const contentWords = (text: string) => new Set(words(text).filter((word) => word.length > 3));

/** Jaccard: shared words over all words, 0 to 1. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const all = new Set([...a, ...b]).size;
  return all === 0 ? 0 : [...a].filter((word) => b.has(word)).length / all;
}

describe('queries', () => {
  test.each(Object.entries(splits))('%s has its size and ids that count up', (name, queries) => {
    const size = sizes[name as keyof typeof sizes];
    const digits = String(size).length;
    expect(queries.map((q) => q.id)).toEqual(
      Array.from({ length: size }, (_, i) => `${name}-${String(i + 1).padStart(digits, '0')}`),
    );
  });

  test.each(Object.entries(splits))('each split is balanced by kind: %s', (_, queries) => {
    const counts = queryKinds.map((kind) => queries.filter((q) => q.kind === kind).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(counts.reduce((a, b) => a + b)).toBe(queries.length);
  });

  test.each(Object.entries(splits))(
    'each eight of %s, counted from the front, hold all eight kinds',
    (_, queries) => {
      for (let from = 0; from + 8 <= queries.length; from += 8) {
        expect(new Set(queries.slice(from, from + 8).map((q) => q.kind))).toEqual(
          new Set(queryKinds),
        );
      }
    },
  );

  test.each(Object.entries(splits))('any seven in a row of %s are of seven kinds', (_, queries) => {
    for (let from = 0; from + 7 <= queries.length; from++) {
      expect(new Set(queries.slice(from, from + 7).map((q) => q.kind)).size).toBe(7);
    }
  });

  test.each(Object.entries(splits))(
    'the order of kinds in %s is not the same twice running',
    (_, queries) => {
      for (let from = 0; from + 16 <= queries.length; from += 8) {
        const kinds = (start: number) => queries.slice(start, start + 8).map((q) => q.kind);
        expect(kinds(from)).not.toEqual(kinds(from + 8));
      }
    },
  );

  test('no query is in two splits', () => {
    const texts = [...everyQuery.map((q) => q.text), ...startingExamples.map((e) => e.query)];
    expect(new Set(texts.map((text) => words(text).join(' '))).size).toBe(256);
  });

  test('no two queries of different splits share more than half of their content words', () => {
    const all = [
      ...everyQuery.map((q) => q.text),
      ...startingExamples.map((example) => example.query),
    ].map((text) => ({ text, content: contentWords(text) }));
    const close = all.flatMap((a, i) =>
      all
        .slice(i + 1)
        .filter((b) => overlap(a.content, b.content) >= 0.5)
        .map((b) => [a.text, b.text]),
    );
    expect(close).toEqual([]);
  });
});

test('ids are unique', () => {
  const ids = [...everyQuery, ...startingExamples, ...startingPrompts].map((x) => x.id);
  expect(new Set(ids).size).toBe(ids.length);
});

describe('criteria', () => {
  test("the criteria are the paper's fourteen in order", () => {
    expect(criteria.map((c) => c.name)).toEqual([
      'Helpfulness',
      'Clarity',
      'Factuality',
      'Depth',
      'Engagement',
      'Conciseness',
      'Safety',
      'Compliance',
      'Limitations',
      'Critical-Thinking',
      'Creativity',
      'Interactivity',
      'Empathy',
      'Sensitivity',
    ]);
  });

  test.each(criteria)('$name is short enough for a small model', ({ definition, low, high }) => {
    expect(wordCount(definition)).toBeLessThanOrEqual(25);
    expect(wordCount(low)).toBeLessThanOrEqual(18);
    expect(wordCount(high)).toBeLessThanOrEqual(18);
  });

  test.each(criteria)('$name is said a second time in other words', ({ definition, reworded }) => {
    const second = reworded ?? '';
    expect(wordCount(second)).toBeGreaterThanOrEqual(8);
    expect(wordCount(second)).toBeLessThanOrEqual(25);
    expect(overlap(contentWords(definition), contentWords(second))).toBeLessThan(0.5);
  });
});

describe('examples', () => {
  test('there are sixteen', () => {
    expect(startingExamples).toHaveLength(16);
  });

  test.each(startingExamples)('$id is between 25 and 90 words', ({ answer }) => {
    expect(wordCount(answer)).toBeGreaterThanOrEqual(25);
    expect(wordCount(answer)).toBeLessThanOrEqual(90);
  });
});

describe('planted words', () => {
  const { padding, refusals, compliances, declines } = plantedTexts;

  test('none is said twice, and each is a sentence or more', () => {
    const all = [...padding, ...refusals, ...compliances];
    expect(new Set(all).size).toBe(all.length);
    for (const text of all) expect(text).toMatch(/^\p{Lu}.*[.!?]$/u);
  });

  test('every refusal is known as one, and neither padding nor compliance is', () => {
    const declined = (text: string) => declines.some((words) => text.includes(words));
    expect(refusals.filter((text) => !declined(text))).toEqual([]);
    expect([...padding, ...compliances].filter(declined)).toEqual([]);
  });

  test('padding names no subject of any query or example', () => {
    const general = contentWords(padding.join(' '));
    const said = startingExamples.map((e) => overlap(general, contentWords(e.query)));
    expect(Math.max(...said)).toBeLessThan(0.1);
  });
});

describe('prompts', () => {
  test('the hand-written prompt has at most eight bullets and comes back from parse and print letter for letter', () => {
    const prompt = parsePrompt(handWrittenPrompt);
    expect(prompt.opening).not.toBe('');
    expect(prompt.bullets.length).toBeGreaterThan(0);
    expect(prompt.bullets.length).toBeLessThanOrEqual(maxBullets);
    expect(promptText(prompt)).toBe(handWrittenPrompt);
  });

  test('the hand-written prompt is at most 160 words', () => {
    expect(handWrittenPrompt.match(/[\p{L}\p{N}][\p{L}\p{N}'-]*/gu)?.length).toBeLessThanOrEqual(
      160,
    );
  });

  test('a search can start from the plain prompt, the hand-written one, or none', () => {
    expect(startingPrompts).toEqual([
      { id: 'plain', name: 'Plain', text: 'You are a helpful assistant.' },
      { id: 'hand-written', name: 'Hand-written', text: handWrittenPrompt },
      { id: 'empty', name: 'None', text: '' },
    ]);
  });
});
