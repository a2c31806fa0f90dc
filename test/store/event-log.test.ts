import { expect, test } from 'vitest';
import type { SearchEvent } from '../../src/core/events.ts';
import { eventLog } from '../../src/store/event-log.ts';
import { steerLog } from '../../src/store/steer-log.ts';
import { newDatabase, rowCounts } from './databases.ts';

function level(number: number): SearchEvent {
  return { type: 'level', level: number, queries: [] };
}

test('events come back in order, from any number on', async () => {
  const log = eventLog(await newDatabase(), 'a');
  const events = Array.from({ length: 300 }, (_, i) => level(i));
  await log.append(0, events.slice(0, 100));
  await log.append(100, events.slice(100));
  await log.append(300, []);
  expect(await log.read()).toEqual(events);
  expect(await log.read(290)).toEqual(events.slice(290));
  expect(await log.read(300)).toEqual([]);
});

test('events written again replace those that were there', async () => {
  const db = await newDatabase();
  const log = eventLog(db, 'a');
  await log.append(0, [level(0), level(1)]);
  await log.append(1, [level(5), level(6)]);
  expect(await log.read()).toEqual([level(0), level(5), level(6)]);
  await log.truncate(1);
  expect(await log.read()).toEqual([level(0)]);
});

test('a batch that cannot be stored leaves nothing of itself', async () => {
  const db = await newDatabase();
  const log = eventLog(db, 'a');
  const bad = { ...level(1), unclonable: () => 0 };
  await expect(log.append(0, [level(0), bad, level(2)])).rejects.toMatchObject({
    code: 'storage-failed',
    message: expect.stringMatching(/could not be stored as it is/) as unknown,
  });
  expect(await rowCounts(db)).toMatchObject({ events: 0 });
});

test('runs do not see each other, even where one name begins with the other', async () => {
  const db = await newDatabase();
  await eventLog(db, 'a').append(0, [level(0)]);
  await eventLog(db, 'ab').append(0, [level(1)]);
  await eventLog(db, 'a').truncate(0);
  expect(await eventLog(db, 'a').read()).toEqual([]);
  expect(await eventLog(db, 'ab').read()).toEqual([level(1)]);
});

test('steers are kept under their points', async () => {
  const log = steerLog(await newDatabase(), 'a');
  await log.put(7, { type: 'stop' });
  await log.put(2, { type: 'go' });
  expect(await log.get(7)).toEqual({ type: 'stop' });
  expect(await log.get(3)).toBeUndefined();
  expect(await log.all()).toEqual([
    { point: 2, steer: { type: 'go' } },
    { point: 7, steer: { type: 'stop' } },
  ]);
  await log.truncate(3);
  expect(await log.all()).toEqual([{ point: 2, steer: { type: 'go' } }]);
});
