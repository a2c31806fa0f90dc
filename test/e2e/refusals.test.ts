import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  chooseFile,
  fileInput,
  openBrowser,
  otherModels,
  pocketFile,
  scratchFolder,
  smallData,
  start,
  storedRun,
  type Browser,
} from './app.ts';
import { listen } from './serve.ts';

const folder = scratchFolder();
const model = pocketFile;
afterAll(() => folder.remove());

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

function hugeModel(): string {
  const path = file('huge.gguf', readFileSync(model));
  truncateSync(path, 6 * 2 ** 30);
  return path;
}

const runFile = (version: number) =>
  JSON.stringify({ format: 'drpo-run', version, journal: [], events: [] });

/** What the whole page says, but for the notice that a refusal adds. */
async function words(page: Page): Promise<string> {
  const text = await page.getByRole('main').innerText();
  const notices = await page.getByRole('alert').allInnerTexts();
  return notices.reduce((rest, notice) => rest.replace(notice, ''), text).replace(/\s+/g, ' ');
}

describe('what cannot be used gets a sentence and changes nothing', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser(join(folder.path, 'refusals'), inject('appUrl'));
  });

  async function refused(place: string, zone: string, path: string): Promise<string> {
    const { page } = browser;
    await page.goto(`${inject('appUrl')}#/${place}`);
    if (zone.includes('GGUF')) await otherModels(page);
    if (zone.includes('questions')) await own(page, 'Whose questions');
    if (zone.includes('examples')) await own(page, 'Whose examples');
    await page.getByRole('group').filter({ hasText: zone }).last().waitFor();
    const before = await words(page);
    await fileInput(page, zone).setInputFiles(path);
    const notice = page.getByRole('alert').first();
    await notice.waitFor();
    const sentence = await notice.innerText();
    expect(await words(page)).toBe(before);
    await page.getByRole('button', { name: 'Dismiss' }).first().click();
    return sentence;
  }

  async function own(page: Page, whose: string): Promise<void> {
    await page
      .getByRole('radiogroup', { name: whose })
      .getByRole('radio', { name: 'My own' })
      .check();
  }

  const half = readFileSync(model).subarray(0, 20_000);
  const cases = [
    ['a truncated GGUF', 'start', 'Drop a GGUF file', () => file('half.gguf', half), /missing|cut/],
    [
      'an HTML page as GGUF',
      'start',
      'Drop a GGUF file',
      () => file('page.gguf', '<!doctype html><title>Sign in</title>'),
      /web page, not a model/,
    ],
    ['a model larger than memory', 'start', 'Drop a GGUF file', hugeModel, /6\.\d GB.*smaller/s],
    [
      'a JSON file that is not ours',
      'runs',
      'Drop a run file',
      () => file('other.json', '{"name":"something else"}'),
      /not a run file/,
    ],
    [
      'a newer run file',
      'runs',
      'Drop a run file',
      () => file('newer.json', runFile(9)),
      /version 9.*version 1|newer/s,
    ],
    [
      'an empty data file',
      'start',
      'Drop a file of questions',
      () => file('empty.csv', ''),
      /empty\.csv/,
    ],
    [
      'a CSV with no such column',
      'start',
      'Drop a file of examples',
      () => file('pairs.csv', 'query,colour\nWhy?,red\n'),
      /pairs\.csv has no column for the answers.*“query”, “colour”/s,
    ],
  ] as const;

  test.each(cases)('%s', async (_, place, zone, make, sentence) => {
    expect(await refused(place, zone, make())).toMatch(sentence);
  });

  test('without WebGPU the list says why its models cannot run and what would', async () => {
    const { page } = browser;
    await page.goto(`${inject('appUrl')}#/models`);
    await page.getByRole('radio', { name: /^All \d+/ }).check();
    const why = page.getByText('This browser has no WebGPU, which SmolLM2').first();
    expect(await why.innerText()).toContain('A GGUF file runs without it');
  });
});

test('where storage is full a model is not kept, and the page says how much there is', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'full'), 'about:blank');
  const url = inject('appUrl');
  const cdp = await context.newCDPSession(page);
  await cdp.send('Storage.overrideQuotaForOrigin', {
    origin: new URL(url).origin,
    quotaSize: 100_000,
  });
  await page.goto(url);
  await chooseFile(page, model);
  await page.getByRole('button', { name: 'Keep this file in the browser' }).click();
  const notice = page.getByRole('alert').first();
  await notice.waitFor();
  expect(await notice.innerText()).toMatch(/full|room/);
  expect(await page.getByRole('button', { name: 'Start', exact: true }).isEnabled()).toBe(true);
  await context.close();
});

test('a download that breaks off says so, and goes on when the network is back', async () => {
  const bytes = readFileSync(model);
  let broken = true;
  const host = await listen(
    createServer((_, response) => {
      response.writeHead(200, {
        'access-control-allow-origin': '*',
        'content-length': bytes.length,
      });
      if (!broken) {
        response.end(bytes);
        return;
      }
      // A stream that fails drops what was not read yet: the page must get to see that bytes came.
      response.write(bytes.subarray(0, bytes.length / 2), () => {
        setTimeout(() => response.destroy(), 300);
      });
    }),
    '/random.gguf',
  );
  const { context, page } = await openBrowser(join(folder.path, 'network'), inject('appUrl'));
  await otherModels(page);
  await page.getByRole('link', { name: 'All models, web addresses and servers' }).click();
  await page.getByRole('button', { name: /^From a web address/ }).click();
  await page.getByLabel('Web address of a GGUF file').fill(host.url);
  const reloaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await reloaded;
  await page.getByRole('button', { name: 'Use for a run', exact: true }).first().waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'Start' }).click();
  await page.getByRole('button', { name: 'Change' }).first().waitFor();
  const data = smallData(folder.path);
  await page
    .getByRole('radiogroup', { name: 'Whose questions' })
    .getByRole('radio', { name: 'My own' })
    .check();
  await fileInput(page, 'Drop a file of questions').setInputFiles(data.queries);
  await page.getByText('10 questions').first().waitFor();
  await start(page);
  const notice = page.getByRole('alert').first();
  // It is tried again a few times first.
  await notice.waitFor({ timeout: 120_000 });
  expect(await notice.innerText()).toMatch(/broke off.*connection/s);
  expect((await storedRun(page)).replies).toBe(0);

  broken = false;
  await page.getByRole('button', { name: 'Resume' }).first().click();
  await expect
    .poll(async () => (await storedRun(page)).replies, { timeout: 60_000 })
    .toBeGreaterThan(3);
  await context.close();
  await host.close();
});

test('nothing is sent to a host that nobody named, not even by a worker', async () => {
  let requests = 0;
  const host = await listen(
    createServer((_, response) => {
      requests++;
      response.writeHead(200, { 'access-control-allow-origin': '*' }).end('reached');
    }),
    '/',
  );
  const { context, page } = await openBrowser(join(folder.path, 'policy'), inject('appUrl'));
  const answers = await page.evaluate(async (url) => {
    const script = `fetch('${url}').then(() => postMessage('reached'), () => postMessage('blocked'))`;
    const worker = new Worker(
      URL.createObjectURL(new Blob([script], { type: 'text/javascript' })),
      { type: 'module' },
    );
    const fromWorker = new Promise<unknown>((resolve) => {
      worker.onmessage = (message) => resolve(message.data);
      worker.onerror = (error) => resolve(error.message);
    });
    const fromPage = fetch(url).then(
      () => 'reached',
      () => 'blocked',
    );
    return Promise.all([fromPage, fromWorker]);
  }, host.url);
  expect(answers).toEqual(['blocked', 'blocked']);
  expect(requests).toBe(0);
  await context.close();
  await host.close();
});

test('a model is measured on request, and the minutes are shown', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'measure'), inject('appUrl'));
  await chooseFile(page, model);
  await page.getByRole('button', { name: 'Measure this model' }).click();
  await page
    .getByText(/about \d+ (minutes?|hours?)|under a minute/i)
    .first()
    .waitFor();
  await context.close();
});
