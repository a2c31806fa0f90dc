import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import {
  asks,
  countAsks,
  openBrowser,
  pocketFile,
  scratchFolder,
  seeResult,
  setUp,
  smallData,
  start,
  storedRun,
} from './app.ts';

const folder = scratchFolder();
afterAll(() => folder.remove());

test('a second tab watches a run, cannot drive it, and takes over when the first is closed', async () => {
  const url = inject('appUrl');
  const { context, page } = await openBrowser(join(folder.path, 'two'), url);
  await setUp(page, pocketFile, smallData(folder.path));
  await start(page);
  await expect
    .poll(async () => (await storedRun(page)).replies, { timeout: 60_000 })
    .toBeGreaterThan(5);

  const second = await context.newPage();
  await countAsks(second);
  await second.goto(page.url());
  await second.getByText('Another tab').first().waitFor();
  const goOn = second.getByRole('button', { name: /Go on here/ });
  await goOn.click();
  await second.getByText('Another tab').first().waitFor();
  expect(await asks(second)).toBe(0);

  await page.close();
  await goOn.click();
  await seeResult(second);
  await context.close();
});
