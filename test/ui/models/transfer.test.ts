import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { Transfer } from '../../../src/app/model-rows.ts';
import { DrpoError } from '../../../src/core/errors.ts';
import type { ModelsHere } from '../../../src/ui/models/models-here.ts';
import ModelsPlace from '../../../src/ui/models/ModelsPlace.svelte';
import { phaseText, transferFigures } from '../../../src/ui/parts/transfer-words.ts';
import { brokeOff, listRow, modelsHere, transferOf } from '../fixture-models.ts';

const row = listRow({ name: 'Llama-3.2-1B-Instruct' });
const other = listRow({ name: 'Other' });

async function show(transfer: Transfer | null, over: Partial<ModelsHere> = {}) {
  const models = modelsHere({ rows: [row, other], transfer, ...over });
  return { models, screen: await render(ModelsPlace, { models, onuse: vi.fn() }) };
}

test('a download tells MB of MB, speed and time left', async () => {
  const { screen } = await show(transferOf(row));
  const bar = screen.getByRole('progressbar', { name: 'Downloading Llama-3.2-1B-Instruct' });
  await expect.element(bar).toHaveAttribute('aria-valuenow', '35');
  await expect
    .element(screen.getByText('312 MB of 880 MB · 12.4 MB/s · about 50 seconds left'))
    .toBeVisible();
});

test.each([
  ['wait', 'Llama-3.2-1B-Instruct waits: another model is at work'],
  ['retry', 'The connection broke off. Taking up Llama-3.2-1B-Instruct again in a moment'],
  ['check', 'Checking the files of Llama-3.2-1B-Instruct'],
  ['load', 'Loading Llama-3.2-1B-Instruct into memory'],
  ['prepare', 'Getting Llama-3.2-1B-Instruct ready to answer'],
] as const)('the phase “%s” is told in words, without a speed', (phase, words) => {
  const transfer = transferOf(row, { progress: { phase, doneMb: 327.155712, totalMb: 922.74688 } });
  expect(phaseText(transfer)).toBe(words);
  expect(transferFigures(transfer)).toBe('312 MB of 880 MB');
});

test.each([
  [null, 327.155712, null, '312 MB'],
  [922.74688, 327.155712, null, '312 MB of 880 MB'],
  [922.74688, 327.155712, 3_600_000, '312 MB of 880 MB · about 60 minutes left'],
] as const)('of %s MB, what is not known is left out', (totalMb, doneMb, leftMs, words) => {
  const progress = { phase: 'download', doneMb, totalMb } as const;
  expect(transferFigures(transferOf(row, { progress, mbPerSecond: null, leftMs }))).toBe(words);
});

test('while one comes no other can be asked for, and it says which one comes', async () => {
  const { screen } = await show(transferOf(row));
  await expect
    .element(screen.getByRole('article', { name: row.name }).getByText('Coming into this browser'))
    .toBeVisible();
  await expect.element(screen.getByRole('button', { name: 'Download Other' })).toBeDisabled();
});

test('Cancel is one press, and the focus is not lost with its button', async () => {
  const { screen, models } = await show(transferOf(row));
  await screen.getByRole('button', { name: 'Cancel Llama-3.2-1B-Instruct' }).click();
  expect(models.cancel).toHaveBeenCalledTimes(1);
  await expect
    .element(screen.getByRole('heading', { name: 'Models to choose from' }))
    .toHaveFocus();
});

test('a failed download says why, goes on where it stopped, or is put away', async () => {
  const { screen, models } = await show(transferOf(row, { progress: null, error: brokeOff }), {
    rows: [{ ...row, partly: 0.35 }],
  });
  await expect.element(screen.getByRole('alert').getByText(brokeOff.message)).toBeVisible();
  await screen.getByRole('button', { name: 'Go on where it stopped' }).click();
  expect(models.download).toHaveBeenCalledExactlyOnceWith(row.model);
  await screen.getByRole('button', { name: 'Dismiss this message' }).click();
  expect(models.clearTransfer).toHaveBeenCalledTimes(1);
});

test('one that failed before anything came is tried again, not “gone on with”', async () => {
  const { screen } = await show(transferOf(row, { progress: null, error: brokeOff }));
  await expect.element(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
});

test('where there was no room it leads to what is stored', async () => {
  const full = new DrpoError('storage-full', 'There is no room for 880 MB.');
  const { screen } = await show(transferOf(row, { error: full }));
  await screen.getByRole('button', { name: 'See what is stored' }).click();
  await expect
    .element(screen.getByRole('heading', { name: 'Stored in this browser' }))
    .toHaveFocus();
});

test('the end of a download is said to those who do not see its bar go', async () => {
  const { screen, models } = await show(null, {
    download: vi.fn(() =>
      screen.rerender({ models: { ...models, rows: [{ ...other, here: true }] } }),
    ),
  });
  await screen.getByRole('button', { name: 'Download Other' }).click();
  await expect.element(screen.getByText('Other is in this browser now.')).toBeInTheDocument();
});

test('a trial that failed is tried again as a trial', async () => {
  const { screen, models } = await show(null);
  await screen.getByRole('button', { name: 'More about Other' }).click();
  await screen.getByRole('button', { name: 'Download and try it' }).click();
  expect(models.tryOut).toHaveBeenCalledTimes(1);
  await screen.rerender({
    models: { ...models, transfer: transferOf(other, { error: brokeOff }) },
  });
  await screen
    .getByRole('button', { name: /^(Try again|Go on)/ })
    .first()
    .click();
  expect(models.tryOut).toHaveBeenCalledTimes(2);
  expect(models.download).not.toHaveBeenCalled();
});
