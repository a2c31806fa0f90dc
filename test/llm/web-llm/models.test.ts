import { expect, test } from 'vitest';
import { ggufMemoryMb, memoryMbAt } from '../../../src/llm/memory.ts';
import {
  f32Sibling,
  listedFor,
  otherPrecision,
  webLlmModels,
} from '../../../src/llm/web-llm/models.ts';
import { listedModel as model } from '../devices.ts';

const f16 = model('SmolLM2-360M-Instruct-q4f16_1-MLC');

test('no two listed models share an id', () => {
  expect(new Set(webLlmModels.map(({ id }) => id)).size).toBe(webLlmModels.length);
});

test('a model without 16-bit shaders has a sibling of the same name, where there is one', () => {
  expect(f32Sibling(f16)?.id).toBe('SmolLM2-360M-Instruct-q4f32_1-MLC');
  expect(f32Sibling(model('gemma3-1b-it-q4f16_1-MLC'))).toBeNull();
  expect(otherPrecision(model('SmolLM2-360M-Instruct-q4f32_1-MLC'))).toBe(f16);
});

test('a device is offered each model once, in the numbers it computes with', () => {
  const names = new Set(webLlmModels.map(({ name }) => name));
  for (const shaderF16 of [true, false]) {
    const offered = listedFor({ shaderF16 });
    expect(offered.map(({ name }) => name)).toEqual([...names]);
    const otherwise = offered.filter(({ needsF16 }) => needsF16 !== shaderF16);
    expect(otherwise.map(({ name }) => name)).toEqual(shaderF16 ? [] : ['gemma3-1b-it']);
  }
});

test.each([
  ['Llama-3.2-1B-Instruct-q4f16_1-MLC', 705],
  ['Llama-3.2-3B-Instruct-q4f16_1-MLC', 1817],
])('the download of %s is estimated to a fiftieth', (id, measuredMb) => {
  expect(Math.abs(model(id).sizeMb / measuredMb - 1)).toBeLessThan(0.02);
});

test.each([
  ['Qwen3-0.6B-q4f16_1-MLC', 1403 - 224],
  ['Qwen3-0.6B-q4f32_1-MLC', 1925 - 448],
  ['SmolLM2-1.7B-Instruct-q4f16_1-MLC', 1774 - 384],
  ['phi-1_5-q4f16_1-MLC', 1210],
])('the memory of %s is that at 2,048 tokens', (id, memoryMb) => {
  expect(model(id).memoryMb).toBe(memoryMb);
});

test('every model says what it weighs, and never less than its weights', () => {
  for (const { memoryMb, sizeMb, cacheKbPerToken, largestBufferMb } of webLlmModels) {
    expect(memoryMb * 1.049 + 45).toBeGreaterThan(sizeMb);
    expect(Math.min(sizeMb, cacheKbPerToken, largestBufferMb)).toBeGreaterThan(0);
  }
});

test('memory grows with the context', () => {
  const qwen = model('Qwen3-0.6B-q4f16_1-MLC');
  expect(memoryMbAt(qwen, 4096)).toBe(1403);
  expect(memoryMbAt(qwen, 1024)).toBe(1067);
  const facts = { fileBytes: 639e6, cacheBytesPerToken: 112 * 1024 };
  expect(ggufMemoryMb(facts)).toBe(1120);
  expect(ggufMemoryMb(facts, 4096)).toBe(1344);
});
