import { beforeEach, expect, test, vi } from 'vitest';
import { Engines, FileWanted, fileNameOf } from '../../src/app/engines.ts';
import type { LlmInfo } from '../../src/core/llm.ts';
import type { RunRecord } from '../../src/core/run-record.ts';
import { aRun } from './builders.ts';
import { stage } from './stage.ts';

vi.mock('../../src/llm/open.ts', () => import('./stage.ts'));

beforeEach(() => stage.reset());

const hooks = {
  findFile: () => Promise.resolve(null),
  keepFile: () => Promise.resolve(),
  onProgress: () => undefined,
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
