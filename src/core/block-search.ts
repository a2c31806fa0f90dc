import { attemptAll, meanReward, rewardOf, type Trial } from './attempts.ts';
import type { Attempt, NewCandidate, Query, Ranked, SearchEvent } from './events.ts';
import type { Prompt } from './prompt.ts';
import { criterionMeans, paretoBeam } from './pareto.ts';
import { outOfRace } from './racing.ts';
import { propose, shownFormer, type Nursery, type Occasion } from './proposals.ts';
import type { Retrieve } from './retrieval.ts';
import { breadth } from './settings.ts';
import { stopAsked, type Search } from './world.ts';

/** A prompt of the beam with its attempts on the last block: what the next proposals learn from. */
interface Member {
  readonly candidate: NewCandidate;
  readonly attempts: readonly Attempt[];
  readonly aggregate: number | null;
  /** Its ancestors with what they were ranked by, oldest first. */
  readonly former: readonly { readonly prompt: Prompt; readonly reward: number | null }[];
}

/** The prompts left at the end, best first, and the start. */
export interface BlockResult {
  readonly start: NewCandidate;
  readonly beam: readonly NewCandidate[];
  /** Id of the next candidate, should there be one. */
  readonly nextId: string;
}

/**
 * Our beam search. All prompts of a level answer the same block of queries, parents beside their proposals, so that none is
 * kept for having met an easier query. What a proposal learns from is the block before: a prompt is never ranked on the
 * answers that called for it.
 */
export async function* blockSearch(
  search: Search,
  start: Prompt,
  queries: readonly Query[],
  retrieve: Retrieve,
): AsyncGenerator<SearchEvent, BlockResult> {
  const { depth, extraDepth } = search.settings.search;
  const first = { id: 'p0', parent: null, level: 0, prompt: start, query: null, replies: [] };
  const born: NewCandidate[] = [first];
  yield { type: 'candidate', candidate: first };
  let beam: readonly Member[] = [{ candidate: first, attempts: [], aggregate: null, former: [] }];
  if (!(yield* stopAsked(search))) {
    beam = yield* tryLevel(search, beam, { level: 0, queries, retrieve });
  }
  let bound = depth;
  for (let level = 1; level <= bound; level++) {
    if (yield* stopAsked(search)) break;
    const lengthened = beam.every((m) => isGood(search, m)) && bound < depth + extraDepth;
    if (lengthened) bound++;
    const members = yield* growBeam(search, beam, { level, born, lengthened, queries });
    if (yield* stopAsked(search)) break;
    beam = yield* tryLevel(search, members, { level, queries, retrieve });
  }
  return {
    start: first,
    beam: beam.map((m) => m.candidate),
    nextId: `p${String(born.length)}`,
  };
}

/** The block of a level: the next few training queries, from the front again when they run out. */
export function blockOf(queries: readonly Query[], size: number, level: number): Query[] {
  const count = Math.min(size, queries.length);
  return Array.from({ length: count }, (_, i) => {
    const query = queries[(level * count + i) % queries.length];
    if (!query) throw new Error('a search needs training queries');
    return query;
  });
}

interface Growth extends Nursery {
  /** Every member was good enough as it is, and the search goes on for one more level. */
  readonly lengthened: boolean;
  readonly queries: readonly Query[];
}

/** The members of the beam and their proposals. */
async function* growBeam(
  search: Search,
  beam: readonly Member[],
  { lengthened, queries, ...nursery }: Growth,
): AsyncGenerator<SearchEvent, readonly Member[]> {
  const members = [...beam];
  for (const member of beam) {
    const { candidate } = member;
    const query = weakestAttempts(member)[0]?.query ?? '';
    if (!teaches(member) || isGood(search, member)) {
      yield { type: 'skipped', candidate: candidate.id, query, lengthened };
      continue;
    }
    const children = yield* propose(search, occasionsOf(search, member, queries), nursery);
    yield {
      type: 'rewritten',
      candidate: candidate.id,
      query,
      former: shownFormer(member.former, search.settings.search.formerPrompts).length,
      children: children.map((c) => c.id),
    };
    const former = [...member.former, { prompt: candidate.prompt, reward: member.aggregate }];
    members.push(
      ...children.map((child) => ({ candidate: child, attempts: [], aggregate: null, former })),
    );
  }
  return members;
}

/** Something can be learned from its attempts: the rating of one at least could be read. */
function teaches({ attempts }: Member): boolean {
  return attempts.some((a) => a.ratings !== null);
}

/** Nothing is left to gain. */
function isGood(search: Search, { aggregate }: Member): boolean {
  return aggregate !== null && (aggregate >= 5 || aggregate > search.settings.search.skipAbove);
}

/** Each proposal learns from another attempt, the weakest first. */
function occasionsOf(search: Search, member: Member, queries: readonly Query[]): Occasion[] {
  const lessons = weakestAttempts(member);
  const { proposals } = breadth(search.settings.search);
  return Array.from({ length: proposals }, (_, index) => {
    const attempt = lessons[index % lessons.length];
    const query = queries.find((q) => q.id === attempt?.query);
    if (!attempt || !query) throw new Error(`nothing to learn from for ${member.candidate.id}`);
    return { candidate: member.candidate, query, attempt, former: member.former, index };
  });
}

function weakestAttempts({ attempts }: Member): Attempt[] {
  return attempts
    .filter((a) => a.ratings !== null)
    .sort((a, b) => (a.reward ?? 0) - (b.reward ?? 0));
}

interface LevelState {
  readonly level: number;
  readonly queries: readonly Query[];
  readonly retrieve: Retrieve;
}

/** Tries all members on the level's block and keeps the best; of equal ones the beam's own, then proposals in order. */
async function* tryLevel(
  search: Search,
  members: readonly Member[],
  { level, queries, retrieve }: LevelState,
): AsyncGenerator<SearchEvent, readonly Member[]> {
  const block = blockOf(queries, search.settings.search.queriesPerLevel, level);
  yield { type: 'level', level, queries: block.map((q) => q.id) };
  const trials = members.map(({ candidate }): Trial => ({ ...candidate, retrieve }));
  const attempts = yield* race(search, trials, block, level);
  const tried = members.map((member): Member => {
    const own = attempts.get(member.candidate.id) ?? [];
    return { ...member, attempts: own, aggregate: meanReward(search, own) };
  });
  const { width } = breadth(search.settings.search);
  const whole = tried.filter((member) => member.attempts.length === block.length);
  const first = search.settings.search.strategy === 'pareto' ? bestSomewhere(whole, width) : [];
  const rest = (of: readonly Member[]) => ranked(of.filter((member) => !first.includes(member)));
  const sorted = [
    ...first,
    ...rest(whole),
    ...rest(tried.filter((member) => !whole.includes(member))),
  ];
  yield {
    type: 'beam',
    level,
    kept: sorted.slice(0, width).map(rankOf),
    dropped: sorted.slice(width).map(rankOf),
  };
  return sorted.slice(0, width);
}

/**
 * Tries prompts on a block, a round of its queries at a time where the settings want a race: whoever can hardly catch up meets no
 * more of them. Returns the attempts of each, as far as it came.
 */
export async function* race(
  search: Search,
  trials: readonly Trial[],
  block: readonly Query[],
  level: number,
): AsyncGenerator<SearchEvent, ReadonlyMap<string, readonly Attempt[]>> {
  const { width } = breadth(search.settings.search);
  // Who is behind in the mean may be best on a criterion.
  const round =
    search.settings.search.strategy === 'pareto' ? 0 : (search.settings.search.racing ?? 0);
  const step = round > 0 && trials.length > width ? round : block.length;
  const made = new Map<string, readonly Attempt[]>();
  let running = trials;
  for (let from = 0; from < block.length; from += step) {
    const attempts = yield* attemptAll(search, running, block.slice(from, from + step), 'train');
    for (const [id, own] of attempts) made.set(id, [...(made.get(id) ?? []), ...own]);
    const left = Math.max(0, block.length - from - step);
    if (left === 0) break;
    const runners = running.map(({ id }) => ({
      id,
      rewards: (made.get(id) ?? []).map((attempt) => rewardOf(search, attempt)),
    }));
    const out = new Set(outOfRace(runners, { width, left }));
    if (out.size === 0) continue;
    yield { type: 'raced-out', level, candidates: [...out], left };
    running = running.filter(({ id }) => !out.has(id));
  }
  return made;
}

/** The members that none beats by criterion on the block; where too few are so, the others follow as ranked. */
function bestSomewhere(members: readonly Member[], width: number): readonly Member[] {
  const scored = members.map((member) => ({
    member,
    overall: member.aggregate ?? -1,
    scores: criterionMeans(member.attempts),
  }));
  return paretoBeam(scored, width).map(({ member }) => member);
}

function ranked(members: readonly Member[]): Member[] {
  return [...members].sort((a, b) => (b.aggregate ?? -1) - (a.aggregate ?? -1));
}

function rankOf({ candidate, aggregate }: Member): Ranked {
  return { candidate: candidate.id, aggregate };
}

/** Finalists, best first, and the attempts of each. */
export interface Selection {
  readonly ranking: readonly Ranked[];
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>;
}

/**
 * The last choice: finalists and the start meet on queries that the search never saw; the best mean wins, the earlier one of
 * equals. An aggregate is null where nothing could be read.
 */
export async function* select(
  search: Search,
  { start, beam }: BlockResult,
  queries: readonly Query[],
  retrieve: Retrieve,
): AsyncGenerator<SearchEvent, Selection> {
  const finalists = [start, ...beam.filter((c) => c.id !== start.id)];
  const trials = finalists.map((candidate): Trial => ({ ...candidate, retrieve }));
  const attempts = yield* attemptAll(search, trials, queries, 'select');
  const ranking = finalists.map(({ id }) => ({
    candidate: id,
    aggregate: meanReward(search, attempts.get(id) ?? []),
  }));
  return { ranking: ranking.sort((a, b) => (b.aggregate ?? -1) - (a.aggregate ?? -1)), attempts };
}
