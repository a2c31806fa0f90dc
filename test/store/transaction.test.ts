import { expect, test } from 'vitest';
import { DrpoError } from '../../src/core/errors.ts';
import { read, write } from '../../src/store/transaction.ts';
import { makeRun } from '../formats/builders.ts';
import { newDatabase } from './databases.ts';

test('the reason is told, not the abort that it caused', async () => {
  const db = await newDatabase();
  await db.add('runs', makeRun('a'));
  const writing = write(db, ['runs'], async (tx) => {
    tx.store.add(makeRun('a')).catch(() => undefined);
    await tx.store.put(makeRun('b'));
  });
  await expect(writing).rejects.toMatchObject({
    code: 'storage-failed',
    details: expect.stringMatching(/^ConstraintError/) as unknown,
  });
});

test('what is thrown in between undoes all, and a DrpoError stays as it is', async () => {
  const db = await newDatabase();
  const error = new DrpoError('run-missing', 'x');
  const writing = write(db, ['runs'], async (tx) => {
    await tx.store.put(makeRun('a'));
    throw error;
  });
  await expect(writing).rejects.toBe(error);
  expect(await read(db, ['runs'], async (tx) => tx.store.count())).toBe(0);
});
