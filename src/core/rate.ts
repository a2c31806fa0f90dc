import type { Criterion } from './criteria.ts';
import type { LlmReply } from './llm.ts';
import type { Profile, RateBlanks, RubricOrder } from './profile.ts';
import { expectedScore, meanProbabilities, type Rating } from './rating.ts';
import type { JudgeSettings } from './settings.ts';
import { askChoice, askText, type Search } from './world.ts';

const digits = ['1', '2', '3', '4', '5'] as const;

/** A rating with the replies that it was read from. */
export interface Rated {
  readonly rating: Rating;
  readonly replies: readonly LlmReply[];
}

/** Whether a profile shows what a 1 and a 5 look like: one that doesn't asks the same whatever the scale says. */
export function showsScale(profile: Profile): boolean {
  const criterion = { name: 'Scale', definition: '', low: 'low', high: 'high' };
  const text = (order: RubricOrder) =>
    JSON.stringify(profile.rate({ query: '', answer: '', criterion, order }));
  return text('rising') !== text('falling');
}

/** In which orders the scale is shown under these settings. */
export function rubricOrders(
  { rubricOrders: count }: JudgeSettings,
  profile: Profile,
): readonly RubricOrder[] {
  return count === 2 && showsScale(profile) ? ['rising', 'falling'] : ['rising'];
}

/** How many requests one rating by probabilities takes. */
export function requestsPerRating(settings: JudgeSettings, profile: Profile): number {
  const thoughts = settings.thinkFirst && profile.think ? 1 : 0;
  return thoughts + rubricOrders(settings, profile).length;
}

/**
 * Rates an answer on one criterion: the expected value over the probabilities of 1 to 5, averaged over the given orders of the
 * scale. Where the evaluator thinks first, what it wrote is the rating's reason; a thought that can't be read is left out.
 */
export async function rateByProbabilities(
  search: Search,
  { query, answer }: RateBlanks,
  criterion: Criterion,
  orders: readonly RubricOrder[],
): Promise<Rated> {
  const { evaluator } = search.profiles;
  const { thought, replies } = await thinkFirst(search, { query, answer, criterion });
  const choices: LlmReply[] = [];
  const distributions: (readonly number[])[] = [];
  for (const order of orders) {
    const blanks = { query, answer, criterion, order, ...(thought !== null && { thought }) };
    const reply = await askChoice(search, 'rate', evaluator.rate(blanks), digits);
    choices.push(reply);
    distributions.push(reply.probabilities);
  }
  const probabilities = meanProbabilities(distributions);
  return {
    rating: {
      criterion: criterion.name,
      score: expectedScore(probabilities),
      probabilities,
      ...(thought !== null && { reason: thought }),
    },
    replies: [...replies, ...choices],
  };
}

async function thinkFirst(
  search: Search,
  blanks: RateBlanks & { readonly criterion: Criterion },
): Promise<{ readonly thought: string | null; readonly replies: readonly LlmReply[] }> {
  const { evaluator } = search.profiles;
  const ask = search.settings.judge.thinkFirst ? evaluator.think?.(blanks) : undefined;
  if (!ask) return { thought: null, replies: [] };
  const reply = await askText(search, {
    role: 'evaluator',
    purpose: 'explain',
    ask,
    maxTokens: 48,
    place: [blanks.query, blanks.answer, blanks.criterion.name],
  });
  return { thought: evaluator.readReason(reply.text), replies: [reply] };
}
