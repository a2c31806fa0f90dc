import type { SearchEvent } from '../../src/core/events.ts';
import type { Llm, LlmReply } from '../../src/core/llm.ts';
import { parsePrompt, promptText } from '../../src/core/prompt.ts';
import { seedAt } from '../../src/core/random.ts';
import { mean } from '../../src/core/rating.ts';
import { runSearch, type Task } from '../../src/core/search.ts';
import { plainStart } from '../../src/core/settings.ts';
import type { Comparison, Outcome } from '../../src/core/verdict.ts';
import { simulatedModel } from './model.ts';
import { rewriting, simulated } from './profile.ts';
import { authors, ours, strategies, type Strategy } from './strategies.ts';
import {
  bestFeatures,
  calibrated,
  criteria,
  featuresOf,
  makeWorld,
  queriesFrom,
  trueQuality,
  type SimulatedWorld,
} from './world.ts';

/** The best prompt so far once this many requests were spent. */
interface Leader {
  readonly spent: number;
  readonly prompt: string;
}

/** One run of the real search in a simulated world. */
export interface Searched {
  /**
   * Distinct requests of stage 2: everything between its first and the test's, that is answers, choices of criteria, ratings, reasons,
   * rewrites, and the selection where there is one. Equal requests are asked once, as the journal asks them.
   */
  readonly spent: number;
  /** Who led after how many requests; the last one is what was found. */
  readonly leaders: readonly Leader[];
  readonly found: string;
  /** Found against start on the test queries; null where they are one prompt or there was no test. */
  readonly comparison: Comparison | null;
  readonly outcome: Outcome;
  /** All ratings of the search and the rewards of the first prompt of each level: what is known of the authors' traces. */
  readonly ratings: readonly number[];
  readonly levelRewards: readonly number[];
}

const trainCount = 120;
const mostSelection = 48;

/** The task of a strategy: a plain start and disjoint queries of the world's population. */
function taskOf({ settings }: Strategy): Task {
  return {
    train: queriesFrom(0, trainCount),
    select: queriesFrom(trainCount, settings.evaluation.selection),
    test: queriesFrom(trainCount + mostSelection, settings.evaluation.test),
    examples: [],
    startingPrompt: parsePrompt(plainStart),
    handWritten: null,
  };
}

/** Asks each request once and keeps the reply, as a run's journal does. `asked` counts the distinct ones. */
function journalled(llm: Llm): { readonly llm: Llm; readonly replies: Map<string, LlmReply> } {
  const replies = new Map<string, LlmReply>();
  const ask: Llm['ask'] = async (request) => {
    const key = JSON.stringify(request);
    const reply = replies.get(key) ?? (await llm.ask(request));
    replies.set(key, reply);
    return reply;
  };
  return { llm: { info: llm.info, ask }, replies };
}

/** Runs a strategy in a world, from its first request to its verdict. */
export async function searchIn(
  world: SimulatedWorld,
  strategy: Strategy,
  seed: number,
): Promise<Searched> {
  const { llm, replies } = journalled(simulatedModel(world));
  const skill = strategy.optimizer === 'random' ? 0 : world.skill;
  const optimizer = journalled(simulatedModel({ ...world, skill }));
  const spent = () => replies.size + optimizer.replies.size;
  const events = runSearch(taskOf(strategy), {
    llms: { base: llm, evaluator: llm, optimizer: optimizer.llm },
    profiles: {
      base: simulated,
      evaluator: simulated,
      optimizer: strategy.edits ? simulated : rewriting,
    },
    settings: { ...strategy.settings, seed },
    criteria,
    steer: () => Promise.resolve({ type: 'go' }),
  });
  return watch(events, spent);
}

/** Follows a search to its end. */
async function watch(events: AsyncIterable<SearchEvent>, spent: () => number): Promise<Searched> {
  const prompts = new Map<string, string>();
  const leaders: Leader[] = [];
  const ratings: number[] = [];
  const levelRewards: number[] = [];
  let newLevel = false;
  let comparison: Comparison | null = null;
  let outcome: Outcome = 'no-difference';
  const lead = (id: string | undefined) => {
    const prompt = id === undefined ? undefined : prompts.get(id);
    if (prompt !== undefined) leaders.push({ spent: spent(), prompt });
  };
  for await (const event of events) {
    if (event.type === 'candidate') {
      prompts.set(event.candidate.id, promptText(event.candidate.prompt));
      if (event.candidate.parent === null) lead(event.candidate.id);
    }
    if (event.type === 'level') newLevel = true;
    if (event.type === 'attempt' && event.attempt.split === 'train') {
      ratings.push(...(event.attempt.ratings ?? []).map((r) => r.score));
      if (newLevel && event.attempt.reward !== null) levelRewards.push(event.attempt.reward);
      newLevel = false;
    }
    if (event.type === 'beam') lead(event.kept[0]?.candidate);
    if (event.type === 'selected') lead(event.candidate);
    if (event.type === 'verdict') {
      comparison = event.verdict.comparisons.find((c) => c.against === 'start') ?? null;
      outcome = event.verdict.outcome;
    }
  }
  const last = leaders.at(-1);
  if (!last) throw new Error('a search ended without a prompt');
  return {
    spent: last.spent,
    leaders,
    found: last.prompt,
    comparison,
    outcome,
    ratings,
    levelRewards,
  };
}

/** The prompt that led when no more than `budget` requests were spent; a search that ended sooner has what it found. */
export function leaderAt({ leaders }: Pick<Searched, 'leaders'>, budget: number): string {
  const led = leaders.filter((l) => l.spent <= budget).at(-1) ?? leaders[0];
  if (!led) throw new Error('a search ended without a prompt');
  return led.prompt;
}

/** What one strategy reached in one repeat: true quality at the authors' budget, at a third of it, and at its own end. */
export interface Reached {
  readonly strategy: string;
  readonly spent: number;
  readonly equalBudget: number;
  readonly thirdBudget: number;
  readonly atEnd: number;
}

/** One repeat: a world, everyone's search in it, and ours in the same world without effects. */
export interface Repeat {
  readonly budget: number;
  readonly start: number;
  readonly best: number;
  readonly reached: readonly Reached[];
  /** Whether our verdict's interval holds the true difference; null where found and start are one prompt. */
  readonly covered: boolean | null;
  readonly outcome: Outcome;
  /** Whether "better" was claimed where no line does anything. */
  readonly falseBetter: boolean;
  /** Share of 5s among the authors' ratings and the s.d. of single-query rewards over their levels. */
  readonly shareOfFives: number;
  readonly levelSd: number;
}

/** One repeat, from the bench's seed and its number alone. */
export async function runRepeat(seed: number, number: number): Promise<Repeat> {
  const world = makeWorld({ ...calibrated, seed: seedAt(seed, 'world', number) });
  const runSeed = seedAt(seed, 'run', number);
  const quality = (prompt: string) => trueQuality(world, featuresOf(world, prompt));
  const searched = new Map<string, Searched>();
  for (const s of strategies) searched.set(s.name, await searchIn(world, s, runSeed));
  const ofAuthors = searched.get(authors.name);
  const ofOurs = searched.get(ours.name);
  if (!ofAuthors || !ofOurs) throw new Error('the table of strategies lacks the two compared');
  const still = makeWorld({ ...calibrated, seed: world.seed, effects: false });
  const start = quality(plainStart);
  return {
    budget: ofAuthors.spent,
    start,
    best: trueQuality(world, bestFeatures(world)),
    reached: [...searched].map(([name, s]) => ({
      strategy: name,
      spent: s.spent,
      equalBudget: quality(leaderAt(s, ofAuthors.spent)),
      thirdBudget: quality(leaderAt(s, ofAuthors.spent / 3)),
      atEnd: quality(s.found),
    })),
    covered: covers(ofOurs.comparison, quality(ofOurs.found) - start),
    outcome: ofOurs.outcome,
    falseBetter: (await searchIn(still, ours, runSeed)).outcome === 'better',
    shareOfFives: mean(ofAuthors.ratings.map((score) => Number(score === 5))),
    levelSd: sdOf(ofAuthors.levelRewards),
  };
}

function covers(comparison: Comparison | null, truth: number): boolean | null {
  if (!comparison) return null;
  return comparison.interval.low <= truth && truth <= comparison.interval.high;
}

/** The standard deviation of a sample; 0 for fewer than two values. */
export function sdOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / (values.length - 1));
}
