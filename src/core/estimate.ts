import { examplesChecked, expectedCriteria } from './check-size.ts';
import type { Purpose } from './llm.ts';
import { maxBullets } from './prompt.ts';
import { breadth, pooledSettings, type Settings } from './settings.ts';

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
  const headroom = headroomCounts(settings, data);
  const elsewhere = headroom.attempts + weighings(settings, data) + arms * data.test;
  const attempts = elsewhere + search.attempts;
  const { rating, rubricOrders = 1, thinkFirst = false } = settings.judge;
  const inSearch = (search.attempts - search.focused) * prompts + search.focused * focus(settings);
  const rated = elsewhere * prompts + inSearch + stage1.ratings * examples;
  const explains = rating === 'probabilities' && !thinkFirst ? 2 : 0;
  const thoughts = rating === 'probabilities' && thinkFirst ? rated : 0;
  const orders = rating === 'probabilities' ? rubricOrders : 1;
  const chosenPrompts =
    settings.criteria.prompts.mode === 'dynamic'
      ? Math.max(headroom.queries, search.queries) + data.select + data.test
      : 0;
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

/** A prompt's bullets are left out one by one, and once all that do nothing. */
function weighings({ evaluation, search, systemPrompt }: Settings, { select }: DataSizes): number {
  const weighed = systemPrompt && search.ranking !== 'path' && evaluation.weighBullets === true;
  return weighed ? (maxBullets + 1) * select : 0;
}

/** The headroom's queries are the first of those that the search meets. */
function headroomCounts(settings: Settings, { train, examples }: DataSizes) {
  const queries = Math.min(settings.evaluation.headroom ?? 0, train);
  const prompts = settings.systemPrompt ? 3 : 1;
  const shown = settings.examples.count > 0 && examples > 0 ? 1 : 0;
  return { queries, attempts: (prompts + shown) * queries };
}

function searchCounts(settings: Settings, { train, select }: DataSizes) {
  const none = { attempts: 0, focused: 0, proposals: 0, occasions: 0, queries: 0 };
  if (!settings.systemPrompt) return none;
  const { depth, queriesPerLevel, ranking } = settings.search;
  if (ranking === 'pooled') return pooledCounts(settings, train, select);
  const { width, proposals } = breadth(settings.search);
  const block = ranking === 'path' ? 1 : Math.min(queriesPerLevel, train);
  // The first level has one member; later ones a full beam.
  const members = 1 + (depth - 1) * width;
  const proposed = members * proposals;
  if (ranking === 'path') {
    const levels = Math.min(depth, train) - 1;
    const tried = Math.max(0, 1 + (levels - 1) * width) * proposals;
    return { attempts: 1 + tried, focused: 0, proposals: tried, occasions: 0, queries: levels + 1 };
  }
  const finalists = select > 0 ? (width + 1) * select : 0;
  // Where the queries run out, a prompt that stays meets the same ones again, and its replies are known.
  const fresh = Math.min(1, train / Math.max(1, (depth + 1) * block));
  return {
    attempts: Math.round((1 + members * fresh + proposed) * block + finalists),
    focused: 0,
    proposals: proposed,
    occasions: members * Math.min(proposals, block),
    queries: Math.min((depth + 1) * block, train),
  };
}

/** The criteria that a pooled search rates a proposal on. */
function focus(settings: Settings): number {
  return Math.min(
    pooledSettings(settings).ratings,
    expectedCriteria(settings, settings.criteria.prompts),
  );
}

function pooledCounts(settings: Settings, train: number, select: number) {
  const { depth, queriesPerLevel } = settings.search;
  const { scouted, crosses, evidence, reasons, opinions } = pooledSettings(settings);
  const { width, proposals } = breadth(settings.search);
  const queries = Math.min(scouted, train);
  // The best so far, its changes, and the prompts made of known lines, the likely best among them.
  const prompts = 1 + (opinions ? 0 : proposals) + 1 + crosses;
  const tried = depth * prompts * Math.min(queriesPerLevel, queries);
  const asked = opinions
    ? opinions.first + Math.floor((depth - 1) / Math.max(1, opinions.every))
    : depth;
  const finalists = select > 0 ? (width + 1) * select : 0;
  return {
    attempts: queries + tried + finalists,
    focused: tried,
    proposals: proposals > 0 ? asked : 0,
    // Elsewhere two reasons are asked for at a time.
    occasions: (asked * Math.min(reasons, evidence)) / 2,
    queries,
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
