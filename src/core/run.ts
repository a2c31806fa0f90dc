import type { ChosenCriteria } from './criteria.ts';
import type { Arm, Attempt, NewCandidate, Phase, Ranked, Refusal, SearchEvent } from './events.ts';
import type { Headroom } from './headroom.ts';
import type { JudgeCheck } from './judge-check.ts';
import type { Cut, Role } from './llm.ts';
import type { Prompt } from './prompt.ts';
import type { Rating } from './rating.ts';
import type { Verdict } from './verdict.ts';
import type { BulletEffect } from './weigh-bullets.ts';

/** One rating of an example's answer in stage 1; round 0 is the starting answer. */
export interface ExampleRound {
  readonly round: number;
  readonly answer: string;
  readonly ratings: readonly Rating[] | null;
  readonly reward: number | null;
  readonly cuts: readonly Cut[];
  readonly replies: readonly string[];
}

/** What stage 1 did with one example. `kept` is the round whose answer stays, null while it is not decided. */
export interface ExampleState {
  readonly id: string;
  readonly rounds: readonly ExampleRound[];
  readonly refused: readonly {
    readonly round: number;
    readonly why: Refusal;
    readonly replies: readonly string[];
  }[];
  readonly kept: { readonly round: number; readonly answer: string } | null;
}

/** Why the evaluator rated an answer low on a criterion. */
export interface Explanation {
  readonly query: string;
  readonly criterion: string;
  readonly reason: string;
  readonly replies: readonly string[];
}

/** A proposal that did not become a candidate. */
export interface RefusedProposal {
  readonly query: string;
  readonly why: Refusal;
  readonly replies: readonly string[];
}

/** A prompt in the tree, with everything that was done with it. */
export interface Candidate extends NewCandidate {
  readonly children: readonly string[];
  readonly attempts: readonly Attempt[];
  readonly explanations: readonly Explanation[];
  readonly refused: readonly RefusedProposal[];
  /** Levels in whose beam it was kept, with what it was ranked by; and the level at which it was dropped. */
  readonly ranks: readonly {
    readonly level: number;
    readonly aggregate: number | null;
    readonly kept: boolean;
  }[];
  /** Levels whose race it left early, with the attempts there that it was spared. */
  readonly racedOut: readonly { readonly level: number; readonly left: number }[];
}

/** One level of the search. `kept` and `dropped` are null until it is decided. */
export interface Level {
  readonly level: number;
  readonly queries: readonly string[];
  readonly kept: readonly Ranked[] | null;
  readonly dropped: readonly Ranked[] | null;
  /** Attempts that were not made, as their prompts could hardly catch up any more. */
  readonly spared: number;
}

/** A prompt of the verdict. */
export interface ArmState {
  readonly arm: Arm;
  readonly candidate: string;
  readonly prompt: Prompt;
  readonly withExamples: boolean;
}

/** Everything known of a run: the fold of its events, nothing more. Candidate `p3` is `candidates[3]`. */
export interface Run {
  readonly phase: Phase | null;
  readonly criteria: ReadonlyMap<string, ChosenCriteria>;
  readonly judgeCheck: JudgeCheck | null;
  /** How much there was to win before the search, where that was measured. */
  readonly headroom: Headroom | null;
  readonly examples: readonly ExampleState[];
  readonly levels: readonly Level[];
  readonly candidates: readonly Candidate[];
  /** Attempts of prompts that are in no tree: those of the headroom, the hand-written one, and the start without examples. */
  readonly armAttempts: readonly Attempt[];
  readonly selected: string | null;
  readonly selection: readonly Ranked[];
  /** What each bullet of the chosen prompt does, where that was measured; those that were dropped among them. */
  readonly bulletEffects: readonly BulletEffect[];
  readonly arms: readonly ArmState[];
  readonly verdict: Verdict | null;
  /** The contexts that a failing machine has led to, in tokens; null where they are as the run began. */
  readonly contextSizes: Readonly<Record<Role, number>> | null;
  readonly ended: 'finished' | 'stopped' | null;
}

export const emptyRun: Run = {
  phase: null,
  criteria: new Map(),
  judgeCheck: null,
  headroom: null,
  examples: [],
  levels: [],
  candidates: [],
  armAttempts: [],
  selected: null,
  selection: [],
  bulletEffects: [],
  arms: [],
  verdict: null,
  contextSizes: null,
  ended: null,
};

/** The candidate of that id, or undefined for a prompt that is in no tree. */
export function candidateOf(run: Run, id: string): Candidate | undefined {
  return id.startsWith('p') ? run.candidates[Number(id.slice(1))] : undefined;
}

/** The run after one more event. Shares everything that the event does not touch. */
export function fold(run: Run, event: SearchEvent): Run {
  switch (event.type) {
    case 'phase':
      return { ...run, phase: event.phase };
    case 'criteria':
      return { ...run, criteria: new Map(run.criteria).set(event.query, event.chosen) };
    case 'judge-checked':
      return { ...run, judgeCheck: event.check };
    case 'headroom':
      return { ...run, headroom: event.headroom };
    case 'example-rated': {
      const { example, type: _, ...round } = event;
      return withExample(run, example, (e) => ({ ...e, rounds: [...e.rounds, round] }));
    }
    case 'example-refused': {
      const { example, type: _, ...refused } = event;
      return withExample(run, example, (e) => ({ ...e, refused: [...e.refused, refused] }));
    }
    case 'example-kept': {
      const kept = { round: event.round, answer: event.answer };
      return withExample(run, event.example, (e) => ({ ...e, kept }));
    }
    case 'level':
      return {
        ...run,
        levels: [
          ...run.levels,
          { level: event.level, queries: event.queries, kept: null, dropped: null, spared: 0 },
        ],
      };
    case 'candidate':
      return withNewCandidate(run, event.candidate);
    case 'attempt':
      return withAttempt(run, event.attempt);
    case 'explained': {
      const { candidate, type: _, ...explanation } = event;
      return withCandidate(run, candidate, (c) => ({
        ...c,
        explanations: [...c.explanations, explanation],
      }));
    }
    case 'proposal-refused': {
      const { candidate, type: _, ...refused } = event;
      return withCandidate(run, candidate, (c) => ({ ...c, refused: [...c.refused, refused] }));
    }
    case 'raced-out':
      return withRacedOut(run, event);
    case 'beam':
      return withBeam(run, event);
    case 'bullet-weighed':
      return { ...run, bulletEffects: [...run.bulletEffects, event.effect] };
    case 'selected':
      return { ...run, selected: event.candidate, selection: event.ranking };
    case 'arm': {
      const { type: _, ...arm } = event;
      return { ...run, arms: [...run.arms, arm] };
    }
    case 'verdict':
      return { ...run, verdict: event.verdict };
    case 'ended':
      return { ...run, ended: event.how };
    case 'steered':
      return event.steer.type === 'context'
        ? { ...run, contextSizes: event.steer.contextSizes }
        : run;
    case 'skipped':
    case 'rewritten':
      return run;
  }
}

/** The run that a whole list of events makes. */
export function foldAll(events: Iterable<SearchEvent>, from: Run = emptyRun): Run {
  let run = from;
  for (const event of events) run = fold(run, event);
  return run;
}

function withExample(run: Run, id: string, change: (e: ExampleState) => ExampleState): Run {
  const at = run.examples.findIndex((e) => e.id === id);
  const old = run.examples[at] ?? { id, rounds: [], refused: [], kept: null };
  const examples = at < 0 ? [...run.examples, change(old)] : run.examples.with(at, change(old));
  return { ...run, examples };
}

function withCandidate(run: Run, id: string, change: (c: Candidate) => Candidate): Run {
  const old = candidateOf(run, id);
  if (!old) return run;
  return { ...run, candidates: run.candidates.with(Number(id.slice(1)), change(old)) };
}

function withNewCandidate(run: Run, added: NewCandidate): Run {
  const candidate: Candidate = {
    ...added,
    children: [],
    attempts: [],
    explanations: [],
    refused: [],
    ranks: [],
    racedOut: [],
  };
  const grown = { ...run, candidates: [...run.candidates, candidate] };
  if (added.parent === null) return grown;
  return withCandidate(grown, added.parent, (c) => ({ ...c, children: [...c.children, added.id] }));
}

function withAttempt(run: Run, attempt: Attempt): Run {
  if (!candidateOf(run, attempt.candidate)) {
    return { ...run, armAttempts: [...run.armAttempts, attempt] };
  }
  return withCandidate(run, attempt.candidate, (c) => ({
    ...c,
    attempts: [...c.attempts, attempt],
  }));
}

function withRacedOut(run: Run, event: Extract<SearchEvent, { type: 'raced-out' }>): Run {
  const { level, candidates, left } = event;
  const out = (after: Run, id: string) =>
    withCandidate(after, id, (c) => ({ ...c, racedOut: [...c.racedOut, { level, left }] }));
  const spared = candidates.length * left;
  return {
    ...candidates.reduce(out, run),
    levels: run.levels.map((l) => (l.level === level ? { ...l, spared: l.spared + spared } : l)),
  };
}

function withBeam(run: Run, event: Extract<SearchEvent, { type: 'beam' }>): Run {
  const { level, kept, dropped } = event;
  const rank = (isKept: boolean) => (after: Run, ranked: Ranked) =>
    withCandidate(after, ranked.candidate, (c) => ({
      ...c,
      ranks: [...c.ranks, { level, aggregate: ranked.aggregate, kept: isKept }],
    }));
  const ranked = dropped.reduce(rank(false), kept.reduce(rank(true), run));
  return {
    ...ranked,
    levels: ranked.levels.map((l) => (l.level === level ? { ...l, kept, dropped } : l)),
  };
}
