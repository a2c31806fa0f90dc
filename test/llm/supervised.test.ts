import { describe, expect, test } from 'vitest';
import { DrpoError, type ErrorCode } from '../../src/core/errors.ts';
import type { Speed } from '../../src/core/estimate.ts';
import type { LlmInfo, LlmReply } from '../../src/core/llm.ts';
import type { OpenModel } from '../../src/llm/open.ts';
import { scripted, type Scripted } from '../../src/llm/scripted.ts';
import { supervised } from '../../src/llm/supervised.ts';
import { aRequest } from './requests.ts';

const speed: Speed = { prefillPerSecond: 100, decodePerSecond: 10 };

interface Engine extends OpenModel {
  readonly llm: Scripted;
  readonly closed: () => boolean;
  readonly pace: () => Speed | null;
}

/** An engine that says `ok`, or fails with these codes on its first requests. */
function engine(failures: readonly ErrorCode[] = [], info: Partial<LlmInfo> = {}): Engine {
  let closed = false;
  let pace: Speed | null = null;
  return {
    llm: scripted(info, (_request, place) => {
      const code = failures[place];
      return code ? new DrpoError(code, `It failed: ${code}.`) : 'ok';
    }),
    measure: () => Promise.resolve(speed),
    selfTest: () => Promise.resolve({ ok: true }),
    paceTo: (given) => {
      pace = given;
    },
    close: () => {
      closed = true;
    },
    closed: () => closed,
    pace: () => pace,
  };
}

/** A supervised model with the engines that come one after another, and what was said of their failures. */
function watched(...engines: readonly Engine[]) {
  const said: string[] = [];
  const [first, ...others] = engines;
  if (!first) throw new Error('there must be an engine');
  let next = 0;
  const model = supervised(first, {
    reopen: () => {
      const engine = others[next++];
      return engine
        ? Promise.resolve(engine)
        : Promise.reject(new DrpoError('out-of-memory', 'No more memory.'));
    },
    onRevive: (error) => said.push(error.code),
  });
  return { model, said, reopened: () => next };
}

const answer = (model: OpenModel): Promise<LlmReply> => model.llm.ask(aRequest());

describe('an engine that fails', () => {
  test.each(['device-lost', 'engine-failed', 'engine-stalled', 'out-of-memory'] as const)(
    'with %s is ended, and the request is asked again of a new one',
    async (code) => {
      const [one, two] = [engine([code]), engine()];
      const { model, said } = watched(one, two);
      expect(await answer(model)).toMatchObject({ text: 'ok' });
      expect([one.closed(), two.closed()]).toEqual([true, false]);
      expect(said).toEqual([code]);
      await answer(model);
      expect(two.llm.asked).toHaveLength(2);
    },
  );

  test('three times over one request gives its error to whoever asked; the next request has a new engine', async () => {
    const engines = [
      engine(['device-lost']),
      engine(['engine-failed']),
      engine(['engine-stalled']),
      engine(),
    ];
    const { model, said, reopened } = watched(...engines);
    await expect(answer(model)).rejects.toMatchObject({ code: 'engine-stalled' });
    expect(said).toEqual(['device-lost', 'engine-failed']);
    expect(reopened()).toBe(2);
    expect(await answer(model)).toMatchObject({ text: 'ok' });
    expect(engines.map((e) => e.closed())).toEqual([true, true, true, false]);
  });

  test('under several requests at once is replaced once', async () => {
    const [one, two] = [engine(['device-lost', 'device-lost', 'device-lost']), engine()];
    const { model, said, reopened } = watched(one, two);
    const replies = await Promise.all([answer(model), answer(model), answer(model)]);
    expect(replies).toMatchObject([{ text: 'ok' }, { text: 'ok' }, { text: 'ok' }]);
    expect(said).toEqual(['device-lost']);
    expect(reopened()).toBe(1);
  });

  test('and cannot be loaded again says why', async () => {
    const { model } = watched(engine(['device-lost']));
    await expect(answer(model)).rejects.toMatchObject({ code: 'out-of-memory' });
  });

  test('is not replaced by one that is another', async () => {
    const other = engine([], { revision: '2' });
    const { model } = watched(engine(['device-lost']), other);
    await expect(answer(model)).rejects.toMatchObject({ code: 'model-changed' });
    expect(other.closed()).toBe(true);
  });

  test('leaves its pace to the next', async () => {
    const [one, two] = [engine(['device-lost']), engine()];
    const { model } = watched(one, two);
    model.paceTo(speed);
    await answer(model);
    expect([one.pace(), two.pace()]).toEqual([speed, speed]);
  });
});

test.each(['context-too-small', 'settings-invalid', 'endpoint-refused'] as const)(
  'what a new engine would not mend (%s) goes to whoever asked',
  async (code) => {
    const one = engine([code]);
    const { model, reopened } = watched(one, engine());
    await expect(answer(model)).rejects.toMatchObject({ code });
    expect([one.closed(), reopened()]).toEqual([false, 0]);
  },
);

test('a closed model stays closed', async () => {
  const one = engine(['device-lost']);
  const { model, reopened } = watched(one, engine());
  model.close();
  await expect(answer(model)).rejects.toMatchObject({ code: 'device-lost' });
  expect([one.closed(), reopened()]).toEqual([true, 0]);
});

test('an aborted request is not asked again', async () => {
  const { model, reopened } = watched(engine(['device-lost']), engine());
  const controller = new AbortController();
  const asked = model.llm.ask(aRequest(), { signal: controller.signal });
  controller.abort();
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  expect(reopened()).toBe(0);
});
