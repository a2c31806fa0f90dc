import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DrpoError } from '../../src/core/errors.ts';
import type { SearchEvent } from '../../src/core/events.ts';
import type { Llm, LlmReply, LlmRequest } from '../../src/core/llm.ts';
import { base } from '../../src/core/profiles/base.ts';
import { instruct } from '../../src/core/profiles/instruct.ts';
import { parsePrompt, promptText } from '../../src/core/prompt.ts';
import { foldAll } from '../../src/core/run.ts';
import { plannedQueries, runSearch, type Task } from '../../src/core/search.ts';
import { presets, usualPooled, type Settings } from '../../src/core/settings.ts';
import { journaled, replayOnly } from '../../src/llm/journal.ts';
import { scripted } from '../../src/llm/scripted.ts';
import {
  around,
  blanksOf,
  chance,
  contentText,
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

const task = taskOf();

/** Small settings of both rankings and both ways to rate. */
const ways: readonly (readonly [string, Settings])[] = [
  ['blocks, probabilities', small],
  [
    'pooled',
    settingsWith(
      { search: { ranking: 'pooled', depth: 3, pooled: { ...usualPooled, scouted: 4 } } },
      small,
    ),
  ],
  ['blocks, written', settingsWith({ judge: { rating: 'written' } }, small)],
  [
    'the paper’s way',
    settingsWith(
      {
        search: { depth: 3, extraDepth: 1, proposals: 2 },
        examples: { improve: { ...presets.paper.examples.improve, rounds: 2 } },
      },
      presets.paper,
    ),
  ],
];

const mindOf = (seed: number): Partial<Mind> => ({
  rate: dicyRate(seed),
  // Some proposals are refused, some answers alike.
  rewrite: ({ prompt }, { sampling }) =>
    chance(seed, sampling.seed) < 0.2 ? 'No.' : `${prompt}\n- Mind rule ${sampling.seed % 5} well.`,
});

function endOf(events: readonly SearchEvent[]) {
  const { ended, verdict } = foldAll(events);
  return { ended, outcome: verdict?.outcome, why: verdict?.why };
}

describe.each(ways)('a whole run (%s)', (_, settings) => {
  test('says the same for the same seed and replies', async () => {
    const run = (seed: number) =>
      eventsOf(task, worldOf({ llm: model(mindOf(1)), settings: { ...settings, seed } }));
    expect(await run(7)).toEqual(await run(7));
    expect(await run(7)).not.toEqual(await run(8));
  });

  test('ends finished, with a selected prompt and one verdict', async () => {
    const events = await eventsOf(task, worldOf({ llm: model(mindOf(1)), settings }));
    expect(only(events, 'selected')).toHaveLength(1);
    expect(only(events, 'verdict')).toHaveLength(1);
    expect(events.at(-1)).toEqual({ type: 'ended', how: 'finished' });
  });

  test('says the same whatever the order in which replies arrive', async () => {
    const inTurn = await eventsOf(task, worldOf({ llm: model(mindOf(2)), settings }));
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 2, max: 5 }),
        async (scheduler, concurrency) => {
          const llm = model(mindOf(2), { concurrency });
          const late: Llm = {
            info: llm.info,
            ask: scheduler.scheduleFunction((request: LlmRequest) => llm.ask(request)),
          };
          expect(await scheduler.waitFor(eventsOf(task, worldOf({ llm: late, settings })))).toEqual(
            inTurn,
          );
        },
      ),
      { numRuns: 4 },
    );
  });

  test('resumed from any cut of its journal ends the same, and no reply is asked for twice', async () => {
    const journal = memoryJournal();
    const whole = await eventsOf(
      task,
      worldOf({ llm: journaled(model(mindOf(3)), journal), settings }),
    );
    const entries = journal.entries();
    expect(entries.length).toBeGreaterThan(50);
    const cut = fc.integer({ min: 0, max: entries.length });
    await fc.assert(
      fc.asyncProperty(cut, fc.constantFrom(1, 4), async (kept, concurrency) => {
        const llm = model(mindOf(3), { concurrency });
        const known = memoryJournal(entries.slice(0, kept));
        const again = await eventsOf(task, worldOf({ llm: journaled(llm, known), settings }));
        expect(again).toEqual(whole);
        expect(llm.asked).toHaveLength(entries.length - kept);
        expect((await distinct(llm.asked)).size).toBe(llm.asked.length);
      }),
      { numRuns: 8 },
    );
  });

  test('whose engine fails rejects with that error, and goes on from there when run again', async () => {
    const journal = memoryJournal();
    const failed = new DrpoError('engine-failed', 'The engine failed. Load the model again.');
    const whole = await eventsOf(
      task,
      worldOf({ llm: journaled(model(mindOf(4)), memoryJournal()), settings }),
    );
    let asked = 0;
    for (const failAt of [3, 40, 20]) {
      const llm = model(mindOf(4), { concurrency: 3 });
      const failing: Llm = {
        info: llm.info,
        ask: (request) => (llm.asked.length < failAt ? llm.ask(request) : Promise.reject(failed)),
      };
      const world = worldOf({ llm: journaled(failing, journal), settings });
      await expect(eventsOf(task, world)).rejects.toBe(failed);
      asked += llm.asked.length;
    }
    const llm = model(mindOf(4), { concurrency: 3 });
    expect(await eventsOf(task, worldOf({ llm: journaled(llm, journal), settings }))).toEqual(
      whole,
    );
    expect(asked + llm.asked.length).toBe(journal.entries().length);
  });

  test('is told again by its journal alone, without a model', async () => {
    const journal = memoryJournal();
    const llm = model(mindOf(5));
    const whole = await eventsOf(task, worldOf({ llm: journaled(llm, journal), settings }));
    const replay = replayOnly(llm.info, journal);
    expect(await eventsOf(task, worldOf({ llm: replay, settings }))).toEqual(whole);
  });

  test('stopped at any point ends stopped, with the best so far selected and nothing claimed', async () => {
    const llm = () => model(mindOf(6));
    let points = 0;
    await eventsOf(
      task,
      worldOf({
        llm: llm(),
        settings,
        steer: () => Promise.resolve({ type: ++points ? 'go' : 'stop' }),
      }),
    );
    for (let stop = 0; stop < points; stop++) {
      const steer = stopAt(stop);
      const events = await eventsOf(task, worldOf({ llm: llm(), settings, steer }));
      const several = model(mindOf(6), { concurrency: 4 });
      expect(await eventsOf(task, worldOf({ llm: several, settings, steer }))).toEqual(events);
      const decided = only(events, 'attempt').some((e) => e.attempt.candidate === 'arm-found');
      expect(endOf(events)).toEqual({
        ended: 'stopped',
        outcome: 'no-difference',
        why: decided ? 'judge-cannot-tell' : 'not-tested',
      });
      expect(only(events, 'steered')).toEqual([
        { type: 'steered', point: stop, steer: { type: 'stop' } },
      ]);
      expect(only(events, 'verdict')).toHaveLength(1);
      const [selected] = only(events, 'selected');
      const { ranking = [], candidate = '' } = selected ?? {};
      const best = ranking[0]?.candidate ?? only(events, 'beam').at(-1)?.kept[0]?.candidate ?? 'p0';
      expect(candidate).toBe(best);
    }
  });

  test('gives test and selection queries to the base model and the judge only', async () => {
    const llm = model(mindOf(1));
    const events = await eventsOf(task, worldOf({ llm, settings }));
    const own = { train: task.train, select: task.select, test: task.test };
    for (const { attempt } of only(events, 'attempt')) {
      expect(own[attempt.split].map((q) => q.id)).toContain(attempt.query);
    }
    const unseen = [...task.select, ...task.test].map((q) => q.text);
    for (const purpose of ['rewrite', 'explain', 'improve'] as const) {
      for (const request of requests(llm, purpose)) {
        expect(unseen).not.toContain(blanksOf(request).query);
      }
    }
  });
});

test('one candidate is tried on all three kinds of queries, and each kind is its own', async () => {
  const events = await eventsOf(task, worldOf({ llm: model(mindOf(1)) }));
  const asked = (split: string) =>
    new Set(
      only(events, 'attempt').flatMap((e) => (e.attempt.split === split ? e.attempt.query : [])),
    );
  expect([...asked('select')].sort()).toEqual(task.select.map((q) => q.id));
  expect([...asked('test')].sort()).toEqual(task.test.map((q) => q.id));
  expect([...asked('train')].every((id) => id.startsWith('t'))).toBe(true);
});

describe('a model of nonsense', () => {
  const scraps = [
    ...[
      '',
      ' ',
      '\n\n\n',
      '...',
      'the the the the',
      '5',
      '1 2 3 4 5',
      '🤖🤖',
      'Score:',
      '- ',
      '```',
    ],
    ...['You are.\n- Do the thing well.', 'Clarity', 'New: = ', 'New: Zest = it has some zest'],
    ...['Helpfulness: 5\nClarity: 5', '"', '{"a": 1}', '## Answer\n', 'a'.repeat(3000), '\u0000'],
  ];
  const usage = { promptTokens: 0, reusedTokens: 0, outputTokens: 0, elapsedMs: 0 };
  /** Any reply to any request, but always the same to the same. */
  const nonsense = (seed: number, flat: boolean) =>
    scripted({}, (request): LlmReply => {
      const roll = (what: string) => chance(seed, what, JSON.stringify(request));
      switch (request.output.type) {
        case 'choice': {
          const weights = request.output.choices.map((c) => (flat ? 1 : roll(c) ** 4));
          const total = weights.reduce((a, b) => a + b, 0);
          return { type: 'choice', probabilities: weights.map((w) => w / total), cut: [], usage };
        }
        case 'embedding':
          return { type: 'embedding', vector: [], cut: [], usage };
        case 'text': {
          const text = scraps[Math.floor(roll('text') * scraps.length)] ?? '';
          const finish = roll('finish') < 0.2 ? 'length' : 'stop';
          return { type: 'text', text, finish, cut: [], usage };
        }
      }
    });

  test.each(ways)(
    'always ends finished, and is not "better" by a judge that cannot tell (%s)',
    async (_, settings) => {
      await fc.assert(
        fc.asyncProperty(
          fc.nat(),
          fc.boolean(),
          fc.constantFrom(instruct, base),
          fc.constantFrom(0, 2),
          async (seed, flat, profile, extraDepth) => {
            const given = settingsWith({ search: { extraDepth } }, settings);
            const llm = nonsense(seed, flat);
            const events = await eventsOf(task, worldOf({ llm, profile, settings: given }));
            const { ended, verdict, judgeCheck } = foldAll(events);
            expect(ended).toBe('finished');
            expect(verdict).not.toBeNull();
            if (!judgeCheck?.tells) expect(verdict?.outcome).not.toBe('better');
            if (flat && settings.judge.rating === 'probabilities') {
              expect(judgeCheck?.tells).toBe(false);
            }
          },
        ),
        { numRuns: 12 },
      );
    },
  );
});

describe('a judge that knows', () => {
  /** Rates answers by the rules they were given under; knows an example's own answer from another's. */
  const knowing: Partial<Mind> = {
    rate: ({ query, answer }) => {
      const own = /question of (.)/.exec(query)?.[1];
      if (own !== undefined) return around(answer.includes(`answer of ${own}`) ? 4 : 1.5);
      return around(Math.min(4.4, 2 + 0.6 * (answer.match(/rule/g)?.length ?? 0)));
    },
  };

  test('and a model that follows its prompt give a better prompt, and a verdict that says so', async () => {
    const events = await eventsOf(task, worldOf({ llm: model(knowing) }));
    expect(endOf(events)).toEqual({ ended: 'finished', outcome: 'better', why: 'measured' });
    const run = foldAll(events);
    expect(run.verdict?.comparisons.map((c) => [c.against, c.outcome])).toEqual([
      ['start', 'better'],
      ['hand-written', 'better'],
      // The examples change nothing for this judge.
      ['found-alone', 'no-difference'],
      ['none', 'better'],
    ]);
    expect(run.arms.map((a) => [a.arm, a.withExamples])).toEqual([
      ['start', false],
      ['found', true],
      ['hand-written', false],
      ['found-alone', false],
      ['none', false],
    ]);
  });

  test('stopped after the two prompts that decide leave the verdict that the rest would only add to', async () => {
    let points = 0;
    const count = () => {
      points++;
      return Promise.resolve({ type: 'go' } as const);
    };
    const whole = foldAll(await eventsOf(task, worldOf({ llm: model(knowing), steer: count })));
    const stopped = async (stop: number) =>
      foldAll(await eventsOf(task, worldOf({ llm: model(knowing), steer: stopAt(stop) })));
    // A point stands before each of the five.
    const [early, late] = [await stopped(points - 4), await stopped(points - 3)];
    expect(early.verdict).toMatchObject({ why: 'not-tested', arms: [] });
    expect(late.verdict).toMatchObject({ outcome: 'better', why: 'measured' });
    expect(late.verdict?.comparisons).toEqual(whole.verdict?.comparisons.slice(0, 1));
  });

  test('and settings from before there was a choice test three prompts, and say what they said then', async () => {
    const { selection, test, handWritten, judgeCheck } = small.evaluation;
    const settings = { ...small, evaluation: { selection, test, handWritten, judgeCheck } };
    const { arms, verdict } = foldAll(
      await eventsOf(task, worldOf({ llm: model(knowing), settings })),
    );
    expect(arms.map((a) => a.arm)).toEqual(['start', 'hand-written', 'found']);
    expect(verdict).not.toHaveProperty('method');
    expect(verdict).not.toHaveProperty('criteria');
  });

  test('and criteria give their differences beside the verdict', async () => {
    const { verdict } = foldAll(await eventsOf(task, worldOf({ llm: model(knowing) })));
    expect(verdict?.method).toBe('studentised');
    expect(verdict?.criteria?.map((c) => [c.criterion, c.pairs])).toEqual([
      ['Helpfulness', task.test.length],
      ['Clarity', task.test.length],
    ]);
  });

  test('the start and the hand-written prompt are tested alone, as a person would use them', async () => {
    const { armAttempts } = foldAll(await eventsOf(task, worldOf({ llm: model(knowing) })));
    const shown = (arm: string) =>
      new Set(armAttempts.flatMap((a) => (a.candidate === arm ? [a.examples.length] : [])));
    expect([shown('arm-start'), shown('arm-hand-written'), shown('arm-found')]).toEqual([
      new Set([0]),
      new Set([0]),
      new Set([2]),
    ]);
  });

  test('and a start that nothing beats give "unchanged" where no examples help either', async () => {
    const llm = model({ ...knowing, rewrite: () => 'No.' });
    const settings = settingsWith({ examples: { count: 0 } }, small);
    const events = await eventsOf(task, worldOf({ llm, settings }));
    expect(endOf(events)).toEqual({
      ended: 'finished',
      outcome: 'no-difference',
      why: 'unchanged',
    });
    expect(only(events, 'arm').map((a) => a.arm)).toEqual(['found', 'hand-written', 'none']);
  });

  test('the found prompt is tested with the improved examples', async () => {
    const llm = model({ ...knowing, rate: ({ answer }) => around(/Better/.test(answer) ? 4 : 2) });
    const events = await eventsOf(task, worldOf({ llm }));
    const kept = new Map(only(events, 'example-kept').map((e) => [e.example, e.answer]));
    expect([...kept.values()].every((answer) => answer.startsWith('Better'))).toBe(true);
    const shown = requests(llm, 'answer').flatMap((r) => blanksOf(r).examples);
    expect(shown.length).toBeGreaterThan(0);
    for (const { id, answer } of shown) expect(answer).toBe(kept.get(id));
  });
});

describe('ablations run to the end', () => {
  const finish = async (settings: Settings, change: Partial<Task> = {}) => {
    const llm = model(mindOf(9));
    const events = await eventsOf(taskOf(change), worldOf({ llm, settings }));
    expect(foldAll(events)).toMatchObject({
      ended: 'finished',
      verdict: expect.anything() as unknown,
    });
    return { events, llm, run: foldAll(events) };
  };

  test('no examples', async () => {
    const { llm, run } = await finish(settingsWith({ examples: { count: 0 } }, small));
    expect(requests(llm, 'improve')).toEqual([]);
    expect(requests(llm, 'answer').every((r) => blanksOf(r).examples.length === 0)).toBe(true);
    expect(run.arms.every((a) => !a.withExamples)).toBe(true);
  });

  test('no examples to be had', async () => {
    const { run } = await finish(small, { examples: [] });
    expect(run.judgeCheck).toBeNull();
  });

  test('no system prompt: only examples are improved, and nothing is said to the model before them', async () => {
    const { llm, events, run } = await finish({ ...small, systemPrompt: false });
    expect(requests(llm, 'rewrite')).toEqual([]);
    expect(only(events, 'candidate')).toEqual([]);
    const prompts = requests(llm, 'answer').map((r) => blanksOf(r).prompt);
    const handWritten = promptText(task.handWritten ?? parsePrompt(''));
    expect(new Set(prompts)).toEqual(new Set(['', handWritten]));
    expect(run.arms.map((a) => [a.arm, promptText(a.prompt)])).toEqual([
      ['start', ''],
      ['found', ''],
      ['hand-written', handWritten],
    ]);
  });

  test('fixed criteria: none are asked for', async () => {
    const fixed = { ...small.criteria.prompts, mode: 'fixed' } as const;
    const { llm, run } = await finish({ ...small, criteria: { examples: fixed, prompts: fixed } });
    expect(requests(llm, 'choose-criteria')).toEqual([]);
    expect(new Set([...run.criteria.values()].map((c) => c.names.join()))).toEqual(
      new Set([small.criteria.prompts.fixed.join()]),
    );
  });

  test('random examples', async () => {
    await finish(settingsWith({ examples: { retrieval: 'random' } }, small));
  });

  test('examples by embedding', async () => {
    const { llm } = await finish(settingsWith({ examples: { similarity: 'embedding' } }, small));
    expect(requests(llm, 'embed').length).toBeGreaterThan(0);
  });

  test('examples that are not improved', async () => {
    const improve = { ...small.examples.improve, rounds: 0 };
    const { llm } = await finish(settingsWith({ examples: { improve } }, small));
    expect(requests(llm, 'improve')).toEqual([]);
  });

  test.each(['greedy', 'greedy-monte-carlo'] as const)('%s', async (strategy) => {
    await finish(settingsWith({ search: { strategy } }, small));
  });

  test('no selection takes the search’s own ranking', async () => {
    const { events, run } = await finish(small, { select: [] });
    expect(run.selected).toBe(only(events, 'beam').at(-1)?.kept[0]?.candidate);
    expect(run.selection).toEqual([]);
  });

  test('no test gives no verdict, and says so', async () => {
    const { run } = await finish(small, { test: [] });
    expect(run.verdict).toEqual({
      outcome: 'no-difference',
      why: 'not-tested',
      arms: [],
      comparisons: [],
    });
  });

  test('no hand-written prompt', async () => {
    const { run } = await finish(small, { handWritten: null });
    expect(run.arms.map((a) => a.arm)).toEqual(['start', 'found', 'found-alone', 'none']);
  });

  test('no judge check', async () => {
    const { events } = await finish(settingsWith({ evaluation: { judgeCheck: false } }, small));
    expect(only(events, 'judge-checked')).toEqual([]);
  });

  test('depth 0 tries the start alone', async () => {
    const { run } = await finish(settingsWith({ search: { depth: 0, extraDepth: 0 } }, small));
    expect(run.selected).toBe('p0');
  });
});

describe('a person’s own start', () => {
  test('of twelve bullets is tried whole, and its proposals keep to eight', async () => {
    const text = `You answer.\n${Array.from({ length: 12 }, (_, i) => `- Rule ${i} holds here.`).join('\n')}`;
    const llm = model({
      rewrite: ({ prompt }, { sampling }) =>
        prompt.replace('- Rule', `- Now ${sampling.seed}.\n- Rule`),
    });
    const events = await eventsOf(taskOf({ startingPrompt: parsePrompt(text) }), worldOf({ llm }));
    const { candidates, ended } = foldAll(events);
    expect(ended).toBe('finished');
    expect(requests(llm, 'answer').map((r) => blanksOf(r).prompt)).toContain(text);
    expect(candidates.map((c) => c.prompt.bullets.length)).toEqual(
      candidates.map((_, i) => (i === 0 ? 12 : 8)),
    );
    expect(candidates.length).toBeGreaterThan(1);
  });

  test('may be empty: the model then sees no system prompt, and proposals still begin cleanly', async () => {
    const llm = model({ rewrite: (_, { sampling }) => `- Mind rule ${sampling.seed} well.` });
    const events = await eventsOf(taskOf({ startingPrompt: parsePrompt('') }), worldOf({ llm }));
    const { candidates, ended } = foldAll(events);
    expect(ended).toBe('finished');
    expect(candidates.length).toBeGreaterThan(1);
    for (const { prompt } of candidates.slice(1))
      expect(promptText(prompt)).toMatch(/^- Mind rule \d+ well\.$/);
  });

  test('keeps its locked lines in every prompt that descends from it', async () => {
    const start = parsePrompt('You are Ada.\n- Never swear.\n- Be brief.');
    const locked = {
      ...start,
      openingLocked: true,
      bullets: start.bullets.map((b, i) => ({ ...b, locked: i === 0 })),
    };
    const llm = model({
      rewrite: (_, { sampling }) => `Ahoy!\n- Mind rule ${sampling.seed} well.`,
    });
    const events = await eventsOf(taskOf({ startingPrompt: locked }), worldOf({ llm }));
    for (const { prompt } of foldAll(events).candidates) {
      expect(promptText(prompt)).toMatch(/^You are Ada\.\n- Never swear\./);
    }
  });
});

describe('three models', () => {
  test('are each asked for their own part', async () => {
    const models = {
      base: model(mindOf(1), { id: 'small' }),
      evaluator: model(mindOf(1), { id: 'judge' }),
      optimizer: model(mindOf(1), { id: 'writer' }),
    };
    const events = await eventsOf(task, { ...worldOf(), llms: models });
    expect(foldAll(events).ended).toBe('finished');
    const purposes = (role: keyof typeof models) =>
      [...new Set(models[role].asked.map((r) => `${r.role} ${r.purpose} ${r.model.id}`))].sort();
    expect(purposes('base')).toEqual(['base answer small']);
    expect(purposes('evaluator')).toEqual([
      'evaluator choose-criteria judge',
      'evaluator explain judge',
      'evaluator rate judge',
    ]);
    expect(purposes('optimizer')).toEqual(['optimizer improve writer', 'optimizer rewrite writer']);
  });
});

describe('planned queries', () => {
  test('are all that the run asks, so that every example in use is improved', async () => {
    for (const [, settings] of ways) {
      const events = await eventsOf(task, worldOf({ llm: model(mindOf(1)), settings }));
      const planned = plannedQueries(task, settings).map((q) => q.id);
      for (const { attempt } of only(events, 'attempt')) expect(planned).toContain(attempt.query);
    }
  });

  test('of a run without a system prompt are the test queries alone', () => {
    expect(plannedQueries(task, { ...small, systemPrompt: false })).toEqual(task.test);
  });
});

test('an aborted run rejects with its AbortError', async () => {
  const controller = new AbortController();
  const llm = model({
    answer: ({ query }) => {
      controller.abort();
      return query;
    },
  });
  const run = eventsOf(task, { ...worldOf({ llm }), signal: controller.signal });
  await expect(run).rejects.toMatchObject({ name: 'AbortError' });
});

test('where one of several requests under way fails, the others are given up', async () => {
  const failed = new Error('the engine broke down');
  const llm = model({}, { concurrency: 3 });
  llm.hold();
  const signals: (AbortSignal | undefined)[] = [];
  const flaky: Llm = {
    info: llm.info,
    ask: (request, options) => {
      signals.push(options?.signal);
      return signals.length === 1 ? Promise.reject(failed) : llm.ask(request, options);
    },
  };
  await expect(eventsOf(task, worldOf({ llm: flaky }))).rejects.toBe(failed);
  expect(signals.map((signal) => signal?.aborted)).toEqual([true, true, true, true]);
});

test('events come one by one, as soon as their replies are there', async () => {
  const llm = model();
  const running = runSearch(taskOf({ train: queries('t', 2) }), worldOf({ llm }));
  expect((await running.next()).value).toEqual({ type: 'phase', phase: 'judge-check' });
  expect(llm.asked).toEqual([]);
  expect((await running.next()).value).toMatchObject({ type: 'criteria', query: 'example:a' });
  // The engine has the next one waiting already.
  expect(llm.asked).toHaveLength(2);
  await running.return();
  expect(contentText(llm.asked[0]?.content ?? { type: 'text', parts: [] })).toContain(
    'question of a',
  );
});
