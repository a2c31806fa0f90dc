import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { serveModel, type ServedModel } from '../../tools/serve-model/server.ts';
import {
  openBrowser,
  randomModelFile,
  scratchFolder,
  seeResult,
  setUpData,
  smallData,
  start,
  storedRun,
} from './app.ts';

const folder = scratchFolder();
const key = 'sk-a-secret-of-the-test';
let server: ServedModel;

beforeAll(async () => {
  // Not Pocket: behind a server it is asked in another profile, and a run on its long answers takes ten times as long.
  const model = readFileSync(randomModelFile(folder.path));
  let refusals = 2;
  server = await serveModel({
    model,
    name: 'tiny',
    key,
    fault: ({ path }) =>
      // A busy server at the beginning of the run.
      path.endsWith('/completions') && refusals-- > 0
        ? { type: 'answer', status: 429, body: '{}', headers: { 'retry-after': '0' } }
        : null,
  });
});

afterAll(async () => {
  await server.close();
  await folder.remove();
});

test('a server plays all roles, several requests at once, and its key is stored nowhere', async () => {
  const { context, page } = await openBrowser(join(folder.path, 'served'), inject('appUrl'));
  await page.getByRole('navigation').getByRole('link', { name: 'Models' }).click();
  await page.getByRole('button', { name: /^A server/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Address').fill(server.url.replace('http://', ''));
  const reloaded = page.waitForEvent('load');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await reloaded;
  // The page was loaded again to let the host in, and the form goes on where it was.
  await dialog.getByText('The page was loaded again').waitFor();
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.getByText(/key/i).and(page.getByRole('alert').getByRole('paragraph')).waitFor();
  await dialog.getByLabel(/^Key/).fill(key);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.getByRole('radio', { name: 'Completions' }).check();
  await dialog.getByRole('button', { name: 'Add' }).click();
  await page
    .getByRole('listitem')
    .filter({ hasText: 'tiny' })
    .getByRole('button', { name: /^Use/ })
    .first()
    .click();
  await page.goto(`${inject('appUrl')}#/start`);
  await setUpData(page, smallData(folder.path));
  await start(page);
  await page.getByText('the server you chose').waitFor();
  await seeResult(page);
  const { replies } = await storedRun(page);
  expect(replies).toBeGreaterThan(50);
  expect(server.mostAtOnce()).toBeGreaterThan(1);
  const everything = await page.evaluate(async () => {
    const open = indexedDB.open('drpo');
    const db = await new Promise<IDBDatabase>((resolve) => {
      open.onsuccess = () => resolve(open.result);
    });
    const stores = [...db.objectStoreNames];
    const all = await Promise.all(
      stores.map(
        (name) =>
          new Promise((resolve) => {
            const request = db.transaction(name).objectStore(name).getAll();
            request.onsuccess = () => resolve(request.result);
          }),
      ),
    );
    db.close();
    return JSON.stringify([all, Object.entries(localStorage), Object.entries(sessionStorage)]);
  });
  expect(everything).toContain('tiny');
  expect(everything).not.toContain(key);
  await context.close();
});
