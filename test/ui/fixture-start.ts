import { vi } from 'vitest';
import { Draft } from '../../src/app/draft.svelte.ts';
import type { Library, RunRow } from '../../src/app/library.svelte.ts';
import type { ModelRow, Models } from '../../src/app/models.svelte.ts';
import type { Shelf } from '../../src/app/shelf.ts';
import { plantedTexts } from '../../src/data/planted.ts';
import '../../src/ui/app.css';
import { listRow } from './fixture-models.ts';

const query = (id: string) => ({ id, text: `Question ${id}`, kind: 'advice' });
const many = (prefix: string, n: number) =>
  Array.from({ length: n }, (_, i) => query(`${prefix}${String(i)}`));
const criterion = (name: string) => ({
  name,
  definition: `What ${name.toLowerCase()} means.`,
  low: 'Poor.',
  high: 'Excellent.',
});

/** A small world of the built-in model. */
export const world = {
  about: 'kettles and foxes',
  queries: { train: many('w', 9), select: many('v', 5), test: many('u', 7) },
  examples: [
    { id: 'we1', query: 'WQ', answer: 'WA' },
    { id: 'we2', query: 'WR', answer: 'WB' },
  ],
  start: 'You are Pocket.',
  handWritten: 'You are Pocket.\n- Be brief.',
};

/** A real draft over small data, which keeps nothing. */
export function newDraft(models: Models = fakeModels()): Draft {
  return new Draft({} as Shelf, models, {
    queries: { train: many('a', 40), select: many('b', 20), test: many('c', 30) },
    examples: [{ id: 'e1', query: 'Q', answer: 'A' }],
    criteria: ['Helpfulness', 'Clarity', 'Factuality'].map(criterion),
    handWritten: 'Be good.',
    planted: plantedTexts,
    world,
  });
}

/** A row of the list under a short id. */
export function modelRow(over: Partial<ModelRow> & { readonly name: string }): ModelRow {
  return listRow({ model: { type: 'web-llm', id: over.name }, ...over });
}

/** Models that do nothing, but for what a test says. */
export function fakeModels(over: Partial<Models> = {}): Models {
  const nothing = {
    device: null,
    rows: [],
    recommended: null,
    recommendedWhy: null,
    transfer: null,
    stored: [],
    files: [],
    storage: null,
    reading: null,
    tried: {},
    addFile: vi.fn(),
    addUrl: vi.fn(),
    keepFile: vi.fn(),
    forgetFile: vi.fn(),
    whyNotTogether: vi.fn(() => null),
  };
  return { ...nothing, ...over } as unknown as Models;
}

export function runRow(over: Partial<RunRow> = {}): RunRow {
  return {
    id: 'r1',
    name: 'Basil in winter',
    created: '2026-11-20T18:30:00Z',
    updated: '2026-11-20T19:30:00Z',
    status: 'finished',
    modelName: 'Qwen2.5 0.5B',
    preset: 'quick',
    requests: 1284,
    outcome: 'better',
    difference: 0.42,
    ...over,
  };
}

/** A library of these runs that does nothing, but for what a test says. */
export function fakeLibrary(runs: readonly RunRow[], over: Partial<Library> = {}): Library {
  const nothing = {
    runs,
    loaded: true,
    rename: vi.fn(() => Promise.resolve()),
    remove: vi.fn(() => Promise.resolve()),
    preview: vi.fn(),
    exportRun: vi.fn(),
    exportPrompt: vi.fn(),
    exportReport: vi.fn(),
  };
  return { ...nothing, ...over } as unknown as Library;
}
