import { expose } from 'comlink';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DrpoError } from '../../src/core/errors.ts';
import {
  settle,
  type EngineWorker,
  type LoadOrder,
  type WorkerEvent,
} from '../../src/llm/boundary.ts';
import { Remote } from '../../src/llm/remote.ts';
import { aModel, aRequest, saying } from './requests.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const order: LoadOrder = {
  source: { type: 'web-llm', id: 'model' },
  contextSize: null,
  gpu: false,
  wasmUrl: '',
};

interface Far {
  readonly worker: Worker;
  readonly ended: () => boolean;
  say(event: WorkerEvent): void;
}

/** A worker without a thread: one end of a channel for the page, the other for what it does. */
function farEnd(
  ask: EngineWorker['ask'] = () => new Promise(() => undefined),
  load: EngineWorker['load'] = () => settle(() => Promise.resolve(aModel)),
): Far {
  const { port1, port2 } = new MessageChannel();
  let listener: (event: WorkerEvent) => void = () => undefined;
  let over = false;
  const api: EngineWorker = {
    listen: (heard) => {
      listener = heard;
    },
    load,
    bring: () => settle(() => Promise.resolve(null)),
    ask,
    cancel: () => undefined,
  };
  expose(api, port2);
  const worker = Object.assign(port1, {
    terminate: () => {
      over = true;
      port1.close();
      port2.close();
    },
  });
  return {
    worker: worker as unknown as Worker,
    ended: () => over,
    say: (event) => listener(event),
  };
}

const patience = { tickMs: 60_000, ticks: 5 };

test('an error keeps its class, code and details on the way', async () => {
  const failing = (): ReturnType<EngineWorker['ask']> =>
    settle(() => Promise.reject(new DrpoError('out-of-memory', 'Too large.', 'the details')));
  const llm = await new Remote(farEnd(failing).worker).load(order);
  const error: unknown = await llm.ask(aRequest()).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DrpoError);
  expect(error).toMatchObject({
    code: 'out-of-memory',
    message: 'Too large.',
    details: 'the details',
  });
});

test('a bug arrives as a plain error', async () => {
  const failing = (): ReturnType<EngineWorker['ask']> =>
    settle(() => Promise.reject(new TypeError('x is not a function')));
  const llm = await new Remote(farEnd(failing).worker).load(order);
  const error: unknown = await llm.ask(aRequest()).catch((e: unknown) => e);
  expect(error).not.toBeInstanceOf(DrpoError);
  expect(error).toMatchObject({ message: 'x is not a function' });
});

test('an abort rejects at once, though the worker is still at it', async () => {
  const llm = await new Remote(farEnd().worker).load(order);
  const leaving = new AbortController();
  const asked = llm.ask(aRequest(), { signal: leaving.signal });
  leaving.abort();
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
});

test('an abort of the load ends the worker', async () => {
  const far = farEnd(undefined, () => new Promise(() => undefined));
  const leaving = new AbortController();
  const loading = new Remote(far.worker).load(order, leaving.signal);
  leaving.abort();
  await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
  expect(far.ended()).toBe(true);
});

test('a worker silent for five ticks is given up, with a sentence for later asks too', async () => {
  const far = farEnd();
  const llm = await new Remote(far.worker, undefined, patience).load(order);
  const asked = llm.ask(aRequest());
  vi.advanceTimersByTime(4 * patience.tickMs);
  expect(far.ended()).toBe(false);
  vi.advanceTimersByTime(patience.tickMs);
  await expect(asked).rejects.toMatchObject({ code: 'engine-stalled' });
  expect(far.ended()).toBe(true);
  await expect(llm.ask(aRequest())).rejects.toMatchObject({
    code: 'engine-stalled',
    message: saying('Load it again'),
  });
});

test('a worker that says anything is not given up', async () => {
  const far = farEnd();
  const heard: string[] = [];
  const remote = new Remote(far.worker, (event) => heard.push(event.type), patience);
  const llm = await remote.load(order);
  const asked = llm.ask(aRequest());
  vi.advanceTimersByTime(4 * patience.tickMs);
  far.say({ type: 'alive' });
  await vi.waitFor(() => expect(heard).toEqual(['alive']));
  vi.advanceTimersByTime(4 * patience.tickMs);
  expect(far.ended()).toBe(false);
  remote.end(new DrpoError('model-missing', 'closed'));
  await expect(asked).rejects.toMatchObject({ code: 'model-missing' });
});

test('a worker that owes nothing may be silent for ever', async () => {
  const far = farEnd();
  await new Remote(far.worker, undefined, patience).load(order);
  vi.advanceTimersByTime(100 * patience.tickMs);
  expect(far.ended()).toBe(false);
});

test('closing rejects what is pending and whatever comes later', async () => {
  const remote = new Remote(farEnd().worker);
  const llm = await remote.load(order);
  const asked = llm.ask(aRequest());
  remote.end(new DrpoError('model-missing', 'closed'));
  await expect(asked).rejects.toMatchObject({ code: 'model-missing' });
  await expect(llm.ask(aRequest())).rejects.toMatchObject({ code: 'model-missing' });
});
