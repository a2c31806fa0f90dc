import type { Attempt, Phase, Query, SearchEvent } from '../../src/core/events.ts';
import { judgeAll } from '../../src/core/judge.ts';
import type { Llm, LlmReply, LlmRequest, Purpose, Role, Usage } from '../../src/core/llm.ts';
import { planQueries } from '../../src/core/plan.ts';
import { profileFor } from '../../src/core/profiles/index.ts';
import { parsePrompt } from '../../src/core/prompt.ts';
import { runSearch, type Task } from '../../src/core/search.ts';
import { plainStart, pooledSettings, presets, type Settings } from '../../src/core/settings.ts';
import { startSearch, type World } from '../../src/core/world.ts';
import {
  criteria,
  selectQueries,
  startingExamples,
  testQueries,
  trainQueries,
} from '../../src/data/index.ts';
import { canonicalJson } from '../../src/llm/journal.ts';
import type { LoadedModel } from './model.ts';
import { llamaPort } from './port.ts';
import { scripted, type Scripted } from './writer.ts';

/** A request that the model answered, and the search's phase then: what was known from before is not here. */
export interface Asked {
  readonly phase: Phase | null;
  readonly role: Role;
  readonly purpose: Purpose;
  readonly usage: Usage;
}

/** Every request of stage 2, and of rating the same answers once more as the paper preset does. */
export interface Measured {
  readonly search: readonly Asked[];
  /** Written ratings on all criteria of the answer's query. */
  readonly written: readonly Asked[];
  /** Written ratings on those criteria alone on which the search rated the answer. */
  readonly writtenAsRated: readonly Asked[];
  readonly levels: readonly (readonly string[])[];
  readonly attempts: readonly Attempt[];
  /** Written ratings that could not be read. */
  readonly unreadable: number;
}

/** What is measured: stage 2 under these settings, with replies that are set or the model's own. */
export interface Order {
  readonly model: LoadedModel;
  readonly replies: 'set' | 'own';
  readonly settings: Settings;
}

/** What of the settings can be chosen: the run's seed, the levels at most, and the queries of a level. */
export interface Conditions {
  readonly seed: number;
  readonly depth: number;
  readonly block: number;
}

const answerTokens = 128;

/**
 * The quick preset under the bench's conditions: answers of 128 tokens, blocks of `block`, stage 2 alone. What comes before (judge check,
 * stage 1, headroom) and after (test) is left out; the rest is the preset's.
 */
export function costSettings({ seed, depth, block }: Conditions): Settings {
  const { quick } = presets;
  const { search, examples, evaluation } = quick;
  const pooled = pooledSettings(quick);
  return {
    ...quick,
    preset: 'custom',
    seed,
    search: {
      ...search,
      depth: Math.min(search.depth, depth),
      queriesPerLevel: block,
      // Its blocks come from two thirds of the queries scouted.
      pooled: { ...pooled, scouted: Math.max(pooled.scouted, Math.ceil(1.5 * block)) },
    },
    examples: { ...examples, improve: { ...examples.improve, rounds: 0 } },
    evaluation: { ...evaluation, test: 0, headroom: 0, judgeCheck: false },
    answerTokens,
  };
}

/**
 * Runs stage 2 as the app does, each request asked once, then rates every answer of it once more in writing, on the same criteria. Each part begins
 * with an empty cache. Rejects with what the model rejects with.
 */
export async function measure(order: Order): Promise<Measured> {
  const { model, settings } = order;
  const sets = { train: trainQueries, select: selectQueries, test: testQueries };
  const task: Task = {
    ...planQueries(sets, settings),
    examples: startingExamples,
    startingPrompt: parsePrompt(plainStart),
    handWritten: null,
  };
  const talk = talkOf(order);
  const desk = openDesk(model, talk);
  const events: SearchEvent[] = [];
  for await (const event of runSearch(task, worldOf(desk, talk, settings))) {
    if (event.type === 'phase') desk.phase = event.phase;
    events.push(event);
  }
  const queries = new Map([...task.train, ...task.select].map((query) => [query.id, query]));
  const done: Done = { ...order, talk, events, queries };
  const all = await rateInWriting(done, 'all');
  const asRated = await rateInWriting(done, 'as-rated');
  return {
    search: desk.asked,
    written: all.asked,
    writtenAsRated: asRated.asked,
    levels: events.flatMap((event) => (event.type === 'level' ? [event.queries] : [])),
    attempts: attemptsOf(events),
    unreadable: all.unreadable,
  };
}

/** Set replies need no model that understands: they take the profile of the model's form. */
function talkOf({ model, replies, settings }: Order): Scripted {
  const { info } = model;
  if (replies === 'own') return { profile: profileFor(info), writer: () => null };
  return scripted(profileFor({ form: info.form }), settings.seed);
}

interface Desk {
  readonly llm: Llm;
  readonly asked: Asked[];
  phase: Phase | null;
}

/** A model with an empty cache that is asked everything once, as with a run's journal, and the requests that it was asked. */
function openDesk(model: LoadedModel, { writer }: Scripted): Desk {
  const port = llamaPort(model, writer);
  const known = new Map<string, Promise<LlmReply>>();
  const answer = async (request: LlmRequest, key: string): Promise<LlmReply> => {
    const { role, purpose } = request;
    const { phase } = desk;
    const reply = await port.ask(request);
    desk.asked.push({ phase, role, purpose, usage: reply.usage });
    return { ...reply, key };
  };
  const ask: Llm['ask'] = (request) => {
    // The journal's own hashes come in no fixed order, and the order decides what the cache knows.
    const key = canonicalJson(request);
    const reply = known.get(key) ?? answer(request, key);
    known.set(key, reply);
    return reply;
  };
  const desk: Desk = { llm: { info: model.info, ask }, asked: [], phase: null };
  return desk;
}

function worldOf({ llm }: Desk, { profile }: Scripted, settings: Settings): World {
  return {
    llms: { base: llm, evaluator: llm, optimizer: llm },
    profiles: { base: profile, evaluator: profile, optimizer: profile },
    settings,
    criteria,
    steer: () => Promise.resolve({ type: 'go' }),
  };
}

function attemptsOf(events: readonly SearchEvent[]): readonly Attempt[] {
  return events.flatMap((event) => (event.type === 'attempt' ? [event.attempt] : []));
}

interface Done extends Order {
  readonly talk: Scripted;
  readonly events: readonly SearchEvent[];
  readonly queries: ReadonlyMap<string, Query>;
}

/** The paper preset's judge on the answers of a search that is done: one written reply for each. */
async function rateInWriting(
  { model, talk, settings, events, queries }: Done,
  on: 'all' | 'as-rated',
): Promise<{ readonly asked: readonly Asked[]; readonly unreadable: number }> {
  const desk = openDesk(model, talk);
  const { judge } = presets.paper;
  const search = startSearch(worldOf(desk, talk, { ...settings, judge }));
  for (const event of events) {
    if (event.type === 'criteria') search.chosen.set(event.query, event.chosen);
  }
  const judged = attemptsOf(events).map(({ query, answer, ratings }) => {
    const only = ratings?.map((rating) => rating.criterion);
    const text = queries.get(query)?.text ?? '';
    return { id: query, query: text, answer, ...(on === 'as-rated' && only && { only }) };
  });
  const judgements = await judgeAll(search, judged);
  const unreadable = judgements.filter(({ ratings }) => ratings === null).length;
  return { asked: desk.asked, unreadable };
}
