import { expect, vi } from 'vitest';
import { taskOf } from '../../src/app/run-driver.ts';
import { Models } from '../../src/app/models.svelte.ts';
import { Session } from '../../src/app/session.svelte.ts';
import type { Shelf } from '../../src/app/shelf.ts';
import type { SearchEvent } from '../../src/core/events.ts';
import type { Llm, LlmInfo } from '../../src/core/llm.ts';
import { profileFor } from '../../src/core/profiles/index.ts';
import { parsePrompt } from '../../src/core/prompt.ts';
import { journaled, requestKey } from '../../src/llm/journal.ts';
import { eventLog } from '../../src/store/event-log.ts';
import { library } from '../../src/store/library.ts';
import { modelFiles } from '../../src/store/model-files.ts';
import type { ModelSource, RunRecord } from '../../src/core/run-record.ts';
import { newRunId } from '../../src/store/runs.ts';
import { randomModel } from '../../tools/gguf/random-model.ts';
import {
  criteria,
  eventsOf,
  example,
  memoryJournal,
  queries,
  settingsWith,
  stopAt,
} from '../core/builders.ts';
import { newDatabase } from '../store/databases.ts';
import { aModel, stage } from './stage.ts';

/** An empty browser, as far as the app keeps things; what is in it outlives sessions made on it. */
export async function newShelf(): Promise<Shelf> {
  const db = await newDatabase();
  return { db, files: modelFiles(db), library: library(db) };
}

/** A session as a newly opened tab has it. */
export function newTab(shelf: Shelf): { readonly session: Session; readonly models: Models } {
  const models = new Models(shelf);
  return { session: new Session(shelf, models), models };
}

/** A run of some 150 requests: two levels, all phases. */
export const settings = settingsWith({
  search: { depth: 2, extraDepth: 0, queriesPerLevel: 2 },
  evaluation: { selection: 2, test: 3 },
});

const webLlm: ModelSource = { type: 'web-llm', id: 'script' };

/** A new run as Start makes it: its models are known by where they come from, and were never loaded. */
export function aRun(change: Partial<RunRecord> = {}, source: ModelSource = webLlm): RunRecord {
  const model: LlmInfo = {
    engine: 'web-llm',
    id: 'script',
    revision: source.type === 'gguf-file' ? source.sha256 : '',
    contextSize: 0,
    name: 'Script',
    form: 'text',
    canEmbed: false,
    concurrency: 1,
  };
  const now = new Date().toISOString();
  return {
    id: newRunId(),
    name: 'A run',
    created: now,
    updated: now,
    status: 'running',
    settings,
    models: { base: model, evaluator: model, optimizer: model },
    modelSources: { base: source, evaluator: source, optimizer: source },
    criteria,
    data: {
      train: queries('t', 4),
      select: queries('s', 2),
      test: queries('x', 3),
      examples: ['a', 'b', 'c', 'd'].map((id) => example(id)),
    },
    startingPrompt: parsePrompt('You answer questions.\n- Be kind.'),
    handWritten: 'You answer well.\n- Be brief.',
    summary: { verdict: null, candidates: 0, requests: 0, best: null, steps: 0 },
    ...change,
  };
}

/** The events that `runSearch` itself gives for a run, without storage or pauses; stopped at a numbered point if one is given. */
export async function eventsOfSearch(
  record: RunRecord,
  options: { readonly llm?: Llm; readonly stop?: number } = {},
): Promise<readonly SearchEvent[]> {
  const llm = journaled(options.llm ?? aModel(stage.info), memoryJournal());
  const profile = profileFor(llm.info);
  return eventsOf(taskOf(record), {
    llms: { base: llm, evaluator: llm, optimizer: llm },
    profiles: { base: profile, evaluator: profile, optimizer: profile },
    settings: record.settings,
    criteria: record.criteria,
    steer: stopAt(options.stop ?? -1),
  });
}

export function storedEvents(shelf: Shelf, id: string): Promise<readonly SearchEvent[]> {
  return eventLog(shelf.db, id).read();
}

/** Expects something of a value sooner or later, on a slow machine too. */
export function eventually<T>(value: () => T, timeout = 15_000) {
  return expect.poll(value, { timeout, interval: 5 });
}

const atWork = ['loading', 'running', 'pausing', 'stopping'];

/** Waits until a session drives nothing any more. */
export async function atRest(session: Session, timeout?: number): Promise<void> {
  await eventually(() => session.status, timeout).not.toSatisfy((status: string) =>
    atWork.includes(status),
  );
}

/** Waits until a request hangs on the stage. */
export async function atHold(): Promise<void> {
  await eventually(() => stage.holds).toBe(true);
}

/** Starts a run and pauses it after so many replies. */
export async function startAndPause(session: Session, run: RunRecord, replies: number) {
  stage.holdAfter(replies);
  await session.start(run);
  await atHold();
  await session.pause();
  await stage.goOn();
}

/** How many requests were answered more than once. */
export async function answeredTwice(): Promise<number> {
  const keys = await Promise.all(stage.answered.map(requestKey));
  return keys.length - new Set(keys).size;
}

const small = { layers: 1, dim: 32, hidden: 64, contextSize: 512 };

/** A whole GGUF file, other weights for another seed. */
export function aModelFile(name = 'tiny.gguf', seed = 1): File {
  return new File([randomModel({ ...small, seed })], name);
}

/** Is told of every call of that method of that object store before it is done, with its number from 1. Returns how to end that. */
export function onStore(
  method: 'get' | 'getAll' | 'put',
  storeName: string,
  told: (nth: number) => void,
): () => void {
  const own = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, method);
  const original = own?.value as (...args: unknown[]) => IDBRequest<IDBValidKey>;
  let count = 0;
  const spy = vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (
    this: IDBObjectStore,
    ...args: unknown[]
  ) {
    if (this.name === storeName) told(++count);
    return Reflect.apply(original, this, args);
  });
  return () => spy.mockRestore();
}

/** Makes the database refuse one write: the nth `put` into that object store from now on. Returns how to end that. */
export function refusePut(storeName: string, nth: number): () => void {
  return onStore('put', storeName, (count) => {
    if (count === nth) throw new DOMException('no room', 'QuotaExceededError');
  });
}

/** Removes the model files that other tests have kept in this browser. */
export async function emptyFileSystem(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry('models', { recursive: true }).catch(() => undefined);
}
