import { expect, test, vi } from 'vitest';
import { announce, driveLock, watchRun } from '../../src/store/locks.ts';

test('one drives a run at a time; others drive others', async () => {
  const release = await driveLock('one');
  expect(release).not.toBeNull();
  expect(await driveLock('one')).toBeNull();
  const other = await driveLock('two');
  expect(other).not.toBeNull();
  await other?.();
  await release?.();
  const again = await driveLock('one');
  expect(again).not.toBeNull();
  await again?.();
});

test('a lock goes with the page that holds it', async () => {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const locks = frame.contentWindow?.navigator.locks;
  await new Promise<void>((resolve) => {
    void locks?.request('drpo-run-three', () => {
      resolve();
      return new Promise(() => undefined);
    });
  });
  expect(await driveLock('three')).toBeNull();
  frame.remove();
  const release = await vi.waitUntil(() => driveLock('three'));
  await release();
});

test('who watches a run hears of its changes, and only of its', async () => {
  const heard: string[] = [];
  const first = new Promise<void>((resolve) => {
    const stopA = watchRun('a', () => heard.push('a'));
    const stopB = watchRun('b', () => {
      heard.push('b');
      stopA();
      stopB();
      resolve();
    });
  });
  announce('a');
  announce('other');
  announce('b');
  await first;
  expect(heard).toEqual(['a', 'b']);
});
