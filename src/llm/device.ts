import { DrpoError } from '../core/errors.ts';
import { f32Sibling, type ListedModel } from './web-llm-models.ts';

/** What this browser and machine offer a model. */
export interface Device {
  /** Whether there is a WebGPU adapter at all. */
  readonly webgpu: boolean;
  /** Whether that adapter is software, slower than the CPU engine. */
  readonly fallback: boolean;
  readonly shaderF16: boolean;
  readonly maxBufferMb: number;
  /** As the browser tells it: rounded, bounded, often not at all. */
  readonly deviceMemoryGb: number | null;
  readonly adapterName: string;
  readonly crossOriginIsolated: boolean;
  readonly threads: number;
}

/** A GGUF file, of which only the size is known before it is loaded. */
export interface GgufSize {
  readonly name: string;
  readonly sizeMb: number;
}

async function requestAdapter(): Promise<GPUAdapter | null> {
  try {
    // Missing in browsers without WebGPU, whatever its type says.
    return 'gpu' in navigator ? await navigator.gpu.requestAdapter() : null;
  } catch {
    return null;
  }
}

/** What this browser offers; works on a page and in a worker, and never rejects. */
export async function probeDevice(): Promise<Device> {
  const adapter = await requestAdapter();
  const memory: unknown = 'deviceMemory' in navigator ? navigator.deviceMemory : null;
  return {
    webgpu: adapter !== null,
    fallback: adapter?.info.isFallbackAdapter ?? false,
    shaderF16: adapter?.features.has('shader-f16') ?? false,
    maxBufferMb: Math.floor((adapter?.limits.maxBufferSize ?? 0) / 2 ** 20),
    deviceMemoryGb: typeof memory === 'number' ? memory : null,
    adapterName: adapter
      ? [adapter.info.vendor, adapter.info.architecture].filter(Boolean).join(' ')
      : '',
    crossOriginIsolated: globalThis.crossOriginIsolated,
    threads: navigator.hardwareConcurrency,
  };
}

// web-llm asks for a buffer this large whatever the model.
const leastBufferMb = 256;

// Software runs the smallest model at a fraction of a token a second; anything larger would seem to hang.
const softwareLimitMb = 100;

const ggufLimitMb = 3700;

/**
 * Why this model cannot run here, in a sentence that says what would instead; null where nothing speaks against it. To be
 * asked before anything is downloaded: web-llm itself finds out after.
 */
export function whyNot(model: ListedModel | GgufSize, device: Device): DrpoError | null {
  return 'id' in model
    ? (whyNoGpu(model, device) ?? tooLarge(model, model.memoryMb, device))
    : whyNoCpu(model, device);
}

function whyNoGpu(model: ListedModel, device: Device): DrpoError | null {
  if (!device.webgpu) {
    return new DrpoError(
      'no-webgpu',
      `This browser has no WebGPU, which ${model.name} needs. A GGUF file runs without it; or use a current Chrome or Edge.`,
    );
  }
  if (device.maxBufferMb < leastBufferMb) {
    return new DrpoError(
      'no-webgpu',
      `This graphics device allows buffers of ${device.maxBufferMb} MB, and ${model.name} needs ${leastBufferMb} MB. A GGUF file runs without it.`,
    );
  }
  if (device.fallback && model.sizeMb > softwareLimitMb) {
    return new DrpoError(
      'no-webgpu',
      `WebGPU runs in software here, which would take minutes for a word of ${model.name}. A small GGUF file is faster; or switch on hardware acceleration in the browser's settings.`,
    );
  }
  if (model.needsF16 && !device.shaderF16) {
    const sibling = f32Sibling(model);
    const instead = sibling
      ? `${sibling.id} is the same model without that need (${sibling.memoryMb} MB).`
      : 'Choose a model marked f32, or a GGUF file.';
    return new DrpoError(
      'no-shader-f16',
      `This graphics device has no 16-bit arithmetic (shader-f16), which ${model.id} needs. ${instead}`,
    );
  }
  return null;
}

function whyNoCpu(model: GgufSize, device: Device): DrpoError | null {
  if (model.sizeMb <= ggufLimitMb) return tooLarge(model, model.sizeMb, device);
  return new DrpoError(
    'model-too-large',
    `${model.name} has ${model.sizeMb} MB, and a GGUF model in a browser can have some ${ggufLimitMb} MB. Take a smaller model or a smaller quantisation of it.`,
  );
}

/** Only small devices tell how much memory they have. */
function tooLarge(
  { name }: { readonly name: string },
  neededMb: number,
  { deviceMemoryGb }: Device,
): DrpoError | null {
  if (deviceMemoryGb === null || deviceMemoryGb >= 8) return null;
  if (neededMb <= deviceMemoryGb * 1024 * 0.75) return null;
  return new DrpoError(
    'model-too-large',
    `${name} needs about ${neededMb} MB of memory, and this device has about ${deviceMemoryGb} GB in all. Take a smaller model.`,
  );
}
