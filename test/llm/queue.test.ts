import { expect, test } from 'vitest';
import { Queue } from '../../src/llm/queue.ts';

/** A job that ends when it is told to. */
function job(name: string, log: string[]): { run: () => Promise<string>; end: () => void } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    run: async () => {
      log.push(name);
      await ended;
      return name;
    },
    end: () => end(),
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test.each([[1], [2], [3]])(
  '%i jobs run at once, the others in the order they came',
  async (atOnce) => {
    const log: string[] = [];
    const queue = new Queue(atOnce);
    const jobs = ['a', 'b', 'c', 'd', 'e'].map((name) => job(name, log));
    const asked = jobs.map(({ run }) => queue.run(run));
    for (const [i, { end }] of jobs.entries()) {
      await settled();
      expect(log.length).toBe(Math.min(jobs.length, i + atOnce));
      end();
    }
    expect(await Promise.all(asked)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(log).toEqual(['a', 'b', 'c', 'd', 'e']);
  },
);

test('a job aborted while it waits never starts, a failed one disturbs no other', async () => {
  const log: string[] = [];
  const queue = new Queue();
  const first = job('first', log);
  const running = queue.run(first.run);
  const leaving = new AbortController();
  const waiting = queue.run(job('never', log).run, leaving.signal);
  const failing = queue.run(() => Promise.reject(new Error('broken')));
  const last = queue.run(() => Promise.resolve('last'));
  const stopped = new DOMException('enough', 'AbortError');
  leaving.abort(stopped);
  await expect(waiting).rejects.toBe(stopped);
  await expect(queue.run(job('never', log).run, leaving.signal)).rejects.toBe(stopped);
  first.end();
  expect(await running).toBe('first');
  await expect(failing).rejects.toThrow('broken');
  expect(await last).toBe('last');
  expect(log).toEqual(['first']);
});
