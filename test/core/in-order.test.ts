import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allInOrder, inOrder } from '../../src/core/in-order.ts';

/** Tasks that settle in the order the scheduler chooses, and how many were under way at most. */
function watched(scheduler: fc.Scheduler, count: number, fails: ReadonlySet<number> = new Set()) {
  const seen = { now: 0, most: 0, started: 0 };
  const tasks = Array.from({ length: count }, (_, i) => async () => {
    seen.started++;
    seen.now++;
    seen.most = Math.max(seen.most, seen.now);
    await scheduler.schedule(Promise.resolve(), `task ${i}`);
    seen.now--;
    if (fails.has(i)) throw new Error(`task ${i} failed`);
    return i;
  });
  return { tasks, seen };
}

const count = fc.integer({ min: 0, max: 12 });
const limit = fc.integer({ min: 1, max: 5 });

describe('results in order', () => {
  test('come in the order of the tasks, whichever settles first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), count, limit, async (scheduler, n, most) => {
        const { tasks } = watched(scheduler, n);
        const results = await scheduler.waitFor(allInOrder(tasks, most));
        expect(results).toEqual(tasks.map((_, i) => i));
      }),
    );
  });

  test('never more than the limit are under way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), count, limit, async (scheduler, n, most) => {
        const { tasks, seen } = watched(scheduler, n);
        await scheduler.waitFor(allInOrder(tasks, most));
        expect(seen.most).toBeLessThanOrEqual(most);
        expect(seen.started).toBe(n);
      }),
    );
  });

  test('as many as the limit are started at once', async () => {
    const never = () => new Promise<number>(() => undefined);
    let started = 0;
    const counted = () => {
      started++;
      return never();
    };
    void inOrder([counted, counted, counted, counted], 3).next();
    await Promise.resolve();
    expect(started).toBe(3);
  });

  test('a limit below one still gets everything done', async () => {
    expect(await allInOrder([() => Promise.resolve('a'), () => Promise.resolve('b')], 0)).toEqual([
      'a',
      'b',
    ]);
  });

  test('the first error in the order of the tasks is the one thrown, after the results before it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 12 }),
        limit,
        fc.uniqueArray(fc.nat(11), { minLength: 1 }),
        async (scheduler, n, most, failing) => {
          const fails = new Set(failing.map((i) => i % n));
          const { tasks } = watched(scheduler, n, fails);
          const first = Math.min(...fails);
          const results: number[] = [];
          const read = async () => {
            for await (const result of inOrder(tasks, most)) results.push(result);
          };
          await expect(scheduler.waitFor(read())).rejects.toThrow(`task ${first} failed`);
          expect(results).toEqual(tasks.slice(0, first).map((_, i) => i));
          // What is still under way fails unread: Vitest fails the run for an unhandled rejection.
          await scheduler.waitIdle();
        },
      ),
    );
  });

  test('after an error no further task is started', async () => {
    let started = 0;
    const fail = () => {
      started++;
      return Promise.reject(new Error('no'));
    };
    await expect(allInOrder([fail, fail, fail, fail], 2)).rejects.toThrow('no');
    expect(started).toBe(2);
  });
});
