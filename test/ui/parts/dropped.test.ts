import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { readDrop } from '../../../src/ui/parts/dropped.ts';
import FileDrop from '../../../src/ui/parts/FileDrop.svelte';
import { dropFiles, dropFolder, fileEntry, folderEntry } from '../dropped.ts';

const named = (files: readonly File[]) => files.map((file) => file.name);
const file = (name: string) => new File(['x'], name);

/** What a drop of these entries looks like to a page. */
const transferOf = (entries: readonly object[], files: readonly File[]) =>
  ({ items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })), files }) as never;

test('one dropped file is a file', async () => {
  const one = file('a.gguf');
  expect(await readDrop(transferOf([fileEntry(one)], [one]))).toEqual({ type: 'file', file: one });
});

test('a folder is read to the end, folders in it too', async () => {
  const inner = folderEntry(['b', 'c'].map((name) => fileEntry(file(name))));
  const outer = folderEntry([fileEntry(file('a')), inner, fileEntry(file('d'))]);
  const dropped = await readDrop(transferOf([outer], []));
  expect(dropped?.type === 'folder' && named(dropped.files)).toEqual(['a', 'b', 'c', 'd']);
});

test('several files at once are a folder’s', async () => {
  const files = ['mlc-chat-config.json', 'tokenizer.json'].map(file);
  const dropped = await readDrop(transferOf(files.map(fileEntry), files));
  expect(dropped?.type === 'folder' && named(dropped.files)).toEqual(named(files));
});

test('a drop of text is none', async () => {
  expect(await readDrop(transferOf([], []))).toBeNull();
});

test('a zone that takes folders tells them from files; a disabled one takes neither', async () => {
  const onfile = vi.fn();
  const onfolder = vi.fn();
  const props = { prompt: 'Drop a model', accept: '.gguf', onfile, onfolder };
  const screen = await render(FileDrop, props);
  const zone = screen.getByText('Drop a model').element();
  dropFiles(zone, [file('a.gguf')]);
  dropFolder(zone, { 'tokenizer.json': '{}' });
  await expect.poll(() => onfolder.mock.calls.length).toBe(1);
  expect(onfile).toHaveBeenCalledTimes(1);
  await screen.rerender({ disabled: true });
  dropFolder(zone, { 'tokenizer.json': '{}' });
  await expect.element(screen.getByRole('button', { name: 'a folder' })).toBeDisabled();
  expect(onfolder).toHaveBeenCalledTimes(1);
});
