import type { Attempt, NewCandidate, Query, Refusal, SearchEvent } from './events.ts';
import { inOrder } from './in-order.ts';
import { keysOf, weakest, withReasons } from './judge.ts';
import type { TextReply } from './llm.ts';
import {
  makeBullet,
  maxBullets,
  normalise,
  parsePrompt,
  samePrompt,
  type Bullet,
  type Origin,
  type Prompt,
} from './prompt.ts';
import { askText, type Search } from './world.ts';

/** Where a proposal starts from: a candidate, an attempt of it to learn from, and the prompts before it on its path. */
export interface Occasion {
  readonly candidate: NewCandidate;
  readonly query: Query;
  readonly attempt: Attempt;
  /** Former prompts with their rewards, oldest first; only the newest few are shown. */
  readonly former: readonly { readonly prompt: Prompt; readonly reward: number | null }[];
  /** Tells proposals of one candidate apart, for their seeds. */
  readonly index: number;
}

/** Gives out candidate ids in order of creation. */
export interface Nursery {
  readonly level: number;
  readonly born: NewCandidate[];
}

/**
 * Asks the optimizer for one rewrite at each occasion and makes candidates of those that can be adopted. A reply that was
 * cut, can't be read, or says what its parent or any earlier candidate says is refused, and kept as such.
 */
export async function* propose(
  search: Search,
  occasions: readonly Occasion[],
  nursery: Nursery,
): AsyncGenerator<SearchEvent, readonly NewCandidate[]> {
  const reasoned = new Map<string, Occasion['attempt']>();
  for (const occasion of occasions) yield* explain(search, occasion, reasoned);
  const tasks = occasions.map((o) => () => askRewrite(search, o, nursery.level, reasoned));
  const children: NewCandidate[] = [];
  let i = 0;
  for await (const reply of inOrder(tasks, search.llms.optimizer.info.concurrency)) {
    const occasion = occasions[i++];
    if (!occasion) break;
    const { candidate, query } = occasion;
    const replies = keysOf([reply]);
    const read = adopt(search, occasion, reply, nursery.born, `p${String(nursery.born.length)}`);
    if (typeof read === 'string') {
      yield {
        type: 'proposal-refused',
        candidate: candidate.id,
        query: query.id,
        why: read,
        replies,
      };
      continue;
    }
    const child: NewCandidate = {
      id: `p${String(nursery.born.length)}`,
      parent: candidate.id,
      level: nursery.level,
      prompt: read,
      query: query.id,
      replies,
    };
    nursery.born.push(child);
    children.push(child);
    yield { type: 'candidate', candidate: child };
  }
  return children;
}

async function* explain(
  search: Search,
  { candidate, query, attempt }: Occasion,
  reasoned: Map<string, Attempt>,
): AsyncGenerator<SearchEvent, void> {
  const key = `${candidate.id}/${query.id}`;
  if (reasoned.has(key)) return;
  const judged = { id: query.id, query: query.text, answer: attempt.answer };
  const { ratings, explained } = await withReasons(search, judged, attempt.ratings ?? []);
  reasoned.set(key, { ...attempt, ratings });
  for (const { criterion, reason, replies } of explained) {
    yield {
      type: 'explained',
      candidate: candidate.id,
      query: query.id,
      criterion,
      reason,
      replies,
    };
  }
}

function askRewrite(
  search: Search,
  { candidate, query, attempt, former, index }: Occasion,
  level: number,
  reasoned: ReadonlyMap<string, Attempt>,
): Promise<TextReply> {
  const known = reasoned.get(`${candidate.id}/${query.id}`) ?? attempt;
  const evidence = { query: query.text, answer: known.answer, ratings: known.ratings ?? [] };
  return askText(search, {
    role: 'optimizer',
    purpose: 'rewrite',
    ask: search.profiles.optimizer.rewrite({
      prompt: candidate.prompt,
      former: shownFormer(former, search.settings.search.formerPrompts),
      evidence,
      maxBullets,
    }),
    maxTokens: search.settings.promptTokens,
    // With the level, so that a prompt that stays in the beam and meets its queries again is rewritten anew.
    place: [candidate.id, query.id, level, index],
  });
}

/** The former prompts that are shown: with the current one they are at most `count`. */
export function shownFormer<T>(former: readonly T[], count: number): readonly T[] {
  return former.slice(Math.max(0, former.length - Math.max(0, count - 1)));
}

function adopt(
  search: Search,
  occasion: Occasion,
  reply: TextReply,
  born: readonly NewCandidate[],
  id: string,
): Prompt | Refusal {
  if (reply.finish === 'length') return 'cut';
  const text = search.profiles.optimizer.readPrompt(reply.text, occasion.candidate.prompt);
  return text === null ? 'unreadable' : adoptText(search, occasion, text, born, id);
}

/** The proposal that a text makes of the occasion's prompt, or why it is none. */
export function adoptText(
  search: Search,
  { candidate, query, attempt }: Pick<Occasion, 'candidate' | 'query' | 'attempt'>,
  text: string,
  born: readonly NewCandidate[],
  id: string,
): Prompt | Refusal {
  const criterion = weakest(attempt.ratings ?? [])[0]?.criterion ?? null;
  const origin: Origin = { type: 'proposal', parent: candidate.id, query: query.id, criterion };
  const prompt = inherit(candidate.prompt, parsePrompt(text, id, origin), origin);
  if (search.settings.search.repeats === 'try') return prompt;
  if (samePrompt(prompt, candidate.prompt)) return 'same';
  return born.some((s) => samePrompt(s.prompt, prompt)) ? 'duplicate' : prompt;
}

/**
 * A proposal as a descendant of its parent: lines that the parent had keep their id, origin and lock, locked lines come
 * back where they were lost, repeated lines go, and unlocked bullets past the eighth go.
 */
export function inherit(parent: Prompt, proposal: Prompt, origin: Origin): Prompt {
  // Of bullets that say the same the locked one is the one to find again.
  const lockedLast = [...parent.bullets].sort((a, b) => Number(a.locked) - Number(b.locked));
  const known = new Map(lockedLast.map((b) => [normalise(b.text), b]));
  const seen = new Set<string>();
  const bullets = proposal.bullets.flatMap((bullet): Bullet[] => {
    const text = bullet.text.trim();
    const key = normalise(text);
    if (key === '' || seen.has(key)) return [];
    seen.add(key);
    return [known.get(key) ?? makeBullet(bullet.id, text, origin)];
  });
  const lost = parent.bullets.filter((b) => b.locked && !bullets.some((kept) => kept.id === b.id));
  const opening = proposal.opening.trim();
  const kept = keepTo(maxBullets, [...lost, ...bullets]);
  return withLeads({
    opening: parent.openingLocked || opening === '' ? parent.opening : opening,
    openingLocked: parent.openingLocked,
    bullets: kept,
  });
}

function keepTo(count: number, bullets: readonly Bullet[]): Bullet[] {
  let free = count - bullets.filter((b) => b.locked).length;
  return bullets.filter((b) => b.locked || free-- > 0);
}

/** Every bullet begins a line, a locked one with its own marker; where the opening is empty no line stands before the first. */
function withLeads(prompt: Prompt): Prompt {
  const lead = (i: number, b: Bullet) =>
    (i === 0 && prompt.opening === '' ? '' : '\n') +
    (b.locked ? b.lead.replace(/^\r?\n/, '') : '- ');
  return { ...prompt, bullets: prompt.bullets.map((b, i) => ({ ...b, lead: lead(i, b) })) };
}
