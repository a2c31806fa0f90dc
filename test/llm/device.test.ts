import { expect, test } from 'vitest';
import { whyNot, type Device } from '../../src/llm/device.ts';
import { f32Sibling, webLlmModels, type ListedModel } from '../../src/llm/web-llm-models.ts';

const good: Device = {
  webgpu: true,
  fallback: false,
  shaderF16: true,
  maxBufferMb: 4096,
  deviceMemoryGb: 8,
  adapterName: 'test',
  crossOriginIsolated: false,
  threads: 8,
};

function model(id: string): ListedModel {
  const found = webLlmModels.find((listed) => listed.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
}

const f16 = model('SmolLM2-360M-Instruct-q4f16_1-MLC');

test('a capable device is refused nothing', () => {
  expect(webLlmModels.map((listed) => whyNot(listed, good))).toEqual(webLlmModels.map(() => null));
});

test.each([
  ['no WebGPU', { webgpu: false }, 'no-webgpu', /A GGUF file runs without it/],
  ['WebGPU in software', { fallback: true }, 'no-webgpu', /in software/],
  ['small buffers', { maxBufferMb: 128 }, 'no-webgpu', /128 MB/],
  ['no 16-bit shaders', { shaderF16: false }, 'no-shader-f16', /SmolLM2-360M-Instruct-q4f32_1-MLC/],
  ['little memory', { deviceMemoryGb: 0.25 }, 'model-too-large', /376 MB/],
] as const)('%s is said before anything is downloaded', (_name, lack, code, sentence) => {
  const reason = whyNot(f16, { ...good, ...lack });
  expect(reason).toMatchObject({ code });
  expect(reason?.message).toMatch(sentence);
});

test('a GGUF file needs memory only', () => {
  const none = { ...good, webgpu: false };
  expect(whyNot({ name: 'a.gguf', sizeMb: 900 }, none)).toBeNull();
  expect(whyNot({ name: 'b.gguf', sizeMb: 5000 }, none)).toMatchObject({ code: 'model-too-large' });
  expect(whyNot({ name: 'c.gguf', sizeMb: 900 }, { ...none, deviceMemoryGb: 1 })).toMatchObject({
    code: 'model-too-large',
  });
});

test('a model without 16-bit shaders has a sibling of the same name, where there is one', () => {
  expect(f32Sibling(f16)?.id).toBe('SmolLM2-360M-Instruct-q4f32_1-MLC');
  expect(f32Sibling(model('gemma3-1b-it-q4f16_1-MLC'))).toBeNull();
});

test('no two listed models share an id', () => {
  expect(new Set(webLlmModels.map((listed) => listed.id)).size).toBe(webLlmModels.length);
});
