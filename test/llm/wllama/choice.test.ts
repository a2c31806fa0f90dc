import { expect, test } from 'vitest';
import { choose, type Chosen } from '../../../src/llm/wllama/choice.ts';
import type { Body, Native, Weighed } from '../../../src/llm/wllama/native.ts';

interface Fake {
  readonly native: Native;
  readonly asked: readonly Body[];
}

/** An engine that lists probabilities as llama.cpp does, and none where a token of its list is half a character. */
function fakeNative(shares: readonly number[], halves: readonly number[] = []): Fake {
  const asked: Body[] = [];
  const unused = (): never => {
    throw new Error('not asked for here');
  };
  const native: Native = {
    contextSize: 512,
    usesGraphics: false,
    complete: (body, _signal, onPiece) => {
      asked.push(body);
      const raw = shares.map((p, id): Weighed => ({ id, p }));
      const biased = raw.filter(({ id }) => body.logit_bias.some(([wanted]) => wanted === id));
      const total = biased.reduce((sum, { p }) => sum + p, 0);
      const all = body.post_sampling_probs
        ? biased.map(({ id, p }) => ({ id, p: p / total }))
        : raw;
      const top = ranked(all).slice(0, body.n_probs);
      const drawnId = ranked(biased)[0]?.id;
      const usage = { promptTokens: 10, reusedTokens: asked.length > 1 ? 9 : 4, outputTokens: 1 };
      if (top.some(({ id }) => halves.includes(id))) {
        return Promise.resolve({ finish: 'broken', ...usage });
      }
      onPiece({ text: '', drawn: all.find(({ id }) => id === drawnId) ?? null, top });
      onPiece({ text: '', drawn: null, top: [] });
      return Promise.resolve({ finish: 'length', ...usage });
    },
    countRefused: unused,
    embed: unused,
    failed: unused,
    close: unused,
  };
  return { native, asked };
}

function ranked(tokens: readonly Weighed[]): readonly Weighed[] {
  return tokens.toSorted((a, b) => b.p - a.p);
}

/** 100 other tokens of these shares together, in ids from 10 on; the choices are the first ids. */
function among(choices: readonly number[], others: (place: number) => number): readonly number[] {
  const rest = Array.from({ length: 100 }, (_, i) => others(i));
  const free = 1 - choices.reduce((a, b) => a + b, 0);
  const total = rest.reduce((a, b) => a + b, 0);
  const padding = Array.from({ length: 10 - choices.length }, () => 0);
  return [...choices, ...padding, ...rest.map((p) => (p / total) * free)];
}

const choices = [[0], [1], [2]];

function asking(fake: Fake, ids: readonly (readonly number[])[] = choices): Promise<Chosen | null> {
  return choose(fake.native, { prompt: 'Rate: ' }, ids, undefined);
}

function expectClose(actual: readonly number[] | undefined, expected: readonly number[]): void {
  expect(actual?.length).toBe(expected.length);
  actual?.forEach((p, i) => expect(p).toBeCloseTo(expected[i] ?? -1, 8));
}

test('where the choices are listed, one pass tells all', async () => {
  const fake = fakeNative(among([0.5, 0.2, 0.1], () => 1));
  const chosen = await asking(fake);
  expectClose(chosen?.probabilities, [0.625, 0.25, 0.125]);
  expect(chosen?.lostMass).toBeCloseTo(0.2, 9);
  expect(fake.asked.length).toBe(1);
  expect(chosen?.end).toEqual({ promptTokens: 10, reusedTokens: 4, outputTokens: 1 });
});

test('a choice that cannot matter need not be listed', async () => {
  const fake = fakeNative(among([0.9, 0.0999, 1e-9], (i) => 2 ** -i));
  const chosen = await asking(fake);
  expectClose(chosen?.probabilities, [0.9 / 0.9999, 0.0999 / 0.9999, 0]);
  expect(fake.asked.length).toBe(1);
});

test('where one that matters is not listed, a second pass tells how they stand', async () => {
  const fake = fakeNative(among([0.3, 0.002, 0.001], () => 1));
  const chosen = await asking(fake);
  expectClose(chosen?.probabilities, [0.3 / 0.303, 0.002 / 0.303, 0.001 / 0.303]);
  expect(chosen?.lostMass).toBeCloseTo(0.697, 9);
  expect(fake.asked.map((body) => body.post_sampling_probs)).toEqual([false, true]);
  // Six tokens were read at first, and one again.
  expect(chosen?.end).toEqual({ promptTokens: 10, reusedTokens: 3, outputTokens: 1 });
});

test('choices that nobody would list still have their lost mass, from the one that was drawn', async () => {
  const chosen = await asking(fakeNative(among([3e-4, 2e-4, 1e-4], () => 1)));
  expectClose(chosen?.probabilities, [3 / 6, 2 / 6, 1 / 6]);
  expect(chosen?.lostMass).toBeCloseTo(1 - 6e-4, 9);
});

test('where half a character breaks the list, a list of one tells the mass', async () => {
  const fake = fakeNative(
    among([3e-4, 2e-4, 1e-4], (i) => 1 + (i === 7 ? 1 : 0)),
    [20],
  );
  const chosen = await asking(fake);
  expectClose(chosen?.probabilities, [3 / 6, 2 / 6, 1 / 6]);
  expect(chosen?.lostMass).toBeCloseTo(1 - 6e-4, 9);
  expect(fake.asked.map((body) => body.n_probs)).toEqual([64, 3, 1]);
});

test('where even that breaks, the lost mass is not told, and the rest is', async () => {
  const chosen = await asking(
    fakeNative(
      among([3e-4, 2e-4, 1e-4], (i) => 1 + (i === 7 ? 1 : 0)),
      [17],
    ),
  );
  expectClose(chosen?.probabilities, [3 / 6, 2 / 6, 1 / 6]);
  expect(chosen?.lostMass).toBeUndefined();
});

test('tokens that write the same choice count together', async () => {
  const chosen = await asking(fakeNative(among([0.3, 0.2, 0.1], () => 1)), [[0, 1], [2]]);
  expectClose(chosen?.probabilities, [5 / 6, 1 / 6]);
});

test('a model that gives no numbers gives none', async () => {
  expect(await asking(fakeNative([]))).toBeNull();
});
