import { pickExamples, planPairs, plantAll } from './check-plan.ts';
import { fewestChecked, rewordedShare } from './check-size.ts';
import type { Criterion } from './criteria.ts';
import type { Example, SearchEvent } from './events.ts';
import { asQuery } from './improve-examples.ts';
import { allInOrder, inOrder } from './in-order.ts';
import {
  chooseCriteria,
  dropCriteria,
  judge,
  judgeLimit,
  requestsPerJudgement,
  type Wording,
} from './judge.ts';
import { checkJudge, checkPlanted, type CheckedAnswer, type JudgeCheck } from './judge-check.ts';
import { otherAnswer, type Planting } from './planted.ts';
import { dice, seedAt, shuffled } from './random.ts';
import { showsScale } from './rate.ts';
import { intervalMethod } from './settings.ts';
import type { Search } from './world.ts';

/**
 * Tries the judge on good answers and spoiled ones, for at most as many requests as the settings allow. Null where the settings
 * want no check or there are too few examples. Criteria that are dropped for it leave the queries that had chosen them.
 */
export async function* judgePhase(
  search: Search,
  examples: readonly Example[],
): AsyncGenerator<SearchEvent, JudgeCheck | null> {
  const { judgeCheck, checkRequests = 0 } = search.settings.evaluation;
  if (!judgeCheck || examples.length < fewestChecked) return null;
  yield { type: 'phase', phase: 'judge-check' };
  const check =
    checkRequests === 0
      ? yield* checkOnOthers(search, examples)
      : yield* checkOnPlanted(search, examples, checkRequests);
  yield { type: 'judge-checked', check };
  const dropped = check.planted?.dropped ?? [];
  yield* dropCriteria(search, dropped, search.settings.criteria.examples);
  return check;
}

/** The search without the criteria that the check dropped. */
export function withoutDropped(search: Search, check: JudgeCheck | null): Search {
  const dropped = check?.planted?.dropped ?? [];
  if (dropped.length === 0) return search;
  return { ...search, criteria: search.criteria.filter((c) => !dropped.includes(c.name)) };
}

/** Each example's own answer against that of another. */
async function* checkOnOthers(
  search: Search,
  examples: readonly Example[],
): AsyncGenerator<SearchEvent, JudgeCheck> {
  yield* chooseCriteria(search, examples.map(asQuery), search.settings.criteria.examples);
  const tasks = examples.map((example) => async () => {
    const { id } = asQuery(example);
    const other = otherAnswer(example, examples);
    const right = await judge(search, { id, query: example.query, answer: example.answer });
    const wrong = await judge(search, { id, query: example.query, answer: other });
    return { right: right.reward, wrong: wrong.reward };
  });
  const pairs: { right: number; wrong: number }[] = [];
  for await (const { right, wrong } of inOrder(tasks, judgeLimit(search))) {
    if (right !== null && wrong !== null) pairs.push({ right, wrong });
  }
  return checkJudge(pairs, search.settings.seed, intervalMethod(search.settings));
}

/** An answer that is to be rated. */
interface Trial {
  readonly example: Example;
  readonly kind: Planting | null;
  readonly answer: string;
}

async function* checkOnPlanted(
  search: Search,
  examples: readonly Example[],
  requests: number,
): AsyncGenerator<SearchEvent, JudgeCheck> {
  const { settings, planted: texts = null } = search;
  const picked = pickExamples(examples, settings);
  yield* chooseCriteria(search, picked.map(asQuery), settings.criteria.examples);
  const choosing = settings.criteria.examples.mode === 'dynamic' ? picked.length : 0;
  const cost = (example: Example) => requestsPerJudgement(search, asQuery(example));
  const kept = showsScale(search.profiles.evaluator) ? Math.floor(requests * rewordedShare) : 0;
  const possible = plantAll(picked, { examples, texts, seed: settings.seed });
  const trials = withOwn(planPairs(possible, cost, requests - choosing - kept));
  const rated = await rateTrials(search, trials);
  const spent = choosing + trials.reduce((sum, { example }) => sum + cost(example), 0);
  const answers = await rateReworded(search, rated, kept === 0 ? 0 : requests - spent);
  return checkPlanted(answers, {
    seed: settings.seed,
    drop: settings.judge.dropWeakCriteria ?? false,
  });
}

/** Before the first spoiled answer of each example, its own. */
function withOwn(spoiled: readonly Trial[]): readonly Trial[] {
  return spoiled.flatMap((trial, i): Trial[] => {
    const { example } = trial;
    if (spoiled[i - 1]?.example === example) return [trial];
    return [{ example, kind: null, answer: example.answer }, trial];
  });
}

interface RatedTrial {
  readonly trial: Trial;
  readonly checked: CheckedAnswer;
}

/** The trials that the judge rated readably. */
async function rateTrials(
  search: Search,
  trials: readonly Trial[],
): Promise<readonly RatedTrial[]> {
  const tasks = trials.map((trial) => () => judge(search, judgedOf(trial)));
  const judgements = await allInOrder(tasks, judgeLimit(search));
  return trials.flatMap((trial, i) => {
    const { ratings, reward } = judgements[i] ?? { ratings: null, reward: null };
    if (ratings === null || reward === null) return [];
    const { example, kind, answer } = trial;
    return { trial, checked: { example: example.id, kind, answer, ratings, reward } };
  });
}

/** The answers, some of them rated once more with their criteria said in other words, for at most so many requests. */
async function rateReworded(
  search: Search,
  rated: readonly RatedTrial[],
  requests: number,
): Promise<readonly CheckedAnswer[]> {
  let left = requests;
  const again = shuffled(
    rated,
    dice(seedAt(search.settings.seed, 'judge-check', 'reworded')),
  ).filter(({ trial }) => {
    const price = requestsPerJudgement(search, asQuery(trial.example));
    if (price > left) return false;
    left -= price;
    return true;
  });
  const tasks = again.map(
    ({ trial }) =>
      () =>
        judge(search, judgedOf(trial), inOtherWords),
  );
  const judgements = await allInOrder(tasks, judgeLimit(search));
  const reworded = new Map(again.map(({ checked }, i) => [checked, judgements[i]?.ratings]));
  return rated.map(({ checked }) => {
    const ratings = reworded.get(checked);
    return ratings ? { ...checked, reworded: ratings } : checked;
  });
}

function judgedOf({ example, answer }: Trial) {
  return { id: asQuery(example).id, query: example.query, answer };
}

/** The second definition of each criterion; where one has none, the scale the other way round. */
const inOtherWords: Wording = {
  criteria: (criteria) => criteria.map(reworded),
  orders: (criteria) =>
    criteria.every((c) => c.reworded !== undefined) ? ['rising'] : ['falling'],
};

function reworded(criterion: Criterion): Criterion {
  return { ...criterion, definition: criterion.reworded ?? criterion.definition };
}
