import { presets, type Settings } from '../../src/core/settings.ts';

/**
 * A way to search that is compared with the others: the settings of the real search, and whether the optimizer is the world's or one
 * that edits at random. `verdict`: its test phase runs and is checked against the truth.
 */
export interface Strategy {
  readonly name: string;
  readonly settings: Settings;
  readonly optimizer: 'skilled' | 'random';
  readonly verdict: boolean;
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
      handWritten: false,
      test: verdict ? presets.standard.evaluation.test : 0,
    },
  };
}

function strategy(
  name: string,
  settings: Settings,
  change: Partial<Pick<Strategy, 'optimizer' | 'verdict'>> = {},
): Strategy {
  const { optimizer = 'skilled', verdict = false } = change;
  return { name, settings: forBench(settings, verdict), optimizer, verdict };
}

const { quick, standard, paper } = presets;

/** The strategy whose spending in stage 2 is everyone's budget. */
export const authors = strategy("authors' beam", paper);

/** The strategy that the bars are about. */
export const ours = strategy('ours', quick, { verdict: true });

/** All that are compared. A further one is a further line: other settings of the same search. */
export const strategies: readonly Strategy[] = [
  authors,
  ours,
  strategy('ours, standard preset', standard),
  strategy('ours, racing', { ...quick, search: { ...quick.search, racing: 2 } }),
  strategy('ours, greedy', { ...quick, search: { ...quick.search, strategy: 'greedy' } }),
  strategy('ours, random edits', quick, { optimizer: 'random' }),
];
