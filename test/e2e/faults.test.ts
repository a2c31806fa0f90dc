import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  openBrowser,
  otherModels,
  pocketFile,
  scratchFolder,
  seeResult,
  setUp,
  setUpData,
  smallData,
  start,
  storedRun,
  type StoredRun,
} from './app.ts';
import { hostModels, type ModelHost } from './model-host.ts';

const folder = scratchFolder();
const data = smallData(folder.path);
const model = pocketFile;

let whole: StoredRun;
let host: ModelHost;

/** What a run with this model and these questions says where nothing goes wrong. */
beforeAll(async () => {
  host = await hostModels();
  const { context, page } = await openBrowser(join(folder.path, 'calm'), inject('appUrl'));
  await setUp(page, model, data);
  await start(page);
  await seeResult(page);
  whole = await storedRun(page);
  await context.close();
});

afterAll(async () => {
  await host.close();
  await folder.remove();
});

/** Lets the test end the newest worker of the page, from the next load on. */
async function holdWorkers(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const workers: Worker[] = [];
    const Original = Worker;
    const holder = window as unknown as { workers: Worker[]; Worker: typeof Worker };
    holder.workers = workers;
    holder.Worker = class extends Original {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        workers.push(this);
      }
    };
  });
}

async function replies(page: Page, atLeast: number): Promise<void> {
  await expect
    .poll(async () => (await storedRun(page)).replies, { timeout: 120_000, interval: 50 })
    .toBeGreaterThanOrEqual(atLeast);
}

test('a worker that is killed in mid-request is replaced, and the run ends as if nothing had happened', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'worker'), 'about:blank');
  await holdWorkers(page);
  await page.goto(inject('appUrl'));
  await setUp(page, model, data);
  await start(page);
  await replies(page, 20);
  const killed = await page.evaluate(() => {
    const { workers } = window as unknown as { workers: Worker[] };
    workers.at(-1)?.terminate();
    return workers.length;
  });
  await page.getByText('It is loaded again by itself').waitFor({ timeout: 120_000 });
  await seeResult(page);
  const ended = await storedRun(page);
  expect(ended).toEqual({ ...whole, id: ended.id });
  expect(
    await page.evaluate(() => (window as unknown as { workers: Worker[] }).workers.length),
  ).toBeGreaterThan(killed);
  await context.close();
});

test('a run whose model is cut off at 30 % of its download ends as if nothing had happened', async () => {
  const bytes = readFileSync(model);
  const third = Math.floor(0.3 * bytes.length);
  host.put('pocket.gguf', bytes);
  host.plan('pocket.gguf', { type: 'cut', at: third }, { type: 'status', status: 503 });
  const { context, page } = await openBrowser(join(folder.path, 'cut'), inject('appUrl'));
  await otherModels(page);
  await page.getByRole('link', { name: 'All models, web addresses and servers' }).click();
  await page.getByRole('button', { name: /^From a web address/ }).click();
  await page.getByLabel('Web address of a GGUF file').fill(`${host.url}pocket.gguf`);
  const reloaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await reloaded;
  await page.goto(`${inject('appUrl')}#/start`);
  await setUpData(page, data);
  await start(page);
  await seeResult(page);
  const ended = await storedRun(page);
  expect(ended).toEqual({ ...whole, id: ended.id });
  expect(host.sentBytes('pocket.gguf')).toBeLessThan(1.5 * bytes.length);
  await context.close();
});
