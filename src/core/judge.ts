import type { ChosenCriteria, Criterion } from './criteria.ts';
import type { Query, SearchEvent } from './events.ts';
import { allInOrder, inOrder } from './in-order.ts';
import { askedAhead, type Cut, type LlmReply } from './llm.ts';
import type { Choice, RubricOrder } from './profile.ts';
import { normalise } from './prompt.ts';
import { rateByProbabilities, requestsPerRating, rubricOrders } from './rate.ts';
import { reward, type Rating } from './rating.ts';
import type { CriteriaSettings } from './settings.ts';
import { askText, type Search } from './world.ts';

/** An answer as the judge sees it. `id` names the query whose criteria count. */
export interface Judged {
  readonly id: string;
  readonly query: string;
  readonly answer: string;
  /** The criteria to rate on, of the query's; absent: all of them. */
  readonly only?: readonly string[];
}

/** A judgement: ratings (null if unreadable), their mean, and what the requests cost in context. */
export interface Judgement {
  readonly ratings: readonly Rating[] | null;
  readonly reward: number | null;
  readonly cuts: readonly Cut[];
  readonly replies: readonly string[];
}

/** How many requests the evaluator takes at once. */
export function judgeLimit(search: Search): number {
  return search.llms.evaluator.info.concurrency;
}

/**
 * Makes sure that every query has its criteria (DRPO §3.3: chosen once a query, kept for the run). All that are missing
 * are asked for together, since these requests share their beginning.
 */
export async function* chooseCriteria(
  search: Search,
  queries: readonly Pick<Query, 'id' | 'text'>[],
  settings: CriteriaSettings,
): AsyncGenerator<SearchEvent, void> {
  const missing = queries.filter(
    (q, i) => !search.chosen.has(q.id) && queries.findIndex((x) => x.id === q.id) === i,
  );
  const tasks = missing.map((query) => () => chooseFor(search, query.text, settings));
  let i = 0;
  for await (const { chosen, replies } of inOrder(tasks, askedAhead(search.llms.evaluator.info))) {
    const query = missing[i++];
    if (!query) return;
    search.chosen.set(query.id, chosen);
    yield { type: 'criteria', query: query.id, chosen, replies };
  }
}

async function chooseFor(
  search: Search,
  query: string,
  settings: CriteriaSettings,
): Promise<{ chosen: ChosenCriteria; replies: readonly string[] }> {
  const names = fixedNames(search.criteria, settings);
  if (settings.mode === 'fixed') {
    return { chosen: { names, proposed: null, fallback: false }, replies: [] };
  }
  const { atLeast, atMost, propose } = settings;
  const profile = search.profiles.evaluator;
  const reply = await askText(search, {
    role: 'evaluator',
    purpose: 'choose-criteria',
    ask: profile.chooseCriteria({ query, criteria: search.criteria, atLeast, atMost, propose }),
    maxTokens: 80,
    place: [query],
  });
  const choice = profile.readChoice(reply.text);
  return {
    chosen: settle(choice, search.criteria, { ...settings, fixed: names }),
    replies: keysOf([reply]),
  };
}

/**
 * Takes criteria away from the queries that chose them already; the general ones fill up where too few are left. What is chosen
 * later comes from a list without them: the caller's.
 */
export function* dropCriteria(
  search: Search,
  dropped: readonly string[],
  settings: CriteriaSettings,
): Generator<SearchEvent, void> {
  const kept = search.criteria.filter((c) => !dropped.includes(c.name));
  const fixed = fixedNames(kept, settings);
  for (const [query, before] of search.chosen) {
    const names = before.names.filter((name) => !dropped.includes(name));
    if (names.length === before.names.length) continue;
    const chosen =
      settings.mode === 'fixed'
        ? { names: fixed, proposed: null, fallback: false }
        : settle({ names, proposed: before.proposed }, kept, { ...settings, fixed });
    search.chosen.set(query, chosen);
    yield { type: 'criteria', query, chosen, replies: [] };
  }
}

/** The general criteria that are on the list; all of it where none is. */
function fixedNames(
  criteria: readonly Criterion[],
  { fixed }: CriteriaSettings,
): readonly string[] {
  const known = knownNames(criteria, fixed);
  return known.length > 0 ? known : criteria.map((c) => c.name);
}

/** Names matched to the list, at most `atMost`; where there are too few, the general ones fill up. */
function settle(
  choice: Choice | null,
  criteria: readonly Criterion[],
  { fixed, atLeast, atMost, propose }: CriteriaSettings,
): ChosenCriteria {
  const listed = [...new Set(knownNames(criteria, choice?.names ?? []))].slice(0, atMost);
  const offered = propose ? (choice?.proposed ?? null) : null;
  const isNew = offered !== null && knownNames(criteria, [offered.name]).length === 0;
  const proposed: Criterion | null =
    isNew && listed.length < atMost
      ? {
          name: offered.name,
          definition: offered.definition,
          low: 'it fails on this altogether.',
          high: 'nothing is missing on this.',
        }
      : null;
  const chosen = proposed ? [...listed, proposed.name] : listed;
  const filling = fixed.filter((name) => !chosen.includes(name));
  return {
    names: [...chosen, ...filling.slice(0, Math.max(0, atLeast - chosen.length))],
    proposed,
    fallback: chosen.length === 0,
  };
}

function knownNames(criteria: readonly Criterion[], names: readonly string[]): string[] {
  const byName = new Map(criteria.map((c) => [normalise(c.name).replace(/[\s-]/g, ''), c.name]));
  return names.flatMap((name) => byName.get(normalise(name).replace(/[\s-]/g, '')) ?? []);
}

/** How answers are to be rated where it is not the settings' usual way: the criteria said anew, the scale in these orders. */
export interface Wording {
  readonly criteria: (criteria: readonly Criterion[]) => readonly Criterion[];
  readonly orders: (criteria: readonly Criterion[]) => readonly RubricOrder[];
}

/** Rates an answer on its query's criteria, which must have been chosen. */
export async function judge(search: Search, judged: Judged, wording?: Wording): Promise<Judgement> {
  const [only] = await judgeAll(search, [judged], wording);
  if (!only) throw new Error('no judgement for an answer');
  return only;
}

/** Rates answers, each on its query's criteria, which must have been chosen; one after another, as they share beginnings. */
export async function judgeAll(
  search: Search,
  answers: readonly Judged[],
  wording?: Wording,
): Promise<readonly Judgement[]> {
  const asked = answers.map((judged) => {
    const { only } = judged;
    const known = criteriaFor(search, judged).filter((c) => only?.includes(c.name) ?? true);
    return { judged, criteria: wording ? wording.criteria(known) : known, wording };
  });
  return search.settings.judge.rating === 'probabilities'
    ? judgeByProbabilities(search, asked)
    : judgeInWriting(search, asked);
}

/** How many requests it takes to rate one answer to a query whose criteria have been chosen. */
export function requestsPerJudgement(search: Search, { id }: Pick<Judged, 'id'>): number {
  if (search.settings.judge.rating === 'written') return 1;
  const each = requestsPerRating(search.settings.judge, search.profiles.evaluator);
  return each * criteriaFor(search, { id }).length;
}

function criteriaFor(search: Search, { id }: Pick<Judged, 'id'>): readonly Criterion[] {
  const chosen = search.chosen.get(id);
  if (!chosen) throw new Error(`no criteria chosen for query ${id}`);
  return chosen.names.flatMap((name) => {
    const listed = search.criteria.find((c) => c.name === name);
    return listed ?? (chosen.proposed?.name === name ? chosen.proposed : []);
  });
}

interface Asked {
  readonly judged: Judged;
  readonly criteria: readonly Criterion[];
  readonly wording: Wording | undefined;
}

async function judgeByProbabilities(
  search: Search,
  asked: readonly Asked[],
): Promise<readonly Judgement[]> {
  const usual = rubricOrders(search.settings.judge, search.profiles.evaluator);
  const tasks = asked.flatMap(({ judged, criteria, wording }) =>
    criteria.map((criterion) => () => {
      const orders = wording ? wording.orders([criterion]) : usual;
      return rateByProbabilities(search, judged, criterion, orders);
    }),
  );
  const rated = await allInOrder(tasks, askedAhead(search.llms.evaluator.info));
  let from = 0;
  return asked.map(({ criteria }) => {
    const own = rated.slice(from, (from += criteria.length));
    return judgement(
      own.map((r) => r.rating),
      own.flatMap((r) => r.replies),
    );
  });
}

async function judgeInWriting(
  search: Search,
  asked: readonly Asked[],
): Promise<readonly Judgement[]> {
  const { evaluator } = search.profiles;
  const tasks = asked.map(({ judged: { query, answer }, criteria, wording }) => async () => {
    const [order] = wording ? wording.orders(criteria) : [];
    const reply = await askText(search, {
      role: 'evaluator',
      purpose: 'rate',
      ask: evaluator.rateAll({ query, answer, criteria, ...(order && { order }) }),
      maxTokens: 40 + 48 * criteria.length,
      place: [query, answer],
    });
    return judgement(evaluator.readRatings(reply.text, criteria), [reply]);
  });
  return allInOrder(tasks, askedAhead(search.llms.evaluator.info));
}

function judgement(ratings: readonly Rating[] | null, replies: readonly LlmReply[]): Judgement {
  return {
    ratings,
    reward: reward(ratings),
    cuts: replies.flatMap((r) => r.cut),
    replies: keysOf(replies),
  };
}

/** The journal's keys of replies; none where nothing keeps them. */
export function keysOf(replies: readonly LlmReply[]): readonly string[] {
  return replies.flatMap((r) => r.key ?? []);
}

/** Ratings from the weakest up; ties keep their order. */
export function weakest(ratings: readonly Rating[]): Rating[] {
  return [...ratings].sort((a, b) => a.score - b.score);
}

/**
 * The ratings with reasons for the weakest, at most `most`, that are below 4.5 and have none: criticism is asked for only
 * where it is used, right before a rewrite.
 */
export async function withReasons(
  search: Search,
  judged: Judged,
  ratings: readonly Rating[],
  most = 2,
): Promise<{ readonly ratings: readonly Rating[]; readonly explained: readonly Explained[] }> {
  const chosen = search.chosen.get(judged.id);
  const silent = weakest(ratings).filter((r) => r.reason === undefined && r.score < 4.5);
  const explained: Explained[] = [];
  for (const rating of silent.slice(0, most)) {
    const criterion = search.criteria.find((c) => c.name === rating.criterion) ?? chosen?.proposed;
    if (!criterion) continue;
    const reply = await askText(search, {
      role: 'evaluator',
      purpose: 'explain',
      ask: search.profiles.evaluator.explain({ ...judged, criterion, score: rating.score }),
      maxTokens: 64,
      place: [judged.query, judged.answer, rating.criterion],
    });
    const reason = search.profiles.evaluator.readReason(reply.text);
    if (reason !== null) {
      explained.push({ criterion: rating.criterion, reason, replies: keysOf([reply]) });
    }
  }
  const reasons = new Map(explained.map((e) => [e.criterion, e.reason]));
  return {
    explained,
    ratings: ratings.map((r) => {
      const reason = reasons.get(r.criterion);
      return reason === undefined ? r : { ...r, reason };
    }),
  };
}

/** A reason that was asked for. */
export interface Explained {
  readonly criterion: string;
  readonly reason: string;
  readonly replies: readonly string[];
}
