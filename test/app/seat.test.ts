import { afterEach, expect, test } from 'vitest';
import { Seat, type Sitter } from '../../src/app/seat.ts';
import { eventually } from './builders.ts';

interface TestSitter extends Sitter {
  busy: boolean;
  letGoes: number;
}

function sitter(busy = false): TestSitter {
  const one = {
    busy,
    letGoes: 0,
    letGo() {
      one.letGoes++;
    },
  };
  return one;
}

const never = new AbortController().signal;
const seats: { readonly seat: Seat; readonly sitter: TestSitter }[] = [];

/** A tab whose place is taken. Tabs share the browser's locks, as in different windows. */
async function aTab(busy = false, signal = never) {
  const tab = { seat: new Seat(), sitter: sitter(busy), waited: 0 };
  seats.push(tab);
  await tab.seat.take(tab.sitter, signal, () => tab.waited++);
  return tab;
}

afterEach(async () => {
  for (const { seat, sitter: one } of seats.splice(0)) {
    one.busy = false;
    await seat.leave();
  }
});

test('within a tab an idle holder makes room, and a busy one is named', async () => {
  const { seat, sitter: first } = await aTab();
  const second = sitter(true);
  await seat.take(second, never, () => undefined);
  expect(first.letGoes).toBe(1);
  await expect(seat.take(first, never, () => undefined)).rejects.toMatchObject({
    code: 'run-busy',
    message: expect.stringContaining('Pause the run') as string,
  });
  expect(second.letGoes).toBe(0);
  second.busy = false;
  await seat.take(first, never, () => undefined);
  expect(second.letGoes).toBe(1);
});

test('who has the place already takes it again without a wait', async () => {
  const { seat, sitter: one } = await aTab(true);
  await seat.take(one, never, () => undefined);
  expect(one.letGoes).toBe(0);
});

test('an idle tab lets go when another asks', async () => {
  const idle = await aTab();
  const other = await aTab();
  expect([idle.sitter.letGoes, other.waited]).toEqual([1, 1]);
});

test('a busy tab is waited for, until it rests', async () => {
  const busy = await aTab(true);
  let there = false;
  const other = aTab().then(() => {
    there = true;
  });
  await eventually(() => seats[1] !== undefined).toBe(true);
  await busy.seat.rest();
  expect([there, busy.sitter.letGoes]).toEqual([false, 0]);
  busy.sitter.busy = false;
  await eventually(async () => {
    await busy.seat.rest();
    return there;
  }).toBe(true);
  expect(busy.sitter.letGoes).toBe(1);
  await other;
});

test('a wait can be given up', async () => {
  await aTab(true);
  const controller = new AbortController();
  const waiting = aTab(false, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});

test('a tab that rests with nobody waiting keeps its models', async () => {
  const tab = await aTab();
  await tab.seat.rest();
  expect(tab.sitter.letGoes).toBe(0);
});
