import { expect, test } from 'vitest';
import { chooseLibrary } from '../../../src/llm/web-llm/library.ts';

const address = (build: string): string =>
  `https://libs.invalid/v0_2_86/${build}/M_cs1k-webgpu.wasm`;
const [usual, faster] = [address('base'), address('sg32')];

test.each([
  ['has no subgroups', false, [], [faster], usual],
  ['has no subgroups, though they were there once', false, [faster, usual], [faster], usual],
  ['has subgroups', true, [], [faster], faster],
  ['has subgroups, for which nothing was built', true, [], [], usual],
  ['has subgroups, and keeps the faster build', true, [faster, usual], [], faster],
  ['has subgroups, and keeps the usual build', true, [usual], [faster], usual],
] as const)('a device that %s', async (_name, subgroups, stored, offered, url) => {
  const shelf = {
    stored: (one: string) => Promise.resolve((stored as readonly string[]).includes(one)),
    offered: (one: string) => Promise.resolve((offered as readonly string[]).includes(one)),
  };
  const version = url === faster ? 'v0_2_86/sg32' : 'v0_2_86/base';
  expect(await chooseLibrary(usual, subgroups, shelf)).toEqual({ url, version });
});

test('a library of another naming is taken as it is', async () => {
  const shelf = { stored: () => Promise.resolve(true), offered: () => Promise.resolve(true) };
  const own = 'https://libs.invalid/mine/build/M.wasm';
  expect(await chooseLibrary(own, true, shelf)).toEqual({ url: own, version: 'mine/build' });
});
