import { expect, test } from 'vitest';
import { DeviceLoss } from '../../../src/llm/web-llm/device-loss.ts';

function device(): { readonly loss: DeviceLoss; readonly lose: (reason: string) => void } {
  let lose = (_reason: string): void => undefined;
  const lost = new Promise<string>((resolve) => {
    lose = resolve;
  });
  return { loss: new DeviceLoss(lost, (reason) => new Error(`lost: ${reason}`)), lose };
}

test('work ends as it would while the device is there', async () => {
  const { loss } = device();
  expect(await loss.during(() => Promise.resolve(1))).toBe(1);
  await expect(loss.during(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('work that waits for a lost device ends with its loss, and none begins after it', async () => {
  const { loss, lose } = device();
  const waiting = loss.during(() => new Promise(() => undefined));
  lose('driver');
  await expect(waiting).rejects.toThrow('lost: driver');
  let began = false;
  const late = loss.during(() => {
    began = true;
    return Promise.resolve();
  });
  await expect(late).rejects.toThrow('lost: driver');
  expect(began).toBe(false);
});
