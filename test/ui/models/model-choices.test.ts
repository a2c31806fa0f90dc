import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { ModelRow } from '../../../src/app/model-rows.ts';
import { DrpoError } from '../../../src/core/errors.ts';
import { filterRows, modelGroups } from '../../../src/ui/models/model-filter.ts';
import type { ModelsHere } from '../../../src/ui/models/models-here.ts';
import ModelsPlace from '../../../src/ui/models/ModelsPlace.svelte';
import { listRow, modelsHere, stored } from '../fixture-models.ts';

const small = listRow({ name: 'Small-Instruct' });
const base = listRow({ name: 'Small-Base', kind: 'base', licence: 'MIT' });
const large = listRow({ name: 'Large', whyNot: 'Needs 7 GB; this machine offers 4 GB.' });
const here = listRow({ name: 'Kept-Instruct', here: true });
const partly = listRow({ name: 'Half-Instruct', partly: 0.384 });
const server: ModelRow = listRow({
  name: 'qwen-7b',
  model: {
    type: 'endpoint',
    url: 'http://localhost:8080/v1',
    model: 'qwen-7b',
    api: 'chat',
    contextSize: 8192,
    concurrency: 4,
  },
  kind: 'unknown',
  engine: 'endpoint',
  precision: null,
  sizeMb: null,
  memoryMb: null,
  licence: null,
});
const file: ModelRow = listRow({
  name: 'tiny.gguf',
  model: { type: 'gguf-file', name: 'tiny.gguf', sha256: 'ab', sizeMb: 80, kept: false },
  engine: 'gguf',
  here: true,
});

async function show(rows: readonly ModelRow[], over: Partial<ModelsHere> = {}) {
  const models = modelsHere({ rows, ...over });
  const onuse = vi.fn();
  const screen = await render(ModelsPlace, { models, onuse });
  const item = (name: string) => screen.getByRole('article', { name });
  return { screen, models, onuse, item };
}

test.each([
  ['in this browser, whole or in part', { scope: 'here' }, ['Kept-Instruct', 'Half-Instruct']],
  ['that fit', { scope: 'fits', kind: 'base' }, ['Small-Base']],
  ['by licence', { text: 'mit', scope: 'all' }, ['Small-Base']],
  ['by words in any order', { text: 'INSTRUCT small', scope: 'all' }, ['Small-Instruct']],
] as const)('models are found %s', (_, filter, names) => {
  const found = filterRows([small, base, large, here, partly], {
    ...{ text: '', kind: 'any', scope: 'all' },
    ...filter,
  });
  expect(found.map((row) => row.name)).toEqual(names);
});

test('what is ready comes first, then what is here in part, and what does not run last', () => {
  const groups = modelGroups([large, small, base, partly, here, server]);
  expect(groups.map((group) => [group.id, group.rows.map((row) => row.name)])).toEqual([
    ['here', ['Kept-Instruct', 'qwen-7b']],
    ['instruct', ['Half-Instruct', 'Small-Instruct', 'Large']],
    ['base', ['Small-Base']],
  ]);
});

test('models that do not fit are left out until all are asked for, and then say why', async () => {
  const { screen, item } = await show([small, large]);
  await expect.element(item('Small-Instruct')).toBeVisible();
  await expect.element(item('Large')).not.toBeInTheDocument();
  await screen.getByRole('radio', { name: 'All 2' }).click();
  await expect
    .element(item('Large').getByText('Needs 7 GB; this machine offers 4 GB.'))
    .toBeVisible();
  await expect.element(item('Large').getByRole('button')).not.toBeInTheDocument();
});

test('a model that only its other build can be run as offers that build', async () => {
  const sibling = { type: 'web-llm', id: 'Half-q4f32_1-MLC' } as const;
  const { screen, item, onuse } = await show([
    listRow({ name: 'Half', whyNot: 'Needs 16-bit maths.', sibling }),
  ]);
  await screen.getByRole('radio', { name: /^All/ }).click();
  await item('Half').getByRole('button', { name: 'Use the 32-bit build of Half' }).click();
  expect(onuse.mock.calls).toEqual([[sibling, 'base']]);
});

test('a search without a result says how to come by such a model, and goes back', async () => {
  const { screen, item } = await show([small]);
  const search = screen.getByRole('searchbox', { name: 'Find a model by name or licence' });
  await search.fill('mamba');
  await expect.element(screen.getByText('No model on the list is like “mamba”.')).toBeVisible();
  await screen.getByRole('button', { name: 'Show all 1' }).click();
  await expect.element(item('Small-Instruct')).toBeVisible();
  await expect.element(search).toHaveValue('');
});

test('a search that the filters hide says so and shows it', async () => {
  const { screen, item } = await show([small, base, large]);
  await screen.getByRole('searchbox').fill('large');
  await expect
    .element(screen.getByText('Nothing like “large” with these filters; without them, 1 model.'))
    .toBeVisible();
  await screen.getByRole('button', { name: 'Show 1' }).click();
  await expect.element(item('Large')).toBeVisible();
});

test('an empty browser says what keeping a model is good for', async () => {
  const { screen } = await show([small]);
  await screen.getByRole('radio', { name: 'In this browser 0' }).click();
  await expect.element(screen.getByText('works with no connection')).toBeVisible();
});

test('where none of the list fits, the list says so and what would do', async () => {
  const { screen } = await show([large]);
  await expect.element(screen.getByText('Nothing on the list runs on this machine')).toBeVisible();
});

test('a long group shows its first models and, on a press, the rest', async () => {
  const many = Array.from({ length: 9 }, (_, i) => listRow({ name: `Model-${String(i)}` }));
  const { screen, item } = await show(many);
  await expect.element(item('Model-5')).toBeVisible();
  await expect.element(item('Model-6')).not.toBeInTheDocument();
  await screen.getByRole('button', { name: /^Show all 9/ }).click();
  await expect
    .element(item('Model-6').getByRole('button', { name: 'Download Model-6' }))
    .toHaveFocus();
});

test('a row tells size, memory, what runs it and licence', async () => {
  const { item } = await show([small]);
  for (const fact of ['400 MB', '600 MB', 'Graphics, 16-bit', 'Apache-2.0']) {
    await expect.element(item('Small-Instruct').getByText(fact)).toBeVisible();
  }
});

test('a model is downloaded, or used in any of the three roles', async () => {
  const { screen, models, onuse, item } = await show([small]);
  await item('Small-Instruct').getByRole('button', { name: 'Download Small-Instruct' }).click();
  expect(models.download).toHaveBeenCalledExactlyOnceWith(small.model);
  for (const use of ['Use for a run', 'Use as judge', 'Use as optimizer']) {
    await screen.getByRole('button', { name: 'More about Small-Instruct' }).click();
    await screen.getByRole('button', { name: use, exact: true }).click();
  }
  expect(onuse.mock.calls).toEqual([
    [small.model, 'base'],
    [small.model, 'evaluator'],
    [small.model, 'optimizer'],
  ]);
});

test('a download that broke off goes on from what is here', async () => {
  const { models, item } = await show([partly]);
  await expect.element(item('Half-Instruct').getByText('38 % is here')).toBeVisible();
  await item('Half-Instruct')
    .getByRole('button', { name: 'Go on downloading Half-Instruct' })
    .click();
  expect(models.download).toHaveBeenCalledExactlyOnceWith(partly.model);
});

test('a model that is here is tried, and says its speed and what is wrong with it', async () => {
  const tried = {
    prefillPerSecond: 812.4,
    decodePerSecond: 41.3,
    problem: 'It repeats one word over and over.',
  };
  const { screen, models, item } = await show([here], {
    tried: { 'web-llm:Kept-Instruct-q4f16_1-MLC': tried },
  });
  await expect
    .element(item('Kept-Instruct'))
    .toHaveTextContent('Measured here: reads 812 and writes 41 tokens');
  await expect.element(item('Kept-Instruct').getByText(tried.problem)).toBeVisible();
  await screen.getByRole('button', { name: 'More about Kept-Instruct' }).click();
  await screen.getByRole('button', { name: 'Try it' }).click();
  expect(models.tryOut).toHaveBeenCalledExactlyOnceWith(here.model);
});

test('what is stored of a listed model is deleted from its row, after a question', async () => {
  const kept = stored({
    key: 'mlc:https://huggingface.co/mlc-ai/Kept-Instruct-q4f16_1-MLC/resolve/main/',
    name: 'Kept-Instruct-q4f16_1-MLC',
  });
  const { screen, models } = await show([here], { stored: [kept] });
  await screen.getByRole('button', { name: 'More about Kept-Instruct' }).click();
  await screen.getByRole('button', { name: 'Delete', exact: true }).click();
  const dialog = screen.getByRole('dialog', { name: /^Delete “Kept-Instruct-q4f16_1-MLC”/ });
  expect(models.removeStored).not.toHaveBeenCalled();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  expect(models.removeStored).toHaveBeenCalledExactlyOnceWith(kept.key);
});

test('a file chosen in this tab can be kept, or taken off the list', async () => {
  const { screen, models, item } = await show([file]);
  await expect.element(item('tiny.gguf').getByText('Chosen in this tab, not kept')).toBeVisible();
  await screen.getByRole('button', { name: 'More about tiny.gguf' }).click();
  await screen.getByRole('button', { name: 'Keep in this browser' }).click();
  expect(models.keepFile).toHaveBeenCalledExactlyOnceWith('ab');
  await screen.getByRole('button', { name: 'More about tiny.gguf' }).click();
  await screen.getByRole('button', { name: 'Take off the list' }).click();
  expect(models.forget).toHaveBeenCalledExactlyOnceWith(file.model);
});

test('a listed model cannot be taken off the list, a server can', async () => {
  const { screen } = await show([small, server]);
  await screen.getByRole('button', { name: 'More about Small-Instruct' }).click();
  await expect
    .element(screen.getByRole('button', { name: 'Take off the list' }))
    .not.toBeInTheDocument();
  await screen.getByRole('button', { name: 'More about qwen-7b' }).click();
  await expect.element(screen.getByRole('button', { name: 'Take off the list' })).toBeVisible();
});

test('what a row asked for and did not get is told in the row', async () => {
  const error = new DrpoError('storage-full', 'There is no room for 80 MB. Delete a model first.');
  const { screen, item } = await show([file], { keepFile: () => Promise.reject(error) });
  await screen.getByRole('button', { name: 'More about tiny.gguf' }).click();
  await screen.getByRole('button', { name: 'Keep in this browser' }).click();
  await expect.element(item('tiny.gguf').getByText(error.message)).toBeVisible();
});

test('what comes with the app is ready to use, can be tried, and has nothing to delete', async () => {
  const pocket = listRow({
    name: 'Pocket',
    own: false,
    model: { type: 'built-in', id: 'pocket' },
    kind: 'unknown',
    engine: 'gguf',
    precision: null,
    here: true,
  });
  const { item, onuse, models } = await show([pocket]);
  await expect.element(item('Pocket').getByText('Comes with the app')).toBeVisible();
  await item('Pocket').getByRole('button', { name: 'Use for a run' }).click();
  expect(onuse.mock.calls).toEqual([[pocket.model, 'base']]);
  await item('Pocket').getByRole('button', { name: 'More about Pocket' }).click();
  expect(
    item('Pocket')
      .getByRole('button', { name: /Delete|Take off/ })
      .elements(),
  ).toEqual([]);
  await item('Pocket').getByRole('button', { name: 'Try it' }).click();
  expect(models.tryOut).toHaveBeenCalledWith(pocket.model);
});
