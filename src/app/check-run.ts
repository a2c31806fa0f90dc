import { DrpoError } from '../core/errors.ts';
import type { SearchEvent } from '../core/events.ts';
import type { JournalEntry, JournalStore } from '../core/journal-entry.ts';
import type { Llm, Llms, Role } from '../core/llm.ts';
import { runSearch } from '../core/search.ts';
import { canonicalJson, replayOnly, requestKey } from '../llm/journal.ts';
import type { RunContent } from '../store/records.ts';
import { taskOf, worldOf } from './run-driver.ts';

/**
 * What running a stored run again from its journal came to, no model asked: the same events, another event at a place (from
 * 0), or a reply that does not belong to its request.
 */
export type RunCheck =
  | { readonly type: 'same'; readonly events: number; readonly replies: number }
  | { readonly type: 'differs'; readonly at: number }
  | { readonly type: 'foreign-reply'; readonly key: string };

/** Checks a run: anyone who has its file can, and comes to the same answer. */
export async function checkRun(content: RunContent): Promise<RunCheck> {
  const { run, events, steers, journal } = content;
  for (const { key, request, reply } of journal) {
    const belongs = (await requestKey(request)) === key && reply.type === request.output.type;
    if (!belongs) return { type: 'foreign-reply', key };
  }
  const store = storeOf(journal);
  const llm = (role: Role): Llm => replayOnly(run.models[role], store);
  const llms: Llms = {
    base: llm('base'),
    evaluator: llm('evaluator'),
    optimizer: llm('optimizer'),
  };
  const asked = new Map(steers.map(({ point, steer }) => [point, steer]));
  const search = runSearch(taskOf(run), {
    ...worldOf(run, llms),
    steer: (point) => Promise.resolve(asked.get(point) ?? { type: 'go' }),
  });
  const at = await firstDifference(search, events);
  return at === null
    ? { type: 'same', events: events.length, replies: journal.length }
    : { type: 'differs', at };
}

/** A run that is not over ends where its journal does, which is no difference. */
async function firstDifference(
  search: AsyncGenerator<SearchEvent>,
  stored: readonly SearchEvent[],
): Promise<number | null> {
  let at = 0;
  try {
    for await (const event of search) {
      // A run cut short may have replies whose events were not stored yet.
      if (at === stored.length) return null;
      // What was stored or imported may have its keys in another order.
      if (canonicalJson(event) !== canonicalJson(stored[at])) return at;
      at++;
    }
  } catch (error) {
    const isEnd = error instanceof DrpoError && error.code === 'journal-missing';
    if (!isEnd) throw error;
  }
  return at === stored.length ? null : at;
}

function storeOf(journal: readonly JournalEntry[]): JournalStore {
  const byKey = new Map(journal.map((entry) => [entry.key, entry]));
  return {
    get: (key) => Promise.resolve(byKey.get(key)),
    put: () => Promise.resolve(),
  };
}
