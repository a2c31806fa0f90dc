import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { presets, usualOpinions } from '../../../src/core/settings.ts';
import AdjustSettings from '../../../src/ui/start/settings/AdjustSettings.svelte';
import { newDraft } from '../fixture-start.ts';

async function opened() {
  const draft = newDraft();
  const screen = await render(AdjustSettings, { draft });
  await screen.getByText('Adjust the settings').click();
  return { draft, screen };
}

test('changing one setting makes the preset one’s own and leaves the others', async () => {
  const { draft, screen } = await opened();
  await screen.getByLabelText('Levels', { exact: true }).fill('7');
  await userEvent.tab();
  const { search } = presets.quick;
  expect(draft.settings).toEqual({
    ...presets.quick,
    preset: 'custom',
    search: { ...search, depth: 7 },
  });
});

test('ranking along the own path takes one question a level', async () => {
  const { draft, screen } = await opened();
  await screen.getByRole('radio', { name: 'Own path' }).click();
  expect(draft.settings.search).toMatchObject({ ranking: 'path', queriesPerLevel: 1 });
  await expect.element(screen.getByLabelText('Questions at each level')).toBeDisabled();
});

test('without a system prompt the search is not offered', async () => {
  const { draft, screen } = await opened();
  await screen.getByRole('switch', { name: 'Use a system prompt' }).click();
  expect(draft.settings.systemPrompt).toBe(false);
  await expect.element(screen.getByLabelText('Levels', { exact: true })).not.toBeInTheDocument();
});

test('the fewest criteria cannot pass the most', async () => {
  const { draft, screen } = await opened();
  const fewest = screen.getByLabelText('At least', { exact: true }).first();
  await fewest.fill('9');
  await userEvent.tab();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('from 1 to 6; until then 3');
  expect(draft.settings).toEqual(presets.quick);
});

test('fixed criteria keep at least one', async () => {
  const { draft, screen } = await opened();
  await screen.getByRole('radio', { name: 'The same' }).first().click();
  await screen.getByRole('checkbox', { name: 'Helpfulness' }).click();
  await screen.getByRole('checkbox', { name: 'Clarity' }).click();
  expect(draft.settings.criteria.examples).toMatchObject({ mode: 'fixed', fixed: ['Factuality'] });
  await expect.element(screen.getByRole('checkbox', { name: 'Factuality' })).toBeDisabled();
});

test('headroom is measured on as many questions as are asked for', async () => {
  const { draft, screen } = await opened();
  await screen.getByLabelText('Questions to see what can be won').fill('17');
  await userEvent.tab();
  expect(draft.settings).toMatchObject({ preset: 'custom', evaluation: { headroom: 17 } });
});

test('what only a search by lines goes by is offered with that ranking alone', async () => {
  const { draft, screen } = await opened();
  await screen.getByLabelText('New mixtures of known lines').fill('5');
  await userEvent.tab();
  const { search } = presets.quick;
  expect(draft.settings.search).toEqual({ ...search, pooled: { ...search.pooled, crosses: 5 } });
  await expect.element(screen.getByLabelText('Former prompts shown')).not.toBeInTheDocument();
  await screen.getByRole('radio', { name: 'Same questions' }).click();
  await expect.element(screen.getByLabelText('Former prompts shown')).toBeVisible();
  await expect
    .element(screen.getByLabelText('New mixtures of known lines'))
    .not.toBeInTheDocument();
  await expect.element(screen.getByLabelText('Stop after requests')).not.toBeInTheDocument();
  await screen.getByRole('radio', { name: 'By lines' }).click();
  await expect.element(screen.getByLabelText('New mixtures of known lines')).toHaveValue('5');
});

test('how often a line is proposed counts or does not, and how often it is asked for can be set', async () => {
  const { draft, screen } = await opened();
  await screen.getByLabelText('Asked before the first level').fill('9');
  await userEvent.tab();
  expect(draft.settings.search.pooled?.opinions).toEqual({ ...usualOpinions, first: 9 });
  const counts = screen.getByRole('switch', { name: 'Count how often a line is proposed' });
  await counts.click();
  expect(draft.settings.search.pooled).not.toHaveProperty('opinions');
  await expect
    .element(screen.getByLabelText('Asked before the first level'))
    .not.toBeInTheDocument();
  await counts.click();
  expect(draft.settings.search.pooled?.opinions).toEqual(usualOpinions);
});

test('a search is given bounds and freed of them one by one', async () => {
  const { draft, screen } = await opened();
  const requests = screen.getByLabelText('Stop after requests');
  await expect.element(requests).toHaveValue('');
  await requests.fill('1,500');
  await userEvent.tab();
  await screen.getByLabelText('Stop after levels without a better prompt').fill('3');
  await userEvent.tab();
  expect(draft.settings.search.stop).toEqual({ requests: 1500, patience: 3 });
  await requests.fill('');
  await userEvent.tab();
  expect(draft.settings.search.stop).toEqual({ patience: 3 });
});

test('a bound that is no number is told with its remedy and changes nothing', async () => {
  const { draft, screen } = await opened();
  await screen.getByLabelText('Stop after minutes').fill('an hour');
  await userEvent.tab();
  await expect
    .element(screen.getByRole('alert'))
    .toHaveTextContent(
      '“an hour” does not fit here. Type a whole number from 1 to 100,000, or empty this field; until then there is no bound.',
    );
  expect(draft.settings).toEqual(presets.quick);
});

test('reasons are for answers that are shown, so there cannot be more of them', async () => {
  const { draft, screen } = await opened();
  await screen.getByLabelText('Reasons among them').fill('6');
  await userEvent.tab();
  await expect
    .element(screen.getByRole('alert'))
    .toHaveTextContent('“6” does not fit here. Type a whole number from 0 to 5; until then 1');
  expect(draft.settings).toEqual(presets.quick);
});

test('prompts may drop out of a level that asks more than one question', async () => {
  const { draft, screen } = await opened();
  const racing = screen.getByLabelText('Questions before prompts may drop out');
  await expect.element(racing).toBeDisabled();
  await screen.getByLabelText('Questions at each level').fill('8');
  await userEvent.tab();
  await racing.fill('4');
  await userEvent.tab();
  expect(draft.settings.search).toMatchObject({ queriesPerLevel: 8, racing: 4 });
  await screen.getByRole('radio', { name: 'Own path' }).click();
  await expect.element(racing).not.toBeInTheDocument();
});

test('lines are weighed on request, where there are questions to weigh them on', async () => {
  const { draft, screen } = await opened();
  const weigh = screen.getByRole('switch', { name: 'Leave out its lines one by one' });
  await expect.element(weigh).toHaveAttribute('aria-checked', 'true');
  await weigh.click();
  expect(draft.settings.evaluation).toEqual({ ...presets.quick.evaluation, weighBullets: false });
  await screen.getByLabelText('Questions for choosing the best').fill('0');
  await userEvent.tab();
  await expect.element(weigh).not.toBeInTheDocument();
});
