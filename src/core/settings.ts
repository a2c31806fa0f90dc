import type { Role } from './llm.ts';

/**
 * Beam search, or one of the paper's ablations of it. `greedy` follows the single best prompt with n proposals a level;
 * `greedy-monte-carlo` follows it too but draws W · n proposals a level, as many prompts as the beam would try.
 * `pareto` keeps, beside the best prompt, those that are best on some criterion.
 */
export type Strategy = 'beam' | 'greedy' | 'greedy-monte-carlo' | 'pareto';

/**
 * How prompts are ranked. `pooled`: by what their lines did in all attempts so far, whichever prompt had them. `blocks`: all of a level's
 * prompts answer the same queries and the parents compete too. `path`: the authors' way, a prompt is tried on the next query of its own
 * path and rewards are averaged along it.
 */
export type Ranking = 'pooled' | 'blocks' | 'path';

/**
 * How often changes are asked for where each request is an opinion of its own: of the start before its first level, and after that
 * every so many levels.
 */
export interface OpinionSettings {
  readonly first: number;
  readonly every: number;
}

/** What only a search with `pooled` ranking goes by. */
export interface PooledSettings {
  /** Training queries that the start is tried on first, to find those on which there is something to win. */
  readonly scouted: number;
  /** Prompts a level made of lines that are known, beside the optimizer's proposals. */
  readonly crosses: number;
  /** The weakest answers of a prompt that the optimizer is shown at once. */
  readonly evidence: number;
  /** Of those, how many come with a reason for their weakest rating. */
  readonly reasons: number;
  /** At most so many of a query's criteria are rated in training, the start's weakest. */
  readonly ratings: number;
  /** What a bullet costs, in points of reward. */
  readonly bulletPrice: number;
  /**
   * Whether a line that is proposed again and again is thought better of for it. The optimizer is then not told which lines were tried, and
   * what it proposes is mixed with other lines at once, never tried by itself. Absent: every level asks once, and tries each proposal.
   */
  readonly opinions?: OpinionSettings;
}

/** A search ends early where one of these is reached; an absent one is no bound. Counted from the run's begin. */
export interface StopSettings {
  /** Levels one after another without another best prompt. */
  readonly patience?: number;
  readonly requests?: number;
  /** Tokens read and written. */
  readonly tokens?: number;
  /** Minutes that the models took, side by side or not. */
  readonly minutes?: number;
}

export interface SearchSettings {
  readonly strategy: Strategy;
  readonly ranking: Ranking;
  /** Beam width W. */
  readonly width: number;
  /** Proposals n for each prompt of the beam. */
  readonly proposals: number;
  /** Levels D. */
  readonly depth: number;
  /** How often a level that needed no rewrite may lengthen the search by one. */
  readonly extraDepth: number;
  /** Queries that a level's prompts are tried on; `path` ranking takes one. */
  readonly queriesPerLevel: number;
  /**
   * Queries after which a level's prompts are compared and those that can hardly catch up go; 0, or none in runs of before: all meet
   * the whole block.
   */
  readonly racing?: number;
  /** Absent: `usualPooled`. */
  readonly pooled?: PooledSettings;
  /** Absent in runs of before: none. */
  readonly stop?: StopSettings;
  /** A mean rating above this needs no rewrite; at 5 only all fives are left alone. */
  readonly skipAbove: number;
  /** How many of the newest prompts of a path the optimizer is shown, the current one among them. */
  readonly formerPrompts: number;
  /** A proposal that says what an earlier candidate says is refused, or tried all the same as the authors do. */
  readonly repeats: 'refuse' | 'try';
}

export interface ExampleSettings {
  /** K, the examples that go before each query; 0 for none. */
  readonly count: number;
  readonly retrieval: 'nearest' | 'random';
  readonly similarity: 'lexical' | 'embedding';
  readonly improve: {
    /** Rewriting rounds R of stage 1; 0 leaves the examples as they are. */
    readonly rounds: number;
    /** All examples, or only those that some query of this run will be shown. */
    readonly which: 'all' | 'in-use';
    /**
     * Keep a rewrite that is at least as good as the best so far (the authors'), only a better one, or only one that is better by more than the
     * judge's own uncertainty.
     */
    readonly accept: 'at-least' | 'better' | 'beyond-noise';
    /** What a round rewrites: the latest answer, kept or not (the authors'), or the best so far. */
    readonly from: 'latest' | 'best';
  };
}

export interface CriteriaSettings {
  /** Chosen by the evaluator for each query, or the same `fixed` ones for all. */
  readonly mode: 'dynamic' | 'fixed';
  readonly fixed: readonly string[];
  readonly atLeast: number;
  readonly atMost: number;
  /** Whether the evaluator may propose a criterion of its own. */
  readonly propose: boolean;
}

export interface JudgeSettings {
  /** Expected value over the probabilities of 1…5, one request a criterion; or one written reply with a reason and a score for all. */
  readonly rating: 'probabilities' | 'written';
  /** An unreadable rating leaves the attempt out of every mean, or counts 0 as the authors do. */
  readonly unreadable: 'leave-out' | 'zero';
  /**
   * Whether the judge first writes a sentence on each criterion, which its rating then goes by; only where ratings are
   * probabilities and the profile can. Absent: no.
   */
  readonly thinkFirst?: boolean;
  /**
   * The scale is shown from 1 to 5, or also from 5 to 1 and the two ratings are averaged; only where ratings are
   * probabilities and the profile shows a scale. Absent: 1.
   */
  readonly rubricOrders?: 1 | 2;
  /** Whether criteria on which good answers win no more often than by chance in the judge check are left out of the run. Absent: no. */
  readonly dropWeakCriteria?: boolean;
}

/**
 * How the interval of a mean difference is found from resampled differences: by their percentiles, as in runs of before, or studentised,
 * which holds the truth as often as it says on a dozen queries too.
 */
export type IntervalMethod = 'percentile' | 'studentised';

export interface EvaluationSettings {
  /** Queries on which finalists meet; 0 takes the search's own ranking. */
  readonly selection: number;
  /** Queries of the verdict; 0 gives none. */
  readonly test: number;
  /**
   * Training queries on which start, hand-written prompt, no prompt and examples alone are tried before the search, to say how much there
   * is to win; 0 or absent: none.
   */
  readonly headroom?: number;
  /** Whether the hand-written prompt is tried on the test queries too. */
  readonly handWritten: boolean;
  /**
   * Which prompts the verdict is about. `primary`, or absent: the starting prompt, the found one, and the hand-written one where that is
   * wanted. `all`: no prompt, and the found prompt without its examples, too.
   */
  readonly arms?: 'primary' | 'all';
  /** Absent in runs of before: `percentile`. */
  readonly interval?: IntervalMethod;
  /** Whether the chosen prompt's bullets are left out one by one, and those that do nothing dropped; absent in runs of before: no. */
  readonly weighBullets?: boolean;
  /** Whether the judge must first show that it tells good answers from spoiled ones. */
  readonly judgeCheck: boolean;
  /**
   * At most so many requests for that. 0 or absent: each example's own answer is set against another's, all examples, and nothing
   * else is tried.
   */
  readonly checkRequests?: number;
}

/** Everything a run depends on besides its models, its data and its starting prompt. */
export interface Settings {
  readonly preset: PresetName | 'custom';
  /** Any integer in [0, 2³¹−1]. */
  readonly seed: number;
  /** Whether stage 2 runs and answers see a system prompt; without it only the examples are optimised (an ablation of the paper). */
  readonly systemPrompt: boolean;
  readonly search: SearchSettings;
  readonly examples: ExampleSettings;
  /** Criteria of stage 1 (examples) and of stage 2 (prompts), separately. */
  readonly criteria: { readonly examples: CriteriaSettings; readonly prompts: CriteriaSettings };
  readonly judge: JudgeSettings;
  readonly evaluation: EvaluationSettings;
  readonly temperature: Readonly<Record<Role, number>>;
  /** Token limits of the two kinds of long reply. */
  readonly answerTokens: number;
  readonly promptTokens: number;
}

/** How often opinions are asked for, where they count and nothing else is said. */
export const usualOpinions: OpinionSettings = { first: 6, every: 4 };

/** What a pooled search goes by where its settings do not say. */
export const usualPooled: PooledSettings = {
  scouted: 8,
  crosses: 2,
  evidence: 3,
  reasons: 1,
  ratings: 2,
  bulletPrice: 0.05,
};

/** The settings of a pooled search. */
export function pooledSettings({ search }: Settings): PooledSettings {
  return search.pooled ?? usualPooled;
}

/** How a run's intervals are found: runs that were begun before there was a choice keep their verdict. */
export function intervalMethod({ evaluation }: Settings): IntervalMethod {
  return evaluation.interval ?? 'percentile';
}

/** The beam width and proposals a member that the strategy comes down to. */
export function breadth({ strategy, width, proposals }: SearchSettings): {
  readonly width: number;
  readonly proposals: number;
} {
  switch (strategy) {
    case 'beam':
    case 'pareto':
      return { width, proposals };
    case 'greedy':
      return { width: 1, proposals };
    case 'greedy-monte-carlo':
      return { width: 1, proposals: width * proposals };
  }
}

export type PresetName = 'demo' | 'quick' | 'standard' | 'paper';

const generalCriteria = ['Helpfulness', 'Clarity', 'Factuality', 'Depth', 'Engagement'] as const;

function criteriaFor(atLeast: number, atMost: number): CriteriaSettings {
  return { mode: 'dynamic', fixed: generalCriteria, atLeast, atMost, propose: true };
}

const quick: Settings = {
  preset: 'quick',
  seed: 1,
  systemPrompt: true,
  search: {
    strategy: 'beam',
    ranking: 'pooled',
    width: 2,
    proposals: 6,
    depth: 20,
    extraDepth: 0,
    // One query a level, and another at the next: what a line does is pooled over all of them.
    queriesPerLevel: 1,
    pooled: { ...usualPooled, scouted: 10, crosses: 3, evidence: 5, opinions: usualOpinions },
    skipAbove: 4.5,
    formerPrompts: 5,
    repeats: 'refuse',
  },
  examples: {
    count: 2,
    retrieval: 'nearest',
    similarity: 'lexical',
    improve: { rounds: 1, which: 'in-use', accept: 'beyond-noise', from: 'best' },
  },
  criteria: { examples: criteriaFor(3, 6), prompts: criteriaFor(2, 5) },
  judge: { rating: 'probabilities', unreadable: 'leave-out' },
  // A rating takes some 0.2 s where a model runs at a usable speed, so that the check stays under a minute.
  evaluation: {
    selection: 12,
    test: 20,
    handWritten: true,
    arms: 'all',
    interval: 'studentised',
    judgeCheck: true,
    checkRequests: 240,
    headroom: 12,
    weighBullets: true,
  },
  // Answers and ratings are greedy, so that two prompts differ by the prompt alone; proposals must differ from each other.
  temperature: { base: 0, evaluator: 0, optimizer: 0.7 },
  answerTokens: 160,
  promptTokens: 320,
};

const standard: Settings = {
  ...quick,
  preset: 'standard',
  search: {
    ...quick.search,
    width: 3,
    depth: 24,
    queriesPerLevel: 2,
    pooled: {
      ...usualPooled,
      scouted: 24,
      crosses: 3,
      evidence: 5,
      opinions: { first: 10, every: 4 },
    },
  },
  examples: {
    ...quick.examples,
    count: 3,
    improve: { rounds: 2, which: 'all', accept: 'beyond-noise', from: 'best' },
  },
  evaluation: { ...quick.evaluation, selection: 24, test: 60 },
  answerTokens: 256,
};

const paper: Settings = {
  ...quick,
  preset: 'paper',
  search: {
    strategy: 'beam',
    ranking: 'path',
    width: 2,
    proposals: 3,
    depth: 20,
    extraDepth: 10,
    queriesPerLevel: 1,
    skipAbove: 4.5,
    formerPrompts: 5,
    repeats: 'try',
  },
  examples: {
    ...quick.examples,
    count: 2,
    improve: { rounds: 5, which: 'all', accept: 'at-least', from: 'latest' },
  },
  judge: { rating: 'written', unreadable: 'zero' },
  // The authors take the search's own winner and test elsewhere; the verdict at the end is ours and changes no decision.
  // A written rating takes seconds.
  evaluation: {
    selection: 0,
    test: 60,
    handWritten: true,
    arms: 'primary',
    interval: 'studentised',
    judgeCheck: true,
    checkRequests: 40,
    headroom: 0,
    weighBullets: false,
  },
  temperature: { base: 0, evaluator: 0, optimizer: 0.2 },
  answerTokens: 512,
  promptTokens: 512,
};

const pocketCriteria: CriteriaSettings = {
  mode: 'dynamic',
  fixed: ['Helpfulness', 'Clarity'],
  atLeast: 1,
  atMost: 4,
  propose: false,
};

const demo: Settings = {
  ...quick,
  preset: 'demo',
  search: {
    strategy: 'beam',
    ranking: 'blocks',
    width: 2,
    proposals: 2,
    depth: 7,
    extraDepth: 0,
    formerPrompts: 5,
    repeats: 'refuse',
    // One of each kind that the built-in model's world has.
    queriesPerLevel: 6,
    // The built-in model's answers are short enough for a rating of 5 to be the rule under a good prompt.
    skipAbove: 4.9,
  },
  // Pocket's judge is nearly always sure and right.
  examples: {
    ...quick.examples,
    count: 1,
    improve: { ...quick.examples.improve, accept: 'better' },
  },
  criteria: { examples: pocketCriteria, prompts: pocketCriteria },
  evaluation: {
    ...quick.evaluation,
    selection: 12,
    test: 18,
    // Two prompts more would cost the demo its minute.
    arms: 'primary',
    checkRequests: 0,
    headroom: 0,
    weighBullets: false,
  },
  temperature: { ...quick.temperature, optimizer: 0.5 },
  answerTokens: 96,
  promptTokens: 48,
};

/**
 * The ways to run that are named on screen. `demo` is for the built-in model; `paper` takes the authors' decisions
 * (npm run reference).
 */
export const presets: Readonly<Record<PresetName, Settings>> = { demo, quick, standard, paper };

/** The paper's starting prompt. */
export const plainStart = 'You are a helpful assistant.';
