import { AxeBuilder } from '@axe-core/playwright';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, expect, inject, test } from 'vitest';
import {
  openBrowser,
  otherModels,
  pocketFile,
  scratchFolder,
  seeResult,
  setUp,
  smallData,
  start,
} from './app.ts';

const folder = scratchFolder();
afterAll(() => folder.remove());

/** What axe finds against WCAG 2.2 AA, in both themes, at both widths; and whether anything sticks out sideways. */
async function problems(page: Page, place: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      const where = `${place}, ${colorScheme}, ${String(width)} px`;
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      found.push(...violations.map((v) => `${where}: ${v.id} ${v.nodes[0]?.html ?? ''}`));
      const outside = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (outside > 0) found.push(`${where}: ${String(outside)} px wider than the screen`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  return found;
}

test('every place can be read by everyone, wide and narrow, light and dark', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'axe'), inject('appUrl'));
  const found = [...(await problems(page, 'Start'))];
  await page.getByText('Look through the questions').click();
  await page.getByRole('list', { name: 'Pocket’s questions' }).waitFor();
  await otherModels(page);
  found.push(...(await problems(page, 'Start, choosing')));
  await setUp(page, pocketFile, smallData(folder.path));
  await page.getByText('Adjust the settings').click();
  found.push(...(await problems(page, 'Start, set up')));
  await start(page);
  await page.getByRole('heading', { name: 'Score by level' }).waitFor({ timeout: 120_000 });
  found.push(...(await problems(page, 'Run')));
  await seeResult(page);
  await page.getByRole('heading', { name: 'The found prompt against the others' }).waitFor();
  found.push(...(await problems(page, 'Result')));
  await page.getByRole('navigation').getByRole('link', { name: 'Run', exact: true }).click();
  await page
    .getByRole('button', { name: /^Start,? / })
    .first()
    .click();
  await page.getByRole('dialog').waitFor();
  found.push(...(await problems(page, 'Candidate')));
  await page.keyboard.press('Escape');
  await page.getByRole('navigation').getByRole('link', { name: 'Runs' }).click();
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
  found.push(...(await problems(page, 'Runs')));
  await page.getByRole('navigation').getByRole('link', { name: 'Models' }).click();
  await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
  await page.getByRole('heading', { name: 'This machine' }).waitFor();
  found.push(...(await problems(page, 'Models')));
  await page.getByRole('button', { name: /^A server/ }).click();
  await page.getByRole('dialog').waitFor();
  found.push(...(await problems(page, 'A server')));
  expect(found).toEqual([]);
  await context.close();
});
