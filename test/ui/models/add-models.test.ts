import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { CustomWeights, EndpointFacts } from '../../../src/app/model-rows.ts';
import type { EndpointModel, MlcWeights } from '../../../src/core/run-record.ts';
import { DrpoError } from '../../../src/core/errors.ts';
import type { ModelsHere } from '../../../src/ui/models/models-here.ts';
import ModelsPlace from '../../../src/ui/models/ModelsPlace.svelte';
import { dropFolder } from '../dropped.ts';
import { modelsHere } from '../fixture-models.ts';

const found: CustomWeights = {
  name: 'SmolLM2-360M-q4f16_1',
  libraryUrl: null,
  url: 'https://huggingface.co/someone/x/resolve/main/',
  libraries: ['SmolLM2-360M-Instruct-q4f16_1-MLC', 'SmolLM2-360M-Instruct-q4f32_1-MLC'],
  whyNot: null,
  beginning: '<|endoftext|>',
  form: 'text',
  sizeMb: 196,
};
const facts: EndpointFacts = {
  url: 'http://localhost:8080/v1',
  models: ['qwen-7b', 'llama-8b'],
  contextSize: 8192,
  logprobs: true,
  server: 'llama.cpp',
};

async function show(over: Partial<ModelsHere> = {}) {
  const models = modelsHere(over);
  const onuse = vi.fn();
  return { models, onuse, screen: await render(ModelsPlace, { models, onuse }) };
}

async function open(way: RegExp, over: Partial<ModelsHere> = {}) {
  const shown = await show(over);
  await shown.screen.getByRole('button', { name: way }).click();
  return { ...shown, dialog: shown.screen.getByRole('dialog') };
}

test('a file that was read is on the list and can be used at once', async () => {
  const model = {
    type: 'gguf-file',
    name: 'tiny.gguf',
    sha256: 'ab',
    sizeMb: 80,
    kept: false,
  } as const;
  const { screen, onuse } = await show({ addFile: () => Promise.resolve(model) });
  const input = screen.getByLabelText('Drop a GGUF file or a folder of MLC weights', {
    exact: true,
  });
  await userEvent.upload(input, new File(['x'], 'tiny.gguf'));
  await expect.element(screen.getByText('tiny.gguf is on the list.')).toBeVisible();
  await screen.getByRole('button', { name: 'Use it for a run' }).click();
  expect(onuse.mock.calls).toEqual([[model, 'base']]);
});

test('a file that is no model is refused in its sentence', async () => {
  const error = new DrpoError('model-invalid', '“a.zip” is not a GGUF file. Choose another.');
  const { screen } = await show({ addFile: () => Promise.reject(error) });
  const input = screen.getByLabelText('Drop a GGUF file or a folder of MLC weights', {
    exact: true,
  });
  await userEvent.upload(input, new File(['x'], 'a.zip'));
  await expect.element(screen.getByText(error.message)).toBeVisible();
});

test('a dropped folder is read whole and asks for its library next', async () => {
  const addFolder = vi.fn((_: readonly File[]) => Promise.resolve(found));
  const { screen } = await show({ addFolder });
  dropFolder(screen.getByText('Drop a GGUF file or a folder of MLC weights').element(), {
    'mlc-chat-config.json': '{}',
    'params_shard_0.bin': 'x',
  });
  const dialog = screen.getByRole('dialog', { name: 'Base weights on a listed library' });
  await expect.element(dialog.getByRole('heading', { name: found.name })).toBeVisible();
  expect(addFolder.mock.calls[0]?.[0].map((file) => file.name)).toEqual([
    'mlc-chat-config.json',
    'params_shard_0.bin',
  ]);
  await expect.element(dialog.getByRole('button', { name: 'Back' })).not.toBeInTheDocument();
});

test('an address that will not do is told in its sentence, and stays to be mended', async () => {
  const error = new DrpoError('host-blocked', '“model” is not a web address.');
  const { dialog } = await open(/^From a web address/, { addUrl: () => Promise.reject(error) });
  const field = dialog.getByLabelText('Web address of a GGUF file');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await expect.element(dialog.getByRole('alert')).toHaveTextContent('Type or paste the address');
  await field.fill('model');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await expect.element(dialog.getByText(error.message)).toBeVisible();
  await expect.element(field).toHaveValue('model');
});

test('an address that will do is added, and its model can be used', async () => {
  const model = { type: 'gguf-url', url: 'https://example.org/tiny.gguf' } as const;
  const addUrl = vi.fn(() => Promise.resolve(model));
  const { screen, dialog } = await open(/^From a web address/, { addUrl });
  await dialog.getByLabelText('Web address of a GGUF file').fill(` ${model.url} `);
  await dialog.getByRole('button', { name: 'Add' }).click();
  await expect.element(dialog).not.toBeInTheDocument();
  expect(addUrl.mock.calls).toEqual([[model.url]]);
  await expect.element(screen.getByText('tiny.gguf is on the list.')).toBeVisible();
});

test('weights are checked first; then library, form and beginning are the person’s', async () => {
  const inspectWeights = vi.fn(() => Promise.resolve(found));
  const addWeights = vi.fn((weights: MlcWeights) => Promise.resolve(weights));
  const { dialog } = await open(/^Base weights/, { inspectWeights, addWeights });
  await dialog.getByLabelText('Web address of the weights').fill('https://example.org/x');
  await dialog.getByRole('button', { name: 'Check' }).click();
  await expect.element(dialog.getByRole('heading', { name: found.name })).toHaveFocus();
  await expect.element(dialog.getByText('196 MB in all')).toBeVisible();
  const beginning = dialog.getByLabelText('Text that begins every prompt');
  await expect.element(beginning).toHaveValue('<|endoftext|>');
  await dialog
    .getByLabelText('Runs on the library of')
    .selectOptions('SmolLM2-360M-Instruct-q4f32_1');
  await beginning.fill('<s>');
  await dialog.getByRole('radio', { name: 'Chat: answers turns' }).click();
  await dialog.getByRole('button', { name: 'Add' }).click();
  expect(addWeights.mock.calls).toEqual([
    [
      {
        type: 'mlc',
        name: found.name,
        url: found.url,
        library: 'SmolLM2-360M-Instruct-q4f32_1-MLC',
        beginning: '<s>',
        form: 'chat',
      },
    ],
  ]);
});

test('weights that no library runs say why, and cannot be added', async () => {
  const whyNot = 'These weights are of architecture mamba2, and no listed model has such a shape.';
  const inspectWeights = () => Promise.resolve({ ...found, libraries: [], whyNot });
  const { dialog } = await open(/^Base weights/, { inspectWeights });
  await dialog.getByLabelText('Web address of the weights').fill('https://example.org/x');
  await dialog.getByRole('button', { name: 'Check' }).click();
  await expect.element(dialog.getByText(whyNot)).toBeVisible();
  await expect.element(dialog.getByRole('button', { name: 'Add' })).not.toBeInTheDocument();
  await dialog.getByRole('button', { name: 'Back' }).click();
  await expect
    .element(dialog.getByLabelText('Web address of the weights'))
    .toHaveValue('https://example.org/x');
});

test('a server is looked at, and added as the person says, its key not kept', async () => {
  const lookAtServer = vi.fn(() => Promise.resolve(facts));
  const addServer = vi.fn((model: EndpointModel) => Promise.resolve(model));
  const { dialog } = await open(/^A server/, { lookAtServer, addServer });
  await dialog.getByLabelText('Address').fill('http://localhost:8080/v1');
  await dialog.getByLabelText('Key if the server wants one').fill('sk-1');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  expect(lookAtServer.mock.calls).toEqual([['http://localhost:8080/v1', 'sk-1']]);
  await expect.element(dialog.getByText('so ratings are exact')).toBeVisible();
  await expect.element(dialog.getByLabelText('Context')).toHaveValue('8192');
  await dialog.getByLabelText('Model').selectOptions('llama-8b');
  await dialog.getByRole('radio', { name: 'Completions' }).click();
  await dialog.getByLabelText('Requests at once').fill('16');
  await dialog.getByRole('button', { name: 'Add' }).click();
  expect(addServer.mock.calls).toEqual([
    [
      {
        type: 'endpoint',
        url: 'http://localhost:8080/v1',
        model: 'llama-8b',
        api: 'completions',
        contextSize: 8192,
        concurrency: 16,
      },
      'sk-1',
      false,
    ],
  ]);
});

test('a key is kept only where the person switches that on', async () => {
  const addServer = vi.fn((model: EndpointModel, _key: string, _keep: boolean) =>
    Promise.resolve(model),
  );
  const { dialog } = await open(/^A server/, {
    lookAtServer: () => Promise.resolve(facts),
    addServer,
  });
  await dialog.getByLabelText('Address').fill('http://localhost:8080/v1');
  const keep = dialog.getByRole('switch', { name: 'Keep the key in this browser' });
  await expect.element(keep).not.toBeChecked();
  await keep.click();
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.getByRole('button', { name: 'Add' }).click();
  expect(addServer.mock.calls.map(([, , kept]) => kept)).toEqual([true]);
});

test('a server that refuses says why; what was typed stays', async () => {
  const error = new DrpoError('endpoint-refused', 'The server does not let this page ask it.');
  const { dialog } = await open(/^A server/, { lookAtServer: () => Promise.reject(error) });
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect.element(dialog.getByRole('alert')).toHaveTextContent('Type the server’s address');
  await dialog.getByLabelText('Address').fill('http://localhost:8080');
  await dialog.getByLabelText('Key if the server wants one').fill('sk-1');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect.element(dialog.getByText(error.message)).toBeVisible();
  await expect.element(dialog.getByLabelText('Address')).toHaveValue('http://localhost:8080');
  await expect.element(dialog.getByLabelText('Key if the server wants one')).toHaveValue('sk-1');
});

test('a server that lists no model is told its model by hand', async () => {
  const addServer = vi.fn((model: EndpointModel) => Promise.resolve(model));
  const bare = { url: facts.url, models: [], contextSize: null, logprobs: null, server: null };
  const { dialog } = await open(/^A server/, {
    lookAtServer: () => Promise.resolve(bare),
    addServer,
  });
  await dialog.getByLabelText('Address').fill('http://localhost:8080/v1');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect.element(dialog.getByRole('heading', { name: 'localhost:8080' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Add' }).click();
  await expect.element(dialog.getByRole('alert')).toHaveTextContent('Type the name');
  expect(addServer).not.toHaveBeenCalled();
  await dialog.getByLabelText('Model').fill('mine');
  await dialog.getByRole('button', { name: 'Add' }).click();
  expect(addServer.mock.calls[0]?.[0]).toMatchObject({ model: 'mine', contextSize: 4096 });
});

test('a form that had the page loaded again goes on with its address, once', async () => {
  const models = modelsHere({ pending: { form: 'server', address: 'http://localhost:8080/v1' } });
  const screen = await render(ModelsPlace, { models, onuse: vi.fn() });
  const dialog = screen.getByRole('dialog');
  await expect.element(dialog.getByLabelText('Address')).toHaveValue('http://localhost:8080/v1');
  await expect.element(dialog.getByText('The page was loaded again')).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(models.pending).toBeNull();
});
