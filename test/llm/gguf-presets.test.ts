import { expect, test } from 'vitest';
import { ggufPresets } from '../../src/llm/gguf-presets.ts';

test('every preset is a file of its own that can be downloaded without a login', () => {
  expect(new Set(ggufPresets.map(({ url }) => url)).size).toBe(ggufPresets.length);
  for (const { url } of ggufPresets) {
    expect(new URL(url).href).toBe(url);
    expect(url).toMatch(/^https:\/\/huggingface\.co\/[^/]+\/[^/]+\/resolve\/main\/[^/]+\.gguf$/);
  }
});

test('base models come first, and each kind from the smallest to the largest', () => {
  for (const kind of ['base', 'instruct'] as const) {
    const sizes = ggufPresets.filter((preset) => preset.kind === kind).map(({ sizeMb }) => sizeMb);
    expect(sizes.length).toBeGreaterThan(4);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  }
  expect(ggufPresets.findLastIndex(({ kind }) => kind === 'base')).toBeLessThan(
    ggufPresets.findIndex(({ kind }) => kind === 'instruct'),
  );
});

test('sizes, parameters and memory agree with each other', () => {
  for (const { name, sizeMb, millions, memoryMb } of ggufPresets) {
    const bits = (sizeMb * 8) / millions;
    expect([name, bits > 4.5 && bits < 9]).toEqual([name, true]);
    expect(memoryMb).toBeGreaterThan(sizeMb / 1.049 + 280);
    expect(memoryMb).toBeLessThan(2000);
  }
});
