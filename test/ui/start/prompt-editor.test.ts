import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { DrpoError } from '../../../src/core/errors.ts';
import { promptText } from '../../../src/core/prompt.ts';
import PromptEditor from '../../../src/ui/start/PromptEditor.svelte';
import { newDraft } from '../fixture-start.ts';

const startingPrompts = [
  { id: 'plain', name: 'Plain', text: 'You are a helpful assistant.' },
  { id: 'hand', name: 'Hand-written', text: 'You are careful.\n- Answer first.\n- Be brief.' },
];

test('a lock holds its line and can be taken off again', async () => {
  const draft = newDraft();
  draft.setPromptText('You are careful.\n- Answer first.\n- Be brief.');
  const screen = await render(PromptEditor, { draft, startingPrompts });
  const locked = () => [draft.prompt.openingLocked, ...draft.prompt.bullets.map((b) => b.locked)];
  const lock = screen.getByRole('button', { name: 'Lock instruction 2' });
  await lock.click();
  await screen.getByRole('button', { name: 'Lock the opening' }).click();
  expect(locked()).toEqual([true, false, true]);
  await expect.element(lock).toHaveAttribute('aria-pressed', 'true');
  await lock.click();
  expect(locked()).toEqual([true, false, false]);
});

test('an offered prompt replaces the text, and an edited one is one’s own', async () => {
  const draft = newDraft();
  const screen = await render(PromptEditor, { draft, startingPrompts });
  await screen.getByLabelText('Begin with').selectOptions('Hand-written');
  expect(promptText(draft.prompt)).toBe(startingPrompts[1]?.text);
  await screen.getByRole('button', { name: 'Edit the text' }).click();
  await screen.getByLabelText('The prompt as the model reads it').fill('Mine.');
  await screen.getByRole('button', { name: 'Done' }).click();
  expect(promptText(draft.prompt)).toBe('Mine.');
  await expect.element(screen.getByLabelText('Begin with')).toHaveDisplayValue('Your own');
});

test('a refused text says why and stays as it was typed', async () => {
  const draft = newDraft();
  vi.spyOn(draft, 'setPromptText').mockImplementation(() => {
    throw new DrpoError('settings-invalid', 'This prompt is too long. Shorten it.');
  });
  const screen = await render(PromptEditor, { draft, startingPrompts });
  await screen.getByRole('button', { name: 'Edit the text' }).click();
  const box = screen.getByLabelText('The prompt as the model reads it');
  await box.fill('Very long');
  await userEvent.tab();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('Shorten it.');
  await expect.element(box).toHaveValue('Very long');
  expect(promptText(draft.prompt)).toBe('You are a helpful assistant.');
});
