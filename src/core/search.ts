import { attemptAll } from './attempts.ts';
import { blockOf, blockSearch, select } from './block-search.ts';
import type { Arm, Example, NewCandidate, Query, SearchEvent } from './events.ts';
import { headroomPhase, headroomQueries } from './headroom-phase.ts';
import { improveExamples } from './improve-examples.ts';
import type { JudgeCheck } from './judge-check.ts';
import { judgePhase, withoutDropped } from './judge-phase.ts';
import { pathSearch } from './path-search.ts';
import { pooledSearch } from './pooled-search.ts';
import { promptText, type Prompt } from './prompt.ts';
import { retriever, type Retrieve } from './retrieval.ts';
import { intervalMethod, pooledSettings, type Settings } from './settings.ts';
import { verdictOf, type TestedArm, type Verdict } from './verdict.ts';
import { weighBullets } from './weigh-bullets.ts';
import { startSearch, stopAsked, type Search, type World } from './world.ts';

/** What a run works on. The three sets of queries share none. */
export interface Task {
  readonly train: readonly Query[];
  readonly select: readonly Query[];
  readonly test: readonly Query[];
  readonly examples: readonly Example[];
  readonly startingPrompt: Prompt;
  /** The baseline to beat beside the start, as text; null for none. */
  readonly handWritten: Prompt | null;
}

/**
 * The whole method: the judge is checked, what there is to win is measured, stage 1 improves the examples, stage 2 the prompt, the
 * finalists meet, and the test decides. Yields events whose fold is the run; ends by itself, whatever the models say. Rejects
 * with what the models reject with: running again with their kept replies goes on from there.
 */
export async function* runSearch(task: Task, world: World): AsyncGenerator<SearchEvent, void> {
  const over = new AbortController();
  const signal = world.signal ? AbortSignal.any([world.signal, over.signal]) : over.signal;
  try {
    yield* searchWith(task, startSearch({ ...world, signal }));
  } finally {
    // Where one of several requests under way fails, nobody waits for the others any more.
    over.abort();
  }
}

async function* searchWith(task: Task, whole: Search): AsyncGenerator<SearchEvent, void> {
  const { settings } = whole;
  const judgeCheck = yield* judgePhase(whole, task.examples);
  const search = withoutDropped(whole, judgeCheck);
  const queries = plannedQueries(task, settings);
  const retrieve = retriever(search, task.examples);
  yield* headroomPhase(search, task, { retrieve, judgeCheck });
  const examples = yield* examplePhase(search, task, queries, retrieve);
  const improved = improvedRetrieve(retrieve, examples);
  // The ablation without a system prompt has nothing to search: only the examples can help.
  const found = settings.systemPrompt ? yield* promptPhase(search, task, improved) : null;
  yield* testPhase(search, task, { found, retrieve: improved, judgeCheck });
  yield { type: 'ended', how: search.points.stopped ? 'stopped' : 'finished' };
}

/** Every query whose examples will be shown in this run, so that stage 1 can keep to those in use. */
export function plannedQueries(task: Task, settings: Settings): readonly Query[] {
  const tried = headroomQueries(task.train, settings);
  if (!settings.systemPrompt) return [...tried, ...task.test];
  const { ranking, depth, extraDepth, queriesPerLevel } = settings.search;
  const levels = depth + extraDepth + 1;
  if (ranking === 'path') return [...tried, ...task.train.slice(0, levels), ...task.test];
  if (ranking === 'pooled') {
    const { scouted } = pooledSettings(settings);
    return [...tried, ...task.train.slice(0, Math.max(1, scouted)), ...task.select, ...task.test];
  }
  const blocks = Array.from({ length: levels }, (_, level) =>
    blockOf(task.train, queriesPerLevel, level),
  );
  return [...tried, ...blocks.flat(), ...task.select, ...task.test];
}

async function* examplePhase(
  search: Search,
  task: Task,
  queries: readonly Query[],
  retrieve: Retrieve,
): AsyncGenerator<SearchEvent, readonly Example[]> {
  const { count, improve } = search.settings.examples;
  if (count === 0 || improve.rounds === 0 || search.points.stopped) return task.examples;
  yield { type: 'phase', phase: 'examples' };
  const inUse = new Set<string>();
  if (improve.which === 'in-use') {
    for (const query of queries) for (const example of await retrieve(query)) inUse.add(example.id);
  }
  return yield* improveExamples(search, task.examples, inUse);
}

/** The same nearest examples, with their improved answers. */
function improvedRetrieve(retrieve: Retrieve, examples: readonly Example[]): Retrieve {
  const byId = new Map(examples.map((e) => [e.id, e]));
  return async (query) => (await retrieve(query)).map((e) => byId.get(e.id) ?? e);
}

async function* promptPhase(
  search: Search,
  task: Task,
  retrieve: Retrieve,
): AsyncGenerator<SearchEvent, NewCandidate> {
  if (yield* stopAsked(search)) return yield* keepStart(task.startingPrompt);
  yield { type: 'phase', phase: 'search' };
  if (search.settings.search.ranking === 'path') {
    const { candidate, aggregate } = yield* pathSearch(
      search,
      task.startingPrompt,
      task.train,
      retrieve,
    );
    const ranking = [{ candidate: candidate.id, aggregate }];
    yield { type: 'selected', candidate: candidate.id, ranking };
    return candidate;
  }
  const searchBy = search.settings.search.ranking === 'pooled' ? pooledSearch : blockSearch;
  const result = yield* searchBy(search, task.startingPrompt, task.train, retrieve);
  const best = result.beam[0] ?? result.start;
  if (task.select.length === 0 || (yield* stopAsked(search))) {
    yield { type: 'selected', candidate: best.id, ranking: [] };
    return best;
  }
  yield { type: 'phase', phase: 'selection' };
  const { ranking, attempts } = yield* select(search, result, task.select, retrieve);
  const first = [result.start, ...result.beam].find((c) => c.id === ranking[0]?.candidate) ?? best;
  const winner = search.settings.evaluation.weighBullets
    ? yield* weighBullets(
        search,
        { candidate: first, attempts: attempts.get(first.id) ?? [], nextId: result.nextId },
        task.select,
        retrieve,
      )
    : first;
  yield { type: 'selected', candidate: winner.id, ranking };
  return winner;
}

/** Stopped before the search began: the start is the best so far. */
async function* keepStart(prompt: Prompt): AsyncGenerator<SearchEvent, NewCandidate> {
  const start = { id: 'p0', parent: null, level: 0, prompt, query: null, replies: [] };
  yield { type: 'candidate', candidate: start };
  yield { type: 'selected', candidate: start.id, ranking: [] };
  return Promise.resolve(start);
}

interface Outcome {
  readonly found: NewCandidate | null;
  readonly retrieve: Retrieve;
  readonly judgeCheck: JudgeCheck | null;
}

/** A prompt that is tested: with the found examples, or alone as a person would use the start. */
interface ArmPlan {
  readonly arm: Arm;
  readonly candidate: string;
  readonly prompt: Prompt | null;
  readonly withExamples: boolean;
}

async function* testPhase(
  search: Search,
  task: Task,
  { found, retrieve, judgeCheck }: Outcome,
): AsyncGenerator<SearchEvent, void> {
  if (task.test.length === 0 || (yield* stopAsked(search))) {
    yield { type: 'verdict', verdict: notTested };
    return;
  }
  yield { type: 'phase', phase: 'test' };
  const tested: TestedArm[] = [];
  for (const plan of armPlans(search, task, found)) {
    const { arm, candidate, prompt, withExamples } = plan;
    if (yield* stopAsked(search)) {
      // What is left only adds to a verdict that is there.
      if (tested.some((t) => t.arm === 'found')) break;
      yield { type: 'verdict', verdict: notTested };
      return;
    }
    const shown = prompt ?? { opening: '', openingLocked: false, bullets: [] };
    yield { type: 'arm', arm, candidate, prompt: shown, withExamples };
    const trial = { id: candidate, prompt, retrieve: withExamples ? retrieve : noExamples };
    const attempts = yield* attemptAll(search, [trial], task.test, 'test');
    tested.push({ arm, attempts: attempts.get(candidate) ?? [] });
  }
  const measure = { seed: search.settings.seed, method: intervalMethod(search.settings) };
  yield { type: 'verdict', verdict: verdictOf(tested, judgeCheck, measure) };
}

const notTested: Verdict = {
  outcome: 'no-difference',
  why: 'not-tested',
  arms: [],
  comparisons: [],
};

const noExamples: Retrieve = () => Promise.resolve([]);

/** The prompts of the verdict in the order tested. What would answer as another one does is left out. */
function armPlans(
  { settings }: Search,
  task: Task,
  found: NewCandidate | null,
): readonly ArmPlan[] {
  const withExamples = settings.examples.count > 0 && task.examples.length > 0;
  const startPrompt = settings.systemPrompt ? task.startingPrompt : null;
  const foundPrompt = found?.prompt ?? null;
  const plan = (arm: Arm, prompt: Prompt | null, examples: boolean): ArmPlan => ({
    arm,
    candidate: `arm-${arm}`,
    prompt,
    withExamples: examples,
  });
  const same = textOf(foundPrompt) === textOf(startPrompt);
  const start = same && !withExamples ? [] : [plan('start', startPrompt, false)];
  const handWritten =
    settings.evaluation.handWritten && task.handWritten
      ? [plan('hand-written', task.handWritten, false)]
      : [];
  const deployed = plan('found', foundPrompt, withExamples);
  if (settings.evaluation.arms !== 'all') return [...start, ...handWritten, deployed];
  const alone = same || !withExamples ? [] : [plan('found-alone', foundPrompt, false)];
  const none = textOf(startPrompt) === '' ? [] : [plan('none', null, false)];
  // The two that decide come first, so that a stop after them still leaves a verdict.
  return [...start, deployed, ...handWritten, ...alone, ...none];
}

function textOf(prompt: Prompt | null): string {
  return prompt ? promptText(prompt) : '';
}
