import { AxeBuilder } from '@axe-core/playwright';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, expect, inject, test } from 'vitest';
import { openBrowser, scratchFolder } from './app.ts';
import { serveFiles } from './serve.ts';

const folder = scratchFolder();
afterAll(() => folder.remove());

/** What axe finds, and whether anything sticks out sideways, in both themes and at three widths; 720 is 1440 at 200 %. */
async function problems(page: Page, where: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 720, 390]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: width === 720 ? 450 : 900 });
      const at = `${where}, ${colorScheme}, ${String(width)} px`;
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      found.push(...violations.map((v) => `${at}: ${v.id} ${v.nodes[0]?.html ?? ''}`));
      const outside = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (outside > 0) found.push(`${at}: ${String(outside)} px wider than the screen`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  return found;
}

/** The headings of the steps that can be seen. */
function shownSteps(page: Page): Promise<readonly string[]> {
  return page.locator('h2:visible').allInnerTexts();
}

test('Learn can be read by everyone, on the page and step by step', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'axe'), inject('appUrl'));
  await page.getByRole('link', { name: 'Learn' }).click();
  await page.getByRole('button', { name: 'Draw 1,000 times' }).click();
  const found = [...(await problems(page, 'Learn'))];
  await page.getByRole('link', { name: 'Show it to a class' }).click();
  for (let step = 1; step <= 7; step++) {
    await page.getByText(`Step ${String(step)} of 7`).waitFor();
    found.push(...(await problems(page, `Class mode, step ${String(step)}`)));
    await page.keyboard.press('PageDown');
  }
  expect(found).toEqual([]);
  await context.close();
});

test('a reader drags the beam and a bar', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'drag'), inject('appUrl'));
  await page.goto(`${inject('appUrl')}#/learn`);
  const beam = page.getByRole('region', { name: 'Beam search keeps the best few' });
  await beam.getByText(/A beam of 2 makes/).waitFor();
  await beam.locator('.plot').scrollIntoViewIfNeeded();
  const edge = await beam.locator('.edge').boundingBox();
  const plot = await beam.locator('.plot').boundingBox();
  if (!edge || !plot) throw new Error('the beam is not on the page');
  const x = edge.x + edge.width / 2;
  await page.mouse.move(x, edge.y + edge.height / 2);
  await page.mouse.down();
  await page.mouse.move(x, plot.y, { steps: 4 });
  await page.mouse.up();
  await beam.getByText(/A beam of 1 makes/).waitFor();

  const rating = page.getByRole('region', { name: 'A rating is an expectation' });
  const bar = rating.getByRole('slider', { name: 'Probability of 3' });
  await bar.scrollIntoViewIfNeeded();
  const box = await bar.boundingBox();
  if (!box) throw new Error('the bars are not on the page');
  await page.mouse.click(box.x + box.width / 2, box.y + 1);
  await rating.getByText(/Expected value 3\.00, spread 0\.00/).waitFor();
  await context.close();
});

test('class mode shows nothing private, and works with the server gone', async () => {
  const server = await serveFiles(inject('appFolder'), '/class/');
  const { context, page } = await openBrowser(join(folder.path, 'class'), server.url);
  const state = () => page.evaluate(() => navigator.serviceWorker.controller?.state);
  await expect.poll(state, { timeout: 20_000 }).toBe('activated');
  await server.close();

  await page.goto(`${server.url}#/learn?class`);
  await page.reload();
  await page.getByText('The model answers').waitFor();
  expect(await page.getByRole('navigation', { name: 'Places' }).count()).toBe(0);
  expect(await page.getByRole('main').innerText()).not.toMatch(/pocket/i);
  await page.keyboard.press('PageDown');
  await page.getByRole('button', { name: 'Next step' }).click();
  expect(await shownSteps(page)).toEqual(['A rating is an expectation']);
  await page.reload();
  await page.getByText(/Expected value/).waitFor();
  expect(await shownSteps(page)).toEqual(['A rating is an expectation']);
  await context.close();
});

test('all seven steps are printed as they stand, from the page and from class mode', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'print'), inject('appUrl'));
  await page.goto(`${inject('appUrl')}#/learn`);
  const beam = page.getByRole('region', { name: 'Beam search keeps the best few' });
  await beam.getByRole('radio', { name: '1' }).check({ force: true });
  for (const way of ['page', 'class']) {
    if (way === 'class') await page.getByRole('link', { name: 'Show it to a class' }).click();
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await shownSteps(page), way).toHaveLength(7);
    expect(await beam.innerText(), way).toMatch(/A beam of 1 makes/);
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(paper, way).toBe('rgb(255, 255, 255)');
    await page.emulateMedia({ media: 'screen' });
  }
  await context.close();
});
