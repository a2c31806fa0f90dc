import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { machineFacts, machineRemarks } from '../../../src/ui/models/machine-facts.ts';
import ModelsPlace from '../../../src/ui/models/ModelsPlace.svelte';
import { listRow, machine, modelsHere } from '../fixture-models.ts';

const room = { usedMb: 240, quotaMb: 10_240, persisted: false };

/** The facts as the card shows them, poor ones marked. */
const factsOf = (over: Parameters<typeof machine>[0]) =>
  Object.fromEntries(
    machineFacts(machine(over), room).map(({ label, value, poor }) => [
      label,
      poor ? `! ${value}` : value,
    ]),
  );

test('a good machine is told in figures, each with its unit', () => {
  expect(factsOf({})).toEqual({
    Graphics: 'apple metal-3',
    '16-bit maths': 'Yes',
    Subgroups: 'Yes',
    'Largest buffer': '4 GB',
    'Largest table': '2 GB',
    'Wait for graphics': '0.2 ms',
    Memory: '8 GB or more',
    'Room in this browser': '9.8 GB free',
    Processor: '8 threads',
  });
  expect(machineRemarks(machine())).toEqual([]);
});

test.each([
  [null, 'Not told'],
  [4, 'About 4 GB'],
  [8, '8 GB or more'],
  [16, 'About 16 GB'],
])('a browser that tells %s GB of memory', (deviceMemoryGb, Memory) => {
  expect(factsOf({ deviceMemoryGb })).toMatchObject({ Memory });
});

test('without WebGPU nothing of the graphics processor is claimed', () => {
  const facts = factsOf({
    webgpu: false,
    deviceMemoryGb: null,
    crossOriginIsolated: false,
    threads: 4,
  });
  expect(facts).toEqual({
    Graphics: '! None for web pages',
    Memory: 'Not told',
    'Room in this browser': '9.8 GB free',
    Processor: '1 of 4 threads',
  });
});

test('a software adapter is named as one, with what helps', () => {
  const software = { fallback: true, shaderF16: false, adapterName: 'google swiftshader' };
  expect(factsOf(software)).toMatchObject({
    Graphics: '! google swiftshader, in software',
    '16-bit maths': '! No',
  });
  expect(machineRemarks(machine(software))[0]).toContain('Switch on hardware acceleration');
});

test('a browser that waits 103 ms for the graphics is told what that means', () => {
  expect(factsOf({ syncMs: 103 })).toMatchObject({ 'Wait for graphics': '! 103 ms' });
  expect(machineRemarks(machine({ syncMs: 103 }))[0]).toMatch(/103 ms.*about 10 tokens a second/);
  expect(factsOf({ syncMs: null })).toMatchObject({ 'Wait for graphics': 'Not measured' });
});

test('the recommended model is downloaded by one press, or used at once', async () => {
  const row = listRow({ name: 'Qwen2.5-1.5B-Instruct', sizeMb: 840, memoryMb: 1554 });
  const models = modelsHere({
    rows: [row],
    recommended: row,
    recommendedWhy: 'The best judge that runs well here.',
  });
  const onuse = vi.fn();
  const screen = await render(ModelsPlace, { models, onuse });
  const card = screen.getByRole('region', { name: 'This machine' });
  await expect.element(card.getByRole('heading', { name: row.name })).toBeVisible();
  await expect.element(card.getByText('The best judge that runs well here.')).toBeVisible();
  await expect
    .element(card.getByText('840 MB download · needs 1.5 GB of memory · Apache-2.0'))
    .toBeVisible();
  await card.getByRole('button', { name: 'Download' }).click();
  expect(models.download).toHaveBeenCalledExactlyOnceWith(row.model);
  await card.getByRole('button', { name: 'Use for a run' }).click();
  expect(onuse.mock.calls).toEqual([[row.model, 'base']]);
});

test('a recommended model that is here is used, not downloaded again', async () => {
  const row = listRow({ name: 'Small', here: true });
  const models = modelsHere({ rows: [row], recommended: row });
  const screen = await render(ModelsPlace, { models, onuse: vi.fn() });
  const card = screen.getByRole('region', { name: 'This machine' });
  await expect.element(card.getByRole('button', { name: 'Use for a run' })).toBeVisible();
  await expect.element(card.getByRole('button', { name: 'Download' })).not.toBeInTheDocument();
});

test('where nothing suits, it says so and leads to adding one', async () => {
  const models = modelsHere({ device: machine({ webgpu: false }) });
  const screen = await render(ModelsPlace, { models, onuse: vi.fn() });
  const card = screen.getByRole('region', { name: 'This machine' });
  await expect.element(card.getByText('Nothing on the list suits this machine.')).toBeVisible();
  await card.getByRole('button', { name: 'Add a model of your own' }).click();
  await expect
    .element(screen.getByRole('heading', { name: 'Add a model of your own' }))
    .toHaveFocus();
});

test('what the recommendation says already is not said twice', async () => {
  const slow = machine({ syncMs: 103 });
  const said = machineRemarks(slow)[0] ?? '';
  const models = modelsHere({ device: slow, recommendedWhy: `Take this one. ${said}` });
  const screen = await render(ModelsPlace, { models, onuse: vi.fn() });
  expect(screen.getByText(said, { exact: false }).elements()).toHaveLength(1);
});
