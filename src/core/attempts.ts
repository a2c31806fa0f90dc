import type { Attempt, Query, SearchEvent, Split } from './events.ts';
import { allInOrder, inOrder } from './in-order.ts';
import { chooseCriteria, judgeAll, keysOf, type Judgement } from './judge.ts';
import { askedAhead } from './llm.ts';
import type { Prompt } from './prompt.ts';
import { mean } from './rating.ts';
import type { Retrieve } from './retrieval.ts';
import { askText, type Search } from './world.ts';

/** A prompt as it is tried: under which id its attempts are kept, and which examples go with it. */
export interface Trial {
  readonly id: string;
  /** Null: no system prompt. */
  readonly prompt: Prompt | null;
  readonly retrieve: Retrieve;
  /** By query, the criteria that its answers are rated on; absent: all that were chosen for it. */
  readonly focus?: ReadonlyMap<string, readonly string[]>;
}

/**
 * Tries prompts on queries and says so attempt by attempt, prompt by prompt, in the order given. Returns the attempts of
 * each prompt under its id.
 */
export async function* attemptAll(
  search: Search,
  trials: readonly Trial[],
  queries: readonly Query[],
  split: Split,
): AsyncGenerator<SearchEvent, ReadonlyMap<string, readonly Attempt[]>> {
  yield* chooseCriteria(search, queries, search.settings.criteria.prompts);
  const limit = search.llms.base.info.concurrency;
  const tasks = trials.map((trial) => () => attemptBlock(search, trial, queries, split));
  const attempts = new Map<string, readonly Attempt[]>();
  for await (const block of inOrder(tasks, limit)) {
    for (const attempt of block) yield { type: 'attempt', attempt };
    const id = block[0]?.candidate;
    if (id !== undefined) attempts.set(id, block);
  }
  return attempts;
}

/** All answers of a prompt first, then all ratings: each kind of request finds the engine's cache as the last one left it. */
async function attemptBlock(
  search: Search,
  trial: Trial,
  queries: readonly Query[],
  split: Split,
): Promise<readonly Attempt[]> {
  const answers = await allInOrder(
    queries.map((query) => () => answer(search, trial, query)),
    askedAhead(search.llms.base.info),
  );
  const judged = await judgeAll(
    search,
    answers.map(({ query, text }) => {
      const only = trial.focus?.get(query.id);
      return { id: query.id, query: query.text, answer: text, ...(only && { only }) };
    }),
  );
  return answers.map((given, i) => attemptOf(trial, split, given, judged[i]));
}

type Answered = Awaited<ReturnType<typeof answer>>;

async function answer(search: Search, trial: Trial, query: Query) {
  const examples = await trial.retrieve(query);
  const { prompt } = trial;
  const reply = await askText(search, {
    role: 'base',
    purpose: 'answer',
    ask: search.profiles.base.answer({ prompt, examples, query: query.text }),
    maxTokens: search.settings.answerTokens,
    place: [trial.id, query.id],
  });
  return { query, examples: examples.map((e) => e.id), reply, text: reply.text.trim() };
}

function attemptOf(
  trial: Trial,
  split: Split,
  { query, examples, reply, text }: Answered,
  judged: Judgement | undefined,
): Attempt {
  if (!judged) throw new Error(`no judgement for query ${query.id}`);
  return {
    candidate: trial.id,
    query: query.id,
    split,
    examples,
    answer: text,
    answerCut: reply.finish === 'length',
    ratings: judged.ratings,
    reward: judged.reward,
    cuts: [...reply.cut, ...judged.cuts],
    replies: [...keysOf([reply]), ...judged.replies],
  };
}

/**
 * The mean reward of attempts; null if none could be read. An unreadable rating is left out, or counts 0 where the
 * settings take the authors' way.
 */
export function meanReward(search: Search, attempts: readonly Attempt[]): number | null {
  const rewards = attempts.flatMap((a) => rewardOf(search, a) ?? []);
  return rewards.length === 0 ? null : mean(rewards);
}

/** An attempt's reward under the settings' rule for unreadable ratings. */
export function rewardOf(search: Search, attempt: Attempt): number | null {
  return attempt.reward ?? (search.settings.judge.unreadable === 'zero' ? 0 : null);
}
