import { describe, expect, test } from 'vitest';
import { breadth, presets } from '../../src/core/settings.ts';

describe('presets', () => {
  test('quick pools what lines do: 20 levels of 3 crosses, 6 opinions of 6 changes first, 2 examples, answers of 160 tokens', () => {
    const { search, examples, evaluation, answerTokens } = presets.quick;
    expect(search).toMatchObject({
      strategy: 'beam',
      ranking: 'pooled',
      width: 2,
      proposals: 6,
      depth: 20,
      queriesPerLevel: 1,
      pooled: {
        scouted: 10,
        crosses: 3,
        evidence: 5,
        ratings: 2,
        opinions: { first: 6, every: 4 },
      },
    });
    expect(examples).toMatchObject({ count: 2, retrieval: 'nearest' });
    expect(evaluation).toMatchObject({ selection: 12, test: 20, headroom: 12, weighBullets: true });
    expect(answerTokens).toBe(160);
  });

  test('standard pools too: 24 levels of 3 crosses on 2 queries, 10 opinions of 6 changes first, 3 examples in 2 rounds, answers of 256 tokens', () => {
    const { search, examples, evaluation, answerTokens } = presets.standard;
    expect(search).toMatchObject({
      strategy: 'beam',
      ranking: 'pooled',
      width: 3,
      proposals: 6,
      depth: 24,
      queriesPerLevel: 2,
      pooled: { scouted: 24, crosses: 3, opinions: { first: 10, every: 4 } },
    });
    expect(examples).toMatchObject({ count: 3, improve: { rounds: 2 } });
    expect(evaluation).toMatchObject({ selection: 24, test: 60 });
    expect(answerTokens).toBe(256);
  });

  test('demo is a beam of 2, 2 proposals, 7 levels of 6 queries, 1 example, short answers and criteria from the list', () => {
    const { search, examples, evaluation, criteria, answerTokens, promptTokens } = presets.demo;
    expect(search).toMatchObject({
      strategy: 'beam',
      ranking: 'blocks',
      width: 2,
      proposals: 2,
      depth: 7,
      extraDepth: 0,
      queriesPerLevel: 6,
      skipAbove: 4.9,
    });
    expect(examples).toMatchObject({ count: 1, improve: { rounds: 1, which: 'in-use' } });
    expect(evaluation).toMatchObject({ selection: 12, test: 18, handWritten: true });
    expect(evaluation).toMatchObject({ judgeCheck: true, checkRequests: 0 });
    const few = { mode: 'dynamic', atLeast: 1, atMost: 4, propose: false };
    expect(criteria).toMatchObject({ examples: few, prompts: few });
    expect([answerTokens, promptTokens]).toEqual([96, 48]);
  });

  test('paper has the figures of the paper', () => {
    const { search, examples, judge, temperature, criteria } = presets.paper;
    expect(search).toEqual({
      strategy: 'beam',
      ranking: 'path',
      width: 2,
      proposals: 3,
      depth: 20,
      extraDepth: 10,
      queriesPerLevel: 1,
      skipAbove: 4.5,
      formerPrompts: 5,
      repeats: 'try',
    });
    expect(examples).toMatchObject({
      count: 2,
      improve: { rounds: 5, which: 'all', accept: 'at-least', from: 'latest' },
    });
    expect(judge).toEqual({ rating: 'written', unreadable: 'zero' });
    expect(temperature).toEqual({ base: 0, evaluator: 0, optimizer: 0.2 });
    expect(criteria).toMatchObject({
      examples: { mode: 'dynamic', atLeast: 3, atMost: 6, propose: true },
      prompts: { mode: 'dynamic', atLeast: 2, atMost: 5, propose: true },
    });
  });

  test.each(Object.entries(presets))('%s carries its own name', (name, preset) => {
    expect(preset.preset).toBe(name);
  });
});

describe('strategies', () => {
  const settings = { ...presets.quick.search, width: 3, proposals: 4 };
  test.each([
    ['beam', { width: 3, proposals: 4 }],
    ['greedy', { width: 1, proposals: 4 }],
    ['greedy-monte-carlo', { width: 1, proposals: 12 }],
  ] as const)('%s comes down to its width and proposals', (strategy, expected) => {
    expect(breadth({ ...settings, strategy })).toEqual(expected);
  });
});
