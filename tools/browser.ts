import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of a Chromium to test with: `CHROMIUM` if set, an installed one, Playwright's own; null if there is none. */
export function findBrowser(): string | null {
  const named = process.env.CHROMIUM;
  if (named) return named;
  return [...installed, chromium.executablePath()].find((path) => existsSync(path)) ?? null;
}

/** Like `findBrowser`, but gets one where there is none: from Debian as root, else Playwright's own. Says what it does. */
export function ensureBrowser(): string {
  const found = findBrowser();
  if (found) return found;
  const debian = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  console.log(
    `No Chrome or Chromium found: installing one (${debian ? 'apt-get' : 'playwright'}).`,
  );
  if (debian) {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    execFileSync('apt-get', ['install', '-y', '-qq', 'chromium'], { stdio: 'inherit' });
  } else {
    spawnSync('npx', ['playwright', 'install', 'chromium'], { stdio: 'inherit', shell: true });
  }
  const now = findBrowser();
  if (now) return now;
  throw new Error(
    'The tests need a Chromium browser and none could be installed. Install Chrome or Chromium, or set CHROMIUM to its path.',
  );
}

/** Flags for a quiet headless browser. As root Chromium runs only without its sandbox. */
export const browserArgs: readonly string[] = [
  '--headless=new',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
