import type { Attempt, NewCandidate, Query, Refusal, SearchEvent } from './events.ts';
import { keysOf, weakest, withReasons } from './judge.ts';
import type { TextReply } from './llm.ts';
import type { Evidence } from './profile.ts';
import { maxBullets, nearlySame, normalise, parsePrompt, type Prompt } from './prompt.ts';
import { adoptText, type Nursery } from './proposals.ts';
import { askText, type Search } from './world.ts';

/** A prompt's answer that changes should mend. */
export interface Lesson {
  readonly query: Query;
  readonly attempt: Attempt;
}

/** What changes are asked for: of which prompt, learning from which answers (the weakest first, one at least), and how many. */
export interface EditOccasion {
  readonly candidate: NewCandidate;
  readonly lessons: readonly [Lesson, ...Lesson[]];
  /** How many lessons come with a reason for their weakest rating. */
  readonly reasons: number;
  /** Lines of any prompt before: one that nearly says the same is refused. */
  readonly known: readonly string[];
  /** Those of them that the optimizer is told of. */
  readonly told: readonly string[];
  readonly count: number;
  /** The how manieth request this is for changes of the candidate at its level, from 0. */
  readonly nth: number;
}

/** What came of a request for changes: the candidates made of it, and every line that it would add, refused ones too. */
export interface EditsMade {
  readonly children: readonly NewCandidate[];
  readonly lines: readonly string[];
}

/** Lines that are told at most: the newest. */
const mostTold = 12;

/** Tokens for one change. */
const changeTokens = 48;

/**
 * Asks the optimizer once for several changes of single lines and makes a candidate of each that can be adopted. A line that nearly says
 * what was tried before is refused at no further cost; so is a reply without any change.
 */
export async function* proposeEdits(
  search: Search,
  occasion: EditOccasion,
  nursery: Nursery,
): AsyncGenerator<SearchEvent, EditsMade> {
  const { candidate, lessons } = occasion;
  const evidence = yield* explainLessons(search, occasion);
  const reply = await askEdits(search, occasion, evidence, nursery.level);
  const query = lessons[0].query.id;
  const replies = keysOf([reply]);
  const read = readEdits(search, occasion, reply);
  const children: NewCandidate[] = [];
  for (const text of read.texts) {
    const id = `p${String(nursery.born.length)}`;
    const made = adoptEdit(search, occasion, text, { born: nursery.born, id });
    if (typeof made === 'string') {
      yield { type: 'proposal-refused', candidate: candidate.id, query, why: made, replies };
      continue;
    }
    const parent = candidate.id;
    const child = { id, parent, level: nursery.level, prompt: made, query, replies };
    nursery.born.push(child);
    children.push(child);
    yield { type: 'candidate', candidate: child };
  }
  if (read.why !== null) {
    yield { type: 'proposal-refused', candidate: candidate.id, query, why: read.why, replies };
  }
  return { children, lines: read.texts.flatMap((text) => newLines(text, candidate.prompt)) };
}

/** The lines of a changed prompt that the prompt did not have. */
function newLines(text: string, prompt: Prompt): readonly string[] {
  const had = new Set(prompt.bullets.map((bullet) => normalise(bullet.text)));
  return parsePrompt(text)
    .bullets.map((bullet) => bullet.text.trim())
    .filter((line) => line !== '' && !had.has(normalise(line)));
}

async function* explainLessons(
  search: Search,
  { candidate, lessons, reasons }: EditOccasion,
): AsyncGenerator<SearchEvent, readonly Evidence[]> {
  const evidence: Evidence[] = [];
  for (const [i, { query, attempt }] of lessons.entries()) {
    const judged = { id: query.id, query: query.text, answer: attempt.answer };
    const most = i < reasons ? 1 : 0;
    const { ratings, explained } = await withReasons(search, judged, attempt.ratings ?? [], most);
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
    evidence.push({ query: query.text, answer: attempt.answer, ratings: weakest(ratings) });
  }
  return evidence;
}

/** The reply to a request for changes; a whole rewrite where the profile knows no changes. */
function askEdits(
  search: Search,
  { candidate, lessons, told, count, nth }: EditOccasion,
  evidence: readonly Evidence[],
  level: number,
): Promise<TextReply> {
  const { optimizer } = search.profiles;
  const { prompt } = candidate;
  const [first] = evidence;
  if (!first) throw new Error('changes were asked for without an answer to learn from');
  const ask = optimizer.edit
    ? optimizer.edit({ prompt, evidence, tried: told.slice(-mostTold), count, maxBullets })
    : optimizer.rewrite({ prompt, former: [], evidence: first, maxBullets });
  return askText(search, {
    role: 'optimizer',
    purpose: 'rewrite',
    ask,
    maxTokens: optimizer.edit ? changeTokens * count : search.settings.promptTokens,
    // The first as in runs of before, when there was one.
    place: [candidate.id, lessons[0].query.id, level, ...(nth > 0 ? [nth] : [])],
  });
}

function readEdits(
  search: Search,
  { candidate, count }: EditOccasion,
  reply: TextReply,
): { readonly texts: readonly string[]; readonly why: Refusal | null } {
  const { optimizer } = search.profiles;
  const cut = reply.finish === 'length';
  if (!optimizer.readEdits) {
    const text = cut ? null : optimizer.readPrompt(reply.text, candidate.prompt);
    return text === null
      ? { texts: [], why: cut ? 'cut' : 'unreadable' }
      : { texts: [text], why: null };
  }
  // Of a reply that was cut the last line may be half an instruction.
  const said = cut ? reply.text.split('\n').slice(0, -1).join('\n') : reply.text;
  const texts = optimizer.readEdits(said, candidate.prompt).slice(0, count);
  return { texts, why: texts.length > 0 ? null : cut ? 'cut' : 'unreadable' };
}

function adoptEdit(
  search: Search,
  { candidate, lessons, known }: EditOccasion,
  text: string,
  { born, id }: { readonly born: readonly NewCandidate[]; readonly id: string },
): Prompt | Refusal {
  const made = adoptText(search, { candidate, ...lessons[0] }, text, born, id);
  if (typeof made === 'string') return made;
  const kept = new Set(candidate.prompt.bullets.map((bullet) => bullet.id));
  const fresh = made.bullets.filter((bullet) => !kept.has(bullet.id));
  const repeated = fresh.some(({ text: said }) => known.some((line) => nearlySame(line, said)));
  return repeated ? 'duplicate' : made;
}
