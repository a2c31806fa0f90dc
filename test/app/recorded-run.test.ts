import { expect, test, vi } from 'vitest';
import { keepRecordedRun } from '../../src/app/recorded-run.ts';
import type { Library, RunPreview } from '../../src/app/library.svelte.ts';

/** A library that keeps what it is given under a new id each time. */
function emptyLibrary() {
  const runs: { id: string; name: string; created: string }[] = [];
  const preview = vi.fn((file: File): Promise<RunPreview> => {
    const facts = { name: file.name, created: '2026-11-23T12:00:00.000Z' };
    const keep = () => {
      const id = `run-${String(runs.length + 1)}`;
      runs.push({ id, ...facts });
      return Promise.resolve(id);
    };
    return Promise.resolve({ ...facts, modelName: 'Pocket', requests: 1, keep });
  });
  return { runs, preview } as unknown as Library;
}

test('the recorded run is kept once, however often it is opened', async () => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(new Response('{}')));
  const library = emptyLibrary();
  const first = await keepRecordedRun(library);
  expect(await keepRecordedRun(library)).toBe(first);
  expect(library.runs.length).toBe(1);
  const asked = vi
    .mocked(fetch)
    .mock.calls.flatMap(([url]) => (url instanceof URL ? url.pathname : []));
  expect(asked[0]).toMatch(/\/demo\/run\.json$/);
});

test('a recorded run that cannot be had is an error with a remedy', async () => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(() =>
    Promise.resolve(new Response('', { status: 404 })),
  );
  await expect(keepRecordedRun(emptyLibrary())).rejects.toMatchObject({
    code: 'network',
    message: expect.stringContaining('try again') as string,
  });
});
