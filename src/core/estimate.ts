import { examplesChecked, expectedCriteria } from './check-plan.ts';
import type { Purpose } from './llm.ts';
import { breadth, type Settings } from './settings.ts';

/** How many queries and examples a run has. */
export interface DataSizes {
  readonly train: number;
  readonly select: number;
  readonly test: number;
  readonly examples: number;
}

export type RequestCounts = Readonly<Record<Exclude<Purpose, 'embed'>, number>>;

/** How fast a model reads and writes, in tokens a second. */
export interface Speed {
  readonly prefillPerSecond: number;
  readonly decodePerSecond: number;
}

/** About how many requests of each purpose a run makes: what is not known (refusals, early ends) is taken at its most. */
export function expectedRequests(settings: Settings, data: DataSizes): RequestCounts {
  const prompts = expectedCriteria(settings, settings.criteria.prompts);
  const examples = expectedCriteria(settings, settings.criteria.examples);
  const search = searchCounts(settings, data);
  const stage1 = exampleCounts(settings, data);
  const arms = data.test === 0 ? 0 : armCount(settings);
  const attempts = search.attempts + arms * data.test;
  const { rating, rubricOrders = 1, thinkFirst = false } = settings.judge;
  const rated = attempts * prompts + stage1.ratings * examples;
  const explains = rating === 'probabilities' && !thinkFirst ? 2 : 0;
  const thoughts = rating === 'probabilities' && thinkFirst ? rated : 0;
  const orders = rating === 'probabilities' ? rubricOrders : 1;
  const chosenPrompts =
    settings.criteria.prompts.mode === 'dynamic' ? search.queries + data.select + data.test : 0;
  const chosenExamples = settings.criteria.examples.mode === 'dynamic' ? stage1.chosen : 0;
  return {
    answer: attempts,
    'choose-criteria': chosenPrompts + chosenExamples,
    rate: Math.round(rated * orders + stage1.planted),
    explain: Math.round(explains * (search.occasions + stage1.rewrites) + thoughts),
    rewrite: search.proposals,
    improve: stage1.rewrites,
  };
}

/** How many prompts the verdict is about, at most. */
function armCount({ evaluation, examples, systemPrompt }: Settings): number {
  const always = evaluation.handWritten ? 3 : 2;
  if (evaluation.arms !== 'all' || !systemPrompt) return always;
  return always + (examples.count > 0 ? 2 : 1);
}

function searchCounts(settings: Settings, { train, select }: DataSizes) {
  const none = { attempts: 0, proposals: 0, occasions: 0, queries: 0 };
  if (!settings.systemPrompt) return none;
  const { depth, queriesPerLevel, ranking } = settings.search;
  const { width, proposals } = breadth(settings.search);
  const block = ranking === 'path' ? 1 : Math.min(queriesPerLevel, train);
  // The first level has one member; later ones a full beam.
  const members = 1 + (depth - 1) * width;
  const proposed = members * proposals;
  if (ranking === 'path') {
    const levels = Math.min(depth, train) - 1;
    const tried = Math.max(0, 1 + (levels - 1) * width) * proposals;
    return { attempts: 1 + tried, proposals: tried, occasions: 0, queries: levels + 1 };
  }
  const finalists = select > 0 ? (width + 1) * select : 0;
  // Where the queries run out, a prompt that stays meets the same ones again, and its replies are known.
  const fresh = Math.min(1, train / Math.max(1, (depth + 1) * block));
  return {
    attempts: Math.round((1 + members * fresh + proposed) * block + finalists),
    proposals: proposed,
    occasions: members * Math.min(proposals, block),
    queries: Math.min((depth + 1) * block, train),
  };
}

function exampleCounts(settings: Settings, { examples }: DataSizes) {
  const { count, improve } = settings.examples;
  const rounds = count === 0 ? 0 : improve.rounds;
  const { judgeCheck, checkRequests = 0 } = settings.evaluation;
  const checked = judgeCheck ? examplesChecked(settings, examples) : 0;
  const onOthers = checkRequests === 0 ? 2 * checked : 0;
  const stage1 = rounds === 0 ? 0 : examples * (rounds + 1) - checked;
  return {
    chosen: rounds > 0 ? examples : checked,
    // The check rates each example's own answer, which is round 0 of stage 1.
    ratings: onOthers + stage1,
    planted: checked === 0 ? 0 : Math.max(0, checkRequests - checked),
    rewrites: examples * rounds,
  };
}

/** The sum over all purposes. */
export function totalRequests(counts: RequestCounts): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}

/**
 * How long one request of each purpose takes, in milliseconds: prompt tokens at the prefill speed (half of them known to the
 * prefix cache) and a typical reply at the decode speed.
 */
export function expectedMs(settings: Settings, speed: Speed): RequestCounts {
  const { answerTokens, promptTokens, judge, examples } = settings;
  const ms = (read: number, write: number) =>
    1000 * ((0.5 * read) / speed.prefillPerSecond + write / speed.decodePerSecond);
  return {
    answer: ms(160 + 120 * examples.count, 0.7 * answerTokens),
    'choose-criteria': ms(450, 20),
    rate: judge.rating === 'probabilities' ? ms(400, 1) : ms(500, 120),
    explain: ms(400, 30),
    rewrite: ms(700, 0.5 * promptTokens),
    improve: ms(400, 0.7 * answerTokens),
  };
}

/** The time that the counted requests take, in milliseconds. */
export function expectedTotalMs(counts: RequestCounts, each: RequestCounts): number {
  return purposes.reduce((sum, purpose) => sum + counts[purpose] * each[purpose], 0);
}

const purposes = ['answer', 'choose-criteria', 'rate', 'explain', 'rewrite', 'improve'] as const;
