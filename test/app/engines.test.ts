import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Engines } from '../../src/app/engines.ts';
import { FileWanted } from '../../src/app/file-wanted.ts';
import { fileNameOf } from '../../src/app/model-key.ts';
import { DrpoError } from '../../src/core/errors.ts';
import type { LlmInfo } from '../../src/core/llm.ts';
import type { RunRecord } from '../../src/core/run-record.ts';
import { aRun } from './builders.ts';
import { hashFile as stageHash, stage } from './stage.ts';

vi.mock('../../src/llm/open.ts', () => import('./stage.ts'));

beforeEach(() => stage.reset());

const hooks = {
  findFile: () => Promise.resolve(null),
  keepFile: () => Promise.resolve(),
  gpu: false,
  downloadedFrom: () => null,
  keyFor: () => null,
  takeSeat: () => Promise.resolve(),
  onProgress: () => undefined,
  onRevive: () => undefined,
  signal: new AbortController().signal,
};

const small = { type: 'web-llm', id: 'small' } as const;
const large = { type: 'web-llm', id: 'large' } as const;

function asLoaded(record: RunRecord, info: LlmInfo): RunRecord {
  return { ...record, models: { base: info, evaluator: info, optimizer: info } };
}

test('a model is opened once, however many roles it plays', async () => {
  const engines = new Engines();
  const llms = await engines.open(aRun({}, small), hooks);
  expect(llms.base).toBe(llms.evaluator);
  expect(llms.base).toBe(llms.optimizer);
  expect(stage.opened).toHaveLength(1);
  const two = aRun({ modelSources: { base: small, evaluator: large, optimizer: large } });
  const others = await engines.open(two, hooks);
  expect(others.base).toBe(llms.base);
  expect(others.evaluator).toBe(others.optimizer);
  expect(stage.opened.map((a) => a.source)).toEqual([small, large]);
});

test('what the next run does not use is closed before that is loaded', async () => {
  const engines = new Engines();
  const first = aRun({}, small);
  await engines.open(first, hooks);
  const closedBefore: boolean[] = [];
  stage.beforeOpen = () => closedBefore.push(stage.opened[0]?.closed ?? false);
  const second = aRun({}, large);
  await engines.open(second, hooks);
  expect(closedBefore).toEqual([true]);
  expect(stage.opened.map((a) => a.closed)).toEqual([true, false]);
  expect(engines.of(first, 'base')).toBeUndefined();
  expect(engines.of(second, 'base')?.llm).toBeDefined();
});

test('a model that is loaded is taken as a run had it, and loaded again for one that had another context', async () => {
  const engines = new Engines();
  const fresh = aRun({}, small);
  const { base } = await engines.open(fresh, hooks);
  const loaded = asLoaded(fresh, base.info);
  expect((await engines.open(loaded, hooks)).base).toBe(base);
  const shorter = asLoaded(fresh, { ...base.info, contextSize: 512 });
  expect(engines.of(shorter, 'base')).toBeUndefined();
  expect((await engines.open(shorter, hooks)).base.info.contextSize).toBe(512);
  expect(stage.opened.map((a) => [a.options.contextSize, a.closed])).toEqual([
    [undefined, true],
    [512, false],
  ]);
});

test('a model that has failed is loaded anew', async () => {
  const engines = new Engines();
  const run = aRun({}, small);
  await engines.open(run, hooks);
  engines.closeAll();
  expect(engines.of(run, 'base')).toBeUndefined();
  await engines.open(run, hooks);
  expect(stage.opened.map((a) => a.closed)).toEqual([true, false]);
});

test('two presses load a model once, and who leaves does not take it from the other', async () => {
  const engines = new Engines();
  const run = aRun({}, small);
  const { promise, resolve: go } = Promise.withResolvers<undefined>();
  stage.beforeOpen = () => promise;
  const impatient = new AbortController();
  const one = engines.load(run, 'base', { ...hooks, signal: impatient.signal });
  const two = engines.load(run, 'base', hooks);
  impatient.abort();
  await expect(one).rejects.toMatchObject({ name: 'AbortError' });
  go(undefined);
  expect(await two).toBe(engines.of(run, 'base')?.llm);
  expect(stage.opened).toHaveLength(1);
});

test('a model that nobody waits for any more is given up while it loads', async () => {
  const engines = new Engines();
  const controller = new AbortController();
  const signals: (AbortSignal | undefined)[] = [];
  stage.afterOpen = ({ options }) => {
    signals.push(options.signal);
    controller.abort();
  };
  const opening = engines.load(aRun({}, small), 'base', { ...hooks, signal: controller.signal });
  await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  expect(engines.of(aRun({}, small), 'base')).toBeUndefined();
  await vi.waitFor(() => expect(stage.opened.map((a) => a.closed)).toEqual([true]));
});

test('another model chosen during a load takes its place', async () => {
  const engines = new Engines();
  let first = true;
  stage.beforeOpen = () => {
    const wait = first ? new Promise(() => undefined) : undefined;
    first = false;
    return wait;
  };
  void engines.load(aRun({}, small), 'base', hooks).catch(() => undefined);
  const other = aRun({}, large);
  await engines.load(other, 'base', hooks);
  expect(stage.opened.map((a) => a.source)).toEqual([large]);
  expect(engines.of(other, 'base')).toBeDefined();
});

test('where memory does not suffice a new run takes a smaller context, and a begun one does not', async () => {
  const noMemory = new DrpoError('out-of-memory', 'There is no memory.');
  let refusals = 2;
  stage.beforeOpen = () => {
    if (refusals-- > 0) throw noMemory;
  };
  const run = aRun({}, small);
  const { base } = await new Engines().open(run, hooks);
  expect(base.info.contextSize).toBe(512);
  stage.reset();
  stage.beforeOpen = () => {
    throw noMemory;
  };
  const begun = asLoaded(run, base.info);
  await expect(new Engines().open(begun, hooks)).rejects.toBe(noMemory);
});

test('a new run of a GGUF model takes the processor where the graphics device fails, and stays with what it has', async () => {
  const file = { type: 'gguf-file', name: 'mine.gguf', sha256: 'abc' } as const;
  const withGpu = { ...hooks, gpu: true, findFile: () => Promise.resolve(new File([], 'x')) };
  const failed = new DrpoError('engine-failed', 'A shader would not compile.');
  let refusals = 1;
  stage.beforeOpen = () => {
    if (refusals-- > 0) throw failed;
  };
  const run = aRun({}, file);
  const { base } = await new Engines().open(run, withGpu);
  expect(stage.opened.map((a) => a.options.gpu)).toEqual([false]);
  const begun = asLoaded(run, { ...base.info, engine: 'wllama 3.8.1 (WebGPU)' });
  stage.info = { engine: 'wllama 3.8.1 (WebGPU)' };
  await new Engines().open(begun, { ...withGpu, gpu: false });
  expect(stage.opened.map((a) => a.options.gpu)).toEqual([false, true]);
});

describe('a model that comes with the app', () => {
  const pocket = { type: 'built-in', id: 'pocket' } as const;
  const sent = new Blob(['weights']);
  afterEach(() => vi.restoreAllMocks());

  function served(response: () => Response = () => new Response(sent)) {
    return vi.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(response()));
  }

  test('is loaded from beside the page under its checksum, on the processor', async () => {
    const fetched = served();
    const { base } = await new Engines().open(aRun({}, pocket), { ...hooks, gpu: true });
    const sha256 = await stageHash(sent);
    expect(stage.opened).toMatchObject([
      { source: { type: 'gguf-file', name: 'pocket.gguf', sha256 }, options: { gpu: false } },
    ]);
    expect(base.info.revision).toBe(sha256);
    const url = new URL('/models/pocket.gguf', location.href);
    expect(fetched.mock.calls.map(([asked]) => asked)).toEqual([url]);
  });

  test('of another version than a run began with is refused', async () => {
    served();
    const run = aRun({}, pocket);
    const { base } = await new Engines().open(run, hooks);
    const begun = asLoaded(run, base.info);
    vi.restoreAllMocks();
    served(() => new Response('other weights'));
    await expect(new Engines().open(begun, hooks)).rejects.toMatchObject({ code: 'model-changed' });
  });

  test('that cannot be fetched says so, and one that this version lacks too', async () => {
    served(() => new Response('gone', { status: 404 }));
    const opening = new Engines().open(aRun({}, pocket), hooks);
    await expect(opening).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('Pocket comes with the app') as string,
    });
    const other = aRun({}, { type: 'built-in', id: 'purse' });
    await expect(new Engines().open(other, hooks)).rejects.toMatchObject({ code: 'model-missing' });
    expect(stage.opened).toHaveLength(0);
  });
});

test('a file that is not here is wanted, and nothing is opened', async () => {
  const file = { type: 'gguf-file', name: 'mine.gguf', sha256: 'abc' } as const;
  const opening = new Engines().open(aRun({}, file), hooks);
  await expect(opening).rejects.toBeInstanceOf(FileWanted);
  await expect(opening).rejects.toMatchObject({ fileName: 'mine.gguf', sha256: 'abc' });
  expect(stage.opened).toHaveLength(0);
});

test.each([
  ['https://example.org/a/model.gguf?download=true', 'model.gguf'],
  ['https://example.org/my%20model.gguf', 'my model.gguf'],
  ['https://example.org/50%model.gguf', '50%model.gguf'],
  ['https://example.org/', 'model.gguf'],
])('the file of %s is called %s', (url, name) => {
  expect(fileNameOf(url)).toBe(name);
});
