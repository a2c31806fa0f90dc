import { expect, test } from 'vitest';
import { scripted } from '../../src/llm/scripted.ts';
import { aModel, aRequest, digits } from './requests.ts';

test('numbers become probabilities where a choice was asked for', async () => {
  const model = scripted(aModel, () => [1, 1, 2, 0, 0]);
  expect(await model.ask(aRequest({ output: digits }))).toMatchObject({
    type: 'choice',
    probabilities: [0.25, 0.25, 0.5, 0, 0],
  });
});

test('the script sees the request and its place, and what was asked is kept', async () => {
  const model = scripted(aModel, (request, place) => `${request.purpose} ${place}`);
  const texts = await Promise.all([model.ask(aRequest()), model.ask(aRequest())]);
  expect(texts).toMatchObject([{ text: 'answer 0' }, { text: 'answer 1' }]);
  expect(model.asked).toEqual([aRequest(), aRequest()]);
});

test('held replies are let go in the order asked for', async () => {
  const model = scripted(aModel, (_request, place) => String(place));
  const came: string[] = [];
  model.hold();
  const asks = [0, 1, 2].map(() =>
    model.ask(aRequest()).then((r) => came.push(r.type === 'text' ? r.text : '')),
  );
  await model.release(() => [1, 2, 0]);
  await Promise.all(asks);
  expect(came).toEqual(['1', '2', '0']);
});

test('an abort rejects a held request, and the rest go on', async () => {
  const model = scripted(aModel, () => 'here');
  const leaving = new AbortController();
  model.hold();
  const first = model.ask(aRequest(), { signal: leaving.signal });
  const second = model.ask(aRequest());
  leaving.abort();
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  await model.release();
  expect(await second).toMatchObject({ text: 'here' });
});

test('an error in the script rejects', async () => {
  const model = scripted(aModel, () => new Error('broken'));
  await expect(model.ask(aRequest())).rejects.toThrow('broken');
});
