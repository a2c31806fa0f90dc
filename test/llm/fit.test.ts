import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Content, Message, Part } from '../../src/core/llm.ts';
import { fit, type Sizer } from '../../src/llm/fit.ts';
import { saying, text } from './requests.ts';

const turnTokens = 3;

/** A model that takes every character for a token and knows no bound but the count itself. */
const byCharacters: Sizer = {
  atMost: () => Infinity,
  count: (content) => Promise.resolve(sizeOf(content)),
};

function partsOf(content: Content): readonly Part[] {
  return content.type === 'text' ? content.parts : content.messages.flatMap((m) => m.parts);
}

function sizeOf(content: Content): number {
  const characters = partsOf(content).reduce((sum, part) => sum + part.text.length, 0);
  return characters + (content.type === 'chat' ? content.messages.length * turnTokens : 0);
}

const part = (n: number): fc.Arbitrary<Part> =>
  fc.record(
    {
      text: fc.string({ unit: 'grapheme', maxLength: 150 }),
      drop: fc.record({
        order: fc.integer({ min: 1, max: 4 }),
        how: fc.constantFrom('whole' as const, 'middle' as const),
        what: fc.constant(`part ${n}`),
      }),
    },
    { requiredKeys: ['text'] },
  );

const parts = fc.array(fc.nat(99).chain(part), { minLength: 1, maxLength: 8 });

const content: fc.Arbitrary<Content> = fc.oneof(
  parts.map((list): Content => ({ type: 'text', parts: list })),
  fc
    .array(
      fc.record({ role: fc.constantFrom<Message['role'][]>('system', 'user', 'assistant'), parts }),
      { minLength: 1, maxLength: 4 },
    )
    .map((messages): Content => ({ type: 'chat', messages })),
);

const contextSize = fc.integer({ min: 1, max: 700 });
const room = 8;

const given = fc.asyncProperty;

test('what fits is never cut', async () => {
  await fc.assert(
    given(content, async (whole) => {
      const space = { contextSize: sizeOf(whole) + room, room };
      expect(await fit(whole, space, byCharacters)).toEqual({ content: whole, cut: [] });
    }),
  );
});

test('the result fits, or nothing droppable was left', async () => {
  await fc.assert(
    given(content, contextSize, async (whole, size) => {
      const space = { contextSize: size, room };
      const fitted = await fit(whole, space, byCharacters).catch(() => null);
      const kept = partsOf(whole).filter((p) => !p.drop);
      const keptSize = kept.reduce((sum, p) => sum + p.text.length, 0);
      if (fitted) expect(sizeOf(fitted.content)).toBeLessThanOrEqual(size - room);
      else expect(keptSize + leastOf(whole)).toBeGreaterThan(size - room);
    }),
  );
});

/** The most that parts which keep their ends, and turns, may still take up, with 1 for a chat that has none left. */
function leastOf(whole: Content): number {
  const middles = partsOf(whole).filter((p) => p.drop?.how === 'middle');
  const ends = middles.reduce((sum, p) => sum + Math.min(p.text.length, 43), 0);
  const turns = whole.type === 'chat' ? whole.messages.length * turnTokens : 0;
  const empty = whole.type === 'chat' && partsOf(whole).every((p) => p.drop || p.text === '');
  return ends + turns + (empty ? Infinity : 0);
}

test('what was cut adds up to what is missing', async () => {
  await fc.assert(
    given(content, contextSize, async (whole, size) => {
      const fitted = await fit(whole, { contextSize: size, room }, byCharacters).catch(() => null);
      if (!fitted) return;
      const characters = (c: Content): number =>
        partsOf(c).reduce((sum, p) => sum + p.text.length, 0);
      const before = partsOf(whole);
      const marks = partsOf(fitted.content).filter((p) => !before.some((b) => b.text === p.text));
      const removed = fitted.cut.reduce((sum, cut) => sum + cut.removedChars, 0);
      expect(characters(fitted.content) - marks.length * 3).toBe(characters(whole) - removed);
    }),
  );
});

test('orders go one after the other, the lowest first, and no more of them than needed', async () => {
  const wholes = fc.array(
    fc.record(
      {
        text: fc.string({ maxLength: 60 }),
        drop: fc.record({
          order: fc.integer({ min: 1, max: 5 }),
          how: fc.constant('whole' as const),
          what: fc.constant('part'),
        }),
      },
      { requiredKeys: ['text'] },
    ),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    given(wholes, fc.integer({ min: 8, max: 400 }), async (list, size) => {
      const without = (order: number): Content =>
        text(...list.filter((p) => !p.drop || p.drop.order > order));
      const first = [0, 1, 2, 3, 4, 5].map(without).find((c) => sizeOf(c) <= size - room);
      const space = { contextSize: size, room };
      const fitted = await fit(text(...list), space, byCharacters).catch(() => null);
      expect(fitted?.content).toEqual(first);
    }),
  );
});

test('a middle shrinks to exactly what fits', async () => {
  await fc.assert(
    given(fc.integer({ min: 60, max: 400 }), fc.integer({ min: 60, max: 400 }), async (n, size) => {
      const drop = { order: 1, how: 'middle', what: 'query' } as const;
      const whole = text({ text: 'a'.repeat(n), drop });
      const fitted = await fit(whole, { contextSize: size + room, room }, byCharacters);
      expect(sizeOf(fitted.content)).toBe(Math.min(n, size));
    }),
  );
});

test('the same request is cut the same way', async () => {
  await fc.assert(
    given(content, contextSize, async (whole, size) => {
      const once = (): Promise<unknown> =>
        fit(whole, { contextSize: size, room }, byCharacters).catch(String);
      expect(await once()).toEqual(await once());
    }),
  );
});

const long = 'abcdefghij'.repeat(10);

test('a middle shrinks no more than needed and keeps both ends', async () => {
  const whole = text('Query: ', { text: long, drop: { order: 1, how: 'middle', what: 'query' } });
  const fitted = await fit(whole, { contextSize: 90, room: 10 }, byCharacters);
  expect(sizeOf(fitted.content)).toBe(80);
  expect(partsOf(fitted.content)[1]?.text).toBe(`${long.slice(0, 35)} … ${long.slice(-35)}`);
  expect(fitted.cut).toEqual([{ what: 'query', removedChars: 30, ofChars: 100 }]);
});

test('a message whose parts are all given up goes too', async () => {
  const drop = { order: 1, how: 'whole', what: 'example 1' } as const;
  const whole: Content = {
    type: 'chat',
    messages: [
      { role: 'system', parts: [] },
      { role: 'user', parts: [{ text: long, drop }] },
      { role: 'assistant', parts: [{ text: long, drop }] },
      { role: 'user', parts: [{ text: 'And now?' }] },
    ],
  };
  const fitted = await fit(whole, { contextSize: 40, room: 10 }, byCharacters);
  expect(fitted).toEqual({
    content: { type: 'chat', messages: [whole.messages[0], whole.messages[3]] },
    cut: [{ what: 'example 1', removedChars: 200, ofChars: 200 }],
  });
});

test('a character of two halves is never split', async () => {
  const emoji = '😀'.repeat(60);
  const whole = text({ text: emoji, drop: { order: 1, how: 'middle', what: 'query' } });
  for (const size of [80, 81, 82, 83]) {
    const fitted = await fit(whole, { contextSize: size, room: 1 }, byCharacters);
    expect(partsOf(fitted.content)[0]?.text.isWellFormed()).toBe(true);
  }
});

test('what cannot be made to fit says how large it is and what would help', async () => {
  const whole = text(long, { text: long, drop: { order: 1, how: 'whole', what: 'example' } });
  await expect(fit(whole, { contextSize: 64, room: 16 }, byCharacters)).rejects.toMatchObject({
    code: 'context-too-small',
    message: saying(/100 tokens.* 16; .* 64\. Load the model with a larger context/),
  });
});

test('a content that surely fits is not counted', async () => {
  const uncounted: Sizer = {
    atMost: sizeOf,
    count: () => Promise.reject(new Error('counted')),
  };
  const whole = text('short');
  expect((await fit(whole, { contextSize: 64, room: 16 }, uncounted)).content).toBe(whole);
});
