import { afterEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { DrpoError } from '../../../src/core/errors.ts';
import { emptyRun } from '../../../src/core/run.ts';
import '../../../src/ui/app.css';
import LearnPlace from '../../../src/ui/learn/LearnPlace.svelte';
import type { Recording } from '../../../src/view/learn/recording.ts';
import { fixtureHead, finishedRun } from '../fixture-run.ts';

const recording: Recording = { record: fixtureHead, run: finishedRun };
const nothing: Recording = {
  record: { ...fixtureHead, data: { train: [], select: [], test: [], examples: [] } },
  run: emptyRun,
};

afterEach(() => {
  location.hash = '';
});

async function show(step: number | null = null, of: Recording = recording) {
  return render(LearnPlace, { step, open: () => Promise.resolve(of) });
}

const titles = [
  'A prompt steers a model',
  'A judge picks what matters',
  'A rating is an expectation',
  'Examples show the way',
  'An edit answers a criticism',
  'Beam search keeps the best few',
  'An honest verdict',
] as const;

test('the page tells all seven steps in order, and leads to class mode', async () => {
  const screen = await show();
  await expect.element(screen.getByText('The model answers')).toBeVisible();
  const heads = screen.getByRole('heading', { level: 2 }).elements();
  expect(heads.map((h) => h.textContent)).toEqual(titles);
  await expect
    .element(screen.getByRole('link', { name: 'Show it to a class' }))
    .toHaveAttribute('href', '#/learn?class=1');
});

test('another prompt shows another answer to the same question', async () => {
  const screen = await show();
  const step = screen.getByRole('region', { name: titles[0] });
  const answer = (arm: string) =>
    finishedRun.armAttempts.find(
      (a) => a.candidate === arm && a.query === fixtureHead.data.test[0]?.id,
    )?.answer ?? 'none';
  await expect.element(step).toHaveTextContent(answer('arm-start'));
  await step.getByRole('radio', { name: 'Found by the search' }).click();
  await expect.element(step).toHaveTextContent(answer('arm-found'));
});

test('a query’s chosen criteria are those of the run', async () => {
  const screen = await show();
  const step = screen.getByRole('region', { name: titles[1] });
  const [query] = fixtureHead.data.train;
  const list = step.getByRole('list', { name: 'Chosen for the first query' });
  const shown = list
    .getByRole('listitem')
    .elements()
    .map((li) => li.querySelector('button')?.textContent);
  expect(shown).toEqual(finishedRun.criteria.get(query?.id ?? '')?.names);
});

test('a bar moved by key moves the expected value, and the judge’s own come back', async () => {
  const screen = await show();
  const step = screen.getByRole('region', { name: titles[2] });
  const said = step.getByRole('status');
  const before = said.element().textContent;
  const five = step.getByRole('slider', { name: 'Probability of 5' });
  five.element().focus();
  await userEvent.keyboard('{End}');
  await expect.element(said).toHaveTextContent('Expected value 5.00, spread 0.00');
  await step.getByRole('button', { name: 'Back to the judge’s own' }).click();
  await expect.element(said).toHaveTextContent(before.trim().replace(/\s+/g, ' '));
});

test('a typed query finds the example that shares its rare words', async () => {
  const screen = await show();
  const step = screen.getByRole('region', { name: titles[3] });
  const wanted = fixtureHead.data.examples.at(-1)?.query ?? '';
  const rare = wanted.replace(/[?.!]/g, '').split(' ').slice(-2).join(' ');
  await step.getByRole('textbox', { name: 'Your query' }).fill(rare);
  const [first] = step.getByRole('list', { name: 'Nearest examples' }).getByRole('listitem').all();
  await expect.element(first ?? step).toHaveTextContent(wanted);
});

test('an edit tells its story from the weak answer to a new query', async () => {
  const screen = await show();
  const step = screen.getByRole('region', { name: titles[4] });
  for (const name of ['A weak answer', 'The judge’s criticism', 'The edit', 'On a new query']) {
    await expect.element(step.getByRole('heading', { name })).toBeVisible();
  }
});

test('a narrower beam makes fewer candidates, by the control and by its edge', async () => {
  const screen = await show();
  const step = screen.getByRole('region', { name: titles[5] });
  await expect.element(step.getByText(/A beam of 2 makes 9 candidates/)).toBeVisible();
  await step.getByRole('radio', { name: '1' }).click();
  await expect.element(step.getByText(/A beam of 1 makes [1-8] candidates/)).toBeVisible();
  const edge = step.element().querySelector('[role=presentation]');
  const plot = edge?.parentElement?.getBoundingClientRect();
  edge?.dispatchEvent(
    new PointerEvent('pointermove', { bubbles: true, buttons: 1, clientY: plot?.bottom ?? 0 }),
  );
  await expect.element(step.getByText(/A beam of 3 makes/)).toBeVisible();
  await expect.element(step.getByText(/not in the record: the run kept 2/)).toBeVisible();
});

test('draws are counted, and begin anew with other queries', async () => {
  const screen = await show();
  const step = screen.getByRole('region', { name: titles[6] });
  await step.getByRole('button', { name: 'Draw 1,000 times' }).click();
  await step.getByRole('button', { name: 'Draw again' }).click();
  await expect.element(step.getByText(/1,001 draws so far/)).toBeVisible();
  const used = step.getByRole('slider', { name: /Queries used/ });
  used.element().focus();
  await userEvent.keyboard('{Home}');
  await expect.element(step.getByText(/Too few queries to claim anything/)).toBeVisible();
  await expect.element(step.getByText('Nothing drawn yet.')).toBeVisible();
});

test('what the run lacks each part says', async () => {
  const screen = await show(null, nothing);
  await expect.element(screen.getByText(/so there is nothing to show here/).first()).toBeVisible();
  expect(screen.getByText(/so there is nothing to show here/).elements().length).toBe(8);
});

test('a recorded run that cannot be had is asked for again, and the text stands without it', async () => {
  let asked = 0;
  const open = () => {
    asked += 1;
    return asked === 1
      ? Promise.reject(new DrpoError('network', 'Not to be had. Try again.'))
      : Promise.resolve(recording);
  };
  const screen = await render(LearnPlace, { step: null, open });
  await expect.element(screen.getByText('Not to be had. Try again.')).toBeVisible();
  await expect.element(screen.getByRole('heading', { name: titles[6] })).toBeVisible();
  await screen.getByRole('button', { name: 'Try again' }).click();
  await expect.element(screen.getByText('The model answers')).toBeVisible();
});

test('class mode shows one step; keys and dots move, the focus and the address follow', async () => {
  const screen = await show(1);
  const shown = () =>
    screen
      .getByRole('heading', { level: 2 })
      .elements()
      .map((h) => h.textContent);
  await expect.element(screen.getByText('The model answers')).toBeVisible();
  expect(shown()).toEqual([titles[0]]);
  await userEvent.keyboard('{PageDown}');
  await expect.element(screen.getByRole('heading', { name: titles[1] })).toHaveFocus();
  expect(shown()).toEqual([titles[1]]);
  expect(location.hash).toBe('#/learn?class=2');
  await screen.getByRole('button', { name: `Step 6: ${titles[5]}` }).click();
  await expect.element(screen.getByRole('heading', { name: titles[5] })).toHaveFocus();
  await userEvent.keyboard('{ArrowLeft}');
  await expect.element(screen.getByRole('heading', { name: titles[4] })).toHaveFocus();
});

test('class mode names no run and no model', async () => {
  const screen = await show(6);
  await expect.element(screen.getByText('Width of the beam').first()).toBeVisible();
  const text = document.body.textContent;
  expect(text).not.toContain(fixtureHead.name);
  expect(text).not.toContain(fixtureHead.models.base.name);
  await expect
    .element(screen.getByRole('link', { name: 'Leave' }))
    .toHaveAttribute('href', '#/learn');
});
