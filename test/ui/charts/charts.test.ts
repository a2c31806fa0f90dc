import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import IntervalChart from '../../../src/ui/charts/IntervalChart.svelte';
import ScoreChart from '../../../src/ui/charts/ScoreChart.svelte';
import SearchTree from '../../../src/ui/charts/SearchTree.svelte';
import { finishedRun } from '../fixture-run.ts';

function bodyRows(table: Element): string[][] {
  return [...table.querySelectorAll('tbody tr')].map((row) =>
    [...row.querySelectorAll('td')].map((cell) => cell.textContent),
  );
}

test('the score table says what the score chart shows, dot for dot', async () => {
  const screen = await render(ScoreChart, { run: finishedRun, slots: 5, onopen: () => {} });
  await screen.getByText('As a table').click();
  const dots = screen
    .getByRole('group', { name: /^Score by level/ })
    .getByRole('button')
    .elements();
  const [start, ...rows] = bodyRows(screen.getByRole('table').element());
  expect(start?.slice(0, 2)).toEqual(['All so far', 'Start']);
  const said = rows.map(([level, candidate, mean, standing]) =>
    [`${String(candidate)}, ${String(level)}: ${String(mean)}`, standing].join(', '),
  );
  expect(said).toEqual(dots.map((dot) => dot.getAttribute('aria-label')));
  expect(said.length).toBeGreaterThan(10);
});

test('a candidate opens from the score chart by keyboard alone', async () => {
  const onopen = vi.fn();
  const screen = await render(ScoreChart, { run: finishedRun, slots: 5, onopen });
  await userEvent.keyboard('{Tab}');
  await expect.element(screen.getByRole('button', { name: /^Start, Start/ })).toHaveFocus();
  await userEvent.keyboard('{ArrowRight}');
  expect(document.activeElement?.getAttribute('aria-label')).toContain('Level 1');
  await userEvent.keyboard('{End}{Enter}');
  expect(onopen).toHaveBeenCalledExactlyOnceWith(finishedRun.selection.at(-1)?.candidate);
});

test('a candidate opens from the tree by keyboard: right to a child, down a lane, left to the parent', async () => {
  const onopen = vi.fn();
  const screen = await render(SearchTree, { run: finishedRun, onopen });
  await userEvent.keyboard('{Tab}');
  await expect.element(screen.getByRole('button', { name: /^Start, level 0/ })).toHaveFocus();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(screen.getByRole('button', { name: /^P1, level 1/ })).toHaveFocus();
  await userEvent.keyboard('{ArrowDown}');
  await expect.element(screen.getByRole('button', { name: /^P2, level 1/ })).toHaveFocus();
  await userEvent.keyboard('{ArrowLeft}{Enter}');
  expect(onopen).toHaveBeenCalledExactlyOnceWith('p0');
});

test('the tree names the selected prompt, the dropped ones and the proposals that were refused', async () => {
  const screen = await render(SearchTree, { run: finishedRun, onopen: () => {} });
  await expect.element(screen.getByRole('button', { name: /^P8, .*selected$/ })).toBeVisible();
  await expect.element(screen.getByRole('button', { name: /^P2, .*dropped$/ })).toBeVisible();
  await expect
    .element(screen.getByRole('button', { name: /^Start, .*2 refused proposals$/ }))
    .toBeVisible();
});

test('the tree table has a row for each candidate, with its parent and its refused proposals', async () => {
  const screen = await render(SearchTree, { run: finishedRun, onopen: () => {} });
  await screen.getByText('As a table').click();
  const rows = bodyRows(screen.getByRole('table').element());
  expect(rows.map(([name, , from, , , refused]) => [name, from, refused])).toEqual([
    ['Start', '–', '2'],
    ['P1', 'Start', '0'],
    ['P2', 'Start', '0'],
    ['P3', 'P1', '0'],
    ['P4', 'P1', '1'],
    ['P5', 'Start', '0'],
    ['P6', 'P3', '0'],
    ['P7', 'P3', '0'],
    ['P8', 'P4', '0'],
  ]);
});

test('the interval table has the numbers that the interval chart draws', async () => {
  const rows = [
    { key: 'start', label: 'vs start', difference: 0.42, low: 0.18, high: 0.66, pairs: 20 },
    { key: 'hand', label: 'vs hand-written', difference: -0.05, low: -0.3, high: 0.2, pairs: 19 },
  ];
  const screen = await render(IntervalChart, { rows });
  await screen.getByText('As a table').click();
  expect(bodyRows(screen.getByRole('table').element())).toEqual([
    ['vs start', '+0.42', '0.18 to 0.66', '20'],
    ['vs hand-written', '−0.05', '−0.30 to 0.20', '19'],
  ]);
});
