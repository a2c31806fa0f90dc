import { parsePrompt } from '../core/prompt.ts';
import { profileFor } from '../core/profiles/index.ts';
import type { SearchEvent, Steer } from '../core/events.ts';
import type { JournalEntry } from '../core/journal-entry.ts';
import type { Llm, Llms, Role } from '../core/llm.ts';
import { runSearch, type Task } from '../core/search.ts';
import type { World, Writing } from '../core/world.ts';
import { journaled } from '../llm/journal.ts';
import type { Database } from '../store/database.ts';
import { eventLog } from '../store/event-log.ts';
import { journalStore } from '../store/journal-store.ts';
import { announce } from '../store/locks.ts';
import type { RunRecord } from '../core/run-record.ts';
import { steerLog } from '../store/steer-log.ts';

/** What whoever drives a run wants to hear of it. */
export interface DriveHooks {
  /** After each event; `known` while events are those that were stored before. */
  onEvent(event: SearchEvent, number: number, known: boolean): void;
  onReply(entry: JournalEntry, fromJournal: boolean): void;
  onWriting(writing: Writing): void;
  /** Whether a person has asked the run to stop with the best so far. */
  stopWanted(): boolean;
  /** A numbered point was passed, after so many events. */
  onPoint(point: number, events: number): void;
  /** The model of a role could not answer. */
  onFailure(role: Role): void;
}

/** How many events may wait to be stored: they follow from replies, which are stored before they are used. */
const batch = 25;

/**
 * Runs a stored run to its end, from wherever it is: replies that its journal has are not asked again. Rejects with an
 * engine's or the storage's error, or with AbortError when paused; everything up to there is stored.
 */
export async function drive(
  db: Database,
  record: RunRecord,
  llms: Llms,
  hooks: DriveHooks,
  signal: AbortSignal,
): Promise<void> {
  const log = eventLog(db, record.id);
  const stored = await log.read();
  let number = 0;
  const steer = await steersOf(db, record.id, () => hooks.stopWanted() && number >= stored.length);
  const search = runSearch(taskOf(record), {
    ...worldOf(record, withJournal(db, record.id, asBegun(llms, record), hooks)),
    steer: (point) => {
      hooks.onPoint(point, number);
      return steer(point);
    },
    signal,
    onWriting: (writing) => hooks.onWriting(writing),
  });
  let waiting: SearchEvent[] = [];
  const flush = async () => {
    const events = waiting;
    waiting = [];
    await log.append(number - events.length, events);
    if (events.length > 0) announce(record.id);
  };
  try {
    for await (const event of search) {
      const known = number < stored.length;
      hooks.onEvent(event, number, known);
      number++;
      if (known) continue;
      waiting.push(event);
      if (waiting.length >= batch || isMilestone(event)) await flush();
    }
  } finally {
    await flush();
  }
}

/** Events that a watching tab should see at once. */
function isMilestone({ type }: SearchEvent): boolean {
  return type === 'attempt' || type === 'beam' || type === 'verdict' || type === 'ended';
}

/** A run's data as the core wants it. */
export function taskOf({ data, startingPrompt, handWritten }: RunRecord): Task {
  return {
    ...data,
    startingPrompt,
    handWritten: handWritten === null ? null : parsePrompt(handWritten, 'hand-written'),
  };
}

/** What a run's models and settings are to the core, whether it is driven or checked. */
export function worldOf(
  { settings, criteria, planted }: RunRecord,
  llms: Llms,
): Pick<World, 'llms' | 'profiles' | 'settings' | 'criteria' | 'planted'> {
  const profiles = {
    base: profileFor(llms.base.info),
    evaluator: profileFor(llms.evaluator.info),
    optimizer: profileFor(llms.optimizer.info),
  };
  return { llms, profiles, settings, criteria, ...(planted && { planted }) };
}

function withJournal(db: Database, run: string, llms: Llms, hooks: DriveHooks): Llms {
  const store = journalStore(db, run);
  const known = new Map<Llm, Llm>();
  // One journaled model for each loaded one, so that equal requests of two roles under way at once are asked once.
  const wrap = (role: Role): Llm => {
    const llm = llms[role];
    const wrapped =
      known.get(llm) ??
      journaled(
        telling(llm, () => hooks.onFailure(role)),
        store,
        {
          onReply: (entry, fromJournal) => hooks.onReply(entry, fromJournal),
        },
      );
    known.set(llm, wrapped);
    return wrapped;
  };
  return { base: wrap('base'), evaluator: wrap('evaluator'), optimizer: wrap('optimizer') };
}

/**
 * The models with the contexts that the run began with, whatever they have now: a context that became smaller on the way is
 * the search's to say, from its point on.
 */
function asBegun(llms: Llms, { models }: RunRecord): Llms {
  const known = new Map<Llm, Llm>();
  const begun = (role: Role): Llm => {
    const llm = llms[role];
    const { contextSize } = models[role];
    const same = contextSize === 0 || contextSize === llm.info.contextSize;
    const as = known.get(llm) ?? (same ? llm : { ...llm, info: { ...llm.info, contextSize } });
    known.set(llm, as);
    return as;
  };
  return { base: begun('base'), evaluator: begun('evaluator'), optimizer: begun('optimizer') };
}

/** The same model, which says when it fails. */
function telling(llm: Llm, onFailure: () => void): Llm {
  return {
    info: llm.info,
    async ask(request, options) {
      try {
        return await llm.ask(request, options);
      } catch (error) {
        onFailure();
        throw error;
      }
    },
  };
}

/** Answers at numbered points: what was stored, else what is wanted now, which is stored first. */
async function steersOf(
  db: Database,
  run: string,
  stopNow: () => boolean,
): Promise<(point: number) => Promise<Steer>> {
  const log = steerLog(db, run);
  const stored = new Map((await log.all()).map(({ point, steer }) => [point, steer]));
  return async (point) => {
    const known = stored.get(point);
    if (known) return known;
    if (!stopNow()) return { type: 'go' };
    const steer: Steer = { type: 'stop' };
    await log.put(point, steer);
    return steer;
  };
}
