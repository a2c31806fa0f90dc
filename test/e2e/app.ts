import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Locator, type Page } from 'playwright';
import pocketData from '../../src/data/pocket.json' with { type: 'json' };
import { browserArgs, findBrowser } from '../../tools/browser.ts';
import { randomModel } from '../../tools/gguf/random-model.ts';

/** A browser with a profile on disk, which outlives it. */
export interface Browser {
  readonly context: BrowserContext;
  readonly page: Page;
}

const open = new Set<BrowserContext>();

/** A folder of this test file's own; `remove` closes the browsers that a failed test has left open, and removes it. */
export function scratchFolder(): { readonly path: string; remove(): Promise<void> } {
  const path = mkdtempSync(join(tmpdir(), 'drpo-e2e-'));
  return {
    path,
    async remove() {
      for (const context of open) await context.close();
      rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

/** Opens the app in a browser with this profile. A page error or a blocked request fails whoever awaits `calm`. */
export async function openBrowser(profile: string, url: string): Promise<Browser> {
  const executablePath = findBrowser();
  const context = await chromium.launchPersistentContext(profile, {
    ...(executablePath && { executablePath }),
    headless: false,
    viewport: { width: 1280, height: 900 },
    args: [...browserArgs],
  });
  open.add(context);
  context.once('close', () => open.delete(context));
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('pageerror', (error) => console.error('page error:', error.message));
  if (url.startsWith('http')) {
    // On a plain host the page loads itself anew for its service worker, perhaps before it has loaded at all.
    await page.goto(url, { waitUntil: 'commit' });
    await page.getByRole('heading', { level: 1 }).waitFor();
  } else await page.goto(url);
  return { context, page };
}

/** Kills the browser as a crash would: no handler of the page runs. */
export async function kill(profile: string, { context }: Browser): Promise<void> {
  const closed = new Promise<void>((resolve) => context.once('close', () => resolve()));
  for (const pid of processesOf(profile)) process.kill(pid, 'SIGKILL');
  await closed;
}

/** The main process of the browser with this profile, from /proc: what it started dies with it. */
function processesOf(profile: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const isMain = !words.some((word) => word.startsWith('--type='));
      return isMain && words.includes(`--user-data-dir=${profile}`) ? [Number(pid)] : [];
    } catch {
      return []; // It ended while it was looked at.
    }
  });
}

/** A small set of Pocket's questions and examples: a run on them takes half a minute. */
export function smallData(folder: string): { readonly queries: string; readonly examples: string } {
  const queries = join(folder, 'queries.txt');
  const examples = join(folder, 'examples.json');
  const asked = pocketData.queries.train.slice(0, 10);
  const answered = pocketData.examples.slice(0, 4);
  writeFileSync(queries, asked.map(({ text }) => text).join('\n'));
  writeFileSync(examples, JSON.stringify(answered));
  return { queries, examples };
}

/** The model that comes with the app, as a file that someone has. */
export const pocketFile = new URL('../../public/models/pocket.gguf', import.meta.url).pathname;

/** A GGUF file whose model says nothing but nonsense: random weights, the same on every machine. */
export function randomModelFile(folder: string): string {
  const path = join(folder, 'random.gguf');
  writeFileSync(path, randomModel({ layers: 1, dim: 32, hidden: 64, contextSize: 512, seed: 3 }));
  return path;
}

/** Drops a file on a drop zone, as a hand would. */
export async function dropFile(page: Page, zone: string, path: string): Promise<void> {
  const name = path.split('/').at(-1) ?? 'file';
  const bytes = readFileSync(path).toString('base64');
  const transfer = await page.evaluateHandle(
    ({ bytes: encoded, name: fileName }) => {
      const data = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
      const dropped = new DataTransfer();
      dropped.items.add(new File([data], fileName));
      return dropped;
    },
    { bytes, name },
  );
  const target = dropZone(page, zone);
  await target.dispatchEvent('dragover', { dataTransfer: transfer });
  await target.dispatchEvent('drop', { dataTransfer: transfer });
}

/** The hidden file input behind a drop zone's button. */
export function fileInput(page: Page, zone: string): Locator {
  return dropZone(page, zone).locator('input[type=file]');
}

function dropZone(page: Page, zone: string): Locator {
  return page.getByRole('group').filter({ hasText: zone }).last();
}

/** Sets up a quick run on the small data: the model dropped and kept, questions and examples of one's own. */
export async function setUp(
  page: Page,
  model: string,
  data: { queries: string; examples: string },
) {
  await chooseFile(page, model);
  await page.getByRole('button', { name: 'Keep this file in the browser' }).click();
  await setUpData(page, data);
}

/** Chooses a model file in the place of the model that comes with the app. */
export async function chooseFile(page: Page, model: string): Promise<void> {
  await otherModels(page);
  await dropFile(page, 'Drop a GGUF file', model);
  await page.getByRole('button', { name: 'Keep this file in the browser' }).waitFor();
}

/** Opens the models that may be chosen in the place of the one that is. */
export async function otherModels(page: Page): Promise<void> {
  const change = page.getByRole('button', { name: 'Change', exact: true });
  const offers = page.getByText('Drop a GGUF file');
  await change.or(offers).first().waitFor();
  if (await change.isVisible()) await change.click();
  await offers.waitFor();
}

/** Sets up the small data alone. */
export async function setUpData(page: Page, data: { queries: string; examples: string }) {
  await page
    .getByRole('radiogroup', { name: 'Whose questions' })
    .getByRole('radio', { name: 'My own' })
    .check();
  await fileInput(page, 'Drop a file of questions').setInputFiles(data.queries);
  await page.getByText('10 questions').first().waitFor();
  await page
    .getByRole('radiogroup', { name: 'Whose examples' })
    .getByRole('radio', { name: 'My own' })
    .check();
  await fileInput(page, 'Drop a file of examples').setInputFiles(data.examples);
  await page.getByText('4 examples').first().waitFor();
}

/** Presses Start and waits for the run's address. */
export async function start(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForURL(/#\/run\//);
}

/** Waits until the run has ended, and opens its result. */
export async function seeResult(page: Page): Promise<void> {
  const done = page.getByRole('button', { name: 'See the result' });
  const failed = page.getByRole('alert');
  await done.or(failed).first().waitFor({ timeout: 220_000 });
  if (await failed.isVisible()) throw new Error(`the run failed: ${await failed.innerText()}`);
  await done.click();
  await page.waitForURL(/#\/result\//);
}

/** A stored run as the database has it. */
export interface StoredRun {
  readonly id: string;
  readonly replies: number;
  readonly events: readonly unknown[];
}

/** What the app has stored of its newest run, read from its database. */
export function storedRun(page: Page): Promise<StoredRun> {
  return page.evaluate(async () => {
    const open = indexedDB.open('drpo');
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      open.onsuccess = () => resolve(open.result);
      open.onerror = () => reject(new Error('no database'));
    });
    const all = <T>(store: string) =>
      new Promise<T[]>((resolve) => {
        const request = db.transaction(store).objectStore(store).getAll() as IDBRequest<T[]>;
        request.onsuccess = () => resolve(request.result);
      });
    const runs = await all<{ id: string; created: string }>('runs');
    const newest = runs.sort((a, b) => (a.created < b.created ? 1 : -1))[0];
    if (!newest) throw new Error('no run is stored');
    const events = await all<{ run: string; event: unknown }>('events');
    const replies = await all<{ run: string }>('replies');
    db.close();
    return {
      id: newest.id,
      replies: replies.filter((r) => r.run === newest.id).length,
      events: events.filter((e) => e.run === newest.id).map((e) => e.event),
    };
  });
}

/** Counts, from the next page load on, the requests that reach an engine's worker. */
export async function countAsks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const counter = window as unknown as { asks: number };
    counter.asks = 0;
    const description = Object.getOwnPropertyDescriptor(Worker.prototype, 'postMessage');
    const post = description?.value as (...args: unknown[]) => void;
    Worker.prototype.postMessage = function (this: Worker, ...args: unknown[]) {
      const message = args[0] as { path?: readonly string[] } | null;
      if (message?.path?.at(-1) === 'ask') counter.asks++;
      Reflect.apply(post, this, args);
    };
  });
}

/** How many requests have reached an engine since the page was loaded. */
export function asks(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { asks: number }).asks);
}
