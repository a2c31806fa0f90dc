import type { Example, Refusal, SearchEvent } from './events.ts';
import { inOrder } from './in-order.ts';
import { chooseCriteria, judge, keysOf, withReasons, type Judgement } from './judge.ts';
import { judgeNoise, type Rating } from './rating.ts';
import type { ExampleSettings } from './settings.ts';
import { askText, stopAsked, type Search } from './world.ts';

/** A rating this close to 5 leaves nothing to improve; written ratings are whole. */
const perfect = 4.95;

interface Version extends Judgement {
  readonly round: number;
  readonly answer: string;
}

/**
 * Stage 1 (DRPO §3.2): each example's answer is rewritten by the optimizer from the evaluator's criticism, re-rated, and the
 * best kept. Returns all examples, the improved ones with their new answer.
 */
export async function* improveExamples(
  search: Search,
  examples: readonly Example[],
  inUse: ReadonlySet<string>,
): AsyncGenerator<SearchEvent, readonly Example[]> {
  const { rounds, which } = search.settings.examples.improve;
  if (rounds === 0) return examples;
  const chosen = examples.filter((e) => which === 'all' || inUse.has(e.id));
  const queries = chosen.map(asQuery);
  yield* chooseCriteria(search, queries, search.settings.criteria.examples);
  const improved = new Map<string, string>();
  const limit = Math.max(1, search.llms.optimizer.info.concurrency);
  for (let i = 0; i < chosen.length; i += limit) {
    const { group, events: asked, stopped } = await nextGroup(search, chosen.slice(i, i + limit));
    // What is said of a stop follows the examples before it; a smaller context comes before those that it is for.
    if (!stopped) yield* asked;
    const tasks = group.map((example) => () => collect(improveOne(search, example)));
    let at = 0;
    for await (const { events, result } of inOrder(tasks, limit)) {
      yield* events;
      const example = group[at++];
      if (example) improved.set(example.id, result);
    }
    if (stopped) {
      yield* asked;
      break;
    }
  }
  return examples.map((e) => ({ ...e, answer: improved.get(e.id) ?? e.answer }));
}

interface Group {
  readonly group: readonly Example[];
  readonly events: readonly SearchEvent[];
  readonly stopped: boolean;
}

/**
 * The examples to work on at once: those given, or those before the one at which a stop was asked for, with what the search
 * says of that. There is a point before every example, so that a run's points do not depend on the model's concurrency.
 */
async function nextGroup(search: Search, waiting: readonly Example[]): Promise<Group> {
  const group: Example[] = [];
  const said: SearchEvent[] = [];
  for (const example of waiting) {
    const { events, result: stopped } = await collect(stopAsked(search));
    said.push(...events);
    if (stopped) return { group, events: said, stopped };
    group.push(example);
  }
  return { group, events: said, stopped: false };
}

/** An example's query under an id of its own, so that its criteria are not those of a training query. */
export function asQuery(example: Example): { readonly id: string; readonly text: string } {
  return { id: `example:${example.id}`, text: example.query };
}

async function* improveOne(search: Search, example: Example): AsyncGenerator<SearchEvent, string> {
  const { rounds, accept, from } = search.settings.examples.improve;
  let latest = await rateVersion(search, example, 0, example.answer);
  let best = latest;
  yield rated(example, latest);
  for (let round = 1; round <= rounds; round++) {
    // The authors look at the ratings only after a round, so that even a perfect answer is rewritten once.
    if (isPerfect(best.ratings) && (round > 1 || accept !== 'at-least')) break;
    const source = from === 'best' ? best : latest;
    const rewritten = await rewrite(search, example, source, round);
    const { replies } = rewritten;
    if ('why' in rewritten) {
      yield { type: 'example-refused', example: example.id, round, why: rewritten.why, replies };
      continue;
    }
    latest = await rateVersion(search, example, round, rewritten.answer);
    yield rated(example, { ...latest, replies: [...replies, ...latest.replies] });
    if (isBetter(latest, best, accept)) best = latest;
  }
  yield { type: 'example-kept', example: example.id, round: best.round, answer: best.answer };
  return best.answer;
}

async function rateVersion(
  search: Search,
  example: Example,
  round: number,
  answer: string,
): Promise<Version> {
  const { id } = asQuery(example);
  return { round, answer, ...(await judge(search, { id, query: example.query, answer })) };
}

function rated(example: Example, version: Version): SearchEvent {
  return { type: 'example-rated', example: example.id, ...version };
}

/** A new answer, or why there is none; with the replies that led there, reasons first. */
type Rewritten = { readonly replies: readonly string[] } & (
  { readonly answer: string } | { readonly why: Refusal }
);

async function rewrite(
  search: Search,
  example: Example,
  source: Version,
  round: number,
): Promise<Rewritten> {
  const judged = { id: asQuery(example).id, query: example.query, answer: source.answer };
  const { ratings, explained } = await withReasons(search, judged, source.ratings ?? []);
  const reply = await askText(search, {
    role: 'optimizer',
    purpose: 'improve',
    ask: search.profiles.optimizer.improve({ ...judged, ratings }),
    maxTokens: search.settings.answerTokens,
    place: [example.id, round],
  });
  const replies = [...explained.flatMap((e) => e.replies), ...keysOf([reply])];
  if (reply.finish === 'length') return { why: 'cut', replies };
  const answer = search.profiles.optimizer.readAnswer(reply.text);
  if (answer === null) return { why: 'unreadable', replies };
  return answer === source.answer ? { why: 'same', replies } : { answer, replies };
}

function isPerfect(ratings: readonly Rating[] | null): boolean {
  return ratings !== null && ratings.length > 0 && ratings.every((r) => r.score >= perfect);
}

/** The authors compare sums; criteria are the same for all versions, so means order them alike. */
function isBetter(
  next: Version,
  best: Version,
  accept: ExampleSettings['improve']['accept'],
): boolean {
  const gain = (next.reward ?? 0) - (best.reward ?? 0);
  switch (accept) {
    case 'at-least':
      return gain >= 0;
    case 'better':
      return gain > 0;
    case 'beyond-noise':
      return gain > judgeNoise(next.ratings ?? [], best.ratings ?? []);
  }
}

async function collect<R>(
  generator: AsyncGenerator<SearchEvent, R>,
): Promise<{ readonly events: readonly SearchEvent[]; readonly result: R }> {
  const events: SearchEvent[] = [];
  for (;;) {
    const next = await generator.next();
    if (next.done) return { events, result: next.value };
    events.push(next.value);
  }
}
