import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { DrpoError } from '../../../src/core/errors.ts';
import type { ModelsHere } from '../../../src/ui/models/models-here.ts';
import ModelsPlace from '../../../src/ui/models/ModelsPlace.svelte';
import { modelsHere, stored } from '../fixture-models.ts';

const whole = stored({ key: 'file:ab', name: 'tiny.gguf', sizeMb: 637 });
const part = stored({ key: 'part:x', name: 'half.gguf', sizeMb: 268, state: 'part', added: null });

async function show(over: Partial<ModelsHere> = {}) {
  const models = modelsHere({ stored: [whole, part], ...over });
  return { models, screen: await render(ModelsPlace, { models, onuse: vi.fn() }) };
}

test('what is stored is listed with its size, parts as parts, and their sum', async () => {
  const { screen } = await show();
  const list = screen.getByRole('list', { name: 'Stored models' });
  await expect.element(list.getByText(/^637 MB · /)).toBeVisible();
  await expect.element(list.getByText(/^268 MB, part of a download/)).toBeVisible();
  await expect.element(screen.getByText('2 models, 905 MB together')).toBeVisible();
});

test('an empty store says what will be in it', async () => {
  const { screen } = await show({ stored: [] });
  await expect.element(screen.getByText('No model is stored here yet.')).toBeVisible();
});

test('the room is told, and protection asked for; a refusal is said', async () => {
  const protect = vi.fn(() => Promise.resolve(false));
  const { screen } = await show({
    storage: { usedMb: 1290, quotaMb: 10_240, persisted: false },
    protect,
  });
  await expect
    .element(screen.getByRole('meter', { name: 'Storage used' }))
    .toHaveAttribute('aria-valuetext', '1.3 GB of 10 GB');
  await screen.getByRole('button', { name: 'Ask for protection' }).click();
  expect(protect).toHaveBeenCalledTimes(1);
  await expect.element(screen.getByText('The browser does not grant it now.')).toBeVisible();
});

test('protected storage asks for nothing', async () => {
  const { screen } = await show();
  await expect.element(screen.getByText('Protected: nothing is cleared')).toBeVisible();
  await expect
    .element(screen.getByRole('button', { name: 'Ask for protection' }))
    .not.toBeInTheDocument();
});

test('a check shows how far it is, then that all is right', async () => {
  let finish: (broken: readonly string[]) => void = () => undefined;
  const checkStored = vi.fn((_: string, onProgress?: (done: number) => void) => {
    onProgress?.(0.6);
    return new Promise<readonly string[]>((resolve) => (finish = resolve));
  });
  const { screen } = await show({ checkStored });
  await screen.getByRole('button', { name: 'Check the files of tiny.gguf' }).click();
  await expect
    .element(screen.getByRole('progressbar', { name: 'Comparing each file with its checksum' }))
    .toHaveAttribute('aria-valuenow', '60');
  await expect.element(screen.getByRole('button', { name: 'Delete tiny.gguf' })).toBeDisabled();
  finish([]);
  await expect
    .element(screen.getByText('Every file of tiny.gguf is as it was when it came.'))
    .toBeVisible();
});

test('broken files are named, also when what they were part of is gone', async () => {
  const { screen, models } = await show({
    checkStored: () => Promise.resolve(['params_shard_3.bin', 'tokenizer.json']),
  });
  await screen.getByRole('button', { name: 'Check the files of tiny.gguf' }).click();
  const words = '2 files of tiny.gguf had changed and were removed: params_shard_3.bin, tokenizer';
  await expect.element(screen.getByText(words)).toBeVisible();
  await screen.rerender({ models: { ...models, stored: [part] } });
  await expect.element(screen.getByText(words)).toBeVisible();
});

test('a part has nothing to be checked against', async () => {
  const { screen } = await show();
  await expect
    .element(screen.getByRole('button', { name: 'Check the files of half.gguf' }))
    .not.toBeInTheDocument();
});

test('one is deleted after a question, and the focus goes on to what is left', async () => {
  const { screen, models } = await show({
    removeStored: vi.fn(() => screen.rerender({ models: { ...models, stored: [whole] } })),
  });
  await screen.getByRole('button', { name: 'Delete half.gguf' }).click();
  const dialog = screen.getByRole('dialog', { name: 'Delete “half.gguf” from this browser?' });
  await expect.element(dialog.getByText('Frees 268 MB.')).toBeVisible();
  expect(models.removeStored).not.toHaveBeenCalled();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  expect(models.removeStored).toHaveBeenCalledExactlyOnceWith('part:x');
  await expect.element(dialog).not.toBeInTheDocument();
  await expect
    .element(screen.getByRole('heading', { name: 'Stored in this browser' }))
    .toHaveFocus();
});

test('all are deleted after a question that counts them', async () => {
  const { screen, models } = await show();
  await screen.getByRole('button', { name: 'Delete all models' }).click();
  const dialog = screen.getByRole('dialog', { name: 'Delete 2 models from this browser?' });
  await expect.element(dialog.getByText('Frees 905 MB.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Keep them' }).click();
  expect(models.removeAllStored).not.toHaveBeenCalled();
  await screen.getByRole('button', { name: 'Delete all models' }).click();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  expect(models.removeAllStored).toHaveBeenCalledTimes(1);
});

test('what cannot be deleted says why and stays', async () => {
  const error = new DrpoError('run-busy', 'A run uses this model. Pause it first.');
  const { screen } = await show({ removeStored: () => Promise.reject(error) });
  await screen.getByRole('button', { name: 'Delete tiny.gguf' }).click();
  const dialog = screen.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect.element(dialog.getByText(error.message)).toBeVisible();
});
