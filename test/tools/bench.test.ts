import { describe, expect, test } from 'vitest';
import { fit } from '../../src/llm/fit.ts';
import { joinParts, type Content, type LlmRequest } from '../../src/core/llm.ts';
import { floorByText, floorByTokens } from '../../tools/bench/floor.ts';
import type { Asked } from '../../tools/bench/measured.ts';
import { lineOf } from '../../tools/bench/report.ts';
import { scriptTexts } from '../../tools/bench/script.ts';
import { aRequest, text } from '../llm/requests.ts';

/** A token for each character. */
function tokens(content: Content): readonly number[] {
  const parts = content.type === 'text' ? content.parts : [];
  return Array.from(joinParts(parts), (char) => char.charCodeAt(0));
}

function asked(request: LlmRequest, promptTokens: number, reusedTokens = 0): Asked {
  const usage = { promptTokens, reusedTokens, outputTokens: 3, elapsedMs: 90 };
  return { request, cut: [], usage, portMs: 91, beforeMs: 4 };
}

describe('the script', () => {
  test.each(['chat', 'text'] as const)('of %s models is the same each time', async (form) => {
    const texts = await scriptTexts(form, 'short');
    expect(texts.length).toBeGreaterThan(50);
    expect(await scriptTexts(form, 'short')).toEqual(texts);
  });
});

describe('the floor', () => {
  const requests = ['one two', 'one three', 'one two'].map((t) => aRequest({ content: text(t) }));
  const all = requests.map((request) => asked(request, tokens(request.content).length));

  test('counts each shared beginning once', async () => {
    const floor = await floorByTokens(all, tokens, Infinity);
    expect(floor).toEqual({ requests, tokens: 7 + 4, disagreements: 0 });
    expect((await floorByText(all, Infinity)).tokens).toBeCloseTo(11, 10);
  });

  test('says where the engine counts otherwise', async () => {
    const off = [...all, asked(aRequest({ content: text('four') }), 5)];
    expect((await floorByTokens(off, tokens, Infinity)).disagreements).toBe(1);
  });

  test('is that of the prompt as it was cut', async () => {
    const drop = { order: 1, how: 'middle', what: 'the query' } as const;
    const content: Content = {
      type: 'text',
      parts: [{ text: 'Question: ' }, { text: 'why and how '.repeat(20), drop }],
    };
    const count = (c: Content) => Promise.resolve(tokens(c).length);
    const sizer = { atMost: () => Infinity, count };
    const sent = await fit(content, { contextSize: 120, room: 10 }, sizer);
    const request = aRequest({ content });
    const cutAsked = { ...asked(request, tokens(sent.content).length), cut: sent.cut };
    expect(await floorByTokens([cutAsked], tokens, Infinity)).toEqual({
      requests: [{ ...request, content: sent.content }],
      tokens: 110,
      disagreements: 0,
    });
  });
});

test('overhead is what of the wall time the engine did not work', () => {
  const request = aRequest({ content: text('one two') });
  const line = lineOf({
    model: 'm.gguf',
    measured: {
      ...{ engine: 'e', name: 'm', form: 'text', contextSize: 512, isolated: true },
      wallMs: 200,
      asked: [asked(request, 7), asked(request, 7, 6)],
    },
    stock: { wallMs: 400, usages: [asked(request, 7).usage, asked(request, 7).usage] },
    floor: { requests: [request, request], tokens: 7, disagreements: 0 },
    floorBy: 'tokens',
    cacheTokens: 512,
  });
  expect(line).toMatchObject({
    prefillOverFloor: 1.143,
    stockPrefillOverFloor: 2,
    overheadMs: 10,
    overheadMedianMs: 5,
    messagesMs: 1,
    overheadShare: 0.1,
    meanRequestMs: 100,
    requestsPerSecond: 10,
    stock: { meanRequestMs: 200, timeRatio: 2 },
  });
});
