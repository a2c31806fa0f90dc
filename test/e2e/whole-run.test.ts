import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { readPromptFile } from '../../src/formats/prompt-file.ts';
import { readRunFile } from '../../src/formats/run-file.ts';
import {
  fileInput,
  openBrowser,
  pocketFile,
  randomModelFile,
  scratchFolder,
  seeResult,
  setUp,
  smallData,
  start,
} from './app.ts';

const folder = scratchFolder();
afterAll(() => folder.remove());

const models = [
  {
    name: 'Pocket',
    file: pocketFile,
    headline: /Better than your starting\s+prompt|No improvement could be shown/,
  },
  {
    name: 'a model that says nonsense',
    file: randomModelFile(folder.path),
    headline: /No improvement could be shown/,
  },
];

/** What the Result place says, without what depends on the moment. */
async function shown(page: Page): Promise<string> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page.getByRole('main').innerText();
}

/** Types a query and waits until both prompts have answered it. */
async function tryBoth(page: Page, query: string): Promise<void> {
  await page.getByLabel('Your query').fill(query);
  const ask = page.getByRole('button', { name: 'Ask both' });
  await ask.click();
  await page.getByText(`“${query}”`).waitFor();
  await expect.poll(() => ask.isEnabled(), { timeout: 60_000 }).toBe(true);
  expect(await page.getByText('Stopped.').count()).toBe(0);
  expect(await page.getByRole('alert').count()).toBe(0);
}

async function save(page: Page, button: string, name: string): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const path = join(folder.path, name);
  await (await download).saveAs(path);
  return path;
}

describe.each(models)('a quick run on $name', ({ name, file, headline }) => {
  test('goes through both stages to an honest verdict, and is the same when imported elsewhere', async () => {
    const url = inject('appUrl');
    const { context, page } = await openBrowser(join(folder.path, `${name}-1`), url);
    await setUp(page, file, smallData(folder.path));
    await start(page);
    await seeResult(page);
    expect(await shown(page)).toMatch(headline);
    await tryBoth(page, 'Why does a sofa wear out?');
    await page.getByRole('button', { name: 'Check this run' }).click();
    await page.getByText('came to the same').waitFor();
    // As someone sees it who comes back later: the model is not loaded then.
    await page.reload();
    const before = await shown(page);
    const runFile = await save(page, 'Run file', `${name}.json`);
    const promptFile = await save(page, 'Prompt file', `${name}-prompt.json`);
    await context.close();

    const { events, journal } = readRunFile(readFileSync(runFile, 'utf8'));
    const types = new Set(events.map((e) => e.type));
    expect([...types]).toEqual(
      expect.arrayContaining(['example-kept', 'candidate', 'beam', 'selected', 'verdict', 'ended']),
    );
    expect(journal.length).toBeGreaterThan(50);
    expect(readPromptFile(readFileSync(promptFile, 'utf8')).examples).toHaveLength(4);

    const fresh = await openBrowser(join(folder.path, `${name}-2`), `${url}#/runs`);
    await fileInput(fresh.page, 'Drop a run file').setInputFiles(runFile);
    await fresh.page.getByRole('button', { name: /^Keep/ }).click();
    await fresh.page.getByRole('button', { name: 'Open it' }).click();
    await fresh.page.goto(fresh.page.url().replace('#/run/', '#/result/'));
    await expect.poll(() => shown(fresh.page), { timeout: 20_000 }).toBe(before);
    await fresh.context.close();
  });
});
