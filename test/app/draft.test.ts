import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Draft, type ChosenModel } from '../../src/app/draft.svelte.ts';
import { Models } from '../../src/app/models.svelte.ts';
import type { Shelf } from '../../src/app/shelf.ts';
import { promptText } from '../../src/core/prompt.ts';
import { presets } from '../../src/core/settings.ts';
import { plantedTexts } from '../../src/data/planted.ts';
import { exportPromptFile } from '../../src/formats/prompt-file.ts';
import { criteria, example, queries } from '../core/builders.ts';
import { makePromptFile } from '../formats/builders.ts';
import { aModelFile, emptyFileSystem, eventually, newShelf } from './builders.ts';

vi.mock('../../src/llm/open.ts', () => import('./stage.ts'));

beforeEach(emptyFileSystem);

const ours = {
  queries: { train: queries('t', 30), select: queries('s', 20), test: queries('x', 30) },
  examples: [example('a'), example('b')],
  criteria,
  handWritten: 'You answer well.',
  planted: plantedTexts,
  world: {
    about: 'kettles and foxes',
    queries: { train: queries('wt', 12), select: queries('ws', 11), test: queries('wx', 21) },
    examples: [example('w')],
    start: 'You are Pocket.',
    handWritten: 'You are Pocket.\n- Be brief.',
  },
};

const pocket: ChosenModel = { type: 'built-in', id: 'pocket' };
const webLlm: ChosenModel = { type: 'web-llm', id: 'Tiny-MLC' };

function newDraft(shelf: Shelf, models = new Models(shelf)): Draft {
  return new Draft(shelf, models, ours);
}

/** A draft that could be started. */
async function ready(): Promise<Draft> {
  const draft = newDraft(await newShelf());
  draft.models = { base: webLlm, evaluator: null, optimizer: null };
  return draft;
}

/** All that a person can set, to compare before and after. */
function whole(draft: Draft) {
  const { name, models, settings, prompt, ownQueries, ownExamples, estimate } = draft;
  return {
    name,
    models,
    settings,
    prompt,
    criteria: draft.criteria,
    ownQueries,
    ownExamples,
    estimate,
  };
}

const lines = (count: number) =>
  new File([Array.from({ length: count }, (_, i) => `What is ${i}?`).join('\n')], 'mine.txt');

describe('a preset', () => {
  test('brings all its settings and leaves the seed', async () => {
    const draft = await ready();
    draft.settings = { ...draft.settings, seed: 77 };
    for (const name of ['standard', 'paper', 'quick'] as const) {
      draft.usePreset(name);
      expect(draft.settings).toEqual({ ...presets[name], seed: 77 });
    }
  });

  test('leaves a prompt of one’s own; the paper’s fills in where there is none', async () => {
    const draft = await ready();
    draft.setPromptText('Mine.');
    draft.usePreset('paper');
    expect(promptText(draft.prompt)).toBe('Mine.');
    draft.setPromptText('');
    draft.usePreset('paper');
    expect(promptText(draft.prompt)).toBe('You are a helpful assistant.');
  });
});

describe('on a first visit', () => {
  test('the model that comes with the app is chosen, with all that it knows, and Start can be pressed', async () => {
    const draft = newDraft(await newShelf());
    await draft.restore();
    expect(draft.models).toEqual({ base: pocket, evaluator: null, optimizer: null });
    expect(draft.blocked).toBeNull();
    expect([draft.queriesFrom, draft.examplesFrom]).toEqual(['world', 'world']);
    const run = draft.makeRun();
    expect(run).toMatchObject({
      name: 'Pocket, demo',
      settings: presets.demo,
      modelSources: { base: pocket, evaluator: pocket, optimizer: pocket },
      handWritten: ours.world.handWritten,
      data: { examples: ours.world.examples },
    });
    expect(promptText(run.startingPrompt)).toBe(ours.world.start);
    const ids = (known: readonly { readonly id: string }[]) => new Set(known.map((q) => q.id));
    const { train, select, test: tested } = run.data;
    expect(ids(train)).toEqual(ids(ours.world.queries.train));
    const { selection, test: most } = presets.demo.evaluation;
    const { queries } = ours.world;
    expect(select.length).toBe(Math.min(selection, queries.select.length));
    expect(tested.length).toBe(Math.min(most, queries.test.length));
    expect(ids(ours.world.queries.select)).toEqual(ids([...select, ...ours.world.queries.select]));
    expect(ids(ours.world.queries.test)).toEqual(ids([...tested, ...ours.world.queries.test]));
  });

  test('another model brings the usual beginning, and the first one its own again', async () => {
    const draft = newDraft(await newShelf());
    await draft.restore();
    draft.settings = { ...draft.settings, seed: 77 };
    draft.useModel('base', webLlm);
    expect(draft.settings).toEqual({ ...presets.quick, seed: 77 });
    expect(promptText(draft.prompt)).toBe('You are a helpful assistant.');
    expect([draft.queriesFrom, draft.examplesFrom]).toEqual(['ours', 'ours']);
    const { data, handWritten } = draft.makeRun();
    expect(data.train.map((q) => q.id).toSorted()).toEqual(
      ours.queries.train.map((q) => q.id).toSorted(),
    );
    expect(data.examples).toEqual(ours.examples);
    expect(handWritten).toBe(ours.handWritten);
    draft.setPromptText(ours.handWritten);
    draft.useModel('base', pocket);
    expect(draft.settings).toEqual({ ...presets.demo, seed: 77 });
    expect(promptText(draft.prompt)).toBe(ours.world.handWritten);
    expect(draft.queriesFrom).toBe('world');
  });

  test('what a person has chosen stays with another model', async () => {
    const draft = newDraft(await newShelf());
    await draft.restore();
    draft.usePreset('standard');
    draft.setPromptText('Mine.');
    await draft.readQueries(lines(20));
    draft.useModel('base', webLlm);
    draft.useModel('evaluator', pocket);
    expect(draft.settings.preset).toBe('standard');
    expect(promptText(draft.prompt)).toBe('Mine.');
    expect(draft.queriesFrom).toBe('own');
    expect(draft.world).toBeNull();
  });

  test('a locked line stays as it is with another model', async () => {
    const draft = newDraft(await newShelf());
    await draft.restore();
    draft.setOpeningLocked(true);
    draft.useModel('base', webLlm);
    expect(promptText(draft.prompt)).toBe(ours.world.start);
  });
});

describe('the questions of the built-in model’s world', () => {
  test('can be left out and taken again, and the usual ones taken in their place', async () => {
    const shelf = await newShelf();
    const draft = newDraft(shelf);
    await draft.restore();
    const { train, select, test: tested } = ours.world.queries;
    const first = train.slice(0, 5).map((q) => q.id);
    draft.pick([...first, ...select.slice(1).map((q) => q.id)], false);
    draft.pick(first.slice(3), true);
    expect(draft.ourCounts).toEqual({
      train: train.length - 3,
      select: 1,
      test: tested.length,
      examples: 1,
    });
    const { data } = draft.makeRun();
    expect(data.train.map((q) => q.id).toSorted()).toEqual(
      train
        .slice(3)
        .map((q) => q.id)
        .toSorted(),
    );
    expect(data.select).toEqual(select.slice(0, 1));
    draft.useExamples('ours');
    await eventually(() => shelf.library.get('draft')).toMatchObject({ usual: { examples: true } });

    const later = newDraft(shelf);
    await later.restore();
    expect(later.leftOut).toEqual(draft.leftOut);
    expect([later.queriesFrom, later.examplesFrom]).toEqual(['world', 'ours']);
    later.useQueries('ours');
    expect(later.ourCounts.train).toBe(ours.queries.train.length);
    later.useQueries('world');
    expect(later.ourCounts.train).toBe(train.length - 3);
  });

  test('are missed where none is left to search with', async () => {
    const draft = newDraft(await newShelf());
    await draft.restore();
    draft.pick(
      ours.world.queries.train.map((q) => q.id),
      false,
    );
    expect(draft.blocked).toBe('Pick at least one question to search with.');
    draft.useQueries('ours');
    expect(draft.blocked).toBeNull();
  });
});

describe('a prompt', () => {
  test('given as text keeps the locks of lines that stay', async () => {
    const draft = await ready();
    draft.setPromptText('Be good.\n- One.\n- Two.\n- Three.');
    draft.setOpeningLocked(true);
    for (const { id, text } of draft.prompt.bullets) {
      if (text !== 'One.') draft.setBulletLocked(id, true);
    }
    // A line before, one changed, and one after the last, with the line break it takes to write it.
    draft.setPromptText('Be good.\n- New.\n- One.\n- Two, really.\n- Three.\n');
    draft.setPromptText('Be good.\n- New.\n- One.\n- Two, really.\n- Three.\n- Last.');
    expect(draft.prompt.openingLocked).toBe(true);
    expect(draft.prompt.bullets.map((b) => [b.text, b.locked])).toEqual([
      ['New.', false],
      ['One.', false],
      ['Two, really.', false],
      ['Three.', true],
      ['Last.', false],
    ]);
    draft.setPromptText('Be better.\n- One.');
    expect(draft.prompt.openingLocked).toBe(false);
  });

  test('that is too long is refused with its length, and nothing changes', async () => {
    const draft = await ready();
    const before = whole(draft);
    expect(() => draft.setPromptText('x'.repeat(8001))).toThrow(
      expect.objectContaining({
        code: 'settings-invalid',
        message: expect.stringContaining((8001).toLocaleString()) as string,
      }),
    );
    expect(whole(draft)).toEqual(before);
    draft.setPromptText('x'.repeat(8000));
    expect(promptText(draft.prompt)).toHaveLength(8000);
  });

  test('from a shared file comes with its examples, as a start of its own', async () => {
    const draft = await ready();
    const file = makePromptFile();
    await draft.readPromptFile(new File([exportPromptFile(file)], 'shared.json'));
    expect(promptText(draft.prompt)).toBe(file.text);
    expect(draft.prompt.bullets.map((b) => b.locked)).toEqual(
      file.prompt.bullets.map((b) => b.locked),
    );
    // Ids of another run's candidates would meet those of this run's.
    expect(draft.prompt.bullets.map((b) => [b.id, b.origin])).toEqual(
      file.prompt.bullets.map((_, i) => [`start.${i}`, { type: 'start' }]),
    );
    expect(draft.ownExamples).toEqual({ name: 'shared.json', count: 1, skipped: 0 });
    const { examples } = draft.makeRun().data;
    expect(examples.map(({ query, answer }) => ({ query, answer }))).toEqual(
      file.examples.map(({ query, answer }) => ({ query, answer })),
    );
  });

  test('from a bad file changes nothing', async () => {
    const draft = await ready();
    const before = whole(draft);
    const long = { ...makePromptFile().prompt, opening: 'x'.repeat(9000) };
    const tooLong = { ...makePromptFile(), prompt: long, text: promptText(long) };
    for (const [text, code] of [
      ['hello', 'file-not-ours'],
      ['{"format": "drpo-prompt", "version": 1}', 'file-invalid'],
      [exportPromptFile(tooLong), 'settings-invalid'],
    ] as const) {
      await expect(draft.readPromptFile(new File([text], 'x.json'))).rejects.toMatchObject({
        code,
      });
    }
    expect(whole(draft)).toEqual(before);
  });
});

describe('a person’s queries', () => {
  test('are read, split without overlap, and given up again', async () => {
    const draft = await ready();
    await draft.readQueries(lines(20));
    expect(draft.ownQueries).toMatchObject({ name: 'mine.txt', column: null, skipped: 0 });
    const { train, select, test: tested } = draft.makeRun().data;
    const all = [...train, ...select, ...tested].map((q) => q.text);
    expect(all.toSorted()).toEqual([...(draft.ownQueries?.queries ?? [])].sort());
    draft.useQueries('ours');
    expect(draft.ownQueries).toBeNull();
    expect(draft.makeRun().data.train).toHaveLength(30);
  });

  test('keep their kinds, and can be read from another column', async () => {
    const draft = await ready();
    const rows = Array.from({ length: 10 }, (_, i) => `Q${i},Other ${i},kind ${i % 2}`);
    const file = new File([['question,other,kind', ...rows].join('\n')], 'mine.csv');
    await draft.readQueries(file);
    expect(draft.ownQueries).toMatchObject({ column: 'question' });
    const { train } = draft.makeRun().data;
    expect(new Set(train.map((q) => q.kind))).toEqual(new Set(['kind 0', 'kind 1']));
    await draft.readQueries(file, 'other');
    expect(draft.ownQueries).toMatchObject({ column: 'other' });
    expect(draft.ownQueries?.queries[0]).toBe('Other 0');
  });

  test.each([
    ['too few', lines(3), 'data-empty'],
    ['empty', new File([''], 'mine.txt'), 'data-empty'],
    [
      'not in UTF-8',
      new File([new Uint8Array([99, 97, 102, 0xe9, 10])], 'mine.txt'),
      'data-invalid',
    ],
    ['broken', new File(['{"a": '], 'mine.json'), 'data-invalid'],
  ])('in a file that is %s change nothing', async (_what, file, code) => {
    const draft = await ready();
    await draft.readQueries(lines(12));
    const before = whole(draft);
    await expect(draft.readQueries(file)).rejects.toMatchObject({ code });
    await expect(draft.readQueries(lines(12), 'nowhere')).rejects.toMatchObject({
      code: 'data-no-column',
    });
    expect(whole(draft)).toEqual(before);
  });
});

describe('a person’s examples', () => {
  const good = [
    { question: 'Q1', answer: 'A1' },
    { question: 'Q2', answer: 'A2' },
  ];

  test('are read with ids of their own, and given up again', async () => {
    const draft = await ready();
    await draft.readExamples(new File([JSON.stringify(good)], 'mine.json'));
    expect(draft.ownExamples).toEqual({ name: 'mine.json', count: 2, skipped: 0 });
    expect(draft.makeRun().data.examples).toEqual([
      { id: 'own-example-1', query: 'Q1', answer: 'A1' },
      { id: 'own-example-2', query: 'Q2', answer: 'A2' },
    ]);
    draft.useExamples('ours');
    expect(draft.ownExamples).toBeNull();
    expect(draft.makeRun().data.examples).toEqual(ours.examples);
  });

  test.each([
    ['without answers', JSON.stringify([{ question: 'Q' }]), 'data-no-column'],
    ['without any row', '[]', 'data-no-column'],
    ['of endless answers', JSON.stringify([{ q: 'Q', answer: 'x'.repeat(5000) }]), 'data-empty'],
    ['that is broken', '[{', 'data-invalid'],
  ])('in a file %s change nothing', async (_what, text, code) => {
    const draft = await ready();
    await draft.readExamples(new File([JSON.stringify(good)], 'mine.json'));
    const before = [whole(draft), draft.makeRun().data.examples];
    await expect(draft.readExamples(new File([text], 'bad.json'))).rejects.toMatchObject({ code });
    expect([whole(draft), draft.makeRun().data.examples]).toEqual(before);
  });
});

describe('criteria', () => {
  test('can be switched, changed, added and removed', async () => {
    const draft = await ready();
    const names = () => draft.criteria.map((c) => c.name);
    const [first] = draft.criteria;
    if (!first) throw new Error('there are criteria');
    draft.setCriterion(0, { ...first, on: false });
    expect(draft.makeRun().criteria.map((c) => c.name)).toEqual(names().slice(1));
    draft.addCriterion();
    const own = { name: 'Rhyme', definition: 'It rhymes.', low: 'No.', high: 'All.' };
    draft.setCriterion(criteria.length, { ...own, on: true, own: true });
    expect(draft.makeRun().criteria.at(-1)).toEqual(own);
    draft.removeCriterion(0);
    expect(names()).toEqual([...criteria.slice(1).map((c) => c.name), 'Rhyme']);
  });

  test('never share a name', async () => {
    const draft = await ready();
    const before = draft.criteria;
    const [first, second] = before;
    if (!first || !second) throw new Error('there are criteria');
    const double = { ...second, name: ` ${first.name.toUpperCase()} ` };
    expect(() => draft.setCriterion(1, double)).toThrow(
      expect.objectContaining({ code: 'settings-invalid' }),
    );
    expect(draft.criteria).toBe(before);
    // Its own name is no other's.
    draft.setCriterion(0, { ...first, definition: 'Other words.' });

    draft.addCriterion();
    draft.addCriterion();
    draft.removeCriterion(criteria.length);
    draft.addCriterion();
    const names = draft.criteria.map((c) => c.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('Start', () => {
  test('is blocked, in a sentence, until there is a model', async () => {
    const draft = newDraft(await newShelf());
    expect(draft.blocked).toBe('Choose a model first.');
    expect(() => draft.makeRun()).toThrow(expect.objectContaining({ message: draft.blocked }));
    draft.models = { base: webLlm, evaluator: null, optimizer: null };
    expect(draft.blocked).toBeNull();
  });

  test('is blocked while the prompt that was typed last was refused', async () => {
    const draft = await ready();
    expect(draft.blocked).toBeNull();
    expect(() => draft.setPromptText('x'.repeat(8001))).toThrow();
    expect(draft.blocked).toMatch(/Shorten the starting prompt/);
    draft.setPromptText('Be kind.');
    expect(draft.blocked).toBeNull();
    expect(() => draft.setPromptText('x'.repeat(8001))).toThrow();
    await draft.readPromptFile(new File([exportPromptFile(makePromptFile())], 'shared.json'));
    expect(draft.blocked).toBeNull();
  });

  test('is blocked with fewer than two criteria', async () => {
    const draft = await ready();
    draft.criteria = draft.criteria.map((c, i) => ({ ...c, on: i === 0 }));
    expect(draft.blocked).toContain('2 criteria');
    draft.criteria = draft.criteria.map((c, i) => ({ ...c, on: i < 2 }));
    expect(draft.blocked).toBeNull();
  });

  test('is blocked by a criterion that nobody has defined, while it is on', async () => {
    const draft = await ready();
    draft.addCriterion();
    expect(draft.blocked).toContain('My criterion 1');
    const added = draft.criteria.at(-1);
    if (!added) throw new Error('one was added');
    draft.setCriterion(criteria.length, { ...added, on: false });
    expect(draft.blocked).toBeNull();
  });

  test('is blocked where nothing is left to improve', async () => {
    const draft = await ready();
    const { settings } = draft;
    const none = { ...settings.examples, count: 0 };
    draft.settings = { ...settings, systemPrompt: false, examples: none };
    expect(draft.blocked).toContain('nothing to improve');
    draft.settings = { ...settings, systemPrompt: false };
    expect(draft.blocked).toBeNull();
  });
});

describe('the run of a draft', () => {
  test('has disjoint sets of queries, of the sizes that the settings want', async () => {
    const draft = await ready();
    for (const seed of [1, 2, 3]) {
      draft.settings = { ...draft.settings, seed };
      const { train, select, test: tested } = draft.makeRun().data;
      const ids = [...train, ...select, ...tested].map((q) => q.id);
      expect(new Set(ids).size).toBe(ids.length);
      expect([train.length, select.length, tested.length]).toEqual([30, 12, 20]);
    }
  });

  test('takes the base model for every role that has none of its own', async () => {
    const draft = await ready();
    const other: ChosenModel = { type: 'gguf-url', url: 'https://huggingface.co/big%20one.gguf' };
    draft.models = { ...draft.models, optimizer: other };
    const { models, modelSources, name } = draft.makeRun();
    expect(modelSources).toEqual({ base: webLlm, evaluator: webLlm, optimizer: other });
    expect(models.optimizer).toMatchObject({ name: 'big one', revision: '', contextSize: 0 });
    expect(models.evaluator).toEqual(models.base);
    expect(name).toBe('Tiny, quick');
    draft.name = '  Mine ';
    expect(draft.makeRun().name).toBe('Mine');
  });

  test('is another one each time, of the same content', async () => {
    const draft = await ready();
    const [a, b] = [draft.makeRun(), draft.makeRun()];
    expect(a.id).not.toBe(b.id);
    expect({ ...a, id: '', created: '', updated: '' }).toEqual({
      ...b,
      id: '',
      created: '',
      updated: '',
    });
    expect(a.status).toBe('running');
  });

  test('costs minutes once the model was measured, more for a larger search', async () => {
    const models = new Models(await newShelf());
    const draft = newDraft(await newShelf(), models);
    draft.models = { base: webLlm, evaluator: null, optimizer: null };
    expect(draft.estimate.minutes).toBeNull();
    models.tried = {
      'web-llm:Tiny-MLC': { prefillPerSecond: 500, decodePerSecond: 20, problem: null },
    };
    const quick = draft.estimate;
    expect(quick.minutes).toBeGreaterThan(0);
    draft.usePreset('standard');
    expect(draft.estimate.requests).toBeGreaterThan(quick.requests);
    expect(draft.estimate.minutes).toBeGreaterThan(quick.minutes ?? Infinity);
  });
});

describe('after a reload', () => {
  /** Waits until the draft is kept as it is. */
  async function kept(shelf: Shelf, what: object) {
    await eventually(() => shelf.library.get('draft')).toMatchObject(what);
  }

  test('all that was set up is there again', async () => {
    const shelf = await newShelf();
    const draft = newDraft(shelf);
    await draft.restore();
    draft.models = { base: webLlm, evaluator: null, optimizer: null };
    draft.usePreset('standard');
    draft.setPromptText('Mine.\n- Locked.');
    draft.setBulletLocked('start.0', true);
    draft.removeCriterion(0);
    await draft.readQueries(lines(20));
    await draft.readExamples(new File([JSON.stringify([{ q: 'Q', answer: 'A' }])], 'mine.json'));
    draft.name = 'Mine';
    await kept(shelf, { name: 'Mine' });

    const later = newDraft(shelf);
    await later.restore();
    expect(whole(later)).toEqual(whole(draft));
    const { data, ...run } = later.makeRun();
    expect(data).toEqual(draft.makeRun().data);
    expect(run.startingPrompt).toEqual(draft.prompt);
  });

  test('a model file that was not kept is forgotten, one that was kept is there', async () => {
    const shelf = await newShelf();
    const models = new Models(shelf);
    await models.refreshStorage();
    const draft = newDraft(shelf, models);
    await draft.restore();
    const base = await models.addFile(aModelFile('kept.gguf', 1));
    const evaluator = await models.addFile(aModelFile('lost.gguf', 2));
    if (base.type === 'gguf-file') await models.keepFile(base.sha256);
    draft.models = { base, evaluator, optimizer: null };
    await kept(shelf, { models: { base, evaluator } });

    const later = newDraft(shelf);
    await later.restore();
    expect(later.models).toEqual({ base, evaluator: null, optimizer: null });
  });

  test('for a new host the model of that host is chosen, on that visit and after', async () => {
    const shelf = await newShelf();
    const model: ChosenModel = { type: 'gguf-url', url: 'https://example.org/x.gguf' };
    await shelf.library.put('model-after-reload', model);
    const draft = newDraft(shelf);
    await draft.restore();
    expect(draft.models.base).toEqual(model);
    const later = newDraft(shelf);
    await later.restore();
    expect(later.models.base).toEqual(model);
    // Once: another choice is not overruled by it.
    later.models = { ...later.models, base: webLlm };
    await kept(shelf, { models: { base: webLlm } });
    const last = newDraft(shelf);
    await last.restore();
    expect(last.models.base).toEqual(webLlm);
  });

  test('a draft of a version that is not known is left aside', async () => {
    const shelf = await newShelf();
    await shelf.library.put('draft', { version: 99, name: 'From the future' });
    const draft = newDraft(shelf);
    await draft.restore();
    expect(draft.name).toBe('');
    expect(draft.criteria).toHaveLength(criteria.length);
  });
});
