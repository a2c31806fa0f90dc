import type { CriteriaSettings, Settings } from './settings.ts';

/** Fewer examples than this cannot show that a judge is fit. */
export const fewestChecked = 4;

/** The share of the check's requests that is kept for criteria said in other words. */
export const rewordedShare = 1 / 6;

/** How many answers are to be rated for each example on average, its own among them. */
const answersEach = 4;

/** About how many criteria an answer is rated on in requests of their own; 1 where one written reply rates all. */
export function expectedCriteria(
  { judge }: Pick<Settings, 'judge'>,
  { mode, fixed, atLeast, atMost }: CriteriaSettings,
): number {
  if (judge.rating === 'written') return 1;
  return mode === 'fixed' ? fixed.length : (atLeast + atMost) / 2;
}

/** How many of so many examples the judge check takes under these settings, at most all. */
export function examplesChecked(settings: Settings, examples: number): number {
  const { checkRequests = 0 } = settings.evaluation;
  if (checkRequests === 0) return examples;
  const { rating, rubricOrders = 1, thinkFirst = false } = settings.judge;
  const times = rating === 'written' ? 1 : rubricOrders + (thinkFirst ? 1 : 0);
  const answer = times * expectedCriteria(settings, settings.criteria.examples);
  const choosing = settings.criteria.examples.mode === 'dynamic' ? 1 : 0;
  const fit = ((1 - rewordedShare) * checkRequests) / (choosing + answersEach * answer);
  return Math.min(examples, Math.max(fewestChecked, Math.floor(fit)));
}
