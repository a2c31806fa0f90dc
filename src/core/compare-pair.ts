import { keysOf } from './judge.ts';
import { allInOrder } from './in-order.ts';
import type { Cut } from './llm.ts';
import { askChoice, type Search } from './world.ts';

/** Which of two answers the evaluator prefers: the probability, 0 to 1, that the first given is better, and what asking gave up. */
export interface Preference {
  readonly first: number;
  readonly cuts: readonly Cut[];
  readonly replies: readonly string[];
}

const letters = ['A', 'B'] as const;

/**
 * Asks the evaluator which of two answers to a query is better, in both orders, and averages: a judge that prefers a place
 * whatever stands there comes out at one half. Null where the evaluator's profile has no such question.
 */
export async function comparePair(
  search: Search,
  query: string,
  a: string,
  b: string,
): Promise<Preference | null> {
  const { evaluator } = search.profiles;
  if (!evaluator.compare) return null;
  const asks = [
    evaluator.compare({ query, first: a, second: b }),
    evaluator.compare({ query, first: b, second: a }),
  ];
  const replies = await allInOrder(
    asks.map((ask) => () => askChoice(search, 'rate', ask, letters)),
    search.llms.evaluator.info.concurrency,
  );
  const [straight, swapped] = replies.map((reply) => reply.probabilities);
  return {
    first: ((straight?.[0] ?? 0.5) + (swapped?.[1] ?? 0.5)) / 2,
    cuts: replies.flatMap((r) => r.cut),
    replies: keysOf(replies),
  };
}
