import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { JournalEntry } from '../../src/core/journal-entry.ts';
import { journalEntrySchema } from '../../src/formats/llm-schemas.ts';
import { journalStore } from '../../src/store/journal-store.ts';
import { arbitraryOf } from '../formats/arbitrary.ts';
import { makeEntry } from '../formats/builders.ts';
import { newDatabase, rowCounts } from './databases.ts';

const long = 'You are a helpful assistant. '.repeat(20);

describe('a journal', () => {
  test('gives back what was put, and nothing for other keys and runs', async () => {
    const db = await newDatabase();
    const journal = journalStore(db, 'a');
    await journal.put(makeEntry('k1', long));
    expect(await journal.get('k1')).toEqual(makeEntry('k1', long));
    expect(await journal.get('k2')).toBeUndefined();
    expect(await journalStore(db, 'b').get('k1')).toBeUndefined();
    expect(await journalStore(db, 'a').get('k1')).toEqual(makeEntry('k1', long));
  });

  test('gives back any entry, unknown keys included', async () => {
    const db = await newDatabase();
    const longTexts = arbitraryOf(journalEntrySchema).map((entry): JournalEntry => {
      const { content } = entry.request;
      if (content.type === 'chat') return entry;
      const parts = content.parts.map((part) => ({
        ...part,
        text: part.text.padEnd(90, part.text),
      }));
      return { ...entry, request: { ...entry.request, content: { ...content, parts } } };
    });
    await fc.assert(
      fc.asyncProperty(longTexts, async (entry) => {
        const journal = journalStore(db, 'a');
        await journal.put(entry);
        expect(await journal.get(entry.key)).toEqual(entry);
      }),
      { numRuns: 100 },
    );
  });

  test('keeps a text once, however many requests carry it', async () => {
    const db = await newDatabase();
    const journal = journalStore(db, 'a');
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
    for (const key of keys) await journal.put(makeEntry(key, long));
    await journalStore(db, 'a').put(makeEntry('k0', long));
    expect(await rowCounts(db)).toMatchObject({ replies: 20, texts: 1 });
    expect(JSON.stringify(await db.getAll('replies'))).not.toContain(long);
    expect(await journal.keys()).toEqual(new Set(keys));
    expect((await journal.all()).map((entry) => entry.key).sort()).toEqual(keys.sort());
    expect((await journal.all())[0]).toEqual(makeEntry('k0', long));
  });

  test('takes many at once', async () => {
    const db = await newDatabase();
    const journal = journalStore(db, 'a');
    const entries = Array.from({ length: 50 }, (_, i) => makeEntry(`k${i}`, long));
    await Promise.all(entries.map((entry) => journal.put(entry)));
    expect((await journal.all()).length).toBe(50);
  });

  test('opens no transaction for what cannot be there, and finds what was there before it', async () => {
    const db = await newDatabase();
    await journalStore(db, 'a').put(makeEntry('earlier', long));
    const journal = journalStore(db, 'a');
    await Promise.all(['k1', 'k2', 'k3'].map((key) => journal.put(makeEntry(key, long))));
    const opened = vi.spyOn(db, 'transaction');
    expect(await journal.get('unknown')).toBeUndefined();
    expect(opened).not.toHaveBeenCalled();
    for (const key of ['earlier', 'k1', 'k2', 'k3']) {
      expect(await journal.get(key)).toEqual(makeEntry(key, long));
    }
    expect(opened).toHaveBeenCalledTimes(4);
  });

  test('a reader sees what another puts later', async () => {
    const db = await newDatabase();
    const [reader, writer] = [journalStore(db, 'a'), journalStore(db, 'a')];
    expect(await reader.get('k1')).toBeUndefined();
    await writer.put(makeEntry('k1', long));
    expect(await reader.get('k1')).toEqual(makeEntry('k1', long));
  });

  test('a put that cannot be stored leaves nothing, and the next one is kept', async () => {
    const db = await newDatabase();
    const journal = journalStore(db, 'a');
    const uncloneable = { ...makeEntry('k1', long), more: () => undefined };
    await expect(journal.put(uncloneable)).rejects.toMatchObject({ code: 'storage-failed' });
    expect(await rowCounts(db)).toMatchObject({ replies: 0, texts: 0 });
    await journal.put(makeEntry('k2', long));
    expect(await journal.get('k2')).toEqual(makeEntry('k2', long));
  });

  test('says when one of its texts is gone', async () => {
    const db = await newDatabase();
    const journal = journalStore(db, 'a');
    await journal.put(makeEntry('k1', long));
    await db.clear('texts');
    await expect(journal.get('k1')).rejects.toMatchObject({ code: 'storage-failed' });
  });
});
