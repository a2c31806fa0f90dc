import type { Criterion } from '../../src/core/criteria.ts';
import type { Attempt, Example, NewCandidate, Query, SearchEvent } from '../../src/core/events.ts';
import type { JournalEntry, JournalStore } from '../../src/core/journal-entry.ts';
import {
  joinParts,
  type Content,
  type Llm,
  type LlmInfo,
  type LlmRequest,
  type Part,
  type Purpose,
  type Role,
} from '../../src/core/llm.ts';
import type { Ask, Profile } from '../../src/core/profile.ts';
import { readScoredLines } from '../../src/core/profiles/read-ratings.ts';
import {
  readAnswerText,
  readListedNames,
  readPromptText,
  readSentence,
} from '../../src/core/profiles/read.ts';
import { parsePrompt, promptText } from '../../src/core/prompt.ts';
import { dice, seedAt } from '../../src/core/random.ts';
import type { Rating } from '../../src/core/rating.ts';
import { runSearch, type Task } from '../../src/core/search.ts';
import { presets, type Settings } from '../../src/core/settings.ts';
import { startSearch, type Search, type World } from '../../src/core/world.ts';
import { requestKey } from '../../src/llm/journal.ts';
import { scripted, type Line, type Scripted } from '../../src/llm/scripted.ts';

/** What a request was made from, as the open profile writes it. */
export interface Blanks {
  readonly prompt: string;
  readonly examples: readonly Example[];
  readonly query: string;
  readonly answer: string;
  readonly criterion: string;
  readonly criteria: readonly string[];
  readonly former: readonly string[];
  readonly ratings: readonly Rating[];
}

const noBlanks: Blanks = {
  prompt: '',
  examples: [],
  query: '',
  answer: '',
  criterion: '',
  criteria: [],
  former: [],
  ratings: [],
};

function open(blanks: Partial<Blanks>): Ask {
  const text = JSON.stringify({ ...noBlanks, ...blanks });
  return { content: { type: 'text', parts: [{ text }] }, stop: [] };
}

/** Asks in JSON, so that a scripted model sees the blanks themselves; reads replies as the real profiles do. */
export const openProfile: Profile = {
  id: 'open',
  form: 'text',
  answer: ({ prompt, examples, query }) =>
    open({ prompt: prompt ? promptText(prompt) : '', examples, query }),
  chooseCriteria: ({ query, criteria }) => open({ query, criteria: criteria.map((c) => c.name) }),
  readChoice: readListedNames,
  rate: ({ query, answer, criterion }) => open({ query, answer, criterion: criterion.name }),
  rateAll: ({ query, answer, criteria }) =>
    open({ query, answer, criteria: criteria.map((c) => c.name) }),
  readRatings: readScoredLines,
  explain: ({ query, answer, criterion }) => open({ query, answer, criterion: criterion.name }),
  readReason: readSentence,
  rewrite: ({ prompt, former, evidence }) =>
    open({
      prompt: promptText(prompt),
      former: former.map((f) => promptText(f.prompt)),
      ...evidence,
    }),
  readPrompt: readPromptText,
  improve: (evidence) => open({ ...evidence }),
  readAnswer: readAnswerText,
};

/** The blanks of a request of the open profile; an embedding's text stands as the query. */
export function blanksOf(request: LlmRequest): Blanks {
  const text = contentText(request.content);
  return request.purpose === 'embed'
    ? { ...noBlanks, query: text }
    : { ...noBlanks, ...(JSON.parse(text) as Partial<Blanks>) };
}

/** What a scripted model says to each purpose. */
export type Mind = Readonly<
  Record<Purpose, (blanks: Blanks, request: LlmRequest, place: number) => Line>
>;

/** Probabilities of 1…5 with that expected value. */
export function around(score: number): readonly number[] {
  const low = Math.min(4, Math.floor(score));
  return [1, 2, 3, 4, 5].map((digit) =>
    digit === low ? 1 - (score - low) : digit === low + 1 ? score - low : 0,
  );
}

/** A number in [0, 1) that is always the same for the same words. */
export function chance(...words: readonly (string | number)[]): number {
  return dice(seedAt(0, ...words))(1_000_000) / 1_000_000;
}

/** Writes what is asked of it: every proposal is new, every rating a 3. */
const plainMind: Mind = {
  answer: ({ prompt, query }) => `An answer to ${query} under ${prompt}`,
  'choose-criteria': () => 'Helpfulness, Clarity',
  rate: ({ criteria }, { output }) =>
    output.type === 'choice' ? around(3) : criteria.map((c) => `${c}: fair. Score: 3`).join('\n'),
  explain: ({ criterion }) => `It would have more ${criterion}.`,
  rewrite: ({ prompt }, { sampling }) => `${prompt}\n- Mind rule ${sampling.seed}.`,
  improve: ({ answer }) => `Better: ${answer}`,
  embed: ({ query }) => [1, chance(query)],
};

/** A model that rates by a throw of dice that depends on nothing but the answer and the criterion. */
export function dicyRate(seed: number): Mind['rate'] {
  const score = (answer: string, criterion: string) => 1 + 4 * chance(seed, answer, criterion);
  return ({ answer, criterion, criteria }, { output }) =>
    output.type === 'choice'
      ? around(score(answer, criterion))
      : criteria.map((c) => `${c}: so. Score: ${Math.round(score(answer, c))}`).join('\n');
}

/** A scripted model of the open profile. */
export function model(mind: Partial<Mind> = {}, info: Partial<LlmInfo> = {}): Scripted {
  const all = { ...plainMind, ...mind };
  return scripted(info, (request, place) =>
    all[request.purpose](blanksOf(request), request, place),
  );
}

/** Changes to settings, group by group. */
export type SettingsChange = { readonly [K in keyof Settings]?: Partial<Settings[K]> };

/** The quick preset with a beam search by blocks, and nothing before it and after it that was not asked for. */
const blocks: Settings = {
  ...presets.quick,
  search: {
    ...presets.demo.search,
    depth: 4,
    extraDepth: 2,
    queriesPerLevel: 4,
    skipAbove: 4.5,
  },
  evaluation: { ...presets.quick.evaluation, headroom: 0, weighBullets: false },
};

/** Settings with changes to some of their groups. */
export function settingsWith(change: SettingsChange = {}, from: Settings = blocks): Settings {
  const { search, examples, criteria, judge, evaluation, temperature, ...rest } = change;
  return {
    ...from,
    ...(rest as Partial<Settings>),
    search: { ...from.search, ...search },
    examples: { ...from.examples, ...examples },
    criteria: { ...from.criteria, ...criteria },
    judge: { ...from.judge, ...judge },
    evaluation: { ...from.evaluation, ...evaluation },
    temperature: { ...from.temperature, ...temperature },
  };
}

/** A search small enough to read: two levels, two queries a level. */
export const small = settingsWith({ search: { depth: 2, extraDepth: 1, queriesPerLevel: 2 } });

export function criterion(name: string): Criterion {
  return {
    name,
    definition: `What ${name} is.`,
    low: `No ${name}.`,
    high: `All ${name}.`,
  };
}

export const criteria: readonly Criterion[] = [
  'Helpfulness',
  'Clarity',
  'Factuality',
  'Depth',
  'Engagement',
  'Critical-Thinking',
].map(criterion);

export interface WorldChange {
  readonly llm?: Llm;
  readonly settings?: Settings;
  readonly profile?: Profile;
  readonly criteria?: readonly Criterion[];
  readonly steer?: World['steer'];
}

/** A world in which one model plays all roles. */
export function worldOf(change: WorldChange = {}): World {
  const llm = change.llm ?? model();
  const profile = change.profile ?? openProfile;
  return {
    llms: { base: llm, evaluator: llm, optimizer: llm },
    profiles: { base: profile, evaluator: profile, optimizer: profile },
    settings: change.settings ?? small,
    criteria: change.criteria ?? criteria,
    steer: change.steer ?? (() => Promise.resolve({ type: 'go' })),
  };
}

export function searchOf(change: WorldChange = {}): Search {
  return startSearch(worldOf(change));
}

/** A steer that stops at one numbered point. */
export function stopAt(stop: number): World['steer'] {
  return (point) => Promise.resolve({ type: point === stop ? 'stop' : 'go' });
}

export function query(id: string): Query {
  return { id, text: `question ${id}`, kind: 'facts' };
}

export function queries(prefix: string, count: number): readonly Query[] {
  return Array.from({ length: count }, (_, i) => query(`${prefix}${i}`));
}

export function example(id: string, about = `question of ${id}`): Example {
  return { id, query: about, answer: `answer of ${id}` };
}

/** A task with a few queries of each kind, a starting prompt and a hand-written one. */
export function taskOf(change: Partial<Task> = {}): Task {
  return {
    train: queries('t', 5),
    select: queries('s', 3),
    test: queries('x', 5),
    examples: ['a', 'b', 'c', 'd'].map((id) => example(id)),
    startingPrompt: parsePrompt('You answer questions.\n- Be kind.'),
    handWritten: parsePrompt('You answer well.\n- Be brief.\n- Be true.'),
    ...change,
  };
}

export function candidate(id: string, text: string): NewCandidate {
  return {
    id,
    parent: null,
    level: 0,
    prompt: parsePrompt(text, id),
    query: null,
    replies: [],
  };
}

/** An attempt with these scores, one for each criterion in turn; null for an unreadable rating. */
export function attempt(
  candidateId: string,
  queryId: string,
  scores: readonly number[] | null,
): Attempt {
  const ratings =
    scores?.map((score, i): Rating => ({ criterion: criteria[i]?.name ?? String(i), score })) ??
    null;
  return {
    candidate: candidateId,
    query: queryId,
    split: 'test',
    examples: [],
    answer: `answer of ${candidateId} to ${queryId}`,
    answerCut: false,
    ratings,
    reward: scores && scores.reduce((a, b) => a + b, 0) / scores.length,
    cuts: [],
    replies: [],
  };
}

/** All that a generator yields, and what it returns. */
export async function drain<R>(
  generator: AsyncGenerator<SearchEvent, R>,
): Promise<{ readonly events: readonly SearchEvent[]; readonly result: R }> {
  const events: SearchEvent[] = [];
  for (;;) {
    const next = await generator.next();
    if (next.done) return { events, result: next.value };
    events.push(next.value);
  }
}

/** The events of a whole run. */
export async function eventsOf(task: Task, world: World): Promise<readonly SearchEvent[]> {
  return (await drain(runSearch(task, world))).events;
}

/** The events of one type, in order. */
export function only<T extends SearchEvent['type']>(
  events: readonly SearchEvent[],
  type: T,
): readonly Extract<SearchEvent, { type: T }>[] {
  return events.filter((e): e is Extract<SearchEvent, { type: T }> => e.type === type);
}

/** The requests of one purpose, in the order asked. */
export function requests(llm: Scripted, purpose: Purpose, role?: Role): readonly LlmRequest[] {
  return llm.asked.filter((r) => r.purpose === purpose && (!role || r.role === role));
}

/** All parts of a content in order, whichever message they are in. */
export function partsOf(content: Content): readonly Part[] {
  return content.type === 'text' ? content.parts : content.messages.flatMap((m) => m.parts);
}

/** All text of a content, one message after the other. */
export function contentText(content: Content): string {
  return content.type === 'text'
    ? joinParts(content.parts)
    : content.messages.map((m) => `${m.role}\n${joinParts(m.parts)}\n`).join('');
}

/** A journal in memory, that begins with the entries given. */
export function memoryJournal(
  from: readonly JournalEntry[] = [],
): JournalStore & { readonly entries: () => readonly JournalEntry[] } {
  const kept = new Map(from.map((entry) => [entry.key, entry]));
  return {
    entries: () => [...kept.values()],
    get: (key) => Promise.resolve(kept.get(key)),
    put: (entry) => {
      kept.set(entry.key, entry);
      return Promise.resolve();
    },
  };
}

/** The names of requests, each once, in any order: what a run asked, whatever it asked twice. */
export async function distinct(asked: readonly LlmRequest[]): Promise<ReadonlySet<string>> {
  return new Set(await Promise.all(asked.map(requestKey)));
}
