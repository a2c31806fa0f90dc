import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { readRunFile } from '../../src/formats/run-file.ts';
import { resultOf } from '../../tools/demo/result.ts';
import { openBrowser, scratchFolder, seeResult, start } from './app.ts';

const folder = scratchFolder();
afterAll(() => folder.remove());

test('a first visit ends with a better prompt, by the judge and by the rule of the model’s world', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'first'), inject('appUrl'));
  await start(page);
  await seeResult(page);
  const headline = await page.getByRole('heading', { level: 1 }).innerText();
  expect(headline).toMatch(/^Better than your starting\s+prompt by \d\.\d+ points$/);

  await page.getByLabel('Your query').fill('What is the capital of France?');
  await page.getByRole('button', { name: 'Ask both' }).click();
  const known = page.getByText('I only know my small world');
  await expect.poll(() => known.count(), { timeout: 60_000 }).toBe(2);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Run file' }).click();
  const path = join(folder.path, 'run.json');
  await (await download).saveAs(path);
  const result = resultOf(readRunFile(readFileSync(path, 'utf8')), 0);
  expect(result.verdict).toBe('better');
  expect(result.interval[0]).toBeGreaterThan(0);
  expect(result.ruleAfter - result.ruleBefore).toBeGreaterThan(1.5);
  await context.close();
});

test('the recorded run opens without a model, once, and comes to the same when it is checked', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'recorded'), inject('appUrl'));
  for (let i = 0; i < 2; i++) {
    await page.getByRole('button', { name: 'Or look at a recorded run' }).click();
    await page.waitForURL(/#\/run\//);
    await page.getByRole('button', { name: 'See the result' }).waitFor();
    await page.getByRole('navigation').getByRole('link', { name: 'Start' }).click();
  }
  await page.getByRole('navigation').getByRole('link', { name: 'Runs' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  const names = page.getByRole('main').getByText('Pocket, demo', { exact: true });
  await expect.poll(() => names.count()).toBe(1);
  await page.getByRole('navigation').getByRole('link', { name: 'Result' }).click();
  await page.getByRole('button', { name: 'Check this run' }).click();
  await page.getByText('came to the same').waitFor({ timeout: 60_000 });
  await context.close();
});
