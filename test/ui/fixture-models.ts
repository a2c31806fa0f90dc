import { vi } from 'vitest';
import type { ModelRow, StoredModel, Transfer } from '../../src/app/model-rows.ts';
import type { Machine } from '../../src/app/machine.ts';
import type { ModelsHere } from '../../src/ui/models/models-here.ts';
import { DrpoError } from '../../src/core/errors.ts';
import '../../src/ui/app.css';

/** A machine with a good graphics processor, but for what a test says. */
export function machine(over: Partial<Machine> = {}): Machine {
  return {
    webgpu: true,
    fallback: false,
    shaderF16: true,
    subgroups: true,
    maxBufferMb: 4096,
    maxBindingMb: 2048,
    workgroupStorageKb: 32,
    storageBuffers: 10,
    deviceMemoryGb: 8,
    adapterName: 'apple metal-3',
    crossOriginIsolated: true,
    threads: 8,
    syncMs: 0.2,
    ...over,
  };
}

/** A row as the list shows it, but for what a test says. */
export function listRow(over: Partial<ModelRow> & { readonly name: string }): ModelRow {
  return {
    model: { type: 'web-llm', id: `${over.name}-q4f16_1-MLC` },
    own: isNamed(over),
    kind: 'instruct',
    sizeMb: 400,
    memoryMb: 600,
    licence: 'Apache-2.0',
    note: null,
    whyNot: null,
    here: false,
    partly: null,
    engine: 'graphics',
    precision: 'f16',
    sibling: null,
    ...over,
  };
}

export function stored(over: Partial<StoredModel> & { readonly key: string }): StoredModel {
  return {
    name: over.key,
    sizeMb: 400,
    state: 'whole',
    added: '2026-11-20T18:30:00.000Z',
    ...over,
  };
}

/** A download at 312 of 880 MB, but for what a test says. */
export function transferOf(row: ModelRow, over: Partial<Transfer> = {}): Transfer {
  return {
    model: row.model,
    name: row.name,
    progress: { phase: 'download', doneMb: 327.155712, totalMb: 922.74688 },
    mbPerSecond: 13.0023424,
    leftMs: 46_000,
    error: null,
    ...over,
  };
}

export const brokeOff = new DrpoError(
  'network',
  'The download of Llama-3.2-1B-Instruct broke off at 312 MB of 880 MB, and three tries did not bring it back. Check the connection, then go on.',
  'TypeError: Failed to fetch',
);

/** A Models place's models that do nothing, but for what a test says. */
export function modelsHere(over: Partial<ModelsHere> = {}): ModelsHere {
  const nothing = () => Promise.resolve();
  const never = () => Promise.reject(new Error('not part of this test'));
  return {
    device: machine(),
    rows: [],
    recommended: null,
    recommendedWhy: null,
    transfer: null,
    stored: [],
    storage: { usedMb: 0, quotaMb: 10_240, persisted: true },
    tried: {},
    reading: null,
    pending: null,
    downloadedFrom: () => null,
    download: vi.fn(nothing),
    tryOut: vi.fn(nothing),
    cancel: vi.fn(),
    clearTransfer: vi.fn(),
    addFile: vi.fn(never),
    addFolder: vi.fn(never),
    addUrl: vi.fn(never),
    inspectWeights: vi.fn(never),
    addWeights: vi.fn(never),
    lookAtServer: vi.fn(never),
    addServer: vi.fn(never),
    keepFile: vi.fn(nothing),
    forget: vi.fn(nothing),
    removeStored: vi.fn(nothing),
    removeAllStored: vi.fn(nothing),
    checkStored: vi.fn(() => Promise.resolve([])),
    protect: vi.fn(() => Promise.resolve(true)),
    ...over,
  };
}

/** Whether a row is one that a person has named: all but web-llm's own, kept files and those that everybody is offered. */
function isNamed({ model, kind }: Partial<ModelRow>): boolean {
  if (!model || model.type === 'web-llm') return false;
  if (model.type === 'gguf-file') return !model.kept;
  return model.type !== 'gguf-url' || kind === 'unknown';
}
