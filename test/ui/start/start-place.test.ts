import { expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { DrpoError } from '../../../src/core/errors.ts';
import StartPlace from '../../../src/ui/start/StartPlace.svelte';
import { fakeModels, newDraft } from '../fixture-start.ts';

async function show(draft = newDraft()) {
  await page.viewport(1280, 900);
  const onstart = vi.fn(() => Promise.resolve());
  const screen = await render(StartPlace, {
    draft,
    models: fakeModels(),
    startingPrompts: [],
    dataCounts: { train: 40, select: 20, test: 30, examples: 1 },
    onstart,
  });
  return { draft, screen, onstart, start: screen.getByRole('button', { name: 'Start' }) };
}

test('Start says what it waits for, and starts once that is there', async () => {
  const { draft, screen, onstart, start } = await show();
  await expect.element(start).toBeDisabled();
  await expect.element(start).toHaveAccessibleDescription('Choose a model first.');
  await expect.element(screen.getByText('Shown once the model has been measured')).toBeVisible();
  draft.models = { ...draft.models, base: { type: 'web-llm', id: 'Small' } };
  await start.click();
  expect(onstart).toHaveBeenCalledTimes(1);
});

test('a larger preset costs more requests', async () => {
  const { draft, screen } = await show();
  const quick = draft.estimate.requests;
  await screen.getByText('Standard', { exact: true }).click();
  expect(draft.settings.preset).toBe('standard');
  expect(draft.estimate.requests).toBeGreaterThan(quick);
  const shown = new Intl.NumberFormat().format(draft.estimate.requests);
  await expect.element(screen.getByText(shown, { exact: true })).toBeVisible();
});

test('a file of questions shows how many were read and skipped, and the first few', async () => {
  const { draft, screen } = await show();
  vi.spyOn(draft, 'readQueries').mockImplementation((file, column) => {
    draft.ownQueries = {
      name: file.name,
      queries: ['One?', 'Two?', 'Three?', 'Four?', 'Five?'],
      columns: ['topic', 'question'],
      column: column ?? 'question',
      skipped: 2,
    };
    return Promise.resolve();
  });
  const whose = screen.getByRole('radiogroup', { name: 'Whose questions' });
  await whose.getByRole('radio', { name: 'My own' }).click();
  await expect.element(screen.getByText('Until a file is read')).toBeVisible();
  const file = new File(['x'], 'garden.csv');
  await userEvent.upload(screen.getByLabelText('Drop a file of questions'), file);
  await expect
    .element(screen.getByText('5 questions read from garden.csv, 2 skipped'))
    .toBeVisible();
  await expect.element(screen.getByText('Three?')).toBeVisible();
  await expect.element(screen.getByText('and 2 more')).toBeVisible();
  await screen.getByLabelText('The questions are in the column').selectOptions('topic');
  expect(draft.ownQueries?.column).toBe('topic');
});

test('a file that cannot be read leaves the questions read before', async () => {
  const draft = newDraft();
  const before = { name: 'a.txt', queries: ['One?'], columns: [], column: null, skipped: 0 };
  draft.ownQueries = before;
  const { screen } = await show(draft);
  const error = new DrpoError('data-invalid', '“b.json” is not JSON. Save it as plain text.');
  vi.spyOn(draft, 'readQueries').mockRejectedValue(error);
  await userEvent.upload(screen.getByLabelText('Drop another file'), new File(['x'], 'b.json'));
  await expect.element(screen.getByText('“b.json” is not JSON.')).toBeVisible();
  expect(draft.ownQueries).toEqual(before);
});
