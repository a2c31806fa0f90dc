import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JournalEntry, JournalStore } from '../../src/core/journal-entry.ts';
import type { LlmReply, LlmRequest } from '../../src/core/llm.ts';
import { journaled, replayOnly, requestKey } from '../../src/llm/journal.ts';
import { scripted } from '../../src/llm/scripted.ts';
import { aModel, aRequest, saying, text } from './requests.ts';

interface MapStore extends JournalStore {
  readonly entries: ReadonlyMap<string, JournalEntry>;
}

function mapStore(): MapStore {
  const entries = new Map<string, JournalEntry>();
  return {
    entries,
    get: (key) => Promise.resolve(entries.get(key)),
    put: (entry) => {
      entries.set(entry.key, entry);
      return Promise.resolve();
    },
  };
}

const asking = (query: string): LlmRequest => aRequest({ content: text(query) });
const echo = (request: LlmRequest): string =>
  request.content.type === 'text' ? `${request.content.parts[0]?.text ?? ''}!` : '';

test('a request has the same key however its fields are ordered, and another where any value differs', async () => {
  const request = asking('Why?');
  const turned = Object.fromEntries(Object.entries(request).toReversed());
  expect(await requestKey({ ...request, ...turned })).toBe(await requestKey(request));
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.string(), async (a, b) => {
      const same = (await requestKey(asking(a))) === (await requestKey(asking(b)));
      expect(same).toBe(a === b);
    }),
  );
});

test('keys stay what they are: a journal is read years later', async () => {
  expect(await requestKey(aRequest())).toBe(
    '6cf21a1cfa14efe9370ce8a0ca64a7205dfee48e638acc376e9388555d4e5450',
  );
});

test('a known request is answered without asking, and never streams', async () => {
  const store = mapStore();
  const model = scripted(aModel, echo);
  const heard: string[] = [];
  const first = await journaled(model, store).ask(asking('Why?'), {
    onText: (t) => heard.push(t),
  });
  const second = await journaled(model, store).ask(asking('Why?'), {
    onText: (t) => heard.push(`journal: ${t}`),
  });
  expect(second).toEqual(first);
  expect(second.key).toBe(await requestKey(asking('Why?')));
  expect([model.asked.length, heard]).toEqual([1, ['Why?!']]);
});

test('a reply is safe before it is returned, without its key', async () => {
  const order: string[] = [];
  const inner = mapStore();
  const store: JournalStore = {
    get: (key) => inner.get(key),
    put: async (entry) => {
      await inner.put(entry);
      order.push('put');
    },
  };
  const model = journaled(scripted(aModel, echo), store, {
    onAsked: () => order.push('asked'),
    onReply: (_entry, fromJournal) => order.push(fromJournal ? 'from journal' : 'from model'),
  });
  await model.ask(asking('Why?')).then(() => order.push('returned'));
  await model.ask(asking('Why?'));
  expect(order).toEqual(['asked', 'put', 'from model', 'returned', 'from journal']);
  expect([...inner.entries.values()].map((e) => 'key' in e.reply)).toEqual([false]);
});

test('a reply that could not be kept is not returned, and is asked for again', async () => {
  const inner = mapStore();
  let full = true;
  const store: JournalStore = {
    get: (key) => inner.get(key),
    put: (entry) => (full ? Promise.reject(new Error('full')) : inner.put(entry)),
  };
  const script = scripted(aModel, echo);
  const model = journaled(script, store);
  await expect(model.ask(asking('Why?'))).rejects.toThrow('full');
  full = false;
  expect(await model.ask(asking('Why?'))).toMatchObject({ text: 'Why?!' });
  expect(script.asked.length).toBe(2);
});

test('equal requests under way at once are asked once', async () => {
  const script = scripted(aModel, echo);
  const model = journaled(script, mapStore());
  script.hold();
  const replies = [model.ask(asking('a')), model.ask(asking('b')), model.ask(asking('a'))];
  await expect.poll(() => script.asked.length).toBe(2);
  await script.release();
  const texts = (await Promise.all(replies)).map((r: LlmReply) => r.type === 'text' && r.text);
  expect([texts, script.asked.length]).toEqual([['a!', 'b!', 'a!'], 2]);
});

test("one caller's abort leaves the others their reply", async () => {
  const script = scripted(aModel, echo);
  const model = journaled(script, mapStore());
  script.hold();
  const leaving = new AbortController();
  const first = model.ask(asking('a'), { signal: leaving.signal });
  const second = model.ask(asking('a'));
  await expect.poll(() => script.asked.length).toBe(1);
  leaving.abort();
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  await script.release();
  expect(await second).toMatchObject({ text: 'a!' });
  expect(script.asked.length).toBe(1);
});

test('a request whose every caller left can be asked again at once', async () => {
  const script = scripted(aModel, echo);
  const model = journaled(script, mapStore());
  script.hold();
  const left = new AbortController();
  const first = model.ask(asking('a'), { signal: left.signal });
  await expect.poll(() => script.asked.length).toBe(1);
  left.abort();
  const second = model.ask(asking('a'));
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  await expect.poll(() => script.asked.length).toBe(2);
  await script.release();
  expect(await second).toMatchObject({ text: 'a!' });
});

test('replies are the same in whatever order they come', async () => {
  const queries = ['a', 'b', 'c', 'd', 'e'];
  const run = async (pick: (n: readonly number[]) => readonly number[]): Promise<unknown> => {
    const script = scripted(aModel, echo);
    const model = journaled(script, mapStore());
    script.hold();
    const replies = queries.map((query) => model.ask(asking(query)));
    await expect.poll(() => script.asked.length).toBe(queries.length);
    await script.release(pick);
    return Promise.all(replies);
  };
  const forward = await run((places) => places);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), async (order) => {
      expect(await run(() => order)).toEqual(forward);
    }),
    { numRuns: 10 },
  );
});

test('a journal alone replays what it has and names what it has not', async () => {
  const store = mapStore();
  const first = await journaled(scripted(aModel, echo), store).ask(asking('a'));
  const replay = replayOnly(aModel, store);
  expect(await replay.ask(asking('a'))).toEqual(first);
  await expect(replay.ask(asking('b'))).rejects.toMatchObject({
    code: 'journal-missing',
    message: saying('“answer” request of the base'),
  });
});

test('an abort while the request is still being hashed is heard, and nothing is asked', async () => {
  const script = scripted(aModel, echo);
  const left = new AbortController();
  const pending = journaled(script, mapStore()).ask(asking('a'), { signal: left.signal });
  left.abort();
  await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
  expect(script.asked).toHaveLength(0);
});
