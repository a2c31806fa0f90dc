import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { Library } from '../../../src/app/library.svelte.ts';
import type { Session } from '../../../src/app/session.svelte.ts';
import { DrpoError } from '../../../src/core/errors.ts';
import { foldAll, type Run } from '../../../src/core/run.ts';
import type { BulletEffect } from '../../../src/core/weigh-bullets.ts';
import ResultPlace from '../../../src/ui/result/ResultPlace.svelte';
import { fakeSession, finishedRun, fixtureHead, runUntil } from '../fixture-run.ts';

const fails = () => Promise.reject(new DrpoError('storage-failed', 'The run could not be read.'));

function show(over: Partial<Session> = {}, exports: Partial<Library> = {}) {
  const session = fakeSession({ status: 'finished', ...over });
  const library = {
    exportRun: fails,
    exportPrompt: fails,
    exportReport: fails,
    ...exports,
  } as unknown as Library;
  return render(ResultPlace, { session, library });
}

test('the verdict is the first heading, with the interval and the number of queries', async () => {
  const screen = await show();
  const heading = screen.getByRole('heading', { level: 1 });
  await expect
    .element(heading)
    .toHaveTextContent('Better than your starting prompt by 0.56 points');
  await expect
    .element(screen.getByText('95 % interval 0.30 to 0.83, 20 test queries.'))
    .toBeVisible();
});

test('a run that is not over says so and shows the best so far, without claiming anything', async () => {
  const run = runUntil((e) => e.type === 'beam' && e.level === 3);
  const screen = await show({ status: 'running', run });
  await expect
    .element(screen.getByRole('heading', { level: 1 }))
    .toHaveTextContent('The run is not over');
  await expect
    .element(screen.getByRole('heading', { name: 'The best prompt so far' }))
    .toBeVisible();
  await expect.element(screen.getByText('Keep it under 120 words.')).toBeVisible();
});

test('each prompt of the verdict has its mean, and the others their wins, ties and losses', async () => {
  const screen = await show();
  const row = screen.getByRole('row', { name: /^Starting prompt/ });
  await expect.element(row).toHaveTextContent('3.24');
  await expect.element(row).toHaveTextContent('16–2–2');
  await expect
    .element(screen.getByRole('row', { name: /^Found prompt/ }))
    .toHaveTextContent('3.80');
});

test('a typed query is answered by the start alone, then by the found prompt with the nearest kept examples', async () => {
  const tryOut = vi.fn<Session['tryOut']>((_prompt, examples, _query, onText) => {
    const text = examples.length > 0 ? 'Hot water first.' : 'It depends.';
    onText(text.slice(0, 3));
    return Promise.resolve({ text, cut: false, cuts: [] });
  });
  const screen = await show({ tryOut });
  await expect.element(screen.getByRole('button', { name: 'Ask both' })).toBeDisabled();
  await screen.getByLabelText('Your query').fill('  How do I descale a sink?  ');
  await screen.getByRole('button', { name: 'Ask both' }).click();
  await expect.element(screen.getByText('It depends.')).toBeVisible();
  await expect.element(screen.getByText('Hot water first.')).toBeVisible();
  const asked = tryOut.mock.calls.map(([prompt, examples, query]) => ({
    bullets: prompt?.bullets.length,
    answers: examples.map((e) => e.answer.slice(0, 12)),
    query,
  }));
  expect(asked).toEqual([
    { bullets: 0, answers: [], query: 'How do I descale a sink?' },
    {
      bullets: 4,
      answers: ['Fill it half', 'It is hard t'],
      query: 'How do I descale a sink?',
    },
  ]);
});

test('the model is loaded first where there is none, and a failure is shown with its remedy', async () => {
  const loadForTrial = vi.fn(() =>
    Promise.reject(
      new DrpoError('model-missing', 'The model is not in this browser. Pick it again.'),
    ),
  );
  const tryOut = vi.fn(() => Promise.resolve({ text: '', cut: false, cuts: [] }));
  const screen = await show({ canAnswer: false, loadForTrial, tryOut });
  await screen.getByLabelText('Your query').fill('A slow sink?');
  await screen.getByRole('button', { name: 'Ask both' }).click();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('Pick it again.');
  expect(tryOut).not.toHaveBeenCalled();
  await expect.element(screen.getByRole('button', { name: 'Ask both' })).toBeEnabled();
});

test('trying out can be stopped, and what was written stays', async () => {
  const tryOut = vi.fn<Session['tryOut']>((_prompt, _examples, _query, onText, signal) => {
    onText('Half an answer');
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as DOMException));
    });
  });
  const screen = await show({ tryOut });
  await screen.getByLabelText('Your query').fill('A slow sink?');
  await screen.getByRole('button', { name: 'Ask both' }).click();
  await screen.getByRole('button', { name: 'Stop' }).click();
  await expect.element(screen.getByText('Half an answer')).toBeVisible();
  await expect.element(screen.getByText('Stopped.')).toBeVisible();
  expect(screen.getByRole('alert').elements()).toEqual([]);
});

test('a test query opens with both answers side by side', async () => {
  const screen = await show();
  await screen.getByText('Can I give my dog grapes?').click();
  await expect.element(screen.getByText('Dogs like many fruits. Grapes are sweet.')).toBeVisible();
  await expect.element(screen.getByText(/Even a few grapes can damage/)).toBeVisible();
});

test('an export is asked for by the run’s id, and one that fails says why', async () => {
  const exportPrompt = vi.fn(fails);
  const screen = await show({}, { exportPrompt });
  await screen.getByRole('button', { name: 'Prompt file' }).click();
  expect(exportPrompt).toHaveBeenCalledExactlyOnceWith(fixtureHead.id);
  await expect.element(screen.getByRole('alert')).toHaveTextContent('The run could not be read.');
});

test('a report is asked for by the run’s id and saved as a page', async () => {
  const exportReport = vi.fn(() => Promise.resolve({ name: 'a.html', text: '<!doctype html>' }));
  const saved = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  const screen = await show({}, { exportReport });
  await screen.getByRole('button', { name: 'Report' }).click();
  expect(exportReport).toHaveBeenCalledExactlyOnceWith(fixtureHead.id);
  await expect
    .poll(() => saved.mock.contexts.map((a) => (a as HTMLAnchorElement).download))
    .toEqual(['a.html']);
  saved.mockRestore();
});

test('the difference from the start opens on demand, word by word', async () => {
  const screen = await show();
  await screen.getByText('Different from your starting prompt').click();
  await expect.element(screen.getByRole('insertion').first()).toBeVisible();
  expect(screen.getByRole('insertion').elements()).toHaveLength(4);
});

/** The fixture's run, had the lines of its found prompt been weighed and one more been dropped. */
function weighed(effects: readonly BulletEffect[]): Run {
  return foldAll(
    effects.map((effect) => ({ type: 'bullet-weighed', candidate: 'p8', effect })),
    finishedRun,
  );
}

function effect(bullet: string, size: number, over: Partial<BulletEffect> = {}): BulletEffect {
  const interval = { low: size - 0.25, high: size + 0.25 };
  return { bullet, text: `The line ${bullet}.`, effect: size, interval, pairs: 12, ...over };
}

test('each line of the found prompt has its measured effect, and the dropped ones are listed', async () => {
  const run = weighed([
    effect('steps', 0.62),
    effect('feel', 0.1),
    effect('warn', 0.3, { pairs: 1, interval: { low: -4, high: 4 } }),
    effect('number', 0, { pairs: 0, interval: { low: -4, high: 4 } }),
    effect('polite', -0.08),
  ]);
  const screen = await show({ run });
  const line = (text: RegExp) => screen.getByRole('listitem').filter({ hasText: text }).first();
  await expect
    .element(line(/^Answer the question in the first/))
    .toHaveTextContent('Effect +0.62 points, 95 % interval 0.37 to 0.87, 12 queries');
  await expect
    .element(line(/^If the person sounds upset/))
    .toHaveTextContent('Effect +0.10 points, 95 % interval −0.15 to 0.35, 12 queries');
  await expect
    .element(line(/^Where something could hurt/))
    .toHaveTextContent('Effect +0.30 on 1 query, too few to say how sure that is');
  await expect
    .element(line(/^Use numbers and times/))
    .toHaveTextContent('Effect not measured: no two answers could be compared.');
  const dropped = screen.getByRole('region', { name: 'Dropped, because it did nothing' });
  await expect.element(dropped).toHaveTextContent('The line polite.');
  await expect.element(dropped).toHaveTextContent('Effect −0.08 points');
  await screen.getByRole('button', { name: 'effect', exact: true }).hover();
  await expect
    .element(screen.getByRole('tooltip').filter({ hasText: /less the mean rating when it alone/ }))
    .toBeVisible();
});

test('lines that add nothing and stay all the same say why', async () => {
  const lines = ['steps', 'feel', 'warn', 'number'];
  const screen = await show({ run: weighed(lines.map((line) => effect(line, -0.05))) });
  await expect
    .element(screen.getByText(/the prompt was rated lower without all of them/))
    .toBeVisible();
  expect(screen.getByText(/^Dropped/).elements()).toEqual([]);
});

test('where no line was weighed, nothing is said of effects', async () => {
  const screen = await show();
  await expect
    .element(screen.getByRole('heading', { name: 'The found prompt' }).last())
    .toBeVisible();
  expect(screen.getByText(/effect/i).elements()).toEqual([]);
});
