import { describe, expect, test } from 'vitest';
import {
  expectedMs,
  expectedRequests,
  expectedTotalMs,
  totalRequests,
} from '../../src/core/estimate.ts';
import { presets, type Settings } from '../../src/core/settings.ts';
import { plantedTexts, startingExamples } from '../../src/data/index.ts';
import { journaled } from '../../src/llm/journal.ts';
import {
  around,
  chance,
  eventsOf,
  memoryJournal,
  model,
  queries,
  settingsWith,
  taskOf,
  worldOf,
} from './builders.ts';

/** A model that is never satisfied and always has a new proposal, so that nothing ends early. */
const busy = () =>
  model({
    rate: ({ answer, criterion, criteria }, { output }) =>
      output.type === 'choice'
        ? around(1 + 2 * chance(answer, criterion))
        : criteria.map((c) => `${c}: poor. Score: 2`).join('\n'),
    'choose-criteria': () => 'Helpfulness, Clarity, Depth, Factuality',
    rewrite: (_, { sampling }) => `You answer.\n- Mind rule ${sampling.seed} well.`,
  });

const examples = startingExamples.slice(0, 12);

async function counted(settings: Settings) {
  const { selection, test: tested } = settings.evaluation;
  const task = taskOf({
    train: queries('t', 60),
    select: queries('s', selection),
    test: queries('x', tested),
    examples,
  });
  const llm = busy();
  const world = worldOf({ llm: journaled(llm, memoryJournal()), settings });
  await eventsOf(task, { ...world, planted: plantedTexts });
  const { train, select } = task;
  const sizes = {
    train: train.length,
    select: select.length,
    test: tested,
    examples: examples.length,
  };
  return { asked: llm.asked, estimate: expectedRequests(settings, sizes) };
}

describe('the number of requests', () => {
  const short = settingsWith({ search: { depth: 6, extraDepth: 0 } }, presets.paper);
  const all = { ...presets.quick.examples.improve, which: 'all' } as const;
  test.each([
    ['quick', settingsWith({ examples: { improve: all } })],
    ['greedy', settingsWith({ search: { strategy: 'greedy' }, examples: { improve: all } })],
    ['without examples', settingsWith({ examples: { count: 0 } })],
    [
      'pooled',
      settingsWith({
        search: { ...presets.quick.search, proposals: 1 },
        examples: { improve: all },
      }),
    ],
    ['the short check', settingsWith({ evaluation: { checkRequests: 0 } })],
    [
      'headroom first',
      settingsWith({
        evaluation: { headroom: 40 },
        examples: { improve: all },
        search: { depth: 1 },
      }),
    ],
    [
      'without a system prompt',
      { ...settingsWith({ examples: { improve: all } }), systemPrompt: false },
    ],
    ['the paper’s way, six levels', short],
  ])('is told beforehand within a third: %s', async (_, settings) => {
    const { asked, estimate } = await counted(settings);
    expect(totalRequests(estimate) / asked.length).toBeGreaterThan(0.75);
    expect(totalRequests(estimate) / asked.length).toBeLessThan(1.34);
    const answers = asked.filter((r) => r.purpose === 'answer').length;
    expect(estimate.answer / answers).toBeGreaterThan(0.75);
    expect(estimate.answer / answers).toBeLessThan(1.34);
  });
});

test('a total is the sum over purposes, in requests and in time', () => {
  const one = {
    answer: 1,
    'choose-criteria': 2,
    rate: 3,
    explain: 4,
    rewrite: 5,
    improve: 6,
  };
  expect(totalRequests(one)).toBe(21);
  expect(expectedTotalMs(one, one)).toBe(1 + 4 + 9 + 16 + 25 + 36);
});

test('a model twice as fast takes half the time', () => {
  const slow = expectedMs(presets.quick, { prefillPerSecond: 100, decodePerSecond: 10 });
  const fast = expectedMs(presets.quick, { prefillPerSecond: 200, decodePerSecond: 20 });
  for (const [purpose, ms] of Object.entries(slow)) {
    expect(ms).toBeGreaterThan(0);
    expect(fast[purpose as keyof typeof fast]).toBeCloseTo(ms / 2);
  }
});
