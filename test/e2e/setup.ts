import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { serveFiles } from './serve.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the built app, served as static files under a path that is not the root. */
    appUrl: string;
    /** The folder it is served from. */
    appFolder: string;
  }
}

/** Builds the app once and serves it as any static host would. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outDir = mkdtempSync(join(tmpdir(), 'drpo-web-'));
  await build({ logLevel: 'error', build: { outDir, emptyOutDir: true } });
  const server = await serveFiles(outDir, '/some/path/');
  project.provide('appUrl', server.url);
  project.provide('appFolder', outDir);
  return async () => {
    await server.close();
    rmSync(outDir, { recursive: true, force: true });
  };
}
