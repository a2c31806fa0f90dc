/**
 * npm test [-- vitest arguments]
 * Finds or installs a browser, then runs all tests: node, browser and end to end.
 */
import { spawnSync } from 'node:child_process';
import { ensureBrowser } from './browser.ts';

const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, CHROMIUM: ensureBrowser() } },
);
process.exitCode = status ?? 1;
