import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { DrpoError } from '../../../src/core/errors.ts';
import Notice from '../../../src/ui/parts/Notice.svelte';

test('a problem a person can act on is its sentence and its code', async () => {
  const error = new DrpoError('storage-full', 'The disk is full. Delete a run.', 'QuotaExceeded');
  const screen = await render(Notice, { error });
  await expect
    .element(screen.getByRole('alert'))
    .toHaveTextContent('The disk is full. Delete a run.');
  await expect.element(screen.getByText('storage-full')).toBeVisible();
  await expect.element(screen.getByText('QuotaExceeded')).not.toBeInTheDocument();
});

test('a bug is not shown in its own words, but copied in them', async () => {
  const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
  const screen = await render(Notice, { error: new TypeError('x is not a function') });
  await expect.element(screen.getByRole('alert')).toHaveTextContent('your runs are kept');
  await expect.element(screen.getByText('x is not a function')).not.toBeInTheDocument();
  await screen.getByRole('button', { name: 'Copy details' }).click();
  expect(write.mock.calls[0]?.[0]).toContain('x is not a function');
  await expect.element(screen.getByRole('button', { name: 'Copied' })).toBeVisible();
});
