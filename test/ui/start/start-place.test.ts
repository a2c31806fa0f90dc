import { describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { DrpoError } from '../../../src/core/errors.ts';
import { promptText } from '../../../src/core/prompt.ts';
import type { StartingPrompt } from '../../../src/ui/start/offers.ts';
import StartPlace from '../../../src/ui/start/StartPlace.svelte';
import { fakeModels, newDraft, world } from '../fixture-start.ts';

async function show(
  draft = newDraft(),
  over: { readonly startingPrompts?: readonly StartingPrompt[] } = {},
) {
  await page.viewport(1280, 900);
  const onstart = vi.fn(() => Promise.resolve());
  const screen = await render(StartPlace, {
    draft,
    models: fakeModels(),
    startingPrompts: [],
    onstart,
    onrecorded: () => Promise.resolve(),
    ...over,
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

describe('with the model that comes with the app', () => {
  /** A draft as on a first visit. */
  function first() {
    const draft = newDraft();
    draft.useModel('base', { type: 'built-in', id: 'pocket' });
    return draft;
  }

  test('its own questions are offered first, and the usual ones say that it does not know them', async () => {
    const { draft, screen } = await show(first());
    const whose = screen.getByRole('radiogroup', { name: 'Whose questions' });
    await expect.element(whose.getByRole('radio', { name: 'Pocket’s world' })).toBeChecked();
    await expect
      .element(screen.getByText('knows only a made-up world: kettles and foxes.'))
      .toBeVisible();
    const uses = screen.getByRole('list', { name: 'What the questions are for' });
    await expect.element(uses).toHaveTextContent('9 to search with');
    await whose.getByRole('radio', { name: 'The usual' }).click();
    await expect.element(screen.getByText('These are outside Pocket’s world')).toBeVisible();
    await expect.element(uses).toHaveTextContent('40 to search with');
    expect(draft.makeRun().data.train).toHaveLength(40);
    await whose.getByRole('radio', { name: 'My own' }).click();
    await expect.element(screen.getByText('Pocket knows its own small world only')).toBeVisible();
    await whose.getByRole('radio', { name: 'Pocket’s world' }).click();
    expect(draft.makeRun().data.train).toHaveLength(9);
  });

  test('its questions can be looked through, found and left out', async () => {
    const { draft, screen } = await show(first());
    await screen.getByText('Look through the questions').click();
    const list = screen.getByRole('list', { name: 'Pocket’s questions' });
    await expect.element(list.getByRole('checkbox', { name: /^Question w2/ })).toBeChecked();
    await list.getByRole('checkbox', { name: /^Question w2/ }).click();
    expect([...draft.leftOut]).toEqual(['w2']);
    await expect.element(screen.getByText('8 questions in use.')).toBeVisible();

    await screen.getByLabelText('Find a question or a kind').fill('w3');
    expect(list.getByRole('checkbox').elements()).toHaveLength(1);
    await screen.getByRole('button', { name: 'Leave these out' }).click();
    await screen.getByLabelText('Find a question or a kind').fill('nowhere');
    await expect.element(screen.getByText('No question has these words')).toBeVisible();
    await screen.getByLabelText('Find a question or a kind').fill('');
    expect([...draft.leftOut]).toEqual(['w2', 'w3']);
    await screen.getByRole('button', { name: 'Take all' }).click();
    expect([...draft.leftOut]).toEqual([]);

    await screen.getByRole('button', { name: 'Leave all out' }).click();
    await expect
      .element(screen.getByRole('button', { name: 'Start' }))
      .toHaveAccessibleDescription('Pick at least one question to search with.');
    const split = screen.getByRole('radiogroup', { name: 'Which of Pocket’s questions' });
    await split.getByRole('radio', { name: 'For the verdict' }).click();
    await expect.element(list.getByRole('checkbox', { name: /^Question u0/ })).toBeChecked();
  });

  test('the demo is the preset, and goes with the model', async () => {
    const { draft, screen } = await show(first());
    const presets = screen.getByRole('radiogroup', { name: 'How long to search' });
    await expect.element(presets.getByRole('radio', { name: /^Demo/ })).toBeChecked();
    draft.useModel('base', { type: 'web-llm', id: 'Small' });
    await expect.element(presets.getByRole('radio', { name: /^Quick/ })).toBeChecked();
    expect(presets.getByRole('radio', { name: /^Demo/ }).elements()).toEqual([]);
    expect(screen.getByRole('radio', { name: 'Pocket’s world' }).elements()).toEqual([]);
  });

  test('the prompts to begin with are in words that it knows', async () => {
    const startingPrompts = [
      { id: 'plain', name: 'Plain', text: 'You are a helpful assistant.' },
      { id: 'hand-written', name: 'Hand-written', text: 'Be good.' },
    ];
    const { draft, screen } = await show(first(), { startingPrompts });
    const from = screen.getByLabelText('Begin with');
    await expect.element(from).toHaveDisplayValue('Plain');
    await from.selectOptions('Hand-written');
    expect(promptText(draft.prompt)).toBe(world.handWritten);
  });
});
