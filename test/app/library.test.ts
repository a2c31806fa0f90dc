import { describe, expect, test } from 'vitest';
import { Library } from '../../src/app/library.svelte.ts';
import type { Shelf } from '../../src/app/shelf.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { readPromptFile } from '../../src/formats/prompt-file.ts';
import { driveLock } from '../../src/store/locks.ts';
import type { RunContent } from '../../src/store/records.ts';
import { createRun, getRun, getRunContent, importRun, patchRun } from '../../src/store/runs.ts';
import { makeEntry, makeRun, makeRunFile } from '../formats/builders.ts';
import { aRun, newShelf } from './builders.ts';

function content(id = 'run-1'): RunContent {
  const { run, events, steers } = makeRunFile(id);
  return { run, events, steers, journal: [makeEntry('k1')] };
}

async function newLibrary(): Promise<{ readonly library: Library; readonly shelf: Shelf }> {
  const shelf = await newShelf();
  await importRun(shelf.db, content());
  const library = new Library(shelf, '1.2.3');
  await library.refresh();
  return { library, shelf };
}

const asFile = ({ name, text }: { readonly name: string; readonly text: string }) =>
  new File([text], name);

const compared = {
  interval: { low: 0.1, high: 0.7 },
  pairs: 20,
  wins: 12,
  ties: 5,
  losses: 3,
  outcome: 'better',
} as const;

describe('the list', () => {
  test('shows each run with what came of it', async () => {
    const { library, shelf } = await newLibrary();
    const { summary } = makeRun();
    const comparisons: Verdict['comparisons'] = [
      { ...compared, against: 'hand-written', difference: -0.1 },
      { ...compared, against: 'start', difference: 0.4 },
    ];
    const verdict: Verdict = { outcome: 'better', why: 'measured', arms: [], comparisons };
    const { updated } = await patchRun(shelf.db, 'run-1', { summary: { ...summary, verdict } });
    await library.refresh();
    expect(library.loaded).toBe(true);
    expect(library.runs).toEqual([
      {
        id: 'run-1',
        name: 'My run',
        created: '2026-01-31T12:00:00.000Z',
        updated,
        status: 'finished',
        modelName: makeRun().models.base.name,
        preset: 'quick',
        requests: 1,
        outcome: 'better',
        difference: 0.4,
      },
    ]);
  });

  test('says running only while a tab drives the run', async () => {
    const { library, shelf } = await newLibrary();
    const run = aRun({ name: 'left behind' });
    await createRun(shelf.db, run);
    const status = () => library.runs.find((row) => row.id === run.id)?.status;
    await library.refresh();
    expect(status()).toBe('paused');
    const release = await driveLock(run.id);
    await library.refresh();
    expect(status()).toBe('running');
    await release?.();
    await library.refresh();
    expect(status()).toBe('paused');
  });
});

describe('a run', () => {
  test('takes another name', async () => {
    const { library, shelf } = await newLibrary();
    await library.rename('run-1', '  Basil in winter ');
    expect(library.runs[0]?.name).toBe('Basil in winter');
    expect((await getRun(shelf.db, 'run-1')).name).toBe('Basil in winter');
  });

  test.each(['', '   ', '\n'])('keeps its name where the new one is empty: “%s”', async (name) => {
    const { library, shelf } = await newLibrary();
    await expect(library.rename('run-1', name)).rejects.toMatchObject({ code: 'settings-invalid' });
    expect((await getRun(shelf.db, 'run-1')).name).toBe('My run');
  });

  test('is removed, but not while a tab drives it', async () => {
    const { library } = await newLibrary();
    const release = await driveLock('run-1');
    await expect(library.remove('run-1')).rejects.toMatchObject({ code: 'run-busy' });
    expect(library.runs).toHaveLength(1);
    await release?.();
    await library.remove('run-1');
    expect(library.runs).toEqual([]);
  });
});

describe('a run file', () => {
  test('brings an equal run into another browser, once it is kept', async () => {
    const { library } = await newLibrary();
    const file = asFile(await library.exportRun('run-1'));
    const shelf = await newShelf();
    const other = new Library(shelf, '1.2.3');
    await other.refresh();
    const preview = await other.preview(file);
    expect(preview).toMatchObject({
      name: 'My run',
      created: '2026-01-31T12:00:00.000Z',
      modelName: makeRun().models.base.name,
      requests: 1,
    });
    await other.refresh();
    expect(other.runs).toEqual([]);
    expect(await preview.keep()).toBe('run-1');
    expect(other.runs).toEqual(library.runs);
    expect(await getRunContent(shelf.db, 'run-1')).toEqual(content());
  });

  test('of a run that is here is kept beside it under another id', async () => {
    const { library, shelf } = await newLibrary();
    const preview = await library.preview(asFile(await library.exportRun('run-1')));
    const id = await preview.keep();
    expect(id).not.toBe('run-1');
    expect(library.runs.map((row) => row.id).sort()).toEqual(['run-1', id].sort());
    const { run, ...rest } = content();
    expect(await getRunContent(shelf.db, id)).toEqual({ run: { ...run, id }, ...rest });
  });

  test('of a run that never began can be read again', async () => {
    const { library, shelf } = await newLibrary();
    const run = aRun({ status: 'failed', error: { code: 'network', message: 'No network.' } });
    await createRun(shelf.db, run);
    const preview = await library.preview(asFile(await library.exportRun(run.id)));
    const id = await preview.keep();
    expect(await getRun(shelf.db, id)).toEqual({ ...run, id });
  });

  test.each([
    ['is no JSON', 'hello', 'file-not-ours'],
    ['is other JSON', '{"a": 1}', 'file-not-ours'],
    ['is cut short', null, 'file-invalid'],
    ['is from a newer version', '{"format": "drpo-run", "version": 99}', 'file-newer'],
  ])('that %s is refused, and the list stays as it was', async (_what, text, code) => {
    const { library } = await newLibrary();
    const whole = (await library.exportRun('run-1')).text;
    const file = new File([text ?? whole.slice(0, whole.length / 2)], 'x.drpo-run.json');
    const before = library.runs;
    await expect(library.preview(file)).rejects.toMatchObject({ code });
    await library.refresh();
    expect(library.runs).toEqual(before);
  });

  test('that is too large is refused before it is read', async () => {
    const { library } = await newLibrary();
    const file = new File([], 'x.drpo-run.json');
    Object.defineProperty(file, 'size', { value: 500_000_000 });
    Object.defineProperty(file, 'text', { value: () => Promise.reject(new Error('was read')) });
    await expect(library.preview(file)).rejects.toMatchObject({ code: 'file-too-large' });
  });

  test.each([
    ['My run', 'My-run'],
    ['Café crème', 'Cafe-creme'],
    ['../../etc/passwd', 'etc-passwd'],
    ['.hidden', 'hidden'],
    ['a/b\\c:d*e?"f<g>|', 'a-b-c-d-e-f-g'],
    ['Базилик', 'run'],
    ['…', 'run'],
    ['x'.repeat(200), 'x'.repeat(60)],
  ])('of “%s” has a safe name', async (name, plain) => {
    const { library, shelf } = await newLibrary();
    await patchRun(shelf.db, 'run-1', { name });
    expect((await library.exportRun('run-1')).name).toBe(`${plain}.drpo-run.json`);
    expect((await library.exportPrompt('run-1')).name).toBe(`${plain}.drpo-prompt.json`);
    expect((await library.exportReport('run-1')).name).toBe(`${plain}.drpo-report.html`);
  });
});

test('a report tells the run with what its kept replies cost, and shows as a page that needs nothing else', async () => {
  const { library } = await newLibrary();
  const { text } = await library.exportReport('run-1');
  const page = new DOMParser().parseFromString(text, 'text/html');
  expect(page.title).toBe('My run: No improvement could be shown');
  const cells = page.querySelectorAll('#cost tr.strong > *');
  expect(Array.from(cells, (cell) => cell.textContent.trim())).toEqual([
    'Together',
    '1',
    '9',
    '5',
    '0 s',
  ]);
  expect(page.querySelectorAll('script, link, img, iframe, object')).toHaveLength(0);
});

test('a prompt file holds what was found and how to use it', async () => {
  const { library, shelf } = await newLibrary();
  const found = { type: 'selected', candidate: 'p1', ranking: [] } as const;
  const { events } = content();
  await importRun(shelf.db, { ...content('run-2'), events: [...events, found] });
  const { text } = await library.exportPrompt('run-2');
  const file = readPromptFile(text);
  const { result } = makeRunFile();
  expect(file).toMatchObject({
    prompt: result?.prompt,
    text: result?.text,
    examples: result?.examples,
    decoding: result?.decoding,
    verdict: makeRun().summary.verdict,
    settings: makeRun().settings,
  });
});
