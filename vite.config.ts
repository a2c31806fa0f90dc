import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import app from './package.json' with { type: 'json' };
import { browserArgs, findBrowser } from './tools/browser.ts';
import { contentSecurityPolicy } from './tools/csp.ts';
import { serviceWorker } from './tools/service-worker.ts';

const executablePath = process.env.VITEST ? findBrowser() : null;

export default defineConfig({
  base: './',
  define: { __APP_VERSION__: JSON.stringify(app.version) },
  plugins: [svelte({ configFile: false }), contentSecurityPolicy(), serviceWorker()],
  worker: { format: 'es' },
  build: { target: 'es2023', chunkSizeWarningLimit: 8000 },
  optimizeDeps: {
    exclude: ['@wllama/wllama'],
    // Workers' imports are found late otherwise, and the page reloads in the middle of a test.
    include: [
      ...['comlink', 'hash-wasm', 'valibot', '@mlc-ai/web-llm', 'minisearch', 'diff', 'idb'],
      ...['d3-hierarchy', 'd3-scale', 'd3-shape', 'd3-dsv'],
    ],
  },
  test: {
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['test/{core,view,llm,formats,data,tools}/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/{app,store,ui}/**/*.test.ts', 'test/**/*.browser.test.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                ...(executablePath && { executablePath }),
                args: [...browserArgs],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
