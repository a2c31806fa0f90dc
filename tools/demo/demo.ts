/**
 * npm run demo -- --out DIR [--seed N]: builds the app, opens it in a browser as someone would who has never been there, presses Start, waits for the
 * verdict, and writes run.json, prompt.json, result.json and screenshots to DIR.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type BrowserContext, type Page } from 'playwright';
import { build, preview } from 'vite';
import { readRunFile } from '../../src/formats/run-file.ts';
import { browserArgs, ensureBrowser } from '../browser.ts';
import { resultOf, type DemoResult } from './result.ts';

const { values: options } = parseArgs({
  options: { out: { type: 'string' }, seed: { type: 'string' } },
});
if (options.out === undefined || (options.seed !== undefined && !/^\d{1,10}$/.test(options.seed))) {
  throw new Error(
    'Usage: npm run demo -- --out DIR [--seed N], where N is a whole number from 0 to 2147483647.',
  );
}
const out = options.out;
const folder = mkdtempSync(join(tmpdir(), 'drpo-demo-'));
const longestMs = 10 * 60_000;

/** The built app on a server of this machine. */
async function serveApp(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const outDir = join(folder, 'app');
  await build({ logLevel: 'error', build: { outDir, emptyOutDir: true } });
  const server = await preview({
    logLevel: 'error',
    build: { outDir },
    preview: { host: '127.0.0.1', port: 0, open: false },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('The app’s server has no address.');
  return { url, close: () => server.close() };
}

async function shoot(page: Page, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 1000 });
      const path = join(out, `${name}-${String(width)}-${scheme}.png`);
      await page.screenshot({ path, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1440, height: 1000 });
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Downloads what a button saves. */
async function save(page: Page, button: string, name: string): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const path = join(out, name);
  await (await download).saveAs(path);
  return path;
}

async function setSeed(page: Page, seed: string): Promise<void> {
  await page.getByText('Adjust the settings').click();
  const field = page.getByLabel('Seed', { exact: true });
  await field.fill(seed);
  await field.press('Enter');
}

/** Opens the page for the first time, presses Start and waits for the verdict. Resolves with the seconds from press to verdict. */
async function play(page: Page, url: string): Promise<number> {
  await page.goto(url);
  const start = page.getByRole('button', { name: 'Start', exact: true });
  await start.waitFor();
  if (options.seed !== undefined) await setSeed(page, options.seed);
  await shoot(page, 'start');
  const pressed = performance.now();
  await start.click();
  const done = page.getByRole('button', { name: 'See the result' });
  const failed = page.getByRole('alert');
  await done.or(failed).first().waitFor({ timeout: longestMs });
  const wallSeconds = (performance.now() - pressed) / 1000;
  if (await failed.isVisible()) throw new Error(`The run failed: ${await failed.innerText()}`);
  await shoot(page, 'run');
  await done.click();
  await page.waitForURL(/#\/result\//);
  await page.getByRole('button', { name: 'Run file' }).waitFor();
  await shoot(page, 'result');
  return wallSeconds;
}

async function main(): Promise<void> {
  mkdirSync(out, { recursive: true });
  const app = await serveApp();
  let browser: BrowserContext | undefined;
  try {
    browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: ensureBrowser(),
      headless: false,
      viewport: { width: 1440, height: 1000 },
      args: [...browserArgs],
    });
    const page = browser.pages()[0] ?? (await browser.newPage());
    const wallSeconds = await play(page, app.url);
    const runFile = await save(page, 'Run file', 'run.json');
    await save(page, 'Prompt file', 'prompt.json');
    const result: DemoResult = resultOf(readRunFile(readFileSync(runFile, 'utf8')), wallSeconds);
    writeFileSync(join(out, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
    console.log(JSON.stringify(result, null, 2));
  } finally {
    await browser?.close();
    await app.close();
  }
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
