import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { presets } from '../../../src/core/settings.ts';
import AdjustSettings from '../../../src/ui/start/settings/AdjustSettings.svelte';
import { newDraft } from '../fixture-start.ts';

async function opened() {
  const draft = newDraft();
  const screen = await render(AdjustSettings, { draft });
  await screen.getByText('Adjust the settings').click();
  return { draft, screen };
}

test('changing one setting makes the preset one’s own and leaves the others', async () => {
  const { draft, screen } = await opened();
  await screen.getByLabelText('Levels', { exact: true }).fill('7');
  await userEvent.tab();
  const { search } = presets.quick;
  expect(draft.settings).toEqual({
    ...presets.quick,
    preset: 'custom',
    search: { ...search, depth: 7 },
  });
});

test('ranking along the own path takes one question a level', async () => {
  const { draft, screen } = await opened();
  await screen.getByRole('radio', { name: 'Own path' }).click();
  expect(draft.settings.search).toMatchObject({ ranking: 'path', queriesPerLevel: 1 });
  await expect.element(screen.getByLabelText('Questions at each level')).toBeDisabled();
});

test('without a system prompt the search is not offered', async () => {
  const { draft, screen } = await opened();
  await screen.getByRole('switch', { name: 'Use a system prompt' }).click();
  expect(draft.settings.systemPrompt).toBe(false);
  await expect.element(screen.getByLabelText('Levels', { exact: true })).not.toBeInTheDocument();
});

test('the fewest criteria cannot pass the most', async () => {
  const { draft, screen } = await opened();
  const fewest = screen.getByLabelText('At least', { exact: true }).first();
  await fewest.fill('9');
  await userEvent.tab();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('from 1 to 6; until then 3');
  expect(draft.settings).toEqual(presets.quick);
});

test('fixed criteria keep at least one', async () => {
  const { draft, screen } = await opened();
  await screen.getByRole('radio', { name: 'The same' }).first().click();
  await screen.getByRole('checkbox', { name: 'Helpfulness' }).click();
  await screen.getByRole('checkbox', { name: 'Clarity' }).click();
  expect(draft.settings.criteria.examples).toMatchObject({ mode: 'fixed', fixed: ['Factuality'] });
  await expect.element(screen.getByRole('checkbox', { name: 'Factuality' })).toBeDisabled();
});
