import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { keepLimitBytes } from '../../src/app/built-files.ts';
import { profiles } from '../../src/core/profiles/index.ts';
import { builtInModel, builtInModels } from '../../src/llm/built-in.ts';
import { readGguf } from '../../src/llm/gguf.ts';
import { ggufMemoryMb } from '../../src/llm/memory.ts';

test('a built-in model is found by its id, and no other', () => {
  for (const model of builtInModels) expect(builtInModel(model.id)).toBe(model);
  expect(builtInModel('purse')).toBeUndefined();
});

describe.each(builtInModels)('the file of $name', ({ path, sizeMb, memoryMb, licence }) => {
  const file = fileURLToPath(new URL(`../../public/${path}`, import.meta.url));

  test('is what the list says of it', async () => {
    const bytes = readFileSync(file);
    const facts = await readGguf(new Blob([bytes]));
    expect(bytes.byteLength / 1e6).toBeCloseTo(sizeMb, 1);
    // Or the service worker would not keep it.
    expect(bytes.byteLength).toBeLessThan(keepLimitBytes);
    expect(facts.licence?.toLowerCase()).toBe(licence.toLowerCase());
    expect(facts.contextLength).toBe(1024);
    expect(Object.keys(profiles)).toContain(facts.profile);
    expect(facts.hasChatTemplate).toBe(false);
    expect(memoryMb).toBeGreaterThan(ggufMemoryMb(facts, 1024) * 0.9);
    expect(memoryMb).toBeLessThan(ggufMemoryMb(facts, 1024) * 1.1);
  });
});
