import type {
  CriteriaSettings,
  EvaluationSettings,
  ExampleSettings,
  JudgeSettings,
  PooledSettings,
  SearchSettings,
  Settings,
  StopSettings,
} from '../../core/settings.ts';
import type { Numbers } from '../../view/numbers.ts';

/** A setting in words. */
export type SettingRow = readonly [name: string, value: string];

/** What each setting is called and says. A new setting is asked for by the compiler; one that is absent is left out. */
type Rows<T> = {
  readonly [K in keyof T]-?: (value: Exclude<T[K], undefined>) => readonly SettingRow[];
};

/** All settings of a run in groups, as someone would read them who has not seen the app. */
export function settingGroups(
  settings: Settings,
  numbers: Numbers,
): readonly { readonly title: string; readonly rows: readonly SettingRow[] }[] {
  const { search, examples, criteria, judge, evaluation, systemPrompt } = settings;
  const words = makeWords(numbers);
  return [
    {
      title: 'Search for the system prompt',
      rows: systemPrompt
        ? rowsOf(search, searchRows(words))
        : [['System prompt', 'none: only the examples are improved']],
    },
    { title: 'Examples', rows: rowsOf(examples, exampleRows(words)) },
    { title: 'Criteria for examples', rows: rowsOf(criteria.examples, criteriaRows(words)) },
    { title: 'Criteria for prompts', rows: rowsOf(criteria.prompts, criteriaRows(words)) },
    { title: 'Judge', rows: rowsOf(judge, judgeRows) },
    { title: 'Verdict', rows: rowsOf(evaluation, evaluationRows(words)) },
    { title: 'How the models write', rows: writingRows(settings, words) },
  ];
}

interface Words {
  readonly whole: (n: number) => string;
  readonly points: (n: number) => string;
}

function makeWords({ whole, score }: Numbers): Words {
  return { whole, points: (n) => (Number.isInteger(n) ? whole(n) : score(n)) };
}

function rowsOf<T extends object>(settings: T, rows: Rows<T>): readonly SettingRow[] {
  return (Object.keys(rows) as (keyof T)[]).flatMap((key) => {
    const value = settings[key];
    return value === undefined ? [] : rows[key](value as Exclude<T[keyof T], undefined>);
  });
}

const strategies: Readonly<Record<SearchSettings['strategy'], string>> = {
  beam: 'beam',
  pareto: 'Pareto: the best prompt, and those that are best on some criterion',
  greedy: 'greedy: the best prompt only',
  'greedy-monte-carlo': 'greedy, with as many rewrites as a beam',
};

const rankings: Readonly<Record<SearchSettings['ranking'], string>> = {
  pooled: 'by what their lines did in all attempts',
  blocks: 'on the same queries',
  path: 'each along its own path, as the authors do',
};

const onOff = (on: boolean) => (on ? 'yes' : 'no');

function searchRows(words: Words): Rows<SearchSettings> {
  const { whole, points } = words;
  return {
    strategy: (v) => [['Way of searching', strategies[v]]],
    ranking: (v) => [['Prompts are compared', rankings[v]]],
    width: (v) => [['Prompts kept at each level (W)', whole(v)]],
    proposals: (v) => [['Rewrites of each prompt (n)', whole(v)]],
    depth: (v) => [['Levels (D)', whole(v)]],
    extraDepth: (v) => [['Levels added for rests', whole(v)]],
    queriesPerLevel: (v) => [['Queries at each level', whole(v)]],
    racing: (v) => [['Compared again after', v === 0 ? 'the whole block' : `${whole(v)} queries`]],
    pooled: (v) => rowsOf(v, pooledRows(words)),
    stop: (v) => rowsOf(v, stopRows(words)),
    skipAbove: (v) => [['Good enough to leave alone, above', points(v)]],
    formerPrompts: (v) => [['Former prompts shown', whole(v)]],
    repeats: (v) => [['Proposals that repeat another', v === 'refuse' ? 'refused' : 'tried']],
  };
}

function pooledRows({ whole, points }: Words): Rows<PooledSettings> {
  return {
    scouted: (v) => [['Queries that the start is tried on first', whole(v)]],
    crosses: (v) => [['Prompts a level made of known lines', whole(v)]],
    evidence: (v) => [['Weak answers shown for a rewrite', whole(v)]],
    reasons: (v) => [['Of those with a reason', whole(v)]],
    ratings: (v) => [['Criteria followed on each query', whole(v)]],
    bulletPrice: (v) => [['Price of a line, in points', points(v)]],
    opinions: ({ first, every }) => [
      ['Changes of the start asked for, repeated lines counted', whole(first)],
      ['Asked again after so many levels', whole(every)],
    ],
  };
}

function stopRows({ whole }: Words): Rows<StopSettings> {
  return {
    patience: (v) => [['Stops after levels without a better prompt', whole(v)]],
    requests: (v) => [['Stops after requests', whole(v)]],
    tokens: (v) => [['Stops after tokens', whole(v)]],
    minutes: (v) => [['Stops after minutes', whole(v)]],
  };
}

function exampleRows({ whole }: Words): Rows<ExampleSettings> {
  return {
    count: (v) => [['Before each query (K)', v === 0 ? 'none' : whole(v)]],
    retrieval: (v) => [['Which', v === 'nearest' ? 'those most like it' : 'at random']],
    similarity: (v) => [['Likeness by', v === 'lexical' ? 'shared words' : 'meaning']],
    improve: ({ rounds, which, accept, from }) =>
      rounds === 0
        ? [['Answers are improved', 'no']]
        : [
            ['Rounds of improving answers (R)', whole(rounds)],
            ['Improved', which === 'all' ? 'all' : 'those in use'],
            ['A new answer is kept if it is', acceptWords[accept]],
            ['A round rewrites', from === 'best' ? 'the best answer' : 'the latest answer'],
          ],
  };
}

function criteriaRows({ whole }: Words): Rows<CriteriaSettings> {
  return {
    mode: (v) => [['Chosen', v === 'dynamic' ? 'by the judge for each query' : 'the same for all']],
    fixed: (v) => [['Fixed ones, also where none are chosen', v.join(', ')]],
    atLeast: (v) => [['At least', whole(v)]],
    atMost: (v) => [['At most', whole(v)]],
    propose: (v) => [['The judge may add one of its own', onOff(v)]],
  };
}

const judgeRows: Rows<JudgeSettings> = {
  rating: (v) => [
    ['Ratings', v === 'probabilities' ? 'from the likelihoods of 1 to 5' : 'written with a reason'],
  ],
  unreadable: (v) => [['A rating that cannot be read', v === 'zero' ? 'counts 0' : 'is left out']],
  thinkFirst: (v) => [['Thinks before it rates', onOff(v)]],
  rubricOrders: (v) => [['Scale shown', v === 2 ? 'both ways, averaged' : 'from 1 to 5']],
  dropWeakCriteria: (v) => [['Criteria it fails on are left out', onOff(v)]],
};

function evaluationRows({ whole }: Words): Rows<EvaluationSettings> {
  return {
    selection: (v) => [['Queries for selection', whole(v)]],
    test: (v) => [['Queries for the verdict', whole(v)]],
    headroom: (v) => [['Queries tried before the search', whole(v)]],
    handWritten: (v) => [['Hand-written prompt tested', onOff(v)]],
    arms: (v) => [['No prompt, and no examples, tested', onOff(v === 'all')]],
    interval: (v) => [['Intervals', v === 'studentised' ? 'studentised bootstrap' : 'percentiles']],
    weighBullets: (v) => [['Each line of the found prompt weighed', onOff(v)]],
    judgeCheck: (v) => [['Judge checked first', onOff(v)]],
    checkRequests: (v) => [
      [
        'Requests for that check',
        v === 0 ? 'each answer against another one’s' : `at most ${whole(v)}`,
      ],
    ],
  };
}

function writingRows(
  { temperature, answerTokens, promptTokens, seed }: Settings,
  { whole, points }: Words,
): readonly SettingRow[] {
  return [
    ['Temperature of the base model', points(temperature.base)],
    ['Temperature of the evaluator', points(temperature.evaluator)],
    ['Temperature of the optimizer', points(temperature.optimizer)],
    ['Longest answer', `${whole(answerTokens)} tokens`],
    ['Longest prompt', `${whole(promptTokens)} tokens`],
    ['Seed', String(seed)],
  ];
}

const acceptWords: Readonly<Record<ExampleSettings['improve']['accept'], string>> = {
  'at-least': 'at least as good',
  better: 'better',
  'beyond-noise': 'better by more than the judge’s uncertainty',
};
