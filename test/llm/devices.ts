import type { AdapterFacts, Device } from '../../src/llm/device.ts';
import { webLlmModels, type ListedModel } from '../../src/llm/web-llm/models.ts';

/** A machine with a good graphics device. */
export const goodDevice: Device = {
  webgpu: true,
  fallback: false,
  shaderF16: true,
  subgroups: true,
  maxBufferMb: 4096,
  maxBindingMb: 4095,
  workgroupStorageKb: 32,
  storageBuffers: 10,
  syncMs: 0.3,
  deviceMemoryGb: 8,
  adapterName: 'test',
  crossOriginIsolated: true,
  threads: 8,
};

interface Adapter {
  readonly info?: Partial<AdapterFacts['info']>;
  readonly features?: readonly string[];
  readonly limits?: Partial<AdapterFacts['limits']>;
}

/** A graphics adapter as a browser describes it. */
export function anAdapter({ info, features = [], limits }: Adapter): AdapterFacts {
  return {
    info: { vendor: 'nvidia', architecture: 'ampere', isFallbackAdapter: false, ...info },
    features: new Set(features),
    limits: {
      maxBufferSize: 2 ** 31,
      maxStorageBufferBindingSize: 2 ** 31 - 4,
      maxComputeWorkgroupStorageSize: 32_768,
      maxStorageBuffersPerShaderStage: 10,
      maxComputeInvocationsPerWorkgroup: 256,
      ...limits,
    },
  };
}

export function listedModel(id: string): ListedModel {
  const found = webLlmModels.find((listed) => listed.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
}
