import { expect, test } from 'vitest';
import { measureSpeed } from '../../src/llm/measure.ts';
import { openModel } from '../../src/llm/open.ts';
import { selfTest } from '../../src/llm/self-test.ts';
import { randomModel } from '../../tools/gguf/random-model.ts';

const open = (file: Blob) =>
  openModel(
    { type: 'gguf-file', file, name: 'model.gguf', sha256: 'of the file' },
    { contextSize: 512 },
  );

test.each([
  ['text', { seed: 1 }],
  ['text', { seed: 3 }],
  ['chat', { seed: 2, chatTemplate: true }],
] as const)('weights that were never trained fail, asked in %s (%j)', async (form, shape) => {
  const model = await open(new Blob([randomModel(shape)]));
  expect(model.llm.info.form).toBe(form);
  expect(await selfTest(model.llm)).toMatchObject({ ok: false });
  model.close();
});

// A model that was really trained, if one lies in a folder beside this repository's.
const stories = Object.values(
  import.meta.glob<string>('../../../*/models/stories260K.gguf', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
)[0];

test.skipIf(!stories)('trained weights pass, asked in text or as their file says', async () => {
  const model = await open(await (await fetch(stories ?? '')).blob());
  expect(await selfTest(model.llm)).toEqual({ ok: true });
  const asText = { ...model.llm, info: { ...model.llm.info, form: 'text' as const } };
  expect(await selfTest(asText)).toEqual({ ok: true });
  model.close();
});

test('a small model is measured in some seconds', async () => {
  const model = await open(new Blob([randomModel()]));
  const begun = performance.now();
  const speed = await measureSpeed(model.llm);
  expect(performance.now() - begun).toBeLessThan(15_000);
  expect(speed.prefillPerSecond).toBeGreaterThan(1);
  expect(speed.decodePerSecond).toBeGreaterThan(1);
  model.close();
});
