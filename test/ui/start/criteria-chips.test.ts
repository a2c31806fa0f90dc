import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import CriteriaChips from '../../../src/ui/start/CriteriaChips.svelte';
import { newDraft } from '../fixture-start.ts';

test('a criterion is switched off and on by its chip, and told when pointed at', async () => {
  const draft = newDraft();
  const screen = await render(CriteriaChips, { draft });
  const chip = screen.getByRole('button', { name: 'Clarity', exact: true });
  await expect.element(chip).toHaveAccessibleDescription('What clarity means.');
  await chip.click();
  expect(draft.criteria.map((c) => c.on)).toEqual([true, false, true]);
  await expect.element(chip).toHaveAttribute('aria-pressed', 'false');
  await expect.element(screen.getByText('2 of 3 on')).toBeVisible();
});

test('a new criterion that is not saved is not kept', async () => {
  const draft = newDraft();
  const screen = await render(CriteriaChips, { draft });
  await screen.getByRole('button', { name: 'Add your own' }).click();
  await screen.getByRole('button', { name: 'Cancel' }).click();
  expect(draft.criteria).toHaveLength(3);
});

test('a criterion of one’s own needs a meaning, can be saved and removed', async () => {
  const draft = newDraft();
  const screen = await render(CriteriaChips, { draft });
  await screen.getByRole('button', { name: 'Add your own' }).click();
  await screen.getByLabelText('Name').fill('Kindness');
  await screen.getByRole('button', { name: 'Save' }).click();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('Say in a sentence');
  await screen.getByLabelText('What it means').fill('It is kind.');
  await screen.getByRole('button', { name: 'Save' }).click();
  expect(draft.criteria[3]).toMatchObject({ name: 'Kindness', definition: 'It is kind.' });
  await screen.getByRole('button', { name: 'Edit Kindness' }).click();
  await screen.getByRole('button', { name: 'Remove' }).click();
  expect(draft.criteria).toHaveLength(3);
});

test('a name that is taken is refused in a sentence, and what was typed stays', async () => {
  const draft = newDraft();
  const screen = await render(CriteriaChips, { draft });
  await screen.getByRole('button', { name: 'Edit Clarity' }).click();
  await screen.getByLabelText('Name').fill('factuality');
  await screen.getByRole('button', { name: 'Save' }).click();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('already a criterion');
  await expect.element(screen.getByLabelText('Name')).toHaveValue('factuality');
  expect(draft.criteria[1]?.name).toBe('Clarity');
});
