import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SearchEvent } from '../../src/core/events.ts';
import { headroomPlans } from '../../src/core/headroom-phase.ts';
import type { Llm, LlmRequest } from '../../src/core/llm.ts';
import { parsePrompt, promptText } from '../../src/core/prompt.ts';
import { foldAll } from '../../src/core/run.ts';
import { plannedQueries } from '../../src/core/search.ts';
import { journaled } from '../../src/llm/journal.ts';
import {
  around,
  blanksOf,
  dicyRate,
  distinct,
  eventsOf,
  memoryJournal,
  model,
  only,
  queries,
  requests,
  settingsWith,
  small,
  stopAt,
  taskOf,
  worldOf,
  type Mind,
} from './builders.ts';

const settings = settingsWith({ evaluation: { headroom: 10 } }, small);
const task = taskOf({ train: queries('t', 14) });

/** Rates an answer by the prompt it was given under; knows an example's own answer from another's. */
const byPrompt = (worth: (answer: string) => number): Partial<Mind> => ({
  rate: ({ query, answer }) => {
    const own = /question of (.)/.exec(query)?.[1];
    if (own !== undefined) return around(answer.includes(`answer of ${own}`) ? 4 : 1.5);
    return around(worth(answer));
  },
});

const start = promptText(task.startingPrompt);
const handWritten = promptText(task.handWritten ?? parsePrompt(''));

/** What was said between the judge check and what comes after the headroom. */
function ownEvents(events: readonly SearchEvent[]): readonly SearchEvent[] {
  const from = events.findIndex((e) => e.type === 'phase' && e.phase === 'headroom');
  const length = events.slice(from + 1).findIndex((e) => e.type === 'phase');
  return from < 0 ? [] : events.slice(from, length < 0 ? undefined : from + 1 + length);
}

describe('the headroom', () => {
  test('is measured after the judge check and before the examples, on the first training queries', async () => {
    const events = await eventsOf(task, worldOf({ llm: model(byPrompt(() => 3)), settings }));
    expect(only(events, 'phase').map((e) => e.phase)).toEqual([
      'judge-check',
      'headroom',
      'examples',
      'search',
      'selection',
      'test',
    ]);
    const own = ownEvents(events);
    const tried = only(own, 'attempt').map((e) => e.attempt);
    const first = task.train.slice(0, 10).map((q) => q.id);
    for (const arm of ['start', 'hand-written', 'none', 'examples']) {
      const attempts = tried.filter((a) => a.candidate === `headroom-${arm}`);
      expect(attempts.map((a) => a.query)).toEqual(first);
      expect(new Set(attempts.map((a) => a.split))).toEqual(new Set(['train']));
      expect(new Set(attempts.map((a) => a.examples.length))).toEqual(
        new Set([arm === 'examples' ? 2 : 0]),
      );
    }
    expect(tried).toHaveLength(40);
    expect(own.at(-1)?.type).toBe('headroom');
    const run = foldAll(events);
    expect(run.headroom).toEqual(only(events, 'headroom')[0]?.headroom);
    expect(run.headroom).toMatchObject({ conclusion: 'room', why: 'open' });
  });

  test('shows examples as they were brought, before any is improved', async () => {
    const llm = model({ rate: ({ answer }) => around(/Better/.test(answer) ? 4 : 2) });
    const events = await eventsOf(task, worldOf({ llm, settings }));
    const shown = requests(llm, 'answer')
      .slice(0, 40)
      .flatMap((r) => blanksOf(r).examples);
    expect(shown).toHaveLength(20);
    expect(shown.every((e) => e.answer === `answer of ${e.id}`)).toBe(true);
    expect(only(events, 'example-kept').some((e) => e.round > 0)).toBe(true);
  });

  test.each<[string, (answer: string) => number, string, string]>([
    ['a start that is perfect', () => 5, 'little', 'near-five'],
    ['a good start that nothing beats', () => 4.6, 'little', 'none-better'],
    [
      'a hand-written prompt that is better',
      (answer) => (answer.includes('Be brief') ? 4 : 3),
      'room',
      'shown',
    ],
    ['a fair start that nothing beats', () => 3, 'room', 'open'],
  ])('of %s is said as it is, and the run goes on', async (_, worth, conclusion, why) => {
    const run = foldAll(await eventsOf(task, worldOf({ llm: model(byPrompt(worth)), settings })));
    expect(run.headroom).toMatchObject({ conclusion, why });
    expect(run.ended).toBe('finished');
    expect(run.selected).not.toBeNull();
  });

  test('is unknown where the judge tells nothing apart, and where few ratings can be read', async () => {
    const blind = foldAll(await eventsOf(task, worldOf({ llm: model(), settings })));
    expect(blind.headroom).toMatchObject({ conclusion: 'unknown', why: 'judge-cannot-tell' });
    const llm = model({ rate: () => 'Hm.' });
    const change = { judge: { rating: 'written' }, evaluation: { judgeCheck: false } } as const;
    const mute = foldAll(
      await eventsOf(task, worldOf({ llm, settings: settingsWith(change, settings) })),
    );
    expect(mute.headroom).toMatchObject({ conclusion: 'unknown', why: 'too-few', gap: null });
  });

  test('is not asked for by settings without it, and then nothing is said or asked', async () => {
    const llm = model();
    const events = await eventsOf(task, worldOf({ llm, settings: small }));
    expect(ownEvents(events)).toEqual([]);
    expect(foldAll(events).headroom).toBeNull();
    const none = settingsWith({ evaluation: { headroom: 0 } }, small);
    expect(await eventsOf(task, worldOf({ llm: model(), settings: none }))).toEqual(events);
  });
});

describe('what is tried', () => {
  const arms = (change: Parameters<typeof taskOf>[0] = {}, from = settings) =>
    headroomPlans(taskOf(change), from).map((plan) => plan.arm);

  test('leaves out what would answer as another does', () => {
    expect(arms()).toEqual(['start', 'hand-written', 'none', 'examples']);
    expect(arms({ startingPrompt: parsePrompt('') })).toEqual([
      'start',
      'hand-written',
      'examples',
    ]);
    expect(arms({ handWritten: null })).toEqual(['start', 'none', 'examples']);
    expect(arms({ startingPrompt: parsePrompt(handWritten) })).toEqual([
      'start',
      'none',
      'examples',
    ]);
    expect(arms({ examples: [] })).toEqual(['start', 'hand-written', 'none']);
    expect(arms({}, settingsWith({ examples: { count: 0 } }, settings))).toEqual([
      'start',
      'hand-written',
      'none',
    ]);
  });

  test('without a system prompt is no prompt, without examples and with them', async () => {
    const alone = { ...settings, systemPrompt: false };
    expect(arms({}, alone)).toEqual(['start', 'examples']);
    const llm = model(byPrompt(() => 3));
    const run = foldAll(await eventsOf(task, worldOf({ llm, settings: alone })));
    expect(run.headroom?.arms.map((a) => a.arm)).toEqual(['start', 'examples']);
    const asked = requests(llm, 'answer').slice(0, 20);
    expect(new Set(asked.map((r) => blanksOf(r).prompt))).toEqual(new Set(['']));
    expect(plannedQueries(task, alone)).toEqual([...task.train.slice(0, 10), ...task.test]);
  });
});

describe('its replies', () => {
  test('are the search’s own where the start is asked the same again', async () => {
    const noExamples = settingsWith({ examples: { count: 0 } }, settings);
    const llm = model(byPrompt(() => 3));
    const world = worldOf({ llm: journaled(llm, memoryJournal()), settings: noExamples });
    await eventsOf(task, world);
    const starts = requests(llm, 'answer').filter((r) => blanksOf(r).prompt === start);
    const trained = starts.filter((r) => task.train.some((q) => q.text === blanksOf(r).query));
    const names = trained.map((r) => blanksOf(r).query);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(task.train.slice(0, 10).map((q) => q.text)));
  });

  test('are draws of their own above temperature 0', async () => {
    const change = { examples: { count: 0 }, temperature: { base: 0.7 } };
    const llm = model(byPrompt(() => 3));
    await eventsOf(task, worldOf({ llm, settings: settingsWith(change, settings) }));
    const seeds = requests(llm, 'answer')
      .filter((r) => blanksOf(r).prompt === start && blanksOf(r).query === 'question t0')
      .map((r) => r.sampling.seed);
    expect(seeds.length).toBeGreaterThan(1);
    expect(new Set(seeds).size).toBe(seeds.length);
  });

  test('resumed from any cut of the journal lead to the same, and none is asked for twice', async () => {
    const journal = memoryJournal();
    const mind = { rate: dicyRate(3) };
    const whole = await eventsOf(task, worldOf({ llm: journaled(model(mind), journal), settings }));
    const entries = journal.entries();
    const cut = fc.integer({ min: 0, max: entries.length });
    await fc.assert(
      fc.asyncProperty(cut, fc.constantFrom(1, 4), async (kept, concurrency) => {
        const llm = model(mind, { concurrency });
        const known = memoryJournal(entries.slice(0, kept));
        const again = await eventsOf(task, worldOf({ llm: journaled(llm, known), settings }));
        expect(again).toEqual(whole);
        expect(llm.asked).toHaveLength(entries.length - kept);
        expect((await distinct(llm.asked)).size).toBe(llm.asked.length);
      }),
      { numRuns: 8 },
    );
  });

  test('give the same events whatever the order in which they arrive', async () => {
    const mind = { rate: dicyRate(4) };
    const inTurn = ownEvents(await eventsOf(task, worldOf({ llm: model(mind), settings })));
    expect(inTurn.length).toBeGreaterThan(40);
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 5 }), async (scheduler, n) => {
        const llm = model(mind, { concurrency: n });
        const late: Llm = {
          info: llm.info,
          ask: scheduler.scheduleFunction((request: LlmRequest) => llm.ask(request)),
        };
        const events = await scheduler.waitFor(eventsOf(task, worldOf({ llm: late, settings })));
        expect(ownEvents(events)).toEqual(inTurn);
      }),
      { numRuns: 3 },
    );
  });
});

describe('a stop', () => {
  const stopped = async (point: number) => {
    const llm = model(byPrompt(() => 5));
    const events = await eventsOf(task, worldOf({ llm, settings, steer: stopAt(point) }));
    return { llm, events, run: foldAll(events) };
  };

  test.each([0, 1, 2, 3])(
    'before the last is tried (point %i) concludes nothing',
    async (point) => {
      const { llm, run } = await stopped(point);
      expect(run.headroom).toBeNull();
      expect(requests(llm, 'answer')).toHaveLength(10 * point);
      expect(run).toMatchObject({ phase: 'headroom', selected: 'p0', ended: 'stopped' });
      expect(run.verdict?.why).toBe('not-tested');
    },
  );

  test('after it keeps the start and what was said, and asks for nothing more', async () => {
    const { llm, events, run } = await stopped(4);
    expect(run.headroom).toMatchObject({ conclusion: 'little', why: 'near-five' });
    expect(run).toMatchObject({ phase: 'headroom', selected: 'p0', ended: 'stopped' });
    expect(run.examples).toEqual([]);
    expect(requests(llm, 'improve')).toEqual([]);
    expect(requests(llm, 'answer')).toHaveLength(40);
    expect(only(events, 'steered').map((e) => e.point)).toEqual([4]);
  });
});
