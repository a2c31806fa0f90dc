import { createRawSnippet } from 'svelte';
import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { minutesText, signed, sizeText } from '../../../src/ui/parts/format.ts';
import Choice from '../../../src/ui/parts/Choice.svelte';
import Dialog from '../../../src/ui/parts/Dialog.svelte';
import FileDrop from '../../../src/ui/parts/FileDrop.svelte';
import Term from '../../../src/ui/parts/Term.svelte';

const text = (html: string) => createRawSnippet(() => ({ render: () => html }));

test('a term tells its definition on focus and takes it back on Escape', async () => {
  const screen = await render(Term, { word: 'GGUF', definition: 'A file format.' });
  const definition = screen.getByText('A file format.');
  await expect.element(definition).not.toBeVisible();
  await userEvent.tab();
  await expect.element(definition).toBeVisible();
  await userEvent.keyboard('{Escape}');
  await expect.element(definition).not.toBeVisible();
});

test('a dropped file is handed on; a disabled zone hands nothing on', async () => {
  const onfile = vi.fn();
  const screen = await render(FileDrop, { prompt: 'Drop a file', accept: '.txt', onfile });
  const drop = () => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['x'], 'a.txt'));
    const event = new DragEvent('drop', { dataTransfer, cancelable: true, bubbles: true });
    screen.getByText('Drop a file').element().dispatchEvent(event);
    return event;
  };
  expect(drop().defaultPrevented).toBe(true);
  expect(onfile.mock.calls.map(([file]: File[]) => file?.name)).toEqual(['a.txt']);
  await screen.rerender({ disabled: true });
  drop();
  expect(onfile).toHaveBeenCalledTimes(1);
});

test('a dialog takes the focus, closes on Escape and gives the focus back', async () => {
  const before = document.body.appendChild(document.createElement('button'));
  before.focus();
  const onclose = vi.fn();
  const screen = await render(Dialog, {
    title: 'Sure?',
    onclose,
    children: text('<p>Think.</p>'),
    actions: text('<button>Yes</button>'),
  });
  await expect.element(screen.getByRole('dialog', { name: 'Sure?' })).toBeVisible();
  expect(document.activeElement).not.toBe(before);
  await userEvent.keyboard('{Escape}');
  expect(onclose).toHaveBeenCalledTimes(1);
  await screen.unmount();
  expect(document.activeElement).toBe(before);
  before.remove();
});

test('a choice says which option was taken', async () => {
  const onchange = vi.fn();
  const options = [
    { value: 'a', text: 'Ours' },
    { value: 'b', text: 'My own' },
  ];
  const screen = await render(Choice, { label: 'Whose', value: 'a', options, onchange });
  await screen.getByRole('radio', { name: 'My own' }).click();
  expect(onchange.mock.calls).toEqual([['b']]);
});

test.each([
  [0.4, 'under a minute'],
  [1, 'about 1 minute'],
  [37.4, 'about 37 minutes'],
  [119.9, 'about 2 hours'],
  [134, 'about 2 hours 10 minutes'],
])('%d minutes are %s', (minutes, words) => {
  expect(minutesText(minutes)).toBe(words);
});

test('sizes and differences read as a person writes them', () => {
  expect([0.5, 640, 1229].map(sizeText)).toEqual(['0.5 MB', '640 MB', '1.2 GB']);
  expect([0.42, -0.2, 0.001].map(signed)).toEqual(['+0.42', '−0.20', '0.00']);
});
