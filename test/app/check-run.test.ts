import { beforeEach, describe, expect, test, vi } from 'vitest';
import { checkRun } from '../../src/app/check-run.ts';
import type { SearchEvent } from '../../src/core/events.ts';
import type { LlmReply } from '../../src/core/llm.ts';
import type { RunContent } from '../../src/store/records.ts';
import { createRun, getRunContent } from '../../src/store/runs.ts';
import { aRun, atRest, newShelf, newTab, startAndPause } from './builders.ts';
import { stage } from './stage.ts';

vi.mock('../../src/llm/open.ts', () => import('./stage.ts'));

beforeEach(() => stage.reset());

async function finished(): Promise<RunContent> {
  const shelf = await newShelf();
  const { session } = newTab(shelf);
  const run = aRun();
  await session.start(run);
  await atRest(session);
  return getRunContent(shelf.db, run.id);
}

describe('an honest run is the same', () => {
  test('when it is finished, and no model is asked', async () => {
    const shelf = await newShelf();
    const run = aRun();
    const { session } = newTab(shelf);
    await session.start(run);
    await atRest(session);
    const asked = stage.answered.length;
    const { events, journal } = await getRunContent(shelf.db, run.id);
    expect(await session.check()).toEqual({
      type: 'same',
      events: events.length,
      replies: journal.length,
    });
    expect(stage.answered).toHaveLength(asked);
  });

  test.each([3, 45, 110])('when it is paused after %i replies', async (replies) => {
    const shelf = await newShelf();
    const { session } = newTab(shelf);
    const run = aRun();
    await startAndPause(session, run, replies);
    const { journal } = await getRunContent(shelf.db, run.id);
    // The request that waited behind the last may have been answered too.
    expect([replies, replies + 1]).toContain(journal.length);
    expect(await session.check()).toMatchObject({ type: 'same', replies: journal.length });
  });

  test('when it was stopped', async () => {
    const { session } = newTab(await newShelf());
    stage.beforeReply = (given) => {
      if (given === 60) void session.stop();
    };
    await session.start(aRun());
    await atRest(session);
    expect(session.status).toBe('stopped');
    expect(await session.check()).toMatchObject({ type: 'same' });
  });

  test('before it began', async () => {
    const shelf = await newShelf();
    const run = aRun();
    await createRun(shelf.db, run);
    const content = await getRunContent(shelf.db, run.id);
    expect(await checkRun(content)).toEqual({ type: 'same', events: 0, replies: 0 });
  });
});

describe('a run that was edited', () => {
  test('differs where a number of an event was changed', async () => {
    const content = await finished();
    const at = content.events.findIndex((e) => e.type === 'attempt');
    const edit = (event: SearchEvent): SearchEvent =>
      event.type === 'attempt' ? { ...event, attempt: { ...event.attempt, reward: 5 } } : event;
    const events = content.events.map((e, i) => (i === at ? edit(e) : e));
    expect(await checkRun({ ...content, events })).toEqual({ type: 'differs', at });
  });

  test('differs where events were taken away or put in', async () => {
    const content = await finished();
    const { events } = content;
    const middle = Math.floor(events.length / 2);
    expect(await checkRun({ ...content, events: events.toSpliced(middle, 1) })).toEqual({
      type: 'differs',
      at: middle,
    });
    const longer = [...events, { type: 'ended', how: 'finished' } as const];
    expect(await checkRun({ ...content, events: longer })).toEqual({
      type: 'differs',
      at: events.length,
    });
  });

  test('differs where a reply was changed', async () => {
    const content = await finished();
    const edit = (reply: LlmReply): LlmReply =>
      reply.type === 'choice' ? { ...reply, probabilities: [0, 0, 0, 0, 1] } : reply;
    const journal = content.journal.map((e) => ({ ...e, reply: edit(e.reply) }));
    expect(await checkRun({ ...content, journal })).toMatchObject({ type: 'differs' });
  });

  test('differs where settings were changed', async () => {
    const content = await finished();
    const run = { ...content.run, settings: { ...content.run.settings, seed: 2 } };
    expect(await checkRun({ ...content, run })).toMatchObject({ type: 'differs' });
  });

  test('has a foreign reply where a request was changed', async () => {
    const content = await finished();
    const [first, ...rest] = content.journal;
    if (!first) throw new Error('no reply');
    const request = { ...first.request, sampling: { ...first.request.sampling, seed: 99 } };
    const journal = [{ ...first, request }, ...rest];
    expect(await checkRun({ ...content, journal })).toEqual({
      type: 'foreign-reply',
      key: first.key,
    });
  });

  test('has a foreign reply where a reply is of another kind than was asked for', async () => {
    const content = await finished();
    const numbers = content.journal.find((e) => e.reply.type === 'choice');
    const at = content.journal.findIndex((e) => e.reply.type === 'text');
    const text = content.journal[at];
    if (!numbers || !text) throw new Error('both kinds are in a run');
    const journal = content.journal.with(at, { ...text, reply: numbers.reply });
    expect(await checkRun({ ...content, journal })).toEqual({
      type: 'foreign-reply',
      key: text.key,
    });
  });
});
