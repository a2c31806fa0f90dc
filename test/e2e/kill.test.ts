import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { dice } from '../../src/core/random.ts';
import {
  asks,
  countAsks,
  kill,
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

test.skipIf(!existsSync('/proc'))(
  'a run whose browser is killed three times ends the same and asks nothing twice',
  async () => {
    const url = inject('appUrl');
    const model = pocketFile;
    const data = smallData(folder.path);

    const calm = await openBrowser(join(folder.path, 'calm'), url);
    await setUp(calm.page, model, data);
    await start(calm.page);
    await seeResult(calm.page);
    const whole = await storedRun(calm.page);
    await calm.context.close();

    const profile = join(folder.path, 'killed');
    let browser = await openBrowser(profile, url);
    await setUp(browser.page, model, data);
    await start(browser.page);
    const roll = dice(whole.replies);
    for (let kills = 0; kills < 3; kills++) {
      const third = Math.floor(whole.replies / 3);
      const at = kills * third + 5 + roll(third - 10);
      await expect
        .poll(async () => (await storedRun(browser.page)).replies, {
          timeout: 120_000,
          interval: 50,
        })
        .toBeGreaterThanOrEqual(at);
      const address = browser.page.url();
      await kill(profile, browser);

      browser = await openBrowser(profile, url);
      await countAsks(browser.page);
      await browser.page.goto('about:blank');
      await browser.page.goto(address);
      await browser.page.getByRole('button', { name: 'Resume' }).waitFor();
      const kept = await storedRun(browser.page);
      expect(kept.replies).toBeGreaterThanOrEqual(at);
      await browser.page.getByRole('button', { name: 'Resume' }).click();
      if (kills < 2) continue;
      await seeResult(browser.page);
      const ended = await storedRun(browser.page);
      expect(await asks(browser.page)).toBe(ended.replies - kept.replies);
      expect(ended.replies).toBe(whole.replies);
      expect(ended.events).toEqual(whole.events);
    }
    await browser.context.close();
  },
);
