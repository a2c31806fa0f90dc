import { attemptAll, rewardOf } from './attempts.ts';
import type { Attempt, NewCandidate, Query, Ranked, SearchEvent } from './events.ts';
import type { Prompt } from './prompt.ts';
import { propose, shownFormer, type Nursery, type Occasion } from './proposals.ts';
import { mean, type Rating } from './rating.ts';
import type { Retrieve } from './retrieval.ts';
import { breadth } from './settings.ts';
import { stopAsked, type Search } from './world.ts';

/** A way from the start to a prompt: one prompt for each query it was tried on, with the rewards after the start's own. */
interface Path {
  readonly candidate: NewCandidate;
  readonly prompts: readonly NewCandidate[];
  readonly attempts: readonly Attempt[];
  readonly rewards: readonly number[];
}

/** What the search ends with: the winning prompt, the prompts on its path, its aggregate, and how many levels there were. */
export interface PathResult {
  readonly candidate: NewCandidate;
  readonly path: readonly NewCandidate[];
  readonly aggregate: number;
  readonly levels: number;
}

/**
 * The authors' beam search: a prompt is tried on the next query of its own path, the reward of a path is the mean along it
 * without the start's own (its last one for a beam of one), and the best path that went through all queries wins.
 * It takes the decisions of their code (search_algo/beam_search.py and its world model), which the reference cases record.
 */
export async function* pathSearch(
  search: Search,
  start: Prompt,
  queries: readonly Query[],
  retrieve: Retrieve,
): AsyncGenerator<SearchEvent, PathResult> {
  const { depth, extraDepth } = search.settings.search;
  const { width } = breadth(search.settings.search);
  const born: NewCandidate[] = [];
  const first = { id: 'p0', parent: null, level: 0, prompt: start, query: null, replies: [] };
  born.push(first);
  yield { type: 'candidate', candidate: first };
  let beam: readonly Path[] = [
    yield* extend(
      search,
      { candidate: first, prompts: [], attempts: [], rewards: [] },
      first,
      queries,
      retrieve,
    ),
  ];
  const bound = { depth, left: extraDepth };
  const ended: Path[] = [];
  let levels = 0;
  for (let level = 1; level <= bound.depth; level++) {
    if (yield* stopAsked(search)) break;
    const grown = yield* growLevel(search, { beam, bound, level, queries, retrieve, born, ended });
    levels = level;
    if (grown.length === 0) break;
    beam = yield* keepBest(search, grown, width, level);
  }
  const finalists = ended.length > 0 ? ended : beam;
  const best = finalists.reduce((a, b) => (aggregate(search, b) > aggregate(search, a) ? b : a));
  return {
    candidate: best.candidate,
    path: best.prompts,
    aggregate: aggregate(search, best),
    levels,
  };
}

interface LevelState {
  readonly beam: readonly Path[];
  /** The depth bound, which a level that needs no rewrite lengthens by one, `left` times at most. */
  readonly bound: { depth: number; left: number };
  readonly level: number;
  readonly queries: readonly Query[];
  readonly retrieve: Retrieve;
  readonly born: NewCandidate[];
  readonly ended: Path[];
}

async function* growLevel(
  search: Search,
  state: LevelState,
): AsyncGenerator<SearchEvent, readonly Path[]> {
  const { beam, bound, level, queries, retrieve, born, ended } = state;
  const grown: Path[] = [];
  let lengthened = false;
  let announced = false;
  for (const member of beam) {
    const seen = member.prompts.length;
    const next = queries[seen];
    if (seen >= bound.depth || next === undefined) {
      ended.push(member);
      continue;
    }
    if (!announced) yield { type: 'level', level, queries: [next.id] };
    announced = true;
    const last = member.attempts.at(-1);
    const skip = last === undefined || isGoodEnough(search, last);
    if (skip && !lengthened && bound.left > 0) {
      lengthened = true;
      bound.depth++;
      bound.left--;
    }
    const actions = skip
      ? yield* skipped(member, last, lengthened)
      : yield* act(search, member, last, { level, born }, queries);
    // At the bound a path may end here as well as go on.
    if (level === bound.depth) ended.push(member);
    for (const action of actions)
      grown.push(yield* extend(search, member, action, queries, retrieve));
  }
  return grown;
}

/** No rewrite: an unreadable rating, all fives, or a mean above the threshold. */
function isGoodEnough(search: Search, { ratings, reward }: Attempt): boolean {
  if (ratings === null || reward === null) return true;
  return allFives(ratings) || reward > search.settings.search.skipAbove;
}

function allFives(ratings: readonly Rating[]): boolean {
  return ratings.every((r) => r.score === 5);
}

async function* skipped(
  member: Path,
  last: Attempt | undefined,
  lengthened: boolean,
): AsyncGenerator<SearchEvent, readonly NewCandidate[]> {
  yield {
    type: 'skipped',
    candidate: member.candidate.id,
    query: last?.query ?? '',
    lengthened,
  };
  return Promise.resolve([member.candidate]);
}

async function* act(
  search: Search,
  member: Path,
  attempt: Attempt,
  nursery: Nursery,
  queries: readonly Query[],
): AsyncGenerator<SearchEvent, readonly NewCandidate[]> {
  const { candidate } = member;
  const query = queries.find((q) => q.id === attempt.query);
  if (!query) throw new Error(`attempt on an unknown query ${attempt.query}`);
  const former = member.prompts.slice(0, -1).map((c, i) => ({
    prompt: c.prompt,
    reward: member.attempts[i]?.reward ?? null,
  }));
  const occasions = Array.from(
    { length: breadth(search.settings.search).proposals },
    (_, index): Occasion => ({ candidate, query, attempt, former, index }),
  );
  const children = yield* propose(search, occasions, nursery);
  yield {
    type: 'rewritten',
    candidate: candidate.id,
    query: query.id,
    former: shownFormer(former, search.settings.search.formerPrompts).length,
    children: children.map((c) => c.id),
  };
  return children;
}

/** The path with one more prompt, tried on the next query; the start's own reward is not part of the rewards. */
async function* extend(
  search: Search,
  path: Path,
  candidate: NewCandidate,
  queries: readonly Query[],
  retrieve: Retrieve,
): AsyncGenerator<SearchEvent, Path> {
  const query = queries[path.prompts.length];
  if (!query) throw new Error('a path was extended past the last query');
  const prompt = candidate.prompt;
  const trial = { id: candidate.id, prompt, retrieve };
  const attempts = yield* attemptAll(search, [trial], [query], 'train');
  const attempt = attempts.get(candidate.id)?.[0];
  if (!attempt) throw new Error(`no attempt of ${candidate.id}`);
  const isStart = path.prompts.length === 0;
  return {
    candidate,
    prompts: [...path.prompts, candidate],
    attempts: [...path.attempts, attempt],
    rewards: isStart ? [] : [...path.rewards, rewardOf(search, attempt) ?? 0],
  };
}

function aggregate(search: Search, { rewards }: Path): number {
  if (rewards.length === 0) return 0;
  return breadth(search.settings.search).width > 1 ? mean(rewards) : (rewards.at(-1) ?? 0);
}

async function* keepBest(
  search: Search,
  paths: readonly Path[],
  width: number,
  level: number,
): AsyncGenerator<SearchEvent, readonly Path[]> {
  const sorted = [...paths].sort((a, b) => aggregate(search, b) - aggregate(search, a));
  const rank = (path: Path): Ranked => ({
    candidate: path.candidate.id,
    aggregate: aggregate(search, path),
  });
  yield {
    type: 'beam',
    level,
    kept: sorted.slice(0, width).map(rank),
    dropped: sorted.slice(width).map(rank),
  };
  return Promise.resolve(sorted.slice(0, width));
}
