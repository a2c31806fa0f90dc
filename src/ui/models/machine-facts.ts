import { slowSync, type Machine } from '../../app/machine.ts';
import { counted, sizeText } from '../parts/format.ts';
import type { Room } from './models-here.ts';

/** One line of what was found out. `means` explains the label; `poor` marks a value that keeps models from running well. */
export interface MachineFact {
  readonly label: string;
  readonly means: string;
  readonly value: string;
  readonly poor: boolean;
}

const means = {
  graphics:
    'The graphics processor, which a web page uses by WebGPU. It makes models several times faster than the main processor.',
  halves:
    'Arithmetic with numbers of half the size (shader-f16). Most models to download are built for it; without it a larger build of them is used.',
  subgroups:
    'Neighbouring threads of the graphics processor hand each other numbers without going through memory. Libraries built for it are faster.',
  buffer:
    'The largest piece of memory that a page may ask the graphics processor for. A model needs at least 256 MB in one piece.',
  table:
    'The largest part of a buffer that one computation may see. A model with a large vocabulary needs up to 1 GB.',
  memory:
    'The machine’s memory, as the browser tells it: rounded to a power of two, and by some never more than 8 GB.',
  room: 'What this site may still store. Downloaded models are kept there, so that they are downloaded once.',
  sync: 'How long a page waits for an answer of the graphics processor that has nothing to do. Every token needs such an answer. Most browsers give it within a millisecond; Firefox looks only every 100 ms.',
  threads:
    'How much of the main processor a GGUF model may use. A page gets more than one thread only where it is isolated from others, which this page sees to by itself from the second visit on.',
} as const;

/** What was found out about a machine, in the order of what matters to a model. */
export function machineFacts(machine: Machine, room: Room | null): readonly MachineFact[] {
  const onGraphics = machine.webgpu ? graphicsFacts(machine) : [];
  const one = !machine.crossOriginIsolated && machine.threads > 1;
  return [
    fact('Graphics', means.graphics, graphicsText(machine), !machine.webgpu || machine.fallback),
    ...onGraphics,
    fact('Memory', means.memory, memoryText(machine.deviceMemoryGb)),
    fact('Room in this browser', means.room, roomText(room)),
    fact(
      'Processor',
      means.threads,
      one ? `1 of ${counted(machine.threads, 'thread')}` : counted(machine.threads, 'thread'),
    ),
  ];
}

/** What a person should know of this machine before they choose, a sentence or two each. */
export function machineRemarks(machine: Machine): readonly string[] {
  if (!machine.webgpu) {
    return [
      'This browser offers no WebGPU, the way a web page may compute on the graphics processor. Models run on the main processor here, from a GGUF file. A current Chrome or Edge has it, on a machine with a graphics processor.',
    ];
  }
  if (machine.fallback) {
    return [
      'The graphics processor is imitated in software here, so anything but the smallest model would take minutes for a word. Switch on hardware acceleration in the browser’s settings and load this page again, or take a small GGUF file.',
    ];
  }
  const slow = slowSync(machine);
  return slow === null ? [] : [slow];
}

function fact(label: string, meaning: string, value: string, poor = false): MachineFact {
  return { label, means: meaning, value, poor };
}

function graphicsFacts(machine: Machine): readonly MachineFact[] {
  const { syncMs } = machine;
  return [
    fact('16-bit maths', means.halves, machine.shaderF16 ? 'Yes' : 'No', !machine.shaderF16),
    fact('Subgroups', means.subgroups, machine.subgroups ? 'Yes' : 'No'),
    fact('Largest buffer', means.buffer, sizeText(machine.maxBufferMb), machine.maxBufferMb < 256),
    fact('Largest table', means.table, sizeText(machine.maxBindingMb), machine.maxBindingMb < 128),
    fact('Wait for graphics', means.sync, syncText(syncMs), slowSync(machine) !== null),
  ];
}

function graphicsText({ webgpu, fallback, adapterName }: Machine): string {
  if (!webgpu) return 'None for web pages';
  const name = adapterName || 'Yes, unnamed';
  return fallback ? `${name}, in software` : name;
}

function memoryText(gb: number | null): string {
  if (gb === null) return 'Not told';
  return gb === 8 ? '8 GB or more' : `About ${String(gb)} GB`;
}

function roomText(room: Room | null): string {
  if (!room) return 'Not told';
  return `${sizeText(Math.max(0, room.quotaMb - room.usedMb))} free`;
}

function syncText(ms: number | null): string {
  if (ms === null) return 'Not measured';
  return ms < 0.1 ? 'under 0.1 ms' : `${ms < 10 ? ms.toFixed(1) : String(Math.round(ms))} ms`;
}
