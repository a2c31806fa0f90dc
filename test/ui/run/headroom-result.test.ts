import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { Attempt } from '../../../src/core/events.ts';
import { headroomOf, type Headroom, type HeadroomArm } from '../../../src/core/headroom.ts';
import type { Run } from '../../../src/core/run.ts';
import HeadroomResult from '../../../src/ui/run/HeadroomResult.svelte';
import RunPlace from '../../../src/ui/run/RunPlace.svelte';
import { attempt } from '../../core/builders.ts';
import { fakeSession, runUntil } from '../fixture-run.ts';

/** What the headroom is where the arms' twelve answers are rated about as well as said. */
function headroom(means: Partial<Record<HeadroomArm, number>>): Headroom {
  const arms = (Object.keys(means) as HeadroomArm[]).map((arm) => ({
    arm,
    attempts: Array.from({ length: 12 }, (_, i): Attempt =>
      attempt(arm, `t${i}`, [(means[arm] ?? 0) + 0.05 * Math.sin(i)]),
    ),
  }));
  return headroomOf(arms, null, { seed: 1, method: 'studentised' });
}

const little = headroom({ start: 4.8, 'hand-written': 4.7, none: 4.1 });

test('the headroom says its sentence first, and every arm with mean and interval', async () => {
  const screen = await render(HeadroomResult, { headroom: little, over: false });
  const section = screen.getByRole('region', { name: 'Headroom' });
  await expect
    .element(section.getByRole('paragraph').first())
    .toHaveTextContent('There is little to win: the starting prompt is already rated 4.8 of 5.');
  const terms = section.getByRole('term').elements();
  expect(terms.map((term) => term.textContent)).toEqual([
    'Starting prompt alone',
    'Hand-written prompt alone',
    'No prompt',
  ]);
  await expect
    .element(section.getByRole('definition').nth(2))
    .toHaveTextContent(/4\.10 of 5, 95 % interval 4\.0\d to 4\.1\d/);
  await expect.element(section).toHaveTextContent(/The most that can be won.*0\.20 points/);
  await section.getByText('As a table').click();
  await expect
    .element(section.getByRole('row', { name: /^No prompt/ }))
    .toHaveTextContent(/4\.10.*−0\.70.*12/);
  await section.getByText('By criterion').click();
  await expect
    .element(section.getByRole('row', { name: /^Helpfulness/ }))
    .toHaveTextContent('100 % of 12');
});

test('a run that may be spared shows it above what is under way, another one below', async () => {
  const searching = runUntil((e) => e.type === 'phase' && e.phase === 'search');
  const isFirst = async (found: Headroom) => {
    const run: Run = { ...searching, headroom: found };
    const screen = await render(RunPlace, {
      session: fakeSession({ run }),
      onresult: vi.fn(),
      onfile: vi.fn(),
    });
    const panel = screen.getByRole('region', { name: 'Headroom' }).element();
    const story = screen.getByRole('region', { name: /^In this phase/ }).element();
    const before = panel.compareDocumentPosition(story) & Node.DOCUMENT_POSITION_FOLLOWING;
    await screen.unmount();
    return before !== 0;
  };
  expect(await isFirst(little)).toBe(true);
  expect(await isFirst(headroom({ start: 3, none: 2 }))).toBe(false);
});
