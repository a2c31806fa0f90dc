import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgePhase } from '../../src/core/judge-phase.ts';
import type { Profile } from '../../src/core/profile.ts';
import { foldAll } from '../../src/core/run.ts';
import { runSearch } from '../../src/core/search.ts';
import type { EvaluationSettings, JudgeSettings, Settings } from '../../src/core/settings.ts';
import { startSearch } from '../../src/core/world.ts';
import { plantedTexts, startingExamples } from '../../src/data/index.ts';
import { journaled, replayOnly } from '../../src/llm/journal.ts';
import { scripted, type Scripted } from '../../src/llm/scripted.ts';
import {
  around,
  chance,
  criterion,
  drain,
  memoryJournal,
  model,
  only,
  openProfile,
  requests,
  settingsWith,
  small,
  stopAt,
  taskOf,
  worldOf,
} from './builders.ts';
import { scaleBlanks, scaleProfile, type ScaleBlanks } from './scale-profile.ts';

const criteria = ['Helpfulness', 'Clarity', 'Depth'].map((name, i) => ({
  ...criterion(name),
  // One criterion has no second wording: its scale is turned round.
  ...(i > 0 && { reworded: `${name}, said anew.` }),
}));

/** A judge by the blanks of its requests; every query is judged by all three criteria. */
function judgeOf(rate: (blanks: ScaleBlanks) => number): Scripted {
  return scripted({}, (request) => {
    if (request.purpose === 'choose-criteria') return 'Helpfulness, Clarity, Depth';
    if (request.purpose === 'answer') return 'An answer.';
    if (request.output.type === 'choice') return around(rate(scaleBlanks(request)));
    return request.purpose === 'rate'
      ? criteria.map((c) => `${c.name}: so. Score: 3`).join('\n')
      : 'It could be better.';
  });
}

interface Check {
  readonly evaluation?: Partial<EvaluationSettings>;
  readonly judge?: Partial<JudgeSettings>;
  readonly profile?: Profile;
  readonly criteria?: Partial<Settings['criteria']['examples']>;
}

async function checked(llm: Scripted, change: Check = {}) {
  const settings = settingsWith({
    evaluation: { checkRequests: 240, ...change.evaluation },
    judge: { ...change.judge },
  });
  const examples = { ...settings.criteria.examples, ...change.criteria };
  const world = worldOf({
    llm,
    profile: change.profile ?? scaleProfile,
    criteria,
    settings: { ...settings, criteria: { ...settings.criteria, examples } },
  });
  const search = startSearch({ ...world, planted: plantedTexts });
  const { events, result } = await drain(judgePhase(search, startingExamples));
  return { events, check: result, search };
}

const own = new Set(startingExamples.map((e) => `${e.query}/${e.answer}`));
const isOwn = ({ query = '', answer = '' }: ScaleBlanks) => own.has(`${query}/${answer}`);

describe('a judge check with planted answers', () => {
  test('finds that a judge who knows tells, in every way of spoiling and on every criterion', async () => {
    const { check, events } = await checked(judgeOf((b) => (isOwn(b) ? 4.6 : 2)));
    expect(check?.tells).toBe(true);
    expect(check?.planted?.notMade).toEqual([]);
    expect(check?.planted?.kinds.map((k) => [k.kind, k.wins])).toEqual(
      ['other', 'cut', 'shuffled', 'padded', 'refused', 'complied'].map((kind) => [kind, 1]),
    );
    expect(check?.planted?.criteria.map((c) => [c.criterion, c.wins, c.tells])).toEqual(
      criteria.map((c) => [c.name, 1, true]),
    );
    expect(only(events, 'judge-checked')).toEqual([{ type: 'judge-checked', check }]);
  });

  test('finds that a judge who loves length does, and falls for padding', async () => {
    const { check } = await checked(judgeOf((b) => 1 + Math.min(4, (b.answer ?? '').length / 250)));
    const wins = new Map(check?.planted?.kinds.map((k) => [k.kind, k.wins]));
    expect(wins.get('padded')).toBe(0);
    expect(wins.get('cut')).toBe(1);
    for (const { lengthSlope } of check?.planted?.criteria ?? []) {
      expect(lengthSlope).toBeCloseTo(0.4, 1);
    }
  });

  test('names the criteria on which the judge is blind', async () => {
    const { check } = await checked(
      judgeOf((b) =>
        b.criterion !== 'Clarity' ? (isOwn(b) ? 5 : 2) : 1 + 4 * chance(b.answer ?? ''),
      ),
    );
    expect(check?.planted?.criteria.map((c) => [c.criterion, c.tells])).toEqual([
      ['Helpfulness', true],
      ['Clarity', false],
      ['Depth', true],
    ]);
    expect(check?.planted?.dropped).toEqual([]);
    const [helpfulness] = check?.planted?.criteria ?? [];
    expect(helpfulness?.fives).toBeCloseTo(10 / (10 + (check?.pairs ?? 0)));
  });

  test('finds that a judge who rates all alike does not tell', async () => {
    const { check } = await checked(judgeOf(() => 3));
    expect(check?.tells).toBe(false);
    expect(check?.planted?.criteria.map((c) => [c.wins, c.tells])).toEqual(
      criteria.map(() => [0.5, false]),
    );
  });

  test('shows how far the judge moves when a criterion is said anew, or its scale turned round', async () => {
    const { check } = await checked(
      judgeOf((b) => {
        if (b.order === 'falling') return 1;
        return b.definition === 'Depth, said anew.' ? 2.5 : 2;
      }),
    );
    const agreement = check?.planted?.criteria.map((c) => c.agreement?.difference);
    expect(agreement).toEqual([1, 0, 0.5]);
  });

  test('asks no judge for agreement that is shown no scale', async () => {
    const { check } = await checked(
      model({ 'choose-criteria': () => 'Helpfulness, Clarity, Depth' }),
      { profile: openProfile },
    );
    expect(check?.planted?.criteria.map((c) => c.agreement)).toEqual([null, null, null]);
  });

  test('keeps to its number of requests, however ratings are asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.record({
          thinkFirst: fc.boolean(),
          rubricOrders: fc.constantFrom(1 as const, 2 as const),
          rating: fc.constantFrom('probabilities' as const, 'written' as const),
        }),
        fc.constantFrom('dynamic' as const, 'fixed' as const),
        fc.constantFrom(openProfile, scaleProfile),
        async (checkRequests, judge, mode, profile) => {
          const llm = profile === openProfile ? model() : judgeOf(() => 3);
          const { check } = await checked(llm, {
            evaluation: { checkRequests },
            judge,
            profile,
            criteria: { mode },
          });
          // Choosing criteria for the fewest examples is the least there can be.
          expect(llm.asked.length).toBeLessThanOrEqual(Math.max(4, checkRequests));
          if (check?.pairs === 0) expect(check.tells).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('uses its requests: at least four fifths of 240', async () => {
    const llm = judgeOf(() => 3);
    await checked(llm);
    expect(llm.asked.length).toBeGreaterThan(192);
  });

  test('without words to plant tries what needs none', async () => {
    const world = worldOf({
      llm: judgeOf((b) => (isOwn(b) ? 4 : 2)),
      profile: scaleProfile,
      criteria,
    });
    const { result } = await drain(judgePhase(startSearch(world), startingExamples));
    expect(result?.planted?.notMade).toEqual(['padded', 'refused', 'complied']);
    expect(result?.tells).toBe(true);
  });

  test('of fewer than four examples is none', async () => {
    const world = worldOf();
    const { events, result } = await drain(
      judgePhase(startSearch(world), startingExamples.slice(0, 3)),
    );
    expect([events, result]).toEqual([[], null]);
  });
});

describe('the short check', () => {
  test.each([{ checkRequests: 0 }, {}])(
    'sets each own answer against another’s: %j',
    async (part) => {
      const llm = judgeOf((b) => (isOwn(b) ? 4 : 2));
      const { checkRequests: _, ...evaluation } = settingsWith().evaluation;
      const settings = { ...settingsWith(), evaluation: { ...evaluation, ...part } };
      const world = worldOf({ llm, profile: scaleProfile, criteria, settings });
      const { result } = await drain(judgePhase(startSearch(world), startingExamples));
      expect(result).toEqual({
        right: 4,
        wrong: 2,
        pairs: 16,
        interval: { low: 2, high: 2 },
        tells: true,
      });
      expect(requests(llm, 'rate')).toHaveLength(16 * 2 * 3);
      const answers = requests(llm, 'rate').map((r) => scaleBlanks(r).answer);
      expect(new Set(answers)).toEqual(new Set(startingExamples.map((e) => e.answer)));
    },
  );
});

describe('a run that drops what its judge is blind on', () => {
  const blind = () =>
    judgeOf((b) =>
      b.criterion !== 'Clarity' ? (isOwn(b) ? 4.5 : 2) : 1 + 4 * chance(b.answer ?? ''),
    );
  const settings = settingsWith({ judge: { dropWeakCriteria: true } }, small);
  const world = (llm: Parameters<typeof worldOf>[0] & object) => ({
    ...worldOf({ ...llm, profile: scaleProfile, criteria, settings, steer: stopAt(-1) }),
    planted: plantedTexts,
  });
  const task = taskOf({ examples: startingExamples });

  test('rates on it no more, and says which criteria are left', async () => {
    const llm = blind();
    const { events } = await drain(runSearch(task, world({ llm })));
    const at = events.findIndex((e) => e.type === 'judge-checked');
    const check = only(events, 'judge-checked')[0]?.check;
    expect(check?.planted?.dropped).toEqual(['Clarity']);
    const later = events.slice(at + 1);
    expect(only(later, 'criteria').flatMap((e) => e.chosen.names)).not.toContain('Clarity');
    const rated = [
      ...only(later, 'attempt').map((e) => e.attempt.ratings),
      ...only(later, 'example-rated').map((e) => e.ratings),
    ].flatMap((ratings) => ratings ?? []);
    expect(rated.length).toBeGreaterThan(50);
    expect(new Set(rated.map((r) => r.criterion))).toEqual(new Set(['Helpfulness', 'Depth']));
    const { criteria: known, ended } = foldAll(events);
    expect([...known.values()].flatMap((c) => c.names)).not.toContain('Clarity');
    expect(ended).toBe('finished');
  });

  test('says the same when it is run again from its journal', async () => {
    const journal = memoryJournal();
    const llm = blind();
    const { events } = await drain(runSearch(task, world({ llm: journaled(llm, journal) })));
    const again = await drain(runSearch(task, world({ llm: replayOnly(llm.info, journal) })));
    expect(again.events).toEqual(events);
  });

  test('with fixed criteria keeps the others of them', async () => {
    const { events, search } = await checked(blind(), {
      judge: { dropWeakCriteria: true },
      criteria: { mode: 'fixed', fixed: ['Clarity', 'Depth'] },
    });
    const chosen = { names: ['Depth'], proposed: null, fallback: false };
    expect(only(events, 'judge-checked')[0]?.check.planted?.dropped).toEqual(['Clarity']);
    expect(new Set([...search.chosen.values()].map((c) => JSON.stringify(c)))).toEqual(
      new Set([JSON.stringify(chosen)]),
    );
  });
});
