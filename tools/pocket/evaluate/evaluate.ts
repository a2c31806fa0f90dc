/**
 * npm run pocket:evaluate -- [--model FILE] [--seeds N] [--cases N] [--json FILE] [--only roles|searches]
 * Measures the shipped model in every role and in whole searches, run through the app's engine in Chromium on one thread, against the rule of its
 * world, and prints a table of figures with their bars.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type BrowserContext, type Page } from 'playwright';
import { browserArgs, ensureBrowser } from '../../browser.ts';
import { servePage, type PageServer } from '../../bench/serve.ts';
import type { Editing } from '../ideal.ts';
import { tableOf, type Figures, type RoleFigures } from './report.ts';
import type { Searched } from './searches.ts';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'public/models/pocket.gguf' },
    seeds: { type: 'string', default: '20' },
    cases: { type: 'string', default: '120' },
    json: { type: 'string' },
    only: { type: 'string' },
  },
});
const seeds = Array.from({ length: Number(options.seeds) }, (_, i) => i + 1);
const cases = Number(options.cases);
const folder = mkdtempSync(join(tmpdir(), 'pocket-evaluate-'));

async function openPage(browser: BrowserContext, server: PageServer): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.waitForFunction(() => 'evaluation' in window);
  await page.evaluate((url) => window.evaluation.open(url), server.offer(options.model));
  return page;
}

async function measureRoles(page: Page): Promise<RoleFigures> {
  const said = (what: string): void => {
    console.error(`${what} …`);
  };
  said('judge');
  const judge = await page.evaluate((n) => window.evaluation.judging('seen', 11, n), cases);
  const judgeHeldOut = await page.evaluate(
    (n) => window.evaluation.judging('held-out', 12, n),
    cases,
  );
  const read = await page.evaluate((n) => window.evaluation.reading(13, n), cases);
  said('behaviours');
  const { behaviours, scoped } = await page.evaluate(() => ({
    behaviours: window.evaluation.behaviours,
    scoped: window.evaluation.scoped,
  }));
  const each = Math.ceil(cases / 3);
  const followed: Record<string, Figures> = {};
  for (const b of behaviours) {
    followed[b] = await page.evaluate(([name, n]) => window.evaluation.following(name, 14, n), [
      b,
      each,
    ] as const);
  }
  const scope: Record<string, Figures> = {};
  for (const b of scoped) {
    scope[b] = await page.evaluate(([name, n]) => window.evaluation.keepingScope(name, 15, n), [
      b,
      each,
    ] as const);
  }
  said('optimizer');
  const edits = await page.evaluate((n) => window.evaluation.editing(16, n), cases);
  const reasons = await page.evaluate((n) => window.evaluation.explaining(18, n), cases);
  const improved = await page.evaluate((n) => window.evaluation.improving(17, n), cases);
  said('outside');
  const outside = await page.evaluate((n) => window.evaluation.recognising(19, n), cases);
  return { judge, judgeHeldOut, read, followed, scope, edits, reasons, improved, outside };
}

/** All searches, two pages at a time, the model's own edits and random ones. */
async function runSearches(pages: readonly Page[]): Promise<readonly Searched[]> {
  const waiting = seeds.flatMap((seed) =>
    (['taught', 'random'] as const).map((editing): readonly [number, Editing] => [seed, editing]),
  );
  const done: Searched[] = [];
  await Promise.all(
    pages.map(async (page) => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const searched = await page.evaluate(([s, e]) => window.evaluation.search(s, e), next);
        done.push(searched);
        const { rule, judge, editing, seed } = searched;
        console.error(
          `seed ${String(seed)}, ${editing}: rule ${rule.before.toFixed(2)} → ${rule.after.toFixed(2)}, judge ${judge.before.toFixed(2)} → ${judge.after.toFixed(2)}, every bullet ${rule.every.toFixed(2)}, ${String(searched.requests)} requests, ${(searched.elapsedMs / 1000).toFixed(1)} s: ${searched.behaviours.join(' ')}`,
        );
      }
    }),
  );
  return done.sort((a, b) => a.seed - b.seed);
}

async function main(): Promise<void> {
  const server = await servePage(join(folder, 'page'), new URL('page', import.meta.url).pathname);
  const browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: ensureBrowser(),
    args: [...browserArgs],
  });
  try {
    const page = await openPage(browser, server);
    const roles = options.only === 'searches' ? null : await measureRoles(page);
    const searches =
      options.only === 'roles' ? [] : await runSearches([page, await openPage(browser, server)]);
    const bytes = statSync(options.model).size;
    for (const line of tableOf({ bytes, roles, searches })) console.log(line);
    if (options.json !== undefined) {
      writeFileSync(options.json, `${JSON.stringify({ bytes, roles, searches }, null, 2)}\n`);
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
