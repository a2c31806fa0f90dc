import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepLimitBytes } from '../../src/app/built-files.ts';
import { listFiles, writeServiceWorker } from '../../tools/service-worker.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drpo-sw-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, content = path): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function integrityOf(content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}

test('every file that a page may ask for is listed with its content, sorted', () => {
  put('index.html', '<p>ü</p>');
  put('assets/a.js');
  expect(listFiles(folder)).toEqual([
    { path: 'assets/a.js', bytes: 11, integrity: integrityOf('assets/a.js') },
    { path: 'index.html', bytes: 9, integrity: integrityOf('<p>ü</p>') },
  ]);
});

test('what a host keeps to itself, source maps, models and the service worker are not listed', () => {
  for (const path of ['_headers', 'CNAME', '.nojekyll', '.well-known/a.json']) put(path);
  for (const path of ['assets/a.js.map', 'sw.js', 'model.gguf', 'index.html']) put(path);
  truncateSync(join(folder, 'model.gguf'), keepLimitBytes + 1);
  expect(listFiles(folder).map(({ path }) => path)).toEqual(['index.html']);
});

test('the service worker is one script without imports, and another one when a file has changed', async () => {
  put('index.html');
  const write = async (): Promise<string> => {
    await writeServiceWorker(folder);
    return readFileSync(join(folder, 'sw.js'), 'utf8');
  };
  const script = await write();
  expect(script).toContain(integrityOf('index.html'));
  expect(script).not.toMatch(/\b(import|export|importScripts)\b/);
  expect(await write()).toBe(script);
  put('index.html', 'changed');
  expect(await write()).not.toBe(script);
});
