import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { Library, RunRow } from '../../../src/app/library.svelte.ts';
import { DrpoError } from '../../../src/core/errors.ts';
import RunsPlace from '../../../src/ui/runs/RunsPlace.svelte';
import { fakeLibrary, fakeModels, runRow } from '../fixture-start.ts';

async function show(runs: readonly RunRow[], over: Partial<Library> = {}) {
  const library = fakeLibrary(runs, over);
  const calls = {
    onopen: vi.fn(() => Promise.resolve()),
    onresume: vi.fn(() => Promise.resolve()),
    onrename: vi.fn(() => Promise.resolve()),
    ondelete: (id: string) => library.remove(id),
  };
  const screen = await render(RunsPlace, { library, models: fakeModels(), ...calls });
  return { screen, ...calls };
}

test('without runs it says what a run is and where to set one up', async () => {
  const { screen } = await show([]);
  await expect.element(screen.getByText('A run is one search')).toBeVisible();
  const link = screen.getByRole('link', { name: 'Set up a run' });
  await expect.element(link).toHaveAttribute('href', '#/start');
});

test('a finished run opens its result, with its outcome in words', async () => {
  const { screen, onopen } = await show([runRow()]);
  await expect.element(screen.getByText('Better +0.42')).toBeVisible();
  await screen.getByRole('button', { name: 'Open Basil in winter' }).click();
  expect(onopen.mock.calls).toEqual([['r1', 'result']]);
});

test('a paused run is resumed', async () => {
  const { screen, onresume } = await show([runRow({ status: 'paused', outcome: null })]);
  await screen.getByRole('button', { name: 'Resume Basil in winter' }).click();
  expect(onresume.mock.calls).toEqual([['r1']]);
});

test('the run touched last comes first', async () => {
  const { screen } = await show([
    runRow({ id: 'a', name: 'Old', updated: '2026-01-01T00:00:00Z' }),
    runRow({ id: 'b', name: 'New', updated: '2026-02-01T00:00:00Z' }),
  ]);
  const names = screen
    .getByRole('article')
    .elements()
    .map((e) => e.querySelector('h2')?.textContent);
  expect(names).toEqual(['New', 'Old']);
});

test('deleting asks first, naming the run', async () => {
  const remove = vi.fn(() => Promise.resolve());
  const { screen } = await show([runRow()], { remove });
  const press = async () => {
    await screen.getByRole('button', { name: 'More about Basil in winter' }).click();
    await screen.getByRole('button', { name: 'Delete' }).click();
  };
  await press();
  const dialog = screen.getByRole('dialog', { name: 'Delete “Basil in winter”?' });
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  expect(remove).not.toHaveBeenCalled();
  await press();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  expect(remove).toHaveBeenCalledExactlyOnceWith('r1');
  await expect.element(dialog).not.toBeInTheDocument();
});

test('a run that cannot be deleted says why and stays', async () => {
  const busy = new DrpoError('run-busy', 'Another tab is working on it. Pause it there first.');
  const { screen } = await show([runRow()], { remove: () => Promise.reject(busy) });
  await screen.getByRole('button', { name: 'More about Basil in winter' }).click();
  await screen.getByRole('button', { name: 'Delete' }).click();
  const dialog = screen.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect.element(dialog.getByText('Pause it there first.')).toBeVisible();
});

test('a new name is trimmed, and an empty one is refused in a sentence', async () => {
  const { screen, onrename } = await show([runRow()]);
  await screen.getByRole('button', { name: 'More about Basil in winter' }).click();
  await screen.getByRole('button', { name: 'Rename' }).click();
  const dialog = screen.getByRole('dialog', { name: 'Rename the run' });
  await dialog.getByLabelText('Name').fill('  ');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect.element(dialog.getByRole('alert')).toHaveTextContent('keep “Basil in winter”');
  await dialog.getByLabelText('Name').fill(' Basil ');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  expect(onrename.mock.calls).toEqual([['r1', 'Basil']]);
});

test('an imported run is shown before it is kept', async () => {
  const keep = vi.fn(() => Promise.resolve('r9'));
  const preview = () =>
    Promise.resolve({
      name: 'From the lab',
      created: '2026-11-01T10:00:00Z',
      modelName: 'Llama 3.2 1B',
      requests: 4120,
      keep,
    });
  const { screen, onopen } = await show([], { preview });
  await userEvent.upload(screen.getByLabelText('Drop a run file'), new File(['{}'], 'lab.json'));
  const dialog = screen.getByRole('dialog', { name: 'Keep “From the lab”?' });
  await expect.element(dialog.getByText('Llama 3.2 1B')).toBeVisible();
  expect(keep).not.toHaveBeenCalled();
  await dialog.getByRole('button', { name: 'Keep this run' }).click();
  await screen.getByRole('button', { name: 'Open it' }).click();
  expect(onopen.mock.calls).toEqual([['r9', 'result']]);
});

test('a file that is no run file is refused in its sentence', async () => {
  const error = new DrpoError('file-not-ours', '“a.json” is not a run file. Choose another.');
  const { screen } = await show([], { preview: () => Promise.reject(error) });
  await userEvent.upload(screen.getByLabelText('Drop a run file'), new File(['{}'], 'a.json'));
  await expect.element(screen.getByText('“a.json” is not a run file.')).toBeVisible();
});

test('what is stored is told in a line that leads to Models', async () => {
  const storage = { usedMb: 1290, quotaMb: 10_240, persisted: false };
  const screen = await render(RunsPlace, {
    library: fakeLibrary([]),
    models: fakeModels({ storage }),
    onopen: vi.fn(),
    onresume: vi.fn(),
    onrename: vi.fn(),
    ondelete: vi.fn(),
  });
  await expect
    .element(screen.getByText('Runs and models take 1.3 GB of the 10 GB this browser allows.'))
    .toBeVisible();
  await expect
    .element(screen.getByRole('link', { name: /make room in Models/ }))
    .toHaveAttribute('href', '#/models');
});
