import { attemptAll } from './attempts.ts';
import type { Example, Query, SearchEvent } from './events.ts';
import { headroomOf, type HeadroomArm, type TriedArm } from './headroom.ts';
import type { JudgeCheck } from './judge-check.ts';
import { promptText, type Prompt } from './prompt.ts';
import type { Retrieve } from './retrieval.ts';
import { intervalMethod, type Settings } from './settings.ts';
import { stopAsked, type Search } from './world.ts';

/** What a look at the headroom needs of a run's task. */
export interface HeadroomTask {
  readonly train: readonly Query[];
  readonly examples: readonly Example[];
  readonly startingPrompt: Prompt;
  readonly handWritten: Prompt | null;
}

/** What the run knows by then: how to find examples as they were brought, and whether the judge can be believed. */
interface Known {
  readonly retrieve: Retrieve;
  readonly judgeCheck: JudgeCheck | null;
}

/** The queries that it is measured on: the first of training, on which kinds take turns. */
export function headroomQueries(
  train: readonly Query[],
  { evaluation }: Settings,
): readonly Query[] {
  return train.slice(0, evaluation.headroom ?? 0);
}

/**
 * Says how much there is to win, before anything is searched; nothing where the settings ask for none. There is a point to stop at before
 * each of those tried and one after the last; stopped before that it concludes nothing. The search tries the start again on these
 * queries with the examples it has then: at temperature 0 equal requests share a reply, so that what is equal costs nothing. Above 0 the
 * answers here are draws of their own, as a seed knows whose attempt it is for.
 */
export async function* headroomPhase(
  search: Search,
  task: HeadroomTask,
  { retrieve, judgeCheck }: Known,
): AsyncGenerator<SearchEvent, void> {
  const queries = headroomQueries(task.train, search.settings);
  if (queries.length === 0) return;
  yield { type: 'phase', phase: 'headroom' };
  const tried: TriedArm[] = [];
  for (const { arm, prompt, withExamples } of headroomPlans(task, search.settings)) {
    if (yield* stopAsked(search)) return;
    const id = `headroom-${arm}`;
    const trial = { id, prompt, retrieve: withExamples ? retrieve : noExamples };
    const attempts = yield* attemptAll(search, [trial], queries, 'train');
    tried.push({ arm, attempts: attempts.get(id) ?? [] });
  }
  const measure = { seed: search.settings.seed, method: intervalMethod(search.settings) };
  yield { type: 'headroom', headroom: headroomOf(tried, judgeCheck, measure) };
  yield* stopAsked(search);
}

/** One of those to try. */
export interface HeadroomPlan {
  readonly arm: HeadroomArm;
  readonly prompt: Prompt | null;
  readonly withExamples: boolean;
}

/** What is tried, in order, the start first. What would answer as one before it does is left out. */
export function headroomPlans(
  { examples, startingPrompt, handWritten }: Omit<HeadroomTask, 'train'>,
  settings: Settings,
): readonly HeadroomPlan[] {
  const start = settings.systemPrompt ? startingPrompt : null;
  const shown = settings.examples.count > 0 && examples.length > 0;
  const all: readonly HeadroomPlan[] = [
    { arm: 'start', prompt: start, withExamples: false },
    // Without a system prompt none of its making can be won.
    ...(settings.systemPrompt && handWritten
      ? [{ arm: 'hand-written', prompt: handWritten, withExamples: false } as const]
      : []),
    { arm: 'none', prompt: null, withExamples: false },
    ...(shown ? [{ arm: 'examples', prompt: start, withExamples: true } as const] : []),
  ];
  const asAsked = ({ prompt, withExamples }: HeadroomPlan) =>
    `${String(withExamples)} ${prompt ? promptText(prompt) : ''}`;
  return all.filter((plan, i) => all.findIndex((other) => asAsked(other) === asAsked(plan)) === i);
}

const noExamples: Retrieve = () => Promise.resolve([]);
