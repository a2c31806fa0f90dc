import { describe, expect, test } from 'vitest';
import {
  byAddress,
  cacheKeyOf,
  cacheNameFor,
  fileFor,
  isolate,
  isPrecached,
  type BuiltFile,
} from '../../src/app/built-files.ts';

const scope = new URL('https://example.org/tools/drpo/');
const page = aFile('index.html');
const script = aFile('assets/index-1a2b.js');
const files = byAddress([page, script], scope);

function aFile(path: string, content = path): BuiltFile {
  return { path, bytes: 100, integrity: `sha256-${btoa(content)}` };
}

function answerTo(url: string, init: RequestInit = {}): BuiltFile | null {
  return fileFor(new Request(url, init), files);
}

describe('what the service worker answers', () => {
  test.each([
    ['the bare scope', scope.href, page],
    ['the scope with a query and a place', `${scope.href}?from=mail#/runs`, page],
    ['the page by name', `${scope.href}index.html`, page],
    ['a file', `${scope.href}assets/index-1a2b.js`, script],
  ])('%s', (_, url, file) => {
    expect(answerTo(url)).toBe(file);
  });

  test.each([
    ['the same path of another host', 'https://example.com/tools/drpo/assets/index-1a2b.js'],
    ['the same path of another port', 'https://example.org:8080/tools/drpo/assets/index-1a2b.js'],
    ['a copy of the app in a folder below', `${scope.href}next/`],
    ['a copy of the app in the folder above', 'https://example.org/tools/'],
    ['a scope without its last slash', 'https://example.org/tools/drpo'],
    ['what was not built with it', `${scope.href}assets/index-3c4d.js`],
    ['what was put beside it', `${scope.href}models/a.gguf`],
  ])('nothing to %s', (_, url) => {
    expect(answerTo(url)).toBeNull();
  });

  test('nothing to a request for a part, or one that sends something', () => {
    expect(answerTo(`${scope.href}index.html`, { headers: { range: 'bytes=0-9' } })).toBeNull();
    expect(answerTo(`${scope.href}index.html`, { method: 'POST', body: 'x' })).toBeNull();
    expect(answerTo(`${scope.href}index.html`, { method: 'HEAD' })).toBeNull();
  });
});

test('the page and the recorded run are stored before they are asked for, engines are not', () => {
  expect(isPrecached(page)).toBe(true);
  expect(isPrecached({ ...aFile('demo/run.json'), bytes: 1_700_000 })).toBe(true);
  expect(isPrecached({ ...aFile('assets/engine.wasm'), bytes: 1_700_000 })).toBe(false);
});

test('copies under different paths have different caches', () => {
  const names = ['/', '/a/', '/a/b/'].map((path) => cacheNameFor(new URL(path, scope)));
  expect(new Set(names).size).toBe(3);
  expect(names.every((name) => name.startsWith('drpo-app-'))).toBe(true);
});

test('a file is stored once for each content, and under one key for the same content', () => {
  const [old, same, changed] = [aFile('theme.js'), aFile('theme.js'), aFile('theme.js', 'new')];
  expect(cacheKeyOf(same, scope)).toBe(cacheKeyOf(old, scope));
  expect(cacheKeyOf(changed, scope)).not.toBe(cacheKeyOf(old, scope));
});

describe('an isolated response', () => {
  test('has the three headers, whatever the host sent, and keeps the rest', async () => {
    const headers = {
      'content-type': 'text/html',
      'content-security-policy': "frame-ancestors 'none'",
      'cross-origin-opener-policy': 'unsafe-none',
      'content-encoding': 'br',
      'content-length': '3',
      vary: '*',
    };
    const isolated = isolate(new Response('page', { status: 203, headers }));
    expect(Object.fromEntries(isolated.headers)).toEqual({
      'content-type': 'text/html',
      'content-security-policy': "frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(isolated.status).toBe(203);
    expect(await isolated.text()).toBe('page');
  });

  test('is an empty one where there is no body, and an error where there is no response', () => {
    expect(isolate(new Response(null, { status: 204 })).status).toBe(204);
    const error = Response.error();
    expect(isolate(error)).toBe(error);
  });
});
