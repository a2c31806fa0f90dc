import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { promptFileOf, runFileText } from '../../src/app/result-files.ts';
import { DrpoError } from '../../src/core/errors.ts';
import { dice } from '../../src/core/random.ts';
import { foldAll } from '../../src/core/run.ts';
import { readRunFile } from '../../src/formats/run-file.ts';
import { eventLog } from '../../src/store/event-log.ts';
import { journalStore } from '../../src/store/journal-store.ts';
import type { RunRecord } from '../../src/core/run-record.ts';
import { createRun, getRun, getRunContent, patchRun } from '../../src/store/runs.ts';
import { steerLog } from '../../src/store/steer-log.ts';
import { contentText } from '../core/builders.ts';
import { rowCounts } from '../store/databases.ts';
import {
  answeredTwice,
  aRun,
  atHold,
  atRest,
  eventually,
  eventsOfSearch,
  newShelf,
  newTab,
  onStore,
  refusePut,
  startAndPause,
  storedEvents,
} from './builders.ts';
import { stage } from './stage.ts';

vi.mock('../../src/llm/open.ts', () => import('./stage.ts'));

beforeEach(() => stage.reset());
afterEach(() => vi.restoreAllMocks());

describe('a run that is started', () => {
  test('is stored before anything is loaded or asked', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const { session } = newTab(shelf);
    let stored: RunRecord | null = null;
    stage.beforeOpen = async () => {
      stored = await getRun(shelf.db, run.id);
    };
    await session.start(run);
    expect(session.head?.id).toBe(run.id);
    await atRest(session);
    expect(stored).toEqual(run);
  });

  test('ends with the events of the search itself, its verdict in the record', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const { session } = newTab(shelf);
    await session.start(run);
    await atRest(session);
    const expected = await eventsOfSearch(run);
    expect(session.status).toBe('finished');
    expect(await storedEvents(shelf, run.id)).toEqual(expected);
    expect(session.run).toEqual(foldAll(expected));
    const record = await getRun(shelf.db, run.id);
    expect(record.status).toBe('finished');
    expect(session.head).toEqual(record);
    expect(record.summary).toEqual({
      verdict: session.run.verdict,
      candidates: session.run.candidates.length,
      requests: stage.answered.length,
      best: Math.max(...session.run.levels.map((l) => l.kept?.[0]?.aggregate ?? 0)),
      steps: session.run.levels.length,
    });
    expect(record.summary.verdict?.why).not.toBe('not-tested');
    expect(record.models.base).toMatchObject({ engine: 'scripted 1', contextSize: 4096 });
  });

  test('is asked in the profile that its model’s file names, also when it is resumed, checked or exported', async () => {
    stage.info = { profile: 'pocket' };
    const shelf = await newShelf();
    const run = aRun();
    const { session } = newTab(shelf);
    await startAndPause(session, run, 20);
    await atRest(session);
    const other = newTab(shelf).session;
    await other.open(run.id);
    await other.resume();
    await atRest(other);
    expect(other.status).toBe('finished');
    expect((await getRun(shelf.db, run.id)).models.base.profile).toBe('pocket');
    const asked = stage.answered.filter(({ purpose }) => purpose === 'answer');
    for (const { content } of asked) expect(contentText(content)).toMatch(/^# [IQ].*# Answer\n$/s);
    expect(await answeredTwice()).toBe(0);
    expect(await other.check()).toMatchObject({ type: 'same' });
    const content = await getRunContent(shelf.db, run.id);
    expect(promptFileOf(content).profile).toBe('pocket');
    expect(readRunFile(runFileText(content, '1')).run.models.base.profile).toBe('pocket');
  });

  test('pauses the one before', async () => {
    const shelf = await newShelf();
    const [first, second] = [aRun(), aRun()];
    const { session } = newTab(shelf);
    stage.holdAfter(10);
    await session.start(first);
    await atHold();
    await session.start(second);
    await stage.goOn();
    await atRest(session);
    expect((await getRun(shelf.db, first.id)).status).toBe('paused');
    expect((await getRun(shelf.db, second.id)).status).toBe('finished');
    expect(session.head?.id).toBe(second.id);
    expect(stage.opened).toHaveLength(1);
  });
});

describe('a pause', () => {
  test('keeps every reply and event, and what is shown', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const { session } = newTab(shelf);
    await startAndPause(session, run, 60);
    expect(session.status).toBe('paused');
    expect(session.error).toBeNull();
    const content = await getRunContent(shelf.db, run.id);
    expect(content.journal).toHaveLength(60);
    expect(content.run).toMatchObject({ status: 'paused', summary: { requests: 60 } });
    expect(session.head).toEqual(content.run);
    expect(session.run).toEqual(foldAll(content.events));
    const expected = await eventsOfSearch(run);
    expect(content.events).toEqual(expected.slice(0, content.events.length));
    expect(content.events.length).toBeGreaterThan(5);
  });

  test.each([1, 2, 3, 4, 5, 6])(
    'at any reply, here or before a new visit, changes no event and asks nothing twice (dice %i)',
    async (seed) => {
      const roll = dice(seed);
      const shelf = await newShelf();
      const run = aRun();
      let { session } = newTab(shelf);
      await startAndPause(session, run, 1 + roll(30));
      while (session.status === 'paused' && stage.opened.length < 100) {
        if (roll(2) === 0) {
          ({ session } = newTab(shelf));
          await session.open(run.id);
          expect(session.status).toBe('paused');
        }
        stage.holdAfter(roll(40));
        await session.resume();
        await eventually(() => stage.holds || session.status === 'finished').toBe(true);
        await session.pause();
        await stage.goOn();
      }
      expect(session.status).toBe('finished');
      expect(await storedEvents(shelf, run.id)).toEqual(await eventsOfSearch(run));
      expect(await answeredTwice()).toBe(0);
    },
  );

  test('leaves the model loaded: resume goes on without loading it again', async () => {
    const shelf = await newShelf();
    const { session } = newTab(shelf);
    await startAndPause(session, aRun(), 20);
    expect(session.canAnswer).toBe(true);
    await session.resume();
    await atRest(session);
    expect(session.status).toBe('finished');
    expect(stage.opened).toHaveLength(1);
    expect(stage.opened[0]).toMatchObject({ closed: false, measured: 1 });
  });

  test('in the middle of a replay loses nothing of what is shown or summed up', async () => {
    const shelf = await newShelf();
    const run = aRun();
    await startAndPause(newTab(shelf).session, run, 80);
    const before = await getRunContent(shelf.db, run.id);
    const { session } = newTab(shelf);
    await session.open(run.id);
    // The tenth look into the journal, long before the replay is where the run was.
    onStore('get', 'replies', (nth) => {
      if (nth === 10) void session.pause();
    });
    await session.resume();
    await atRest(session);
    expect(session.status).toBe('paused');
    expect(session.run).toEqual(foldAll(before.events));
    const after = await getRunContent(shelf.db, run.id);
    expect(after.events).toEqual(before.events);
    expect(after.run.summary).toEqual(before.run.summary);
  });

  test('while the model is loading gives up the loading', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const { session } = newTab(shelf);
    stage.beforeOpen = () => void session.pause();
    void session.start(run);
    await eventually(() => session.status).toBe('paused');
    expect(stage.opened).toHaveLength(0);
    stage.beforeOpen = () => undefined;
    await session.resume();
    await atRest(session);
    expect(session.status).toBe('finished');
  });
});

describe('a stop', () => {
  test('keeps the best so far, is journalled, and running again ends the same', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const { session } = newTab(shelf);
    stage.beforeReply = (given) => {
      if (given === 90) void session.stop();
    };
    await session.start(run);
    await atRest(session);
    expect(session.status).toBe('stopped');
    expect(session.run.selected).not.toBeNull();
    const steers = await steerLog(shelf.db, run.id).all();
    expect(steers).toEqual([{ point: expect.any(Number) as number, steer: { type: 'stop' } }]);
    const events = await storedEvents(shelf, run.id);
    const { point: stop } = steers[0] ?? { point: -1 };
    expect(events).toEqual(await eventsOfSearch(run, { stop }));
    expect((await getRun(shelf.db, run.id)).status).toBe('stopped');

    const asked = stage.answered.length;
    const later = newTab(shelf).session;
    await later.open(run.id);
    expect(later.status).toBe('stopped');
    await later.resume();
    await atRest(later);
    expect(later.status).toBe('stopped');
    expect(await storedEvents(shelf, run.id)).toEqual(events);
    expect(stage.answered).toHaveLength(asked);
  });

  test.each([15, 50, 85, 120])(
    'pressed on a run paused after %i replies takes hold only after what was done',
    async (replies) => {
      const shelf = await newShelf();
      const run = aRun();
      await startAndPause(newTab(shelf).session, run, replies);
      const before = await storedEvents(shelf, run.id);
      const { session } = newTab(shelf);
      await session.open(run.id);
      await session.stop();
      await atRest(session);
      expect(session.status).toBe('stopped');
      const after = await storedEvents(shelf, run.id);
      expect(after.slice(0, before.length)).toEqual(before);
      expect(after.findIndex((e) => e.type === 'steered')).toBeGreaterThanOrEqual(before.length);
      expect(await answeredTwice()).toBe(0);
    },
  );

  test('of one run does not stop the next', async () => {
    const shelf = await newShelf();
    const { session } = newTab(shelf);
    stage.beforeReply = (given) => {
      if (given === 30) void session.stop();
    };
    await session.start(aRun());
    await atRest(session);
    expect(session.status).toBe('stopped');
    await session.start(aRun());
    await atRest(session);
    expect(session.status).toBe('finished');
  });
});

describe('two tabs', () => {
  test('the second watches, sees what the first does as it is done, and takes over once that has let go', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const first = newTab(shelf).session;
    const second = newTab(shelf).session;
    stage.holdAfter(40);
    await first.start(run);
    await atHold();
    await second.open(run.id);
    expect(second.status).toBe('watching');
    expect(second.run).toEqual(foldAll(await storedEvents(shelf, run.id)));
    const seen = second.run;

    await second.resume();
    await atRest(second);
    expect(second.status).toBe('watching');
    expect(stage.opened).toHaveLength(1);

    stage.holdAfter(40);
    await stage.opened[0]?.llm.release();
    await atHold();
    await eventually(() => second.run).not.toEqual(seen);
    const events = await storedEvents(shelf, run.id);
    await eventually(() => second.run).toEqual(foldAll(events));
    expect(second.progress.done).toBeGreaterThan(40);

    await first.pause();
    await stage.goOn();
    await eventually(() => second.status).toBe('paused');
    await second.resume();
    await eventually(() => second.status).toBe('finished');
    expect(await storedEvents(shelf, run.id)).toEqual(await eventsOfSearch(run));
    expect(second.run).toEqual(foldAll(await eventsOfSearch(run)));
    expect(await answeredTwice()).toBe(0);
    // The first, whose turn it was, follows now.
    await eventually(() => first.status).toBe('finished');
  });

  test('a watching tab ends with the run and its record', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const first = newTab(shelf).session;
    const second = newTab(shelf).session;
    stage.holdAfter(100);
    await first.start(run);
    await atHold();
    await second.open(run.id);
    await stage.goOn();
    await atRest(first);
    await eventually(() => second.status).toBe('finished');
    await eventually(() => second.head).toEqual(await getRun(shelf.db, run.id));
    expect(second.run).toEqual(first.run);
    const { done, planned } = first.progress;
    expect(second.progress).toMatchObject({ done, planned });
    expect(second.cost).toEqual(first.cost);
    expect(second.etaMs).toBeNull();
  });

  test('a watching tab hears that the first has let go, even if nothing was done meanwhile', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const first = newTab(shelf).session;
    const second = newTab(shelf).session;
    let opening = (): void => undefined;
    stage.beforeOpen = () => new Promise<void>((resolve) => (opening = resolve));
    await first.start(run);
    await second.open(run.id);
    expect(second.status).toBe('watching');
    const pausing = first.pause();
    opening();
    await pausing;
    await eventually(() => second.status).toBe('paused');
    expect(second.head?.status).toBe('paused');
  });

  test('a stop pressed where a run is only watched does not stop it later', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const first = newTab(shelf).session;
    const second = newTab(shelf).session;
    stage.holdAfter(40);
    await first.start(run);
    await atHold();
    await second.open(run.id);
    await second.stop();
    await atRest(second);
    expect(second.status).toBe('watching');
    await first.pause();
    await stage.goOn();
    await eventually(() => second.status).toBe('paused');
    await second.resume();
    await eventually(() => second.status).toBe('finished');
  });

  test('a run left at work by a tab that died opens as paused and goes on from its replies', async () => {
    const shelf = await newShelf();
    const run = aRun();
    await startAndPause(newTab(shelf).session, run, 70);
    // As a crash leaves it: replies are there whose events were not stored yet.
    await eventLog(shelf.db, run.id).truncate(10);
    await patchRun(shelf.db, run.id, { status: 'running' });
    const { session } = newTab(shelf);
    await session.open(run.id);
    expect(session.status).toBe('paused');
    expect(session.progress).toMatchObject({ done: 70, fromJournal: 70 });
    await session.resume();
    await atRest(session);
    expect(session.status).toBe('finished');
    expect(await storedEvents(shelf, run.id)).toEqual(await eventsOfSearch(run));
    expect(await answeredTwice()).toBe(0);
  });
});

describe('an error', () => {
  const lost = new DrpoError('device-lost', 'The graphics card was reset. Press Resume.');

  test('of the engine is mended by itself: it is loaded anew, asked again, and the run ends as if nothing had been', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const { session } = newTab(shelf);
    let failures = 0;
    const said: (string | null)[] = [];
    stage.beforeReply = (given) => {
      if (given !== 50 || failures === 2) return;
      failures++;
      throw lost;
    };
    stage.beforeOpen = () => said.push(session.mending);
    await session.start(run);
    await atRest(session);
    expect(session).toMatchObject({ status: 'finished', error: null, mending: null });
    expect(stage.opened.map((a) => a.closed)).toEqual([true, true, false]);
    expect(said).toEqual([null, ...Array<unknown>(2).fill(expect.stringContaining('was reset'))]);
    expect(await storedEvents(shelf, run.id)).toEqual(await eventsOfSearch(run));
    expect(await answeredTwice()).toBe(0);
  });

  test('that comes again and again leads to a smaller context, from a point of the run on, and to the same run when it is run again', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const { session } = newTab(shelf);
    stage.beforeReply = (given) => {
      const size = stage.opened.at(-1)?.llm.info.contextSize ?? 0;
      if (given >= 60 && size > 1024) throw lost;
    };
    await session.start(run);
    await atRest(session);
    expect(session).toMatchObject({ status: 'finished', error: null });
    expect(stage.opened.map((a) => a.llm.info.contextSize)).toEqual([
      ...[4096, 4096, 4096],
      ...[2048, 2048, 2048],
      1024,
    ]);
    const at = { base: 1024, evaluator: 1024, optimizer: 1024 };
    expect(session.run.contextSizes).toEqual(at);
    const content = await getRunContent(shelf.db, run.id);
    expect(content.run.models.base.contextSize).toBe(4096);
    expect(content.steers).toMatchObject([{ steer: { type: 'context', contextSizes: at } }]);
    expect(new Set(content.journal.map((e) => e.request.model.contextSize))).toEqual(
      new Set([4096, 1024]),
    );
    expect(await session.check()).toMatchObject({ type: 'same' });
    // It can be answered under the found prompt with the model as it is now.
    expect(session.canAnswer).toBe(true);
  });

  test('before the run has passed any point lets it begin with a smaller context', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const { session } = newTab(shelf);
    stage.beforeReply = (given) => {
      const size = stage.opened.at(-1)?.llm.info.contextSize ?? 0;
      if (given >= 3 && size > 2048) throw lost;
    };
    await session.start(run);
    await atRest(session);
    expect(session.status).toBe('finished');
    const content = await getRunContent(shelf.db, run.id);
    expect(content.run.models.base.contextSize).toBe(2048);
    expect(content.steers).toEqual([]);
    expect(await session.check()).toMatchObject({ type: 'same' });
  });

  test('of the engine that nothing mends fails the run with its sentence, keeps replies, and resume loads it anew', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const { session } = newTab(shelf);
    let broken = true;
    stage.beforeReply = (given) => {
      if (given >= 50 && broken) throw lost;
    };
    await session.start(run);
    await atRest(session);
    expect(session.status).toBe('failed');
    expect(session.error).toBe(lost);
    expect(session.canAnswer).toBe(false);
    const content = await getRunContent(shelf.db, run.id);
    expect(content.journal).toHaveLength(50);
    expect(content.run).toMatchObject({
      status: 'failed',
      error: { code: 'device-lost', message: lost.message },
    });

    const later = newTab(shelf).session;
    await later.open(run.id);
    expect(later.status).toBe('failed');
    // With its code, by which the page tells what a person can act on from a bug.
    expect(later.error).toMatchObject({ code: 'device-lost', message: lost.message });

    broken = false;
    await session.resume();
    expect(session.error).toBeNull();
    await atRest(session);
    expect(session.status).toBe('finished');
    expect(await session.check()).toMatchObject({ type: 'same' });
    expect(await answeredTwice()).toBe(0);
  });

  test.each(['replies', 'events'])(
    'of storing %s fails the run with its sentence, and nothing is lost',
    async (store) => {
      const shelf = await newShelf();
      const run = aRun();
      const { session } = newTab(shelf);
      const mend = refusePut(store, 40);
      await session.start(run);
      await atRest(session);
      mend();
      expect(session.status).toBe('failed');
      expect(session.error).toMatchObject({ code: 'storage-full' });
      expect((await getRun(shelf.db, run.id)).error?.code).toBe('storage-full');
      await session.resume();
      await atRest(session);
      expect(session.status).toBe('finished');
      expect(await storedEvents(shelf, run.id)).toEqual(await eventsOfSearch(run));
      // The one reply that could not be stored is asked again.
      expect(await answeredTwice()).toBe(store === 'replies' ? 1 : 0);
    },
  );

  test('of the storage where not even the failure can be noted still shows', async () => {
    const shelf = await newShelf();
    const { session } = newTab(shelf);
    stage.beforeReply = (given) => {
      if (given === 20) shelf.db.close();
    };
    await session.start(aRun());
    await atRest(session);
    expect(session.status).toBe('failed');
    expect(session.error).toMatchObject({ code: 'storage-failed' });
  });

  test('at the start, before anything is stored, is the caller’s', async () => {
    const shelf = await newShelf();
    const { session } = newTab(shelf);
    const run = aRun();
    await createRun(shelf.db, run);
    await expect(session.start(run)).rejects.toMatchObject({ code: 'storage-failed' });
    expect(session).toMatchObject({ status: 'empty', head: null });
    expect(stage.opened).toHaveLength(0);
  });

  test.each([
    ['engine version', { engine: 'scripted 2' }, ['scripted 1', 'scripted 2']],
    ['weights', { revision: 'other-weights' }, ['1…', 'other-weight…']],
  ])('other %s than the run began with are refused', async (_what, info, words) => {
    const shelf = await newShelf();
    const run = aRun();
    await startAndPause(newTab(shelf).session, run, 40);
    stage.info = info;
    const { session } = newTab(shelf);
    await session.open(run.id);
    await session.resume();
    await atRest(session);
    expect(session.status).toBe('failed');
    expect(session.error).toMatchObject({ code: 'model-changed' });
    for (const word of words) expect(session.error?.message).toContain(word);
    expect(stage.opened.at(-1)?.closed).toBe(true);
    expect(await journalStore(shelf.db, run.id).all()).toHaveLength(40);

    stage.info = {};
    await session.resume();
    await atRest(session);
    expect(session.status).toBe('finished');
    expect(await answeredTwice()).toBe(0);
  });
});

describe('what is shown', () => {
  test('progress, cost and what is left are sane all along', async () => {
    const shelf = await newShelf();
    const { session } = newTab(shelf);
    const seen: { done: number; planned: number; etaMs: number | null }[] = [];
    stage.beforeReply = (given) => {
      const { done, planned } = session.progress;
      expect(done).toBeLessThanOrEqual(given);
      seen.push({ done, planned, etaMs: session.etaMs });
    };
    await session.start(aRun());
    await atRest(session);
    for (const { done, planned } of seen) expect(done).toBeLessThanOrEqual(planned);
    const done = seen.map((s) => s.done);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    const shown = seen.filter((s) => s.done > 0);
    expect(shown.length).toBeGreaterThan(0);
    for (const { etaMs } of shown) expect(etaMs).toBeGreaterThanOrEqual(0);

    const requests = stage.answered.length;
    expect(session.progress).toEqual({ done: requests, planned: requests, fromJournal: 0 });
    expect(session.etaMs).toBeNull();
    expect(session.elapsedMs).toBe(20 * requests);
    const costs = Object.values(session.cost);
    expect(costs.reduce((sum, c) => sum + c.requests, 0)).toBe(requests);
    expect(session.cost.base).toEqual({
      requests: stage.answered.filter((r) => r.role === 'base').length,
      promptTokens: 10 * stage.answered.filter((r) => r.role === 'base').length,
      outputTokens: 3 * stage.answered.filter((r) => r.role === 'base').length,
      elapsedMs: 20 * stage.answered.filter((r) => r.role === 'base').length,
    });
    expect(session).toMatchObject({ writing: null, load: null });

    const later = newTab(shelf).session;
    await later.open(session.head?.id ?? '');
    expect(later.progress).toEqual({ done: requests, planned: requests, fromJournal: requests });
    expect(later.cost).toEqual(session.cost);
    expect(later.run).toEqual(session.run);
    expect(later.etaMs).toBeNull();
  });

  test('is the run that was opened last, however long another one takes to read', async () => {
    const shelf = await newShelf();
    const [long, short] = [aRun({ name: 'long' }), aRun({ name: 'short' })];
    await startAndPause(newTab(shelf).session, long, 140);
    await createRun(shelf.db, short);
    const { session } = newTab(shelf);
    let later: Promise<void> | undefined;
    const shown: (string | undefined)[] = [];
    onStore('getAll', 'replies', (nth) => {
      if (nth === 1) later = session.open(short.id);
      shown.push(session.head?.name);
    });
    await session.open(long.id);
    await later;
    expect(shown).toEqual([undefined, undefined]);
    expect(session.head?.name).toBe('short');
    expect(session.run.candidates).toEqual([]);
    expect(session.progress.done).toBe(0);
  });

  test('a run that is gone is missing, and what was shown stays', async () => {
    const shelf = await newShelf();
    const { session } = newTab(shelf);
    const run = aRun();
    await startAndPause(session, run, 20);
    await expect(session.open('gone')).rejects.toMatchObject({ code: 'run-missing' });
    expect(session.head?.id).toBe(run.id);
    expect(session.status).toBe('paused');
  });

  test('a run that was deleted is let go; another one is not', async () => {
    const shelf = await newShelf();
    const { session } = newTab(shelf);
    const run = aRun();
    await startAndPause(session, run, 20);
    await session.close('another');
    expect(session.status).toBe('paused');
    await session.close(run.id);
    expect(session).toMatchObject({ status: 'empty', head: null, error: null, wanted: null });
    expect(session.progress).toEqual({ done: 0, planned: 0, fromJournal: 0 });
    await session.resume();
    expect(session.status).toBe('empty');
  });

  test('the screen may go dark again once the run is over, even if the leave to keep it on came late', async () => {
    const shelf = await newShelf();
    const { session } = newTab(shelf);
    let grant = (): void => undefined;
    let dark = false;
    const sentinel = {
      release: () => Promise.resolve((dark = true)),
    } as unknown as WakeLockSentinel;
    vi.spyOn(navigator.wakeLock, 'request').mockImplementation(
      () =>
        new Promise((resolve) => {
          grant = () => resolve(sentinel);
        }),
    );
    await startAndPause(session, aRun(), 5);
    grant();
    await eventually(() => dark).toBe(true);
  });
});

describe('an answer tried out', () => {
  test('is given from the loaded model, and nothing of it is stored', async () => {
    const shelf = await newShelf();
    const { session } = newTab(shelf);
    await session.start(aRun());
    await atRest(session);
    const before = await rowCounts(shelf.db);
    const texts: string[] = [];
    const { startingPrompt, data } = session.head ?? aRun();
    const reply = await session.tryOut(
      startingPrompt,
      data.examples,
      'Why?',
      (text) => texts.push(text),
      new AbortController().signal,
    );
    expect(reply).toEqual({
      text: expect.stringContaining('The answer') as string,
      cut: false,
      cuts: [],
    });
    expect(texts).toEqual([reply.text]);
    expect(await rowCounts(shelf.db)).toEqual(before);
    expect(stage.answered.at(-1)).toMatchObject({ role: 'base', purpose: 'answer' });
  });

  test('needs the model, which can be loaded for it: the base model alone', async () => {
    const shelf = await newShelf();
    const run = aRun({
      modelSources: {
        base: { type: 'web-llm', id: 'small' },
        evaluator: { type: 'web-llm', id: 'large' },
        optimizer: { type: 'web-llm', id: 'large' },
      },
    });
    await startAndPause(newTab(shelf).session, run, 10);
    stage.reset();
    const { session } = newTab(shelf);
    await session.open(run.id);
    expect(session.canAnswer).toBe(false);
    const ask = () =>
      session.tryOut(null, [], 'Why?', () => undefined, new AbortController().signal);
    await expect(ask()).rejects.toMatchObject({ code: 'model-missing' });
    await session.loadForTrial();
    expect(session.canAnswer).toBe(true);
    expect((await ask()).text).toContain('The answer');
    expect(stage.opened.map((a) => a.source)).toEqual([{ type: 'web-llm', id: 'small' }]);
    expect(session).toMatchObject({ status: 'paused', load: null });
  });

  test('of a model whose file is gone says which', async () => {
    const shelf = await newShelf();
    const run = aRun({}, { type: 'gguf-file', name: 'mine.gguf', sha256: 'abc' });
    await createRun(shelf.db, run);
    const { session } = newTab(shelf);
    await session.open(run.id);
    await expect(session.loadForTrial()).rejects.toMatchObject({
      code: 'model-missing',
      message: expect.stringContaining('mine.gguf') as string,
    });
  });
});
