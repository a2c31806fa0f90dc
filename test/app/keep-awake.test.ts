import { afterEach, expect, test, vi } from 'vitest';
import { keepAwake } from '../../src/app/keep-awake.ts';
import { show, undo } from './visibility.ts';

/** Wake locks as the browser gives them, of which it is counted how many were asked for, given and let go. */
function fakeLocks(grant: () => Promise<void> = () => Promise.resolve()) {
  const locks = { asked: 0, given: 0, released: 0 };
  const release = () => {
    locks.released++;
    return Promise.resolve();
  };
  const request = async () => {
    locks.asked++;
    await grant();
    locks.given++;
    return { release };
  };
  Object.defineProperty(navigator, 'wakeLock', { configurable: true, value: { request } });
  return locks;
}

afterEach(() => {
  Reflect.deleteProperty(navigator, 'wakeLock');
  undo();
});

test('the screen is kept on from the beginning to the end', async () => {
  const locks = fakeLocks();
  const end = keepAwake();
  await vi.waitFor(() => expect(locks).toEqual({ asked: 1, given: 1, released: 0 }));
  end();
  expect(locks.released).toBe(1);
});

test('it is asked for again when the page is seen again, and not while it is hidden', async () => {
  const locks = fakeLocks();
  const end = keepAwake();
  await vi.waitFor(() => expect(locks.given).toBe(1));
  show('hidden');
  expect(locks.asked).toBe(1);
  show('visible');
  await vi.waitFor(() => expect(locks.given).toBe(2));
  end();
  show('visible');
  expect(locks).toEqual({ asked: 2, given: 2, released: 2 });
});

test('a lock that is granted after the end is let go', async () => {
  let grant = (): void => undefined;
  const locks = fakeLocks(() => new Promise((resolve) => (grant = resolve)));
  keepAwake()();
  grant();
  await vi.waitFor(() => expect(locks).toEqual({ asked: 1, given: 1, released: 1 }));
});

test('a refusal stops nothing, and the next time the page is seen it is asked for again', async () => {
  const answers = [Promise.reject(new DOMException('battery', 'NotAllowedError'))];
  const locks = fakeLocks(() => answers.shift() ?? Promise.resolve());
  const end = keepAwake();
  await Promise.resolve();
  show('visible');
  await vi.waitFor(() => expect(locks).toEqual({ asked: 2, given: 1, released: 0 }));
  end();
});
