import { expect, test } from 'vitest';
import type { Device } from '../../src/llm/device.ts';
import { ggufPresets } from '../../src/llm/gguf-presets.ts';
import { recommend, type Room } from '../../src/llm/recommend.ts';
import { goodDevice } from './devices.ts';

const none = new Set<string>();
const roomy: Room = { freeMb: 20_000, here: none };
const noGpu = { webgpu: false, shaderF16: false, maxBufferMb: 0, maxBindingMb: 0 };

interface Case {
  readonly on: Partial<Device>;
  readonly room?: Partial<Room>;
  readonly take: RegExp;
  readonly why: RegExp;
}

const cases: Readonly<Record<string, Case>> = {
  'a good graphics device': {
    on: {},
    take: /^Llama-3\.2-3B-Instruct-q4f16/,
    why: /best judge .* \(2040 MB/,
  },
  'a browser that does not tell its memory': {
    on: { deviceMemoryGb: null },
    take: /^Llama-3\.2-3B-Instruct-q4f16/,
    why: /best judge/,
  },
  'a graphics device without 16-bit numbers': {
    on: { shaderF16: false },
    take: /^Llama-3\.2-3B-Instruct-q4f32/,
    why: /best judge/,
  },
  'a machine of 4 GB': {
    on: { deviceMemoryGb: 4 },
    take: /^Llama-3\.2-1B-Instruct-q4f16/,
    why: /815 MB/,
  },
  'a machine of 4 GB without 16-bit numbers': {
    on: { deviceMemoryGb: 4, shaderF16: false },
    take: /^Llama-3\.2-1B-Instruct-q4f32/,
    why: /1001 MB/,
  },
  'a small graphics device': {
    on: { maxBufferMb: 1024, maxBindingMb: 512 },
    take: /^Llama-3\.2-1B-Instruct-q4f16/,
    why: /slow on a device this small/,
  },
  'a phone': {
    on: { maxBufferMb: 256, maxBindingMb: 128, deviceMemoryGb: 2 },
    take: /^SmolLM2-360M-Instruct-q4f16/,
    why: /best judge/,
  },
  'a browser that looks at the graphics device every 100 ms': {
    on: { syncMs: 100, deviceMemoryGb: null },
    take: /^Qwen2\.5-1\.5B-Instruct-q4f16/,
    why: /100 ms.*10 tokens a second/,
  },
  'little storage': {
    on: {},
    room: { freeMb: 900 },
    take: /^Llama-3\.2-1B-Instruct/,
    why: /Larger ones find no space: .* 900 MB free/,
  },
  'less storage': { on: {}, room: { freeMb: 300 }, take: /^SmolLM2-360M/, why: /300 MB free/ },
  'little storage, but it is here': {
    on: {},
    room: { freeMb: 100, here: new Set(['Qwen2.5-1.5B-Instruct-q4f16_1-MLC']) },
    take: /^Qwen2\.5-1\.5B-Instruct/,
    why: /100 MB free/,
  },
  'a browser that does not tell its storage': {
    on: {},
    room: { freeMb: null },
    take: /^Llama-3\.2-3B/,
    why: /best judge/,
  },
  'no WebGPU, one thread': {
    on: { ...noGpu, crossOriginIsolated: false },
    take: /SmolLM2-135M-Instruct-Q8_0\.gguf$/,
    why: /Without WebGPU .* one thread only/,
  },
  'no WebGPU, eight threads': {
    on: noGpu,
    take: /qwen2\.5-0\.5b-instruct-q4_k_m\.gguf$/,
    why: /8 threads/,
  },
  'no WebGPU, four threads': {
    on: { ...noGpu, threads: 4 },
    take: /smollm2-360m-instruct-q8_0\.gguf$/,
    why: /4 threads/,
  },
  'no WebGPU and little storage': {
    on: noGpu,
    room: { freeMb: 250 },
    take: /SmolLM2-135M-Instruct-Q8_0\.gguf$/,
    why: /is what finds space: .* 250 MB/,
  },
  'WebGPU in software': {
    on: { fallback: true },
    take: /qwen2\.5-0\.5b-instruct-q4_k_m\.gguf$/,
    why: /graphics device runs none/,
  },
};

test.each(Object.entries(cases))('%s', (_name, { on, room, take, why }) => {
  const recommended = recommend({ ...goodDevice, ...on }, { ...roomy, ...room });
  const { model } = recommended;
  expect(model?.type === 'web-llm' ? model.id : model?.url).toMatch(take);
  expect(recommended.why).toMatch(why);
});

test('where nothing fits, it is said why', () => {
  const full = recommend(goodDevice, { freeMb: 40, here: none });
  expect(full.model).toBeNull();
  expect(full.why).toMatch(/145 MB.*40 MB free/);
  const tiny = recommend({ ...goodDevice, ...noGpu, deviceMemoryGb: 0.25 }, roomy);
  expect(tiny.model).toBeNull();
  expect(tiny.why).toMatch(/0\.25 GB/);
});

test('what is recommended is for judging too: no base model ever', () => {
  const bases = ggufPresets.filter(({ kind }) => kind === 'base').map(({ url }) => url);
  const { model } = recommend({ ...goodDevice, ...noGpu }, { freeMb: 30, here: new Set(bases) });
  expect(model).toBeNull();
});
