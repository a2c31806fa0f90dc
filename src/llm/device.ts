import { DrpoError } from '../core/errors.ts';
import { ggufMemoryMb, wasmMb } from './memory.ts';
import { f32Sibling, type ListedModel } from './web-llm/models.ts';

/** What this browser and machine offer a model. MB are of 2²⁰ bytes; limits are 0 where there is no WebGPU. */
export interface Device {
  /** Whether there is a WebGPU adapter at all. */
  readonly webgpu: boolean;
  /** Whether that adapter is software, slower than the CPU engine. */
  readonly fallback: boolean;
  readonly shaderF16: boolean;
  /** Whether web-llm's faster libraries run here, in which 32 threads of a group share their registers. */
  readonly subgroups: boolean;
  readonly maxBufferMb: number;
  /** The largest part of a buffer that a shader may see. */
  readonly maxBindingMb: number;
  readonly workgroupStorageKb: number;
  readonly storageBuffers: number;
  /** How long an empty wait for the graphics device takes; null where it was not measured or did not answer within a second. */
  readonly syncMs: number | null;
  /** As the browser tells it: rounded, bounded, often not at all. */
  readonly deviceMemoryGb: number | null;
  readonly adapterName: string;
  readonly crossOriginIsolated: boolean;
  readonly threads: number;
}

/** A GGUF file of which its size is known, and its memory where somebody looked into it. MB are of 2²⁰ bytes. */
export interface GgufSize {
  readonly name: string;
  readonly sizeMb: number;
  readonly memoryMb?: number;
}

async function requestAdapter(): Promise<GPUAdapter | null> {
  try {
    // Missing in browsers without WebGPU, whatever its type says.
    return 'gpu' in navigator ? await navigator.gpu.requestAdapter() : null;
  } catch {
    return null;
  }
}

/**
 * What this browser offers; works on a page and in a worker, and never rejects. It takes a few milliseconds, so `syncMs` is
 * null: `measureSync` finds it out.
 */
export async function probeDevice(): Promise<Device> {
  const adapter = await requestAdapter();
  const memory: unknown = 'deviceMemory' in navigator ? navigator.deviceMemory : null;
  return {
    ...describeAdapter(adapter),
    syncMs: null,
    deviceMemoryGb: typeof memory === 'number' ? memory : null,
    crossOriginIsolated: globalThis.crossOriginIsolated,
    threads: navigator.hardwareConcurrency,
  };
}

/** The part of an adapter that is looked at. */
export interface AdapterFacts {
  readonly info: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'isFallbackAdapter'> &
    Partial<Pick<GPUAdapterInfo, 'description' | 'subgroupMinSize' | 'subgroupMaxSize'>>;
  readonly features: { has(feature: string): boolean };
  readonly limits: Pick<
    GPUSupportedLimits,
    | 'maxBufferSize'
    | 'maxStorageBufferBindingSize'
    | 'maxComputeWorkgroupStorageSize'
    | 'maxStorageBuffersPerShaderStage'
    | 'maxComputeInvocationsPerWorkgroup'
  >;
}

type AdapterPart = Omit<Device, 'syncMs' | 'deviceMemoryGb' | 'crossOriginIsolated' | 'threads'>;

const noAdapter: AdapterPart = {
  webgpu: false,
  fallback: false,
  shaderF16: false,
  subgroups: false,
  maxBufferMb: 0,
  maxBindingMb: 0,
  workgroupStorageKb: 0,
  storageBuffers: 0,
  adapterName: '',
};

/** Names under which drivers that compute on the CPU are known; not all of them say that they are a fallback. */
const softwareNames = /swiftshader|llvmpipe|lavapipe|microsoft basic render/i;

/** What an adapter offers; all that is missing where there is none. */
export function describeAdapter(adapter: AdapterFacts | null): AdapterPart {
  if (!adapter) return noAdapter;
  const { info, features, limits } = adapter;
  const names = [info.vendor, info.architecture].filter(Boolean);
  return {
    webgpu: true,
    fallback: info.isFallbackAdapter || softwareNames.test([...names, info.description].join(' ')),
    shaderF16: features.has('shader-f16'),
    subgroups: runsSubgroups(adapter),
    maxBufferMb: Math.floor(limits.maxBufferSize / 2 ** 20),
    maxBindingMb: Math.floor(limits.maxStorageBufferBindingSize / 2 ** 20),
    workgroupStorageKb: Math.floor(limits.maxComputeWorkgroupStorageSize / 2 ** 10),
    storageBuffers: limits.maxStorageBuffersPerShaderStage,
    adapterName: names.join(' '),
  };
}

function runsSubgroups({ info, features, limits }: AdapterFacts): boolean {
  const { subgroupMinSize: least, subgroupMaxSize: most } = info;
  if (!features.has('subgroups') || least === undefined || most === undefined) return false;
  return least <= 32 && most >= 32 && limits.maxComputeInvocationsPerWorkgroup >= 1024;
}

const syncTimeoutMs = 1000;
const syncs = 5;

/**
 * How long an empty wait for the graphics device takes, in milliseconds: the median of five. Null where there is no WebGPU or
 * the waits take more than a second in all. Never rejects; what it opens is closed again.
 */
export async function measureSync(): Promise<number | null> {
  const adapter = await requestAdapter();
  if (!adapter) return null;
  let device: GPUDevice | null = null;
  let late: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<null>((resolve) => {
    late = setTimeout(() => resolve(null), syncTimeoutMs);
  });
  const measured = adapter.requestDevice().then(async (opened) => {
    device = opened;
    return medianSync(opened.queue);
  });
  try {
    return await Promise.race([measured, tooLate]);
  } catch {
    return null;
  } finally {
    clearTimeout(late);
    // A device that opens after the time is up must not stay.
    void measured.catch(() => undefined).then(() => device?.destroy());
  }
}

async function medianSync(queue: GPUQueue): Promise<number> {
  // The first wait may pay for starting up.
  await queue.onSubmittedWorkDone();
  const times: number[] = [];
  for (let i = 0; i < syncs; i++) {
    const start = performance.now();
    queue.submit([]);
    await queue.onSubmittedWorkDone();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(syncs / 2)] ?? 0;
}

const slowSyncMs = 50;

/**
 * What a person should know where the browser answers the graphics device so slowly that every model is slow (Firefox looks
 * every 100 ms); null where it does not. web-llm waits once for every token.
 */
export function slowSync({ syncMs }: Pick<Device, 'syncMs'>): string | null {
  if (syncMs === null || syncMs < slowSyncMs) return null;
  const tokens = Math.max(1, Math.round(1000 / syncMs));
  return `This browser takes ${Math.round(syncMs)} ms to notice that the graphics device is done, so that no model writes more than about ${tokens} tokens a second on it. A current Chrome or Edge is several times faster.`;
}

// What web-llm asks of every device, whatever the model.
const leastBufferMb = 256;
const leastBindingMb = 128;
const leastWorkgroupStorageKb = 32;
const leastStorageBuffers = 10;

/** Below this web-llm asks for no more than the least. */
const fullBindingMb = 1024;

// Software runs the smallest model at a fraction of a token a second; anything larger would seem to hang.
const softwareLimitMb = 100;

/**
 * Why this model cannot run here, in a sentence that says what would instead; null where nothing speaks against it. To be
 * asked before anything is downloaded: web-llm itself finds out after.
 */
export function whyNot(model: ListedModel | GgufSize, device: Device): DrpoError | null {
  return 'id' in model
    ? (whyNoGpu(model, device) ?? whyNoMemory([model], device))
    : (whyNoModule(model) ?? whyNoMemory([model], device));
}

/**
 * Why these models cannot be loaded at the same time, each on its own engine; null where nothing known speaks against it.
 * What is wrong with one of them alone comes first. A model that plays two roles is loaded once, and is given once.
 */
export function whyNotTogether(
  models: readonly (ListedModel | GgufSize)[],
  device: Device,
): DrpoError | null {
  for (const model of models) {
    const alone = whyNot(model, device);
    if (alone) return alone;
  }
  return whyNoMemory(models, device);
}

function whyNoGpu(model: ListedModel, device: Device): DrpoError | null {
  if (!device.webgpu) {
    return new DrpoError(
      'no-webgpu',
      `This browser has no WebGPU, which ${model.name} needs. A GGUF file runs without it; or use a current Chrome or Edge.`,
    );
  }
  const short = shortLimit(device);
  if (short) {
    return new DrpoError(
      'no-webgpu',
      `This graphics device ${short}, and ${model.name} needs more. A GGUF file runs without it.`,
    );
  }
  if (device.fallback && model.sizeMb > softwareLimitMb) {
    return new DrpoError(
      'no-webgpu',
      `WebGPU runs in software here, which would take minutes for a word of ${model.name}. A small GGUF file is faster; or switch on hardware acceleration in the browser's settings.`,
    );
  }
  return whyNoF16(model, device) ?? whyNoTable(model, device);
}

/** The first limit that is below what web-llm asks for, in words; null where none is. */
function shortLimit(device: Device): string | null {
  const limits = [
    [device.maxBufferMb, leastBufferMb, 'MB in one buffer'],
    [device.maxBindingMb, leastBindingMb, 'MB of a buffer in a shader'],
    [device.workgroupStorageKb, leastWorkgroupStorageKb, 'KB of memory for a workgroup'],
    [device.storageBuffers, leastStorageBuffers, 'buffers in a shader'],
  ] as const;
  const short = limits.find(([has, needs]) => has < needs);
  if (!short) return null;
  const [has, needs, what] = short;
  return `allows ${has} ${what} where ${needs} are needed`;
}

function whyNoF16(model: ListedModel, device: Device): DrpoError | null {
  if (!model.needsF16 || device.shaderF16) return null;
  const sibling = f32Sibling(model);
  const instead = sibling
    ? `${sibling.id} is the same model without that need (${sibling.memoryMb} MB).`
    : 'Choose a model marked f32, or a GGUF file.';
  return new DrpoError(
    'no-shader-f16',
    `This graphics device has no 16-bit arithmetic (shader-f16), which ${model.id} needs. ${instead}`,
  );
}

function whyNoTable(model: ListedModel, device: Device): DrpoError | null {
  const allowedMb = device.maxBindingMb < fullBindingMb ? leastBindingMb : fullBindingMb;
  if (model.largestBufferMb <= allowedMb) return null;
  return new DrpoError(
    'model-too-large',
    `${model.name} needs ${model.largestBufferMb} MB of graphics memory in one piece, and this device allows ${allowedMb} MB. Take a model with a smaller vocabulary, such as one of the SmolLM2 family, or a GGUF file.`,
  );
}

function whyNoModule(model: GgufSize): DrpoError | null {
  const neededMb = neededMbOf(model);
  if (neededMb <= wasmMb) return null;
  return new DrpoError(
    'model-too-large',
    `${model.name} needs about ${neededMb} MB of memory, and a GGUF model in a browser can have ${wasmMb} MB. Take a smaller model or a smaller quantisation of it.`,
  );
}

function neededMbOf(model: ListedModel | GgufSize): number {
  if (model.memoryMb !== undefined) return model.memoryMb;
  return ggufMemoryMb({ fileBytes: model.sizeMb * 2 ** 20, cacheBytesPerToken: 0 });
}

/** Browsers tell little: a power of two, nothing above 8 in older ones, nothing at all in Firefox and Safari. */
function whyNoMemory(
  models: readonly (ListedModel | GgufSize)[],
  { deviceMemoryGb }: Device,
): DrpoError | null {
  if (deviceMemoryGb === null) return null;
  // 8 may mean any number above it. More than it names in one model is then nobody's guess; in several it is a warning.
  const unsure = deviceMemoryGb === 8;
  if (unsure && models.length === 1) return null;
  const allowedMb = deviceMemoryGb * 1024 * (unsure ? 1 : 0.75);
  const neededMb = models.reduce((sum, model) => sum + neededMbOf(model), 0);
  if (neededMb <= allowedMb) return null;
  const names = models.map(({ name }) => name).join(' and ');
  return new DrpoError(
    'model-too-large',
    models.length === 1
      ? `${names} needs about ${neededMb} MB of memory, and this device has about ${deviceMemoryGb} GB in all. Take a smaller model.`
      : `${names} together need about ${neededMb} MB of memory, and this device is known to have ${deviceMemoryGb} GB. Let one model play several roles, take smaller ones, or put one of them on a server.`,
  );
}
