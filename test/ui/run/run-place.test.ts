import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { DrpoError } from '../../../src/core/errors.ts';
import type { Session } from '../../../src/app/session.svelte.ts';
import type { NewCandidate, SearchEvent } from '../../../src/core/events.ts';
import { emptyRun, foldAll, type Run } from '../../../src/core/run.ts';
import RunPlace from '../../../src/ui/run/RunPlace.svelte';
import { fakeSession, finishedRun, fixtureEvents, runUntil } from '../fixture-run.ts';

const halfway = runUntil((e) => e.type === 'attempt' && e.attempt.candidate === 'p6');

function show(over: Partial<Session> = {}) {
  const props = {
    session: fakeSession({ run: halfway, ...over }),
    onresult: vi.fn(),
    onfile: vi.fn(),
  };
  return render(RunPlace, props).then((screen) => ({ screen, ...props }));
}

async function openFirstAnswer(run: Run = halfway, over: Partial<Session> = {}) {
  const { screen } = await show({ run, ...over });
  await screen.getByRole('button', { name: /^P3, level 2/ }).click();
  const sheet = screen.getByRole('dialog', { name: 'Candidate P3' });
  await sheet.getByText('Explain compound interest to a ten-year-old.').last().click();
  return sheet;
}

test('a running run says its phase, what is being written and what is left', async () => {
  const { screen } = await show({
    writing: { role: 'optimizer', purpose: 'rewrite', text: 'You are a patient' },
  });
  await expect
    .element(screen.getByRole('status').first())
    .toHaveTextContent('Searching: level 3 of 3');
  await expect.element(screen.getByText('You are a patient')).toBeVisible();
  await expect.element(screen.getByText('the model proposes a new prompt')).toBeVisible();
  await expect.element(screen.getByText('about 5 minutes')).toBeVisible();
  await expect
    .element(screen.getByRole('listitem').filter({ hasText: 'under way' }).first())
    .toHaveAttribute('aria-current', 'step');
});

test('a step that the settings switch off is not among the steps', async () => {
  const session = fakeSession();
  const head = session.head;
  if (!head) throw new Error('the fixture has a head');
  const evaluation = {
    ...head.settings.evaluation,
    judgeCheck: false,
    headroom: 0,
    selection: 0,
  };
  const { screen } = await show({ head: { ...head, settings: { ...head.settings, evaluation } } });
  const steps = screen.getByRole('list').first().getByRole('listitem').elements();
  expect(steps.map((s) => s.textContent.split(',')[0]?.trim())).toEqual([
    'Examples',
    'Search',
    'Test',
  ]);
});

test('Stop says what is kept and what will be missing, and stops only when confirmed', async () => {
  const stop = vi.fn(() => Promise.resolve());
  const { screen } = await show({ stop });
  const button = screen.getByRole('button', { name: 'Stop and keep the best so far' });
  await button.click();
  const dialog = screen.getByRole('dialog');
  await expect.element(dialog).toHaveTextContent('the best prompt so far, P3');
  await expect.element(dialog).toHaveTextContent('Without it nothing can be said');
  await dialog.getByRole('button', { name: 'Go on' }).click();
  expect(stop).not.toHaveBeenCalled();
  await button.click();
  await dialog.getByRole('button', { name: 'Stop and keep' }).click();
  expect(stop).toHaveBeenCalledOnce();
});

test('a paused run offers Resume, a running one Pause, a finished one its result', async () => {
  const resume = vi.fn(() => Promise.resolve());
  const paused = await show({ status: 'paused', resume });
  await paused.screen.getByRole('button', { name: 'Resume' }).click();
  expect(resume).toHaveBeenCalledOnce();
  await paused.screen.unmount();

  const pause = vi.fn(() => Promise.resolve());
  const running = await show({ pause });
  await running.screen.getByRole('button', { name: 'Pause' }).click();
  expect(pause).toHaveBeenCalledOnce();
  await running.screen.unmount();

  const finished = await show({ status: 'finished', run: finishedRun });
  await finished.screen.getByRole('button', { name: 'See the result' }).click();
  expect(finished.onresult).toHaveBeenCalledOnce();
});

test('a failure shows its sentence and its code, and can be resumed', async () => {
  const resume = vi.fn(() => Promise.resolve());
  const error = new DrpoError('device-lost', 'The graphics card went away. Press Resume.');
  const { screen } = await show({ status: 'failed', error, resume });
  await expect.element(screen.getByRole('alert')).toHaveTextContent('The graphics card went away.');
  await expect.element(screen.getByRole('alert')).toHaveTextContent('device-lost');
  await screen.getByRole('button', { name: 'Resume' }).click();
  expect(resume).toHaveBeenCalledOnce();
});

test('a run driven by another tab is shown without Pause and Stop', async () => {
  const { screen } = await show({ status: 'watching' });
  await expect.element(screen.getByText(/Another tab drives this run/)).toBeVisible();
  expect(screen.getByRole('button', { name: /Pause|Stop|Resume/ }).elements()).toEqual([]);
});

test('loading says how many megabytes of how many', async () => {
  const load = {
    phase: 'download',
    doneMb: 312.4,
    totalMb: 940,
    mbPerSecond: 12.5,
    leftMs: 50_000,
  } as const;
  const { screen } = await show({ status: 'loading', run: emptyRun, load });
  const bar = screen.getByRole('progressbar', { name: /^Downloading / });
  await expect.element(bar).toHaveAttribute('aria-valuenow', '33');
  await expect
    .element(screen.getByText('298 MB of 896 MB · 11.9 MB/s · about 50 seconds left'))
    .toBeVisible();
});

test('a run whose file is gone names the file and takes it again', async () => {
  const { screen, onfile } = await show({
    status: 'needs-file',
    wanted: { name: 'smollm2-360m-instruct-q8_0.gguf', sha256: 'ab'.repeat(32) },
  });
  await expect.element(screen.getByText(/smollm2-360m-instruct-q8_0\.gguf/)).toBeVisible();
  const file = new File(['GGUF'], 'smollm2-360m-instruct-q8_0.gguf');
  const input = document.querySelector<HTMLInputElement>('input[type=file]');
  if (!input) throw new Error('no file input');
  await userEvent.upload(input, file);
  expect(onfile).toHaveBeenCalledOnce();
});

test('an opened candidate has its prompt with where each bullet came from, and its change from the parent', async () => {
  const sheet = await openFirstAnswer();
  await expect
    .element(sheet.getByText(/Proposed for P1 after its answer to “I have a job interview/))
    .toBeVisible();
  await expect.element(sheet.getByRole('insertion')).toHaveTextContent('Keep it under 120 words.');
});

test('an opened query has the answer, its criteria with numbers, and how sure the judge was', async () => {
  const sheet = await openFirstAnswer();
  await expect.element(sheet.getByRole('button', { name: 'Helpfulness' })).toBeVisible();
  await expect.element(sheet.getByText(/start with the smallest step/)).toBeVisible();
  await expect
    .element(sheet.getByRole('img', { name: /^How sure the judge was: 1: \d+ %/ }).first())
    .toBeVisible();
});

test('a raw reply that holds HTML is shown as text, and what was cut from its request is marked', async () => {
  const sheet = await openFirstAnswer();
  await sheet.getByText('Raw requests and replies').last().click();
  await expect
    .element(
      sheet
        .getByText('Scrape it off <b>gently</b> <img src=x onerror="window.hacked=true">')
        .first(),
    )
    .toBeVisible();
  await expect
    .element(sheet.getByText('left out: example 2, 47 of 47 characters').first())
    .toBeVisible();
  expect(document.querySelector('dialog img[src]')).toBeNull();
});

test('raw replies are read from the journal only when they are opened', async () => {
  const reply = vi.fn(() => Promise.resolve(undefined));
  const sheet = await openFirstAnswer(halfway, { reply });
  expect(reply).not.toHaveBeenCalled();
  await sheet.getByText('Raw requests and replies').last().click();
  await expect.element(sheet.getByText('This reply is not in the journal').first()).toBeVisible();
});

test('Escape closes the candidate and gives the focus back to where it was opened', async () => {
  const { screen } = await show();
  const node = screen.getByRole('button', { name: /^P3, level 2/ });
  await node.click();
  await expect.element(screen.getByRole('dialog')).toBeVisible();
  await userEvent.keyboard('{Escape}');
  await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
  await expect.element(node).toHaveFocus();
});

test('an unreadable rating is called unreadable, not zero', async () => {
  const { screen } = await show({ run: finishedRun });
  await screen.getByRole('button', { name: /^P2, level 1/ }).click();
  const sheet = screen.getByRole('dialog');
  await sheet.getByText('What is the difference between weather and climate?').click();
  await expect
    .element(sheet.getByText(/could not be read, so this answer counts in no mean/))
    .toBeVisible();
});

test('an example shows its score before and after, and why a rewrite was refused', async () => {
  const { screen } = await show();
  await screen.getByText('Why is sea water salty?').click();
  await expect
    .element(screen.getByText('Rewrite 1 was refused, because it says the same as before.'))
    .toBeVisible();
});

/** Level 1 of the fixture, in which P2 leaves the race after its first query. */
const raced = foldAll(
  fixtureEvents.flatMap((event): readonly SearchEvent[] => {
    if (event.type !== 'attempt' || event.attempt.candidate !== 'p2') return [event];
    const queries = finishedRun.levels[1]?.queries ?? [];
    const at = queries.indexOf(event.attempt.query);
    if (at > 0) return [];
    return [event, { type: 'raced-out', level: 1, candidates: ['p2'], left: 3 }];
  }),
);

test('a level says how many attempts were spared, and why', async () => {
  const { screen } = await show({ run: raced });
  const summary = screen.getByText('4 queries, 2 kept, 1 dropped, 3 attempts spared');
  await summary.click();
  await expect
    .element(screen.getByText(/^3 attempts were spared by/))
    .toHaveTextContent(/: the prompts that would have made them could hardly catch up any more\.$/);
  await screen.getByRole('button', { name: 'racing' }).hover();
  await expect.element(screen.getByRole('tooltip').filter({ hasText: /^Racing: / })).toBeVisible();
  expect(screen.getByText(/attempts? spared$/).elements()).toHaveLength(1);
});

test('a prompt that left the race says when and why, another one nothing of it', async () => {
  const { screen } = await show({ run: raced });
  await screen.getByRole('button', { name: /^P2, level 1/ }).click();
  const sheet = screen.getByRole('dialog', { name: 'Candidate P2' });
  await expect
    .element(sheet)
    .toHaveTextContent(
      /Level 1: dropped early.* after 1 of its 4 queries, as it could hardly catch up\. It was spared the other 3\./,
    );
  await sheet.getByRole('button', { name: 'Candidate before' }).click();
  const other = screen.getByRole('dialog', { name: 'Candidate P1' });
  await expect.element(other).toHaveTextContent('a rewrite of Start after its answer to “How do I');
  await expect.element(other).not.toHaveTextContent('early');
});

/** The finished run, had its last prompt come about so. */
function lastMade(how: Partial<NewCandidate>): Run {
  return foldAll(
    fixtureEvents.map((event): SearchEvent =>
      event.type === 'candidate' && event.candidate.id === 'p8'
        ? { type: 'candidate', candidate: { ...event.candidate, query: null, replies: [], ...how } }
        : event,
    ),
  );
}

test.each([
  ['of lines that are known', { crossed: true }, 'Selected, made of lines that did well so far.'],
  ['by leaving lines out', {}, 'Selected, P4 without the lines that did nothing.'],
] as const)('a prompt that was made %s is not called a rewrite', async (_, how, words) => {
  const { screen } = await show({ run: lastMade(how), status: 'finished' });
  await screen.getByRole('button', { name: /^P8, level 3/ }).click();
  const sheet = screen.getByRole('dialog', { name: 'Candidate P8' });
  await expect.element(sheet).toHaveTextContent(new RegExp(words, 'i'));
  await expect.element(sheet).not.toHaveTextContent('a rewrite of');
  await expect.element(sheet.getByRole('heading', { name: 'Different from P4' })).toBeVisible();
});

test('the story of a phase is that of the run’s own settings', async () => {
  const { head } = fakeSession();
  if (!head) throw new Error('the fixture has a head');
  const settings = (ranking: 'pooled' | 'blocks') => ({
    head: {
      ...head,
      settings: { ...head.settings, search: { ...head.settings.search, ranking } },
    },
  });
  const pooled = await show(settings('pooled'));
  const story = pooled.screen.getByRole('region', { name: 'In this phase: Search' });
  await expect.element(story).toHaveTextContent('made of lines that did well so far');
  await pooled.screen.unmount();
  const blocks = await show(settings('blocks'));
  const other = blocks.screen.getByRole('region', { name: 'In this phase: Search' });
  await expect.element(other).toHaveTextContent('which then compete with their parents');
});
