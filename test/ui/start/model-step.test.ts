import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { DrpoError } from '../../../src/core/errors.ts';
import ModelStep from '../../../src/ui/start/ModelStep.svelte';
import { fakeModels, modelRow, newDraft } from '../fixture-start.ts';

const small = modelRow({ name: 'Small' });
const large = modelRow({ name: 'Large', whyNot: 'Needs 7 GB; this machine offers 4 GB.' });
const file = {
  type: 'gguf-file',
  name: 'tiny.gguf',
  sha256: 'ab',
  sizeMb: 80,
  kept: false,
} as const;

test('choosing a model puts the list away and the focus where one goes on', async () => {
  const draft = newDraft();
  const screen = await render(ModelStep, { draft, models: fakeModels({ rows: [small] }) });
  await screen.getByRole('button', { name: /^Small/ }).click();
  expect(draft.models.base).toEqual(small.model);
  await expect.element(screen.getByText('Drop a GGUF file')).not.toBeInTheDocument();
  await expect.element(screen.getByRole('button', { name: 'Change' })).toHaveFocus();
});

test('the recommended model says why it is, and all others are one link away', async () => {
  const models = fakeModels({
    rows: [large, small],
    recommended: small,
    recommendedWhy: 'It runs well on this machine.',
  });
  const screen = await render(ModelStep, { draft: newDraft(), models });
  const offers = screen.getByRole('list', { name: 'Suggested models' });
  await expect.element(offers.getByText('It runs well on this machine.')).toBeVisible();
  await expect.element(offers.getByText('Recommended')).toBeVisible();
  expect(offers.getByRole('button', { name: /Large/ }).elements()).toEqual([]);
  await expect
    .element(screen.getByRole('link', { name: 'All models, web addresses and servers' }))
    .toHaveAttribute('href', '#/models');
});

test('where no listed model runs, it says what would', async () => {
  const screen = await render(ModelStep, {
    draft: newDraft(),
    models: fakeModels({ rows: [large] }),
  });
  await expect.element(screen.getByText('drop a small GGUF file below')).toBeVisible();
});

test('a judge that was chosen in Models shows before there is a model to answer', async () => {
  const draft = newDraft();
  draft.models = { ...draft.models, evaluator: small.model };
  const screen = await render(ModelStep, { draft, models: fakeModels({ rows: [small] }) });
  await expect.element(screen.getByText('Judges the answers: Small')).toBeVisible();
});

test('a file that is no model is told in its sentence and leaves the chosen model', async () => {
  const addFile = vi.fn(() =>
    Promise.reject(new DrpoError('model-invalid', '“a.zip” is not a GGUF file. Choose another.')),
  );
  const draft = newDraft();
  draft.models = { ...draft.models, base: small.model };
  const screen = await render(ModelStep, { draft, models: fakeModels({ addFile, rows: [small] }) });
  await screen.getByRole('button', { name: 'Change' }).click();
  await userEvent.upload(screen.getByLabelText('Drop a GGUF file'), new File(['x'], 'a.zip'));
  await expect
    .element(screen.getByText('“a.zip” is not a GGUF file. Choose another.'))
    .toBeVisible();
  expect(draft.models.base).toEqual(small.model);
});

test('a chosen file is offered to be kept, with what that takes', async () => {
  const keepFile = vi.fn(() => Promise.resolve());
  const draft = newDraft();
  draft.models = { ...draft.models, base: file };
  const screen = await render(ModelStep, { draft, models: fakeModels({ keepFile }) });
  await expect.element(screen.getByText('Takes 80 MB here')).toBeVisible();
  await screen.getByRole('button', { name: 'Keep this file in the browser' }).click();
  expect(keepFile.mock.calls).toEqual([['ab']]);
});

test('a file that is kept already is not offered to be kept', async () => {
  const draft = newDraft();
  draft.models = { ...draft.models, base: { ...file, kept: true } };
  const screen = await render(ModelStep, { draft, models: fakeModels() });
  await expect.element(screen.getByText('Kept in this browser')).toBeVisible();
});

test('a file that was kept after it was chosen is not offered to be kept', async () => {
  const draft = newDraft();
  draft.models = { ...draft.models, base: file };
  const row = modelRow({ name: file.name, model: { ...file, kept: true }, here: true });
  const screen = await render(ModelStep, { draft, models: fakeModels({ rows: [row] }) });
  await expect.element(screen.getByText('Kept in this browser')).toBeVisible();
});

test('one model judges and rewrites too, until another is chosen', async () => {
  const draft = newDraft();
  draft.models = { ...draft.models, base: file };
  const screen = await render(ModelStep, { draft, models: fakeModels({ rows: [small, large] }) });
  await screen.getByText('Advanced').click();
  const judge = screen.getByLabelText('Judges the answers');
  await expect.element(judge).toHaveDisplayValue('The same model');
  await judge.selectOptions('Small');
  expect(draft.models).toEqual({ base: file, evaluator: small.model, optimizer: null });
});

test('the model that comes with the app says what it is, and needs no file', async () => {
  const draft = newDraft();
  const pocket = modelRow({
    name: 'Pocket',
    model: { type: 'built-in', id: 'pocket' },
    here: true,
    note: 'It is very small.',
  });
  draft.models = { ...draft.models, base: pocket.model };
  const screen = await render(ModelStep, { draft, models: fakeModels({ rows: [pocket, small] }) });
  await expect.element(screen.getByText('It is very small.')).toBeVisible();
  expect(screen.getByRole('button', { name: /Keep this file/ }).elements()).toEqual([]);
  await screen.getByRole('button', { name: 'Change' }).click();
  const offers = screen.getByRole('list', { name: 'Suggested models' });
  await expect.element(offers.getByText('Comes with the app')).toBeVisible();
});
