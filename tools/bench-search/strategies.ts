import {
  pooledSettings,
  presets,
  type SearchSettings,
  type Settings,
} from '../../src/core/settings.ts';

/**
 * A way to search that is compared with the others: the settings of the real search, and whether the optimizer is the world's or one
 * that edits at random. `verdict`: its test phase runs and is checked against the truth.
 */
export interface Strategy {
  readonly name: string;
  readonly settings: Settings;
  readonly optimizer: 'skilled' | 'random';
  readonly verdict: boolean;
  /** Whether the optimizer is asked for changes of single lines; else for whole prompts. */
  readonly edits: boolean;
}

/**
 * Settings as they are but for what this bench leaves out: stage 1 with its examples, the judge check and the hand-written prompt.
 * None of them is a part of the prompt search. Without `verdict` the test is left out too.
 */
function forBench(settings: Settings, verdict: boolean): Settings {
  const { examples, evaluation } = settings;
  return {
    ...settings,
    examples: { ...examples, count: 0 },
    evaluation: {
      ...evaluation,
      judgeCheck: false,
      headroom: 0,
      handWritten: false,
      test: verdict ? presets.standard.evaluation.test : 0,
    },
  };
}

function strategy(
  name: string,
  settings: Settings,
  change: Partial<Pick<Strategy, 'optimizer' | 'verdict' | 'edits'>> = {},
): Strategy {
  const { optimizer = 'skilled', verdict = false, edits = true } = change;
  return { name, settings: forBench(settings, verdict), optimizer, verdict, edits };
}

const { quick, standard, paper } = presets;
const pooled = pooledSettings(quick);
const { opinions: _, ...withoutOpinions } = pooled;

/** The quick preset with another search. */
function withSearch(search: Partial<SearchSettings>): Settings {
  return { ...quick, search: { ...quick.search, ...search } };
}

/** A beam whose prompts are ranked by a level's block alone. */
const byBlocks = {
  ranking: 'blocks',
  proposals: 2,
  depth: 4,
  extraDepth: 2,
  queriesPerLevel: 4,
} as const;

/** The strategy whose spending in stage 2 is everyone's budget. */
export const authors = strategy("authors' beam", paper);

/** The strategy that the bars are about. */
export const ours = strategy('ours', quick, { verdict: true });

/** All that are compared. A further one is a further line: other settings of the same search. */
export const strategies: readonly Strategy[] = [
  authors,
  ours,
  strategy('ours, standard preset', standard),
  strategy('ours, whole rewrites', quick, { edits: false }),
  strategy('ours, random edits', quick, { optimizer: 'random' }),
  strategy('ours, no opinions', withSearch({ pooled: withoutOpinions })),
  strategy('ours, no crosses', withSearch({ pooled: { ...pooled, crosses: 0 } })),
  strategy('ours, blocks of 2, racing', withSearch({ queriesPerLevel: 2, racing: 1 })),
  strategy('ours, blocks of 2, no race', withSearch({ queriesPerLevel: 2 })),
  strategy('beam by blocks', withSearch(byBlocks)),
  strategy('beam by blocks, racing', withSearch({ ...byBlocks, racing: 2 })),
  strategy('greedy by blocks', withSearch({ ...byBlocks, strategy: 'greedy' })),
];
