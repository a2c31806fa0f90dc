import { readFileSync } from 'node:fs';
import { Tally } from '../../../src/app/tally.ts';
import type { SearchEvent } from '../../../src/core/events.ts';
import { makeBullet, parsePrompt } from '../../../src/core/prompt.ts';
import { emptyRun, foldAll, type Run } from '../../../src/core/run.ts';
import type { RunRecord } from '../../../src/core/run-record.ts';
import type { Interval, Verdict } from '../../../src/core/verdict.ts';
import type { ReportContent } from '../../../src/formats/report/content.ts';
import { readRunFile } from '../../../src/formats/run-file.ts';
import { makeRun } from '../builders.ts';

const common = {
  app: { name: 'DRPO Web', version: '1.2.3' },
  written: '2026-12-01T08:30:00.000Z',
  locale: 'en-GB',
  timeZone: 'UTC',
};

/** The recorded run that comes with the app, as a report would tell it. */
export function recorded(): ReportContent {
  const file = new URL('../../../public/demo/run.json', import.meta.url);
  const { run, events, journal } = readRunFile(readFileSync(file, 'utf8'));
  const tally = new Tally();
  for (const entry of journal) tally.add(entry, false);
  return { ...common, record: run, run: foldAll(events), cost: tally.cost };
}

/** A run of which only that is known. */
export function known(run: Partial<Run>, record: Partial<RunRecord> = {}): ReportContent {
  return {
    ...common,
    record: { ...makeRun(), ...record },
    run: { ...emptyRun, ...run },
    cost: {},
  };
}

const wide: Interval = { low: -0.4, high: 0.9 };
const above: Interval = { low: 0.2, high: 0.8 };

const verdict: Verdict = {
  outcome: 'better',
  why: 'measured',
  method: 'studentised',
  arms: [
    { arm: 'start', mean: 3.1, readable: 20, queries: 20, answerChars: 210.4 },
    { arm: 'none', mean: null, readable: 0, queries: 20, answerChars: 1204.2 },
    { arm: 'hand-written', mean: 3.4, readable: 19, queries: 20, answerChars: 180 },
    { arm: 'found-alone', mean: 3.5, readable: 20, queries: 20, answerChars: 190 },
    { arm: 'found', mean: 3.62, readable: 20, queries: 20, answerChars: 205 },
  ],
  comparisons: [
    compared('start', 0.52, above, 'better'),
    compared('none', 0.61, above, 'better'),
    compared('hand-written', 0.22, { low: 0.01, high: 0.43 }, 'no-difference'),
    compared('found-alone', 0.12, wide, 'no-difference'),
  ],
  criteria: [
    { criterion: 'Clarity', found: 3.9, start: 3.2, difference: 0.7, interval: above, pairs: 14 },
    { criterion: 'Wit', found: 2.9, start: 3.2, difference: -0.3, interval: wide, pairs: 6 },
  ],
};

function compared(
  against: Verdict['comparisons'][number]['against'],
  difference: number,
  interval: Interval,
  outcome: Verdict['outcome'],
): Verdict['comparisons'][number] {
  return { against, difference, interval, pairs: 20, wins: 12, ties: 5, losses: 3, outcome };
}

const start = parsePrompt('You are a helpful assistant.\n- Be brief.');
const kind = makeBullet('p1.1', 'Be kind and clear.', {
  type: 'proposal',
  parent: 'p0',
  query: 'q1',
  criterion: 'Clarity',
});
const idle = makeBullet('p1.2', 'Use short words.', { type: 'person' });

const events: readonly SearchEvent[] = [
  {
    type: 'judge-checked',
    check: {
      right: 4.1,
      wrong: 2.2,
      pairs: 30,
      interval: { low: 1.2, high: 2.6 },
      tells: true,
      planted: {
        examples: 6,
        kinds: [
          { kind: 'other', pairs: 6, wins: 1 },
          { kind: 'padded', pairs: 6, wins: 0.58 },
        ],
        notMade: ['complied'],
        criteria: [
          {
            criterion: 'Clarity',
            pairs: 12,
            wins: 0.9,
            interval: { low: 0.66, high: 0.98 },
            tells: true,
            fives: 0.25,
            lengthSlope: -0.12,
            spread: 0.61,
            agreement: { answers: 4, difference: 0.18 },
          },
          {
            criterion: 'Wit',
            pairs: 12,
            wins: 0.5,
            interval: { low: 0.3, high: 0.7 },
            tells: false,
            fives: 0.5,
            lengthSlope: null,
            spread: null,
            agreement: null,
          },
        ],
        dropped: ['Wit'],
      },
    },
  },
  {
    type: 'headroom',
    headroom: {
      conclusion: 'room',
      why: 'shown',
      arms: [
        { arm: 'start', mean: 3, interval: above, readable: 12, queries: 12, gain: null },
        {
          arm: 'examples',
          mean: 3.5,
          interval: above,
          readable: 12,
          queries: 12,
          gain: { difference: 0.5, interval: above, pairs: 12, shown: true },
        },
      ],
      gap: { mean: 2, interval: { low: 1.5, high: 2.5 } },
      tops: [],
    },
  },
  candidate('p0', null, 0, start, null),
  { type: 'level', level: 0, queries: ['q1'] },
  attempt('p0', 3),
  { type: 'beam', level: 0, kept: [{ candidate: 'p0', aggregate: 3 }], dropped: [] },
  candidate('p1', 'p0', 1, { ...start, bullets: [...start.bullets, kind, idle] }, 'q1'),
  { type: 'level', level: 1, queries: ['q1'] },
  attempt('p1', 4),
  { type: 'raced-out', level: 1, candidates: ['p0'], left: 4 },
  {
    type: 'beam',
    level: 1,
    kept: [{ candidate: 'p1', aggregate: 4 }],
    dropped: [{ candidate: 'p0', aggregate: 2.5 }],
  },
  effect('p1.1', 'Be kind and clear.', 0.31, above),
  effect('p1.2', 'Use short words.', -0.02, wide),
  candidate('p2', 'p1', 2, { ...start, bullets: [...start.bullets, kind] }, null),
  {
    type: 'selected',
    candidate: 'p2',
    ranking: [{ candidate: 'p2', aggregate: 4.1 }],
  },
  {
    type: 'arm',
    arm: 'found',
    candidate: 'arm-found',
    prompt: start,
    withExamples: true,
  },
  { type: 'verdict', verdict },
  { type: 'ended', how: 'finished' },
];

function candidate(
  id: string,
  parent: string | null,
  level: number,
  prompt: typeof start,
  query: string | null,
): SearchEvent {
  return { type: 'candidate', candidate: { id, parent, level, prompt, query, replies: [] } };
}

function attempt(id: string, reward: number): SearchEvent {
  return {
    type: 'attempt',
    attempt: {
      candidate: id,
      query: 'q1',
      split: 'train',
      examples: [],
      answer: 'Water that falls.',
      answerCut: false,
      ratings: null,
      reward,
      cuts: [],
      replies: [],
    },
  };
}

function effect(bullet: string, text: string, size: number, interval: Interval): SearchEvent {
  return {
    type: 'bullet-weighed',
    candidate: 'p1',
    effect: { bullet, text, effect: size, interval, pairs: 12 },
  };
}

/** A small run that has everything a run can have. */
export function everything(): ReportContent {
  const role = { requests: 1500, promptTokens: 91_234, outputTokens: 4_321, elapsedMs: 250_000 };
  return {
    ...known(foldAll(events), { startingPrompt: start }),
    cost: { base: role, evaluator: role, optimizer: role },
  };
}
