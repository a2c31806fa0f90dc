import { slowSync, whyNot, type Device } from './device.ts';
import { ggufPresets } from './gguf-presets.ts';
import { listedFor, type ListedModel } from './web-llm/models.ts';

/** The model to begin with on a machine, and why in a sentence or two; null with the reason where none of the list will do. */
export interface Recommendation {
  readonly model:
    | { readonly type: 'web-llm'; readonly id: string }
    | { readonly type: 'gguf-url'; readonly url: string }
    | null;
  readonly why: string;
}

/** Space for files in MB of 10⁶ bytes; null where the browser does not tell. */
export interface Room {
  readonly freeMb: number | null;
  /** Ids and addresses of models whose files are here already: they need no space. */
  readonly here: ReadonlySet<string>;
}

/**
 * By name, the best judge first. None above 3B: a search asks hundreds of times. None whose licence forbids commercial use, and
 * none that thinks aloud.
 */
const judges = [
  'Llama-3.2-3B-Instruct',
  'Qwen2.5-1.5B-Instruct',
  'Llama-3.2-1B-Instruct',
  'Qwen2.5-0.5B-Instruct',
  'SmolLM2-360M-Instruct',
  'SmolLM2-135M-Instruct',
];

/** Millions of parameters that a machine's processor or graphics device carries at a pace that can be waited for. */
interface Pace {
  readonly mostMillions: number;
  readonly because: string;
}

/**
 * The model to recommend on a device: an instruction-tuned one, as it has to judge as well as to answer. The largest that
 * runs, leaves the machine some memory, fits the storage and is not slowed down too far.
 */
export function recommend(device: Device, room: Room): Recommendation {
  return recommendListed(device, room) ?? recommendGguf(device, room) ?? none(device, room);
}

function recommendListed(device: Device, room: Room): Recommendation | null {
  if (!device.webgpu || device.fallback) return null;
  const pace = graphicsPace(device);
  const models = inOrder(listedFor(device));
  const runs = models.filter((model) => whyNot(model, device) === null && isModest(model, device));
  const quick = runs.filter(({ millions }) => millions <= pace.mostMillions);
  const model = quick.find(({ id, sizeMb }) => fits(sizeMb, id, room));
  if (!model) return null;
  const why = [
    `${model.name} is the best judge that runs well on this graphics device (${model.memoryMb} MB of its memory).`,
    model !== quick[0] ? `Larger ones find no space: ${freeText(room)}.` : pace.because,
  ];
  return { model: { type: 'web-llm', id: model.id }, why: why.filter(Boolean).join(' ') };
}

/** A third of the machine's memory, which most graphics devices share; the rest is for the browser and the system. */
function isModest({ memoryMb }: ListedModel, { deviceMemoryGb }: Device): boolean {
  // Firefox and Safari do not tell: an ordinary machine is assumed.
  return memoryMb <= 0.35 * 1024 * (deviceMemoryGb ?? 8);
}

// web-llm itself takes a device that allows less than this in one piece for a small one.
const smallBindingMb = 1024;

function graphicsPace(device: Device): Pace {
  const slow = slowSync(device);
  if (slow) return { mostMillions: 1600, because: slow };
  if (device.maxBindingMb < smallBindingMb) {
    return { mostMillions: 1300, because: 'Larger ones would be slow on a device this small.' };
  }
  return { mostMillions: 3300, because: '' };
}

function recommendGguf(device: Device, room: Room): Recommendation | null {
  const pace = processorPace(device);
  const presets = inOrder(ggufPresets.filter(({ kind }) => kind === 'instruct'));
  const runs = presets.filter((preset) => whyNot(preset, device) === null);
  const quick = runs.filter(({ millions }) => millions <= pace.mostMillions);
  const preset = quick.find(({ url, sizeMb }) => fits(sizeMb, url, room));
  if (!preset) return null;
  const why = [
    device.webgpu
      ? 'The graphics device runs none of the list well, so the processor has to do.'
      : 'Without WebGPU the processor has to do.',
    preset !== quick[0]
      ? `${preset.name} is what finds space: ${freeText(room)}.`
      : `${preset.name} is the largest that can be waited for: ${pace.because}.`,
  ];
  return { model: { type: 'gguf-url', url: preset.url }, why: why.join(' ') };
}

function processorPace({ crossOriginIsolated, threads }: Device): Pace {
  if (!crossOriginIsolated) {
    return { mostMillions: 200, because: 'this page may use one thread only' };
  }
  const because = `this page may use ${threads} threads`;
  return { mostMillions: threads >= 8 ? 500 : threads >= 4 ? 400 : 200, because };
}

function inOrder<T extends { readonly name: string }>(models: readonly T[]): readonly T[] {
  return judges.flatMap((judge) => models.filter(({ name }) => name === judge));
}

// Browsers need room beside the file itself, for the journal among other things.
const spareMb = 50;

function fits(sizeMb: number, key: string, { freeMb, here }: Room): boolean {
  return here.has(key) || freeMb === null || sizeMb + spareMb <= freeMb;
}

function freeText({ freeMb }: Room): string {
  return `this browser has ${Math.max(0, Math.floor(freeMb ?? 0))} MB free for this page`;
}

function none(device: Device, room: Room): Recommendation {
  const smallest = ggufPresets.reduce((a, b) => (b.sizeMb < a.sizeMb ? b : a));
  const space = !fits(smallest.sizeMb, smallest.url, room);
  return {
    model: null,
    why: space
      ? `The smallest model takes ${smallest.sizeMb} MB, and ${freeText(room)}. Delete stored models or free space on the disk; or choose a GGUF file from this disk.`
      : `No model of the list fits this machine (${device.deviceMemoryGb ?? 'unknown'} GB of memory). Choose a smaller GGUF file, or name a server that runs one.`,
  };
}
