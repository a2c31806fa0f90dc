import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { joinParts, type Llm, type LlmRequest } from '../../src/core/llm.ts';
import { abortError } from '../../src/llm/abort.ts';
import { measureSpeed } from '../../src/llm/measure.ts';
import { aModel } from './requests.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

interface Machine {
  readonly readPerSecond: number;
  readonly writePerSecond: number;
  readonly contextSize?: number;
  /** Whether a prompt that was read before is read again. */
  readonly forgets?: boolean;
  /** After so many tokens it has said all. */
  readonly says?: number;
}

/** A model of known speed, four characters to a token, whose work takes time on the fake clock. */
function machine(of: Machine): Llm & { readonly asked: readonly LlmRequest[] } {
  const asked: LlmRequest[] = [];
  const { readPerSecond, writePerSecond, contextSize = 2048, forgets, says = Infinity } = of;
  let remembered = '';
  return {
    asked,
    info: { ...aModel, contextSize },
    async ask(request, { signal } = {}) {
      asked.push(request);
      const { content, output } = request;
      const text = content.type === 'text' ? joinParts(content.parts) : '';
      const promptTokens = Math.min(Math.ceil(text.length / 4), contextSize - 64);
      const reusedTokens = !forgets && text === remembered ? promptTokens - 1 : 0;
      const asks = output.type === 'text' ? output.maxTokens : 0;
      const outputTokens = Math.min(asks, says);
      const readMs = (1000 * (promptTokens - reusedTokens)) / readPerSecond;
      const elapsedMs = readMs + (1000 * outputTokens) / writePerSecond;
      await spend(elapsedMs, signal);
      remembered = text;
      const usage = { promptTokens, reusedTokens, outputTokens, elapsedMs };
      return { type: 'text', text: 'twelve', finish: 'length', cut: [], usage };
    },
  };
}

function spend(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => reject(abortError(signal)));
  });
}

/** Timeouts of signals run on the fake clock as well. */
function fakeSignalTimeouts(): void {
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException('time', 'TimeoutError')), ms);
    return controller.signal;
  });
}

async function measured(llm: Llm, signal?: AbortSignal) {
  fakeSignalTimeouts();
  const begun = performance.now();
  const speed = measureSpeed(llm, signal);
  const settled = speed.then(
    (value) => ({ value, ms: performance.now() - begun }),
    (error: unknown) => ({ error, ms: performance.now() - begun }),
  );
  await vi.advanceTimersByTimeAsync(60_000);
  return settled;
}

test.each([
  ['a fast graphics device', { readPerSecond: 2000, writePerSecond: 80 }],
  ['one that forgets every prompt', { readPerSecond: 2000, writePerSecond: 80, forgets: true }],
  ['a processor', { readPerSecond: 60, writePerSecond: 12 }],
  ['a slow processor', { readPerSecond: 10, writePerSecond: 6 }],
  ['a small context', { readPerSecond: 500, writePerSecond: 40, contextSize: 256 }],
] as const)('%s is measured to a fifth, within some seconds', async (_name, of) => {
  const result = await measured(machine(of));
  const speed = 'value' in result ? result.value : null;
  expect((speed?.prefillPerSecond ?? 0) / of.readPerSecond).toBeGreaterThan(0.8);
  expect((speed?.prefillPerSecond ?? 0) / of.readPerSecond).toBeLessThan(1.2);
  expect((speed?.decodePerSecond ?? 0) / of.writePerSecond).toBeGreaterThan(0.8);
  expect((speed?.decodePerSecond ?? 0) / of.writePerSecond).toBeLessThan(1.2);
  expect(result.ms).toBeLessThan(10_000);
});

test('a fast model is asked for what a search asks for, a slow one for little', async () => {
  const sizes = (asked: readonly LlmRequest[]) =>
    Math.max(...asked.map(({ output }) => (output.type === 'text' ? output.maxTokens : 0)));
  const fast = machine({ readPerSecond: 2000, writePerSecond: 80 });
  const slow = machine({ readPerSecond: 10, writePerSecond: 1 });
  await measured(fast);
  await measured(slow);
  expect([sizes(fast.asked), sizes(slow.asked)]).toEqual([64, 4]);
});

test('a model that soon has said all is measured by what it said', async () => {
  const result = await measured(machine({ readPerSecond: 2000, writePerSecond: 50, says: 3 }));
  const decode = 'value' in result ? result.value.decodePerSecond : 0;
  expect(decode).toBeGreaterThan(35);
  expect(decode).toBeLessThan(65);
});

test('a model that does not get through a few words in 20 seconds is given up', async () => {
  const result = await measured(machine({ readPerSecond: 0.5, writePerSecond: 0.1 }));
  expect(result).toMatchObject({ error: { code: 'engine-stalled' } });
  expect(result.ms).toBeLessThan(21_000);
});

test('a person may stop it', async () => {
  const leaving = new AbortController();
  setTimeout(() => leaving.abort(), 100);
  const result = await measured(machine({ readPerSecond: 5, writePerSecond: 1 }), leaving.signal);
  expect(result).toMatchObject({ error: { name: 'AbortError' }, ms: 100 });
});
