import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { DrpoError } from '../../src/core/errors.ts';
import App from '../../src/ui/App.svelte';
import { parseRoute, routeHref } from '../../src/ui/route.svelte.ts';
import { fakeSession } from './fixture-run.ts';
import { listRow, modelsHere, transferOf } from './fixture-models.ts';
import { fakeLibrary, fakeModels, newDraft, runRow } from './fixture-start.ts';

beforeEach(() => {
  location.hash = '';
});
afterEach(() => {
  localStorage.clear();
  delete document.documentElement.dataset['theme'];
});

async function show(over: Record<string, unknown> = {}) {
  const draft = newDraft();
  draft.models = { ...draft.models, base: { type: 'web-llm', id: 'Small' } };
  const props = {
    draft,
    models: fakeModels(),
    library: fakeLibrary([runRow()]),
    session: fakeSession({ head: null, status: 'empty' }),
    startingPrompts: [],
    onstart: vi.fn(() => Promise.resolve()),
    onopen: vi.fn(() => Promise.resolve()),
    ...over,
  };
  return { screen: await render(App, props), ...props };
}

test.each([
  { place: 'start' },
  { place: 'runs' },
  { place: 'models' },
  { place: 'learn', step: null },
  { place: 'learn', step: 4 },
  { place: 'run', id: 'r 1/ä' },
  { place: 'result', id: 'x' },
] as const)('an address of %o leads back there', (route) => {
  expect(parseRoute(routeHref(route))).toEqual(route);
});

test('class mode begins at the first step', () => {
  expect(parseRoute('#/learn?class')).toEqual({ place: 'learn', step: 1 });
});

test.each(['', '#', '#/nowhere', '#/run', '#/run/'])('“%s” leads to Start', (hash) => {
  expect(parseRoute(hash)).toEqual({ place: 'start' });
});

test('Run and Result lead nowhere until there is a run', async () => {
  const { screen } = await show();
  const nav = screen.getByRole('navigation', { name: 'Places' });
  await expect.element(nav.getByRole('link', { name: 'Run', exact: true })).toBeDisabled();
  await expect.element(nav.getByRole('link', { name: 'Start' })).toHaveAttribute('aria-current');
});

test('a link moves to its place, names it in the title and moves the focus there', async () => {
  const { screen } = await show();
  await screen.getByRole('link', { name: 'Runs' }).click();
  await expect.element(screen.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();
  await expect.element(screen.getByRole('main')).toHaveFocus();
  expect(document.title).toBe('Runs · DRPO Web');
});

test('a model taken in Models is the run’s, and Start goes on with it', async () => {
  location.hash = '#/models';
  const row = listRow({ name: 'Judge-7B', here: true });
  const { screen, draft } = await show({ models: fakeModels({ ...modelsHere({ rows: [row] }) }) });
  await screen.getByRole('button', { name: 'More about Judge-7B' }).click();
  await screen.getByRole('button', { name: 'Use as judge' }).click();
  await expect.element(screen.getByText('Judges the answers: Judge-7B')).toBeVisible();
  expect(parseRoute(location.hash)).toEqual({ place: 'start' });
  expect(draft.models).toEqual({
    base: { type: 'web-llm', id: 'Small' },
    evaluator: row.model,
    optimizer: null,
  });
});

test('a model on its way is marked wherever one is', async () => {
  const row = listRow({ name: 'Judge-7B' });
  const { screen } = await show({ models: fakeModels({ transfer: transferOf(row) }) });
  await expect.element(screen.getByRole('link', { name: /^Models\s?, under way/ })).toBeVisible();
});

test('a start that fails says why and stays on Start', async () => {
  const { screen } = await show({
    onstart: () =>
      Promise.reject(new DrpoError('out-of-memory', 'Too large. Choose a smaller one.')),
  });
  await screen.getByRole('button', { name: 'Start' }).click();
  await expect.element(screen.getByText('Too large. Choose a smaller one.')).toBeVisible();
  expect(parseRoute(location.hash)).toEqual({ place: 'start' });
});

test('an address of a run loads it', async () => {
  location.hash = '#/run/r7';
  const { onopen } = await show();
  expect(onopen.mock.calls).toEqual([['r7']]);
});

test('an address of a run that is gone says so', async () => {
  location.hash = '#/result/gone';
  const { screen } = await show({
    onopen: () => Promise.reject(new DrpoError('run-missing', 'This run is not in this browser.')),
  });
  await expect.element(screen.getByText('This run is not in this browser.')).toBeVisible();
  await expect.element(screen.getByText('Open another run from Runs')).toBeVisible();
});

test('a theme is kept, and the system’s forgets it', async () => {
  const { screen } = await show();
  await screen.getByRole('radio', { name: 'Dark' }).click();
  expect(document.documentElement.dataset['theme']).toBe('dark');
  expect(localStorage.getItem('drpo-theme')).toBe('dark');
  await screen.getByRole('radio', { name: 'As the system' }).click();
  expect(document.documentElement.dataset['theme']).toBeUndefined();
  expect(localStorage.getItem('drpo-theme')).toBeNull();
});
