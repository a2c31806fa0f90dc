import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SearchEvent } from '../../src/core/events.ts';
import { candidateOf, emptyRun, fold, foldAll } from '../../src/core/run.ts';
import {
  attempt,
  candidate,
  dicyRate,
  eventsOf,
  model,
  only,
  taskOf,
  worldOf,
} from './builders.ts';

let events: readonly SearchEvent[] = [];
beforeAll(async () => {
  events = await eventsOf(taskOf(), worldOf({ llm: model({ rate: dicyRate(3) }) }));
});

describe('the fold of a whole run', () => {
  test('holds every attempt of the events once', () => {
    const run = foldAll(events);
    const held = [...run.candidates.flatMap((c) => c.attempts), ...run.armAttempts];
    const said = only(events, 'attempt').map((e) => e.attempt);
    expect(held).toHaveLength(said.length);
    expect(new Set(held)).toEqual(new Set(said));
  });

  test('keeps candidate p3 at place 3, under its parent', () => {
    const { candidates } = foldAll(events);
    expect(candidates.length).toBeGreaterThan(4);
    expect(candidates.map((c) => c.id)).toEqual(candidates.map((_, i) => `p${i}`));
    for (const { id, parent } of candidates) {
      if (parent === null) expect(id).toBe('p0');
      else expect(candidates[Number(parent.slice(1))]?.children).toContain(id);
    }
  });

  test('says of every level what was asked, kept and dropped', () => {
    const run = foldAll(events);
    const decided = only(events, 'beam');
    expect(run.levels).toEqual(
      only(events, 'level').map(({ level, queries }, i) => ({
        level,
        queries,
        kept: decided[i]?.kept,
        dropped: decided[i]?.dropped,
        spared: 0,
      })),
    );
    for (const { level, kept, dropped } of decided) {
      for (const { candidate: id, aggregate } of [...kept, ...dropped]) {
        expect(candidateOf(run, id)?.ranks).toContainEqual({
          level,
          aggregate,
          kept: kept.some((k) => k.candidate === id),
        });
      }
    }
  });

  test('holds the end: phase, selection, arms, verdict', () => {
    const run = foldAll(events);
    const [selected] = only(events, 'selected');
    expect(run).toMatchObject({
      phase: 'test',
      judgeCheck: only(events, 'judge-checked')[0]?.check,
      selected: selected?.candidate,
      selection: selected?.ranking,
      arms: only(events, 'arm').map(({ type: _, ...arm }) => arm),
      verdict: only(events, 'verdict')[0]?.verdict,
      ended: 'finished',
    });
    expect(run.criteria.size).toBe(only(events, 'criteria').length);
    expect(run.examples.map((e) => e.id)).toEqual(
      only(events, 'example-kept').map((e) => e.example),
    );
    expect(run.examples.every((e) => e.kept !== null && e.rounds.length > 0)).toBe(true);
  });

  test('in pieces equals the fold at once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(events.length), { maxLength: 6 }), (at) => {
        const cuts = [0, ...at.sort((a, b) => a - b), events.length];
        const pieces = cuts.slice(1).map((to, i) => events.slice(cuts[i], to));
        expect(pieces.reduce((run, piece) => foldAll(piece, run), emptyRun)).toEqual(
          foldAll(events),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('never changes the run before', () => {
    const before: string[] = [];
    const runs = [emptyRun];
    for (const event of events) {
      const run = runs.at(-1) ?? emptyRun;
      before.push(JSON.stringify(run));
      runs.push(fold(run, event));
    }
    expect(runs.slice(0, -1).map((run) => JSON.stringify(run))).toEqual(before);
  });

  test('of no events is the empty run', () => {
    expect(foldAll([])).toBe(emptyRun);
  });
});

test('an attempt of a prompt in no tree is an arm’s', () => {
  const arm = attempt('arm-start', 'x0', [3]);
  expect(fold(emptyRun, { type: 'attempt', attempt: arm })).toEqual({
    ...emptyRun,
    armAttempts: [arm],
  });
});

test('a refused proposal and a reason are kept with their prompt', () => {
  const refused = { query: 't0', why: 'cut', replies: ['k'] } as const;
  const reason = { query: 't0', criterion: 'Depth', reason: 'Say why.', replies: [] };
  const run = foldAll([
    { type: 'candidate', candidate: candidate('p0', 'Hi') },
    { type: 'proposal-refused', candidate: 'p0', ...refused },
    { type: 'explained', candidate: 'p0', ...reason },
  ]);
  expect(candidateOf(run, 'p0')).toMatchObject({ refused: [refused], explanations: [reason] });
  expect(candidateOf(run, 'arm-found')).toBeUndefined();
});
