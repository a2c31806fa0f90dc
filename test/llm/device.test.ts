import { afterEach, expect, test, vi } from 'vitest';
import {
  describeAdapter,
  measureSync,
  probeDevice,
  slowSync,
  whyNot,
  whyNotTogether,
  type AdapterFacts,
  type Device,
} from '../../src/llm/device.ts';
import { webLlmModels } from '../../src/llm/web-llm/models.ts';
import { anAdapter, goodDevice as good, listedModel as model } from './devices.ts';

afterEach(() => vi.unstubAllGlobals());

const f16 = model('SmolLM2-360M-Instruct-q4f16_1-MLC');

test('a capable device is refused nothing', () => {
  expect(webLlmModels.map((listed) => whyNot(listed, good))).toEqual(webLlmModels.map(() => null));
});

test.each([
  ['no WebGPU', { webgpu: false }, 'no-webgpu', /A GGUF file runs without it/],
  ['WebGPU in software', { fallback: true }, 'no-webgpu', /in software/],
  ['small buffers', { maxBufferMb: 128 }, 'no-webgpu', /128 MB in one buffer where 256/],
  ['small bindings', { maxBindingMb: 64 }, 'no-webgpu', /64 MB of a buffer.* where 128/],
  ['small workgroups', { workgroupStorageKb: 16 }, 'no-webgpu', /16 KB .* where 32/],
  ['few buffers', { storageBuffers: 8 }, 'no-webgpu', /8 buffers in a shader where 10/],
  ['no 16-bit shaders', { shaderF16: false }, 'no-shader-f16', /SmolLM2-360M-Instruct-q4f32_1-MLC/],
  ['little memory', { deviceMemoryGb: 0.25 }, 'model-too-large', /296 MB/],
] as const)('%s is said before anything is downloaded', (_name, lack, code, sentence) => {
  const reason = whyNot(f16, { ...good, ...lack });
  expect(reason).toMatchObject({ code });
  expect(reason?.message).toMatch(sentence);
});

test('software runs the smallest models only', () => {
  const software = { ...good, fallback: true };
  expect(webLlmModels.every((listed) => whyNot(listed, software) !== null)).toBe(true);
  expect(whyNot({ ...f16, sizeMb: 90 }, software)).toBeNull();
});

test('a device of small pieces runs what has a small vocabulary', () => {
  const phone = { ...good, maxBindingMb: 1023 };
  expect(whyNot(model('Qwen2.5-0.5B-Instruct-q4f16_1-MLC'), phone)).toBeNull();
  const reason = whyNot(model('gemma3-1b-it-q4f16_1-MLC'), phone);
  expect(reason).toMatchObject({ code: 'model-too-large' });
  expect(reason?.message).toMatch(/144 MB .* in one piece.* 128 MB/);
});

test('a GGUF file needs memory only', () => {
  const none: Device = { ...good, webgpu: false, maxBufferMb: 0 };
  expect(whyNot({ name: 'a.gguf', sizeMb: 900 }, none)).toBeNull();
  expect(whyNot({ name: 'b.gguf', sizeMb: 5000 }, none)).toMatchObject({ code: 'model-too-large' });
  expect(whyNot({ name: 'c.gguf', sizeMb: 900 }, { ...none, deviceMemoryGb: 1 })).toMatchObject({
    code: 'model-too-large',
  });
  const looked = { name: 'd.gguf', sizeMb: 3000, memoryMb: 4200 };
  expect(whyNot(looked, none)?.message).toMatch(/about 4200 MB .* can have 4096 MB/);
});

const qwen = model('Qwen3-4B-q4f16_1-MLC');
const small = model('Qwen2.5-1.5B-Instruct-q4f16_1-MLC');
const eight = model('Qwen3-8B-q4f16_1-MLC');
const gguf = { name: 'judge.gguf', sizeMb: 1200, memoryMb: 1500 };

test.each([
  ['two that fit', [f16, gguf], {}, null],
  ['one and itself for two roles', [qwen], {}, null],
  ['where nothing is known', [eight, qwen], { deviceMemoryGb: null }, null],
  ['more than a large machine has', [eight, qwen], { deviceMemoryGb: 8 }, /8552 MB.* 8 GB.*server/],
  ['more than a small machine has', [small, gguf], { deviceMemoryGb: 4 }, /3074 MB.* 4 GB/],
  ['room in a larger machine', [eight, qwen], { deviceMemoryGb: 16 }, null],
  ['one that cannot run at all', [gguf, qwen], { webgpu: false }, /no WebGPU/],
  ['two modules of their own', [gguf, { ...gguf, memoryMb: 4000 }], { webgpu: false }, null],
] as const)('together: %s', (_name, models, lack, sentence) => {
  const reason = whyNotTogether(models, { ...good, ...lack });
  if (sentence) expect(reason?.message).toMatch(sentence);
  else expect(reason).toBeNull();
});

test.each([
  ['names itself', { isFallbackAdapter: true }, true],
  ['is SwiftShader', { vendor: 'google', architecture: 'swiftshader' }, true],
  ['is llvmpipe', { vendor: 'mesa', description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }, true],
  ['is a graphics device', { vendor: 'nvidia', architecture: 'ampere' }, false],
] as const)('an adapter that %s: fallback %#', (_name, info, fallback) => {
  expect(describeAdapter(anAdapter({ info })).fallback).toBe(fallback);
});

test.each([
  ['all of it', {}, true],
  ['no feature', { features: [] }, false],
  ['groups of 64 only', { info: { subgroupMinSize: 64, subgroupMaxSize: 64 } }, false],
  ['groups of 16 only', { info: { subgroupMinSize: 8, subgroupMaxSize: 16 } }, false],
  ['few threads', { limits: { maxComputeInvocationsPerWorkgroup: 256 } }, false],
] as const)('subgroups: %s', (_name, over, usable) => {
  const groups = {
    features: ['subgroups'],
    info: { subgroupMinSize: 16, subgroupMaxSize: 32 },
    limits: { maxComputeInvocationsPerWorkgroup: 1024 },
  };
  expect(describeAdapter(anAdapter({ ...groups, ...over })).subgroups).toBe(usable);
});

/** A browser with this adapter, whose devices answer after a while. */
function browserWith(adapter: AdapterFacts | null, syncMs: number | 'never' = 0) {
  const device = {
    destroyed: 0,
    destroy: () => {
      device.destroyed++;
    },
    queue: {
      submit: () => undefined,
      onSubmittedWorkDone: () =>
        new Promise<void>((resolve) => {
          if (syncMs !== 'never') setTimeout(resolve, syncMs);
        }),
    },
  };
  const offered = adapter && { ...adapter, requestDevice: () => Promise.resolve(device) };
  vi.stubGlobal('navigator', {
    gpu: { requestAdapter: () => Promise.resolve(offered) },
    hardwareConcurrency: 6,
    deviceMemory: 4,
  });
  vi.stubGlobal('crossOriginIsolated', true);
  return device;
}

test('a probe says what there is', async () => {
  browserWith(anAdapter({ features: ['shader-f16'] }));
  expect(await probeDevice()).toEqual({
    webgpu: true,
    fallback: false,
    shaderF16: true,
    subgroups: false,
    maxBufferMb: 2048,
    maxBindingMb: 2047,
    workgroupStorageKb: 32,
    storageBuffers: 10,
    syncMs: null,
    deviceMemoryGb: 4,
    adapterName: 'nvidia ampere',
    crossOriginIsolated: true,
    threads: 6,
  });
});

test('a probe never rejects', async () => {
  vi.stubGlobal('navigator', {
    gpu: { requestAdapter: () => Promise.reject(new Error('lost')) },
    hardwareConcurrency: 2,
  });
  expect(await probeDevice()).toMatchObject({ webgpu: false, deviceMemoryGb: null, threads: 2 });
  expect(await measureSync()).toBeNull();
});

test('the wait for the graphics device is measured, and its device closed', async () => {
  const device = browserWith(anAdapter({}), 20);
  const syncMs = await measureSync();
  expect(syncMs).toBeGreaterThanOrEqual(15);
  expect(syncMs).toBeLessThan(150);
  await vi.waitFor(() => expect(device.destroyed).toBe(1));
});

test('a graphics device that does not answer within a second is not waited for', async () => {
  browserWith(anAdapter({}), 'never');
  expect(await measureSync()).toBeNull();
});

test('a slow wait is said with what it costs', () => {
  expect(slowSync({ syncMs: null })).toBeNull();
  expect(slowSync({ syncMs: 0.3 })).toBeNull();
  expect(slowSync({ syncMs: 103 })).toMatch(/103 ms.*about 10 tokens a second.*Chrome or Edge/);
});
