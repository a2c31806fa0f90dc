import { attemptAll, meanReward, rewardOf } from './attempts.ts';
import { race, type BlockResult } from './block-search.ts';
import { compose, linesOf, type Library } from './compose.ts';
import { proposeEdits, type Lesson } from './edit-proposals.ts';
import type { Attempt, NewCandidate, Query, Ranked, SearchEvent } from './events.ts';
import { weakest } from './judge.ts';
import { lineEffects, type LineEffects, type Observation } from './line-effects.ts';
import { paretoBeam } from './pareto.ts';
import { nearlySame, normalise, type Prompt } from './prompt.ts';
import { seedAt } from './random.ts';
import { mean } from './rating.ts';
import type { Retrieve } from './retrieval.ts';
import { breadth, pooledSettings, type PooledSettings } from './settings.ts';
import { isSpent, stopAsked, type Search } from './world.ts';

/**
 * Our search for small models. Its prompts are made of lines, and whatever a prompt is rated tells of all its lines: the effect of each is
 * estimated from every attempt so far (`line-effects.ts`), and prompts are ranked by the sum of their lines' effects. A level asks the
 * optimizer for a few changes of the best prompt, draws further prompts from the known lines, by chance but better lines more often
 * (Thompson sampling of a linear bandit; Agrawal & Goyal 2013), and tries them all on the same few training queries: those on which the start was
 * neither perfect nor hopeless, since only there can a line show what it does.
 */
export async function* pooledSearch(
  search: Search,
  start: Prompt,
  queries: readonly Query[],
  retrieve: Retrieve,
): AsyncGenerator<SearchEvent, BlockResult> {
  const first = { id: 'p0', parent: null, level: 0, prompt: start, query: null, replies: [] };
  const pool = startPool(search, first, queries, retrieve);
  yield { type: 'candidate', candidate: first };
  if (!(yield* stopAsked(search))) yield* scout(pool);
  const { depth, stop } = search.settings.search;
  let idle = 0;
  for (let level = 1; level <= depth && idle < (stop?.patience ?? Infinity); level++) {
    if (isSpent(search) || (yield* stopAsked(search))) break;
    const best = pool.beam[0];
    yield* runLevel(pool, level);
    idle = pool.beam[0] === best ? idle + 1 : 0;
  }
  return { start: first, beam: pool.beam, nextId: `p${String(pool.born.length)}` };
}

/** What the search knows; it grows. */
interface Pool {
  readonly search: Search;
  readonly settings: PooledSettings;
  readonly queries: readonly Query[];
  readonly retrieve: Retrieve;
  readonly born: NewCandidate[];
  readonly library: Library;
  /** How often each line was proposed, by its name; empty where that does not count. */
  readonly proposed: Map<string, number>;
  /** Attempts in training by candidate, each query once. */
  readonly attempts: Map<string, Map<string, Attempt>>;
  /** By query, the criteria that are followed: the start's weakest. */
  readonly focus: Map<string, readonly string[]>;
  /** The queries of the blocks, those that tell most first. */
  block: readonly Query[];
  /** How often changes of a prompt were asked for. */
  readonly lessonsUsed: Map<string, number>;
  /** The best prompts that were tried, best first. */
  beam: readonly NewCandidate[];
}

function startPool(
  search: Search,
  first: NewCandidate,
  queries: readonly Query[],
  retrieve: Retrieve,
): Pool {
  return {
    search,
    settings: pooledSettings(search.settings),
    queries,
    retrieve,
    born: [first],
    library: { start: first.prompt, lines: linesOf(first.prompt) },
    proposed: new Map(),
    attempts: new Map(),
    focus: new Map(),
    block: [],
    lessonsUsed: new Map(),
    beam: [first],
  };
}

/** The start on the first training queries: which of them are worth asking again, and which criteria to follow there. */
async function* scout(pool: Pool): AsyncGenerator<SearchEvent, void> {
  const { search, settings, retrieve } = pool;
  const queries = pool.queries.slice(0, Math.max(1, settings.scouted));
  const [start] = pool.born;
  if (!start) return;
  yield { type: 'level', level: 0, queries: queries.map((q) => q.id) };
  const made = yield* attemptAll(search, [{ ...start, retrieve }], queries, 'train');
  const attempts = made.get(start.id) ?? [];
  learn(pool, attempts);
  for (const { query, ratings } of attempts) {
    const names = weakest(ratings ?? []).map((r) => r.criterion);
    if (names.length > 0) pool.focus.set(query, names.slice(0, Math.max(1, settings.ratings)));
  }
  pool.block = telling(pool, queries, attempts);
  const ranked = { candidate: start.id, aggregate: meanReward(search, attempts) };
  yield { type: 'beam', level: 0, kept: [ranked], dropped: [] };
}

/** Two thirds of the queries, those whose reward under the start lies nearest to the middle of what can still be told apart. */
function telling(
  { search }: Pool,
  queries: readonly Query[],
  attempts: readonly Attempt[],
): readonly Query[] {
  const distance = (query: Query) => {
    const attempt = attempts.find((a) => a.query === query.id);
    const reward = attempt ? rewardOf(search, attempt) : null;
    return reward === null ? Infinity : Math.abs(reward - middle);
  };
  const sorted = queries
    .map((query) => ({ query, distance: distance(query) }))
    .sort((a, b) => a.distance - b.distance);
  return sorted.slice(0, Math.ceil((2 / 3) * queries.length)).map(({ query }) => query);
}

/** Rewards of 5 can only fall and those of 1 only rise; a good prompt is rather near the top. */
const middle = 3.6;

async function* runLevel(pool: Pool, level: number): AsyncGenerator<SearchEvent, void> {
  const { search, retrieve, focus } = pool;
  const [best] = pool.beam;
  if (!best) return;
  const children = yield* askForChanges(pool, taught(pool, best, level), level);
  const crossed = yield* cross(pool, best, level);
  const tried = [...new Set([best, ...children, ...crossed])];
  const block = blockAt(pool, level);
  yield { type: 'level', level, queries: block.map((q) => q.id) };
  // A prompt that met the whole block before has nothing new to say.
  const fresh = tried.filter((c) => block.some((q) => !pool.attempts.get(c.id)?.has(q.id)));
  const trials = fresh.map((candidate) => ({ ...candidate, retrieve, focus }));
  const made = yield* race(search, trials, block, level);
  for (const attempts of made.values()) learn(pool, attempts);
  const ranked = rankAll(pool);
  const { width } = breadth(search.settings.search);
  const kept = pareto(search) ? bestSomewhere(pool, ranked, width) : ranked.slice(0, width);
  pool.beam = kept.map(({ candidate }) => candidate);
  const dropped = ranked.filter((one) => !kept.includes(one) && tried.includes(one.candidate));
  const rankOf = ({ candidate, expected }: Expected): Ranked => ({
    candidate: candidate.id,
    aggregate: expected,
  });
  yield {
    type: 'beam',
    level,
    kept: kept.map(rankOf),
    dropped: dropped.map(rankOf),
  };
}

function pareto({ settings }: Search): boolean {
  return settings.search.strategy === 'pareto';
}

/** The prompt of which changes are asked for: the best; where each of the beam is best somewhere, they take turns. */
function taught({ search, beam }: Pool, best: NewCandidate, level: number): NewCandidate {
  return pareto(search) ? (beam[(level - 1) % beam.length] ?? best) : best;
}

/** The prompts that none beats, by what their lines are expected to do on each criterion. */
function bestSomewhere(
  pool: Pool,
  ranked: readonly Expected[],
  width: number,
): readonly Expected[] {
  const names = [
    ...new Set(
      [...pool.attempts.values()].flatMap((own) =>
        [...own.values()].flatMap(({ ratings }) => (ratings ?? []).map((r) => r.criterion)),
      ),
    ),
  ];
  const byName = names.map((name) => ({ name, effects: effectsOn(pool, name) }));
  const scored = ranked.map((one) => {
    const lines = [...linesOf(one.candidate.prompt).keys()];
    const scores = new Map(byName.map(({ name, effects }) => [name, effects.rewardOf(lines)]));
    return { one, overall: one.expected, scores };
  });
  return paretoBeam(scored, width).map(({ one }) => one);
}

/** What lines do on one criterion. */
function effectsOn({ born, attempts, library, proposed }: Pool, criterion: string): LineEffects {
  const seen = born.flatMap(({ id, prompt }) => {
    const lines = [...linesOf(prompt).keys()];
    return [...(attempts.get(id)?.values() ?? [])].flatMap(({ query, ratings }) =>
      (ratings ?? [])
        .filter((rating) => rating.criterion === criterion)
        .map(({ score }): Observation => ({ lines, query, reward: score })),
    );
  });
  return lineEffects(seen, [...library.lines.keys()], proposed);
}

/** The next few of the queries that tell something, from the front again when they run out. */
function blockAt({ search, block }: Pool, level: number): readonly Query[] {
  const size = Math.min(search.settings.search.queriesPerLevel, block.length);
  return Array.from({ length: size }, (_, i) => {
    const query = block[((level - 1) * size + i) % block.length];
    if (!query) throw new Error('a search needs training queries');
    return query;
  });
}

/**
 * The level's proposals that are to be tried by themselves. Where opinions count there are none: with its parent's other lines a proposal says
 * little that a mixture would not.
 */
async function* askForChanges(
  pool: Pool,
  best: NewCandidate,
  level: number,
): AsyncGenerator<SearchEvent, readonly NewCandidate[]> {
  const { opinions } = pool.settings;
  if (!opinions) return yield* changeBest(pool, best, level, 0);
  const due = (level - 1) % Math.max(1, opinions.every) === 0 ? 1 : 0;
  const asked = level === 1 ? opinions.first : due;
  for (let nth = 0; nth < asked; nth++) yield* changeBest(pool, best, level, nth);
  return [];
}

/** Changes of the best prompt that the optimizer proposes, as candidates. */
async function* changeBest(
  pool: Pool,
  best: NewCandidate,
  level: number,
  nth: number,
): AsyncGenerator<SearchEvent, readonly NewCandidate[]> {
  const { search, settings, born, library } = pool;
  const [first, ...others] = lessonsOf(pool, best);
  const count = breadth(search.settings.search).proposals;
  if (!first || count === 0) {
    yield { type: 'skipped', candidate: best.id, query: '', lengthened: false };
    return [];
  }
  const known = [...library.lines.values()].map(({ text }) => text);
  const { children, lines } = yield* proposeEdits(
    search,
    {
      candidate: best,
      lessons: [first, ...others],
      reasons: settings.reasons,
      known,
      told: settings.opinions ? [] : known,
      count,
      nth,
    },
    { level, born },
  );
  for (const { prompt } of children) {
    for (const [name, line] of linesOf(prompt)) {
      if (!library.lines.has(name)) library.lines.set(name, line);
    }
  }
  if (settings.opinions) countProposed(pool, lines);
  const made = children.map((child) => child.id);
  yield {
    type: 'rewritten',
    candidate: best.id,
    query: first.query.id,
    former: 0,
    children: made,
  };
  return children;
}

/** A line that nearly says what a known one says is counted with it. */
function countProposed({ library, proposed }: Pool, lines: readonly string[]): void {
  for (const line of lines) {
    const exact = library.lines.has(normalise(line)) ? normalise(line) : undefined;
    const near = [...library.lines].find(([, known]) => nearlySame(known.text, line));
    const name = exact ?? near?.[0];
    if (name !== undefined) proposed.set(name, (proposed.get(name) ?? 0) + 1);
  }
}

/** A rating above this calls for no change. */
const goodRating = 4.5;

/** The weakest answers of a prompt, others each time it is asked for. */
function lessonsOf(pool: Pool, candidate: NewCandidate): readonly Lesson[] {
  const { settings, queries, lessonsUsed } = pool;
  const lowest = ({ ratings }: Attempt) => Math.min(...(ratings ?? []).map((r) => r.score));
  const lessons = [...(pool.attempts.get(candidate.id)?.values() ?? [])]
    .filter((attempt) => lowest(attempt) <= goodRating)
    .sort((a, b) => lowest(a) - lowest(b))
    .flatMap((attempt) => {
      const query = queries.find((q) => q.id === attempt.query);
      return query ? [{ query, attempt }] : [];
    });
  const used = lessonsUsed.get(candidate.id) ?? 0;
  lessonsUsed.set(candidate.id, used + 1);
  const count = Math.min(settings.evidence, lessons.length);
  return Array.from({ length: count }, (_, i) => lessons[(used + i) % lessons.length]).filter(
    (lesson) => lesson !== undefined,
  );
}

/** The prompt of the lines that are expected to help, and some that are drawn; known ones where nothing else says the same. */
async function* cross(
  pool: Pool,
  best: NewCandidate,
  level: number,
): AsyncGenerator<SearchEvent, readonly NewCandidate[]> {
  const { search, settings, library, born } = pool;
  const effects = effectsOf(pool);
  const draws = Array.from({ length: settings.crosses }, (_, i) =>
    effects.draw(seedAt(search.settings.seed, 'draw', level, i)),
  );
  const prompts = [
    compose(library, effects.expected, settings.bulletPrice),
    ...draws.map((draw) => compose(library, draw, 0)),
  ];
  const crossed: NewCandidate[] = [];
  for (const prompt of prompts) {
    const known = born.find((c) => sameLines(c.prompt, prompt));
    if (known) {
      crossed.push(known);
      continue;
    }
    const child: NewCandidate = {
      id: `p${String(born.length)}`,
      parent: best.id,
      level,
      prompt,
      query: null,
      replies: [],
      crossed: true,
    };
    born.push(child);
    crossed.push(child);
    yield { type: 'candidate', candidate: child };
  }
  return Promise.resolve(crossed);
}

function sameLines(a: Prompt, b: Prompt): boolean {
  const [one, other] = [linesOf(a), linesOf(b)];
  return one.size === other.size && [...one.keys()].every((name) => other.has(name));
}

function learn({ attempts }: Pool, made: readonly Attempt[]): void {
  for (const attempt of made) {
    const own = attempts.get(attempt.candidate) ?? new Map<string, Attempt>();
    attempts.set(attempt.candidate, own.set(attempt.query, attempt));
  }
}

function effectsOf(pool: Pool): LineEffects {
  return lineEffects(observationsOf(pool), [...pool.library.lines.keys()], pool.proposed);
}

/** Every rated answer with its prompt's lines; the start's own are in all that is measured, but for those that a prompt leaves out. */
function observationsOf({ search, born, attempts, focus }: Pool): readonly Observation[] {
  return born.flatMap(({ id, prompt }) => {
    const lines = [...linesOf(prompt).keys()];
    return [...(attempts.get(id)?.values() ?? [])].flatMap((attempt) => {
      const reward = focused(search, attempt, focus.get(attempt.query));
      return reward === null ? [] : [{ lines, query: attempt.query, reward }];
    });
  });
}

/** The mean rating on the criteria that are followed on this query, so that all prompts' rewards there are of the same kind. */
function focused(
  search: Search,
  attempt: Attempt,
  names: readonly string[] | undefined,
): number | null {
  const followed = (attempt.ratings ?? []).filter((r) => names?.includes(r.criterion) ?? true);
  return followed.length === 0
    ? rewardOf(search, attempt)
    : mean(followed.map((rating) => rating.score));
}

interface Expected {
  readonly candidate: NewCandidate;
  readonly expected: number;
}

/** All prompts that were tried, by what their lines are expected to do, less what their bullets cost; the earlier one of equals. */
function rankAll(pool: Pool): readonly Expected[] {
  const effects = effectsOf(pool);
  return pool.born
    .filter(({ id }) => pool.attempts.has(id))
    .map((candidate) => {
      const { prompt } = candidate;
      const price = pool.settings.bulletPrice * prompt.bullets.length;
      return { candidate, expected: effects.rewardOf([...linesOf(prompt).keys()]) - price };
    })
    .sort((a, b) => b.expected - a.expected);
}
