import { attemptAll, meanReward, rewardOf, type Trial } from './attempts.ts';
import type { Attempt, NewCandidate, Query, SearchEvent } from './events.ts';
import type { Bullet, Prompt } from './prompt.ts';
import { seedAt } from './random.ts';
import type { Retrieve } from './retrieval.ts';
import { pairedDifference } from './statistics.ts';
import type { Interval } from './verdict.ts';
import { stopAsked, type Search } from './world.ts';

/** What a bullet does: the mean reward with it less that without it, query by query, on queries that the search never trained on. */
export interface BulletEffect {
  readonly bullet: string;
  readonly text: string;
  readonly effect: number;
  readonly interval: Interval;
  readonly pairs: number;
}

/** The winner of a selection with its attempts there, and the id that a prompt made of it would have. */
export interface Winner {
  readonly candidate: NewCandidate;
  readonly attempts: readonly Attempt[];
  readonly nextId: string;
}

/**
 * Leaves out one bullet of the winner after another and says what each does. Those that add nothing, unlocked, go together, if the
 * prompt without them all is no worse on the same queries: bullets may stand in for each other. Returns the prompt that is left, the winner
 * itself where nothing went or a stop was asked for.
 */
export async function* weighBullets(
  search: Search,
  { candidate, attempts, nextId }: Winner,
  queries: readonly Query[],
  retrieve: Retrieve,
): AsyncGenerator<SearchEvent, NewCandidate> {
  const { prompt } = candidate;
  const idle: Bullet[] = [];
  for (const bullet of prompt.bullets) {
    if (yield* stopAsked(search)) return candidate;
    const trial: Trial = {
      id: `${candidate.id}-without-${bullet.id}`,
      prompt: without(prompt, [bullet]),
      retrieve,
    };
    const tried = yield* attemptAll(search, [trial], queries, 'select');
    const effect = effectOf(search, bullet, attempts, tried.get(trial.id) ?? []);
    yield { type: 'bullet-weighed', candidate: candidate.id, effect };
    if (effect.pairs > 0 && effect.effect <= 0 && !bullet.locked) idle.push(bullet);
  }
  if (idle.length === 0) return candidate;
  const shorter: NewCandidate = {
    id: nextId,
    parent: candidate.id,
    level: candidate.level + 1,
    prompt: without(prompt, idle),
    query: null,
    replies: [],
  };
  yield { type: 'candidate', candidate: shorter };
  const tried = yield* attemptAll(search, [{ ...shorter, retrieve }], queries, 'select');
  const [before, after] = [attempts, tried.get(shorter.id) ?? []].map((a) => meanReward(search, a));
  return (after ?? 0) >= (before ?? 0) ? shorter : candidate;
}

function without(prompt: Prompt, gone: readonly Bullet[]): Prompt {
  const bullets = prompt.bullets.filter((bullet) => !gone.includes(bullet));
  const [first, ...others] = bullets;
  // Where the opening is empty no line stands before the first bullet.
  const lead = prompt.opening === '' ? first?.lead.replace(/^\r?\n/, '') : first?.lead;
  return {
    ...prompt,
    bullets: first ? [{ ...first, lead: lead ?? first.lead }, ...others] : [],
  };
}

function effectOf(
  search: Search,
  bullet: Bullet,
  whole: readonly Attempt[],
  rest: readonly Attempt[],
): BulletEffect {
  const alone = new Map(rest.map((attempt) => [attempt.query, rewardOf(search, attempt)]));
  const differences = whole.flatMap((attempt) => {
    const [withIt, withoutIt] = [rewardOf(search, attempt), alone.get(attempt.query) ?? null];
    return withIt === null || withoutIt === null ? [] : [withIt - withoutIt];
  });
  const seed = seedAt(search.settings.seed, 'bullet', bullet.id);
  const { difference, interval } = pairedDifference(differences, seed);
  return {
    bullet: bullet.id,
    text: bullet.text,
    effect: difference,
    interval,
    pairs: differences.length,
  };
}
