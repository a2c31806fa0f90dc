import { expect, test } from 'vitest';
import { DrpoError } from '../../src/core/errors.ts';
import type { Cut, LlmRequest, Part, TextReply } from '../../src/core/llm.ts';
import { dice, seedAt } from '../../src/core/random.ts';
import { scripted, type Line } from '../../src/llm/scripted.ts';
import { contract } from './contract.ts';
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

// A script that does what a model does, in small: its tokens are characters, its weights a hash of what came before.
const letters = Array.from('abcdefgh 12345');

function massesAfter(text: string): readonly number[] {
  return letters.map((letter) => 1 + (seedAt(1, text, letter) % 1000));
}

function shareOf(text: string, letter: string): number {
  const masses = massesAfter(text);
  return (masses[letters.indexOf(letter)] ?? 0) / masses.reduce((a, b) => a + b, 0);
}

function nextAfter(text: string, share: number | null): string {
  const masses = massesAfter(text);
  if (share === null) return letters[masses.indexOf(Math.max(...masses))] ?? '';
  let left = share * masses.reduce((a, b) => a + b, 0);
  return letters[masses.findIndex((mass) => (left -= mass) < 0)] ?? '';
}

/** The prompt, without what may be dropped if it is too long. */
function promptWithin(parts: readonly Part[], room: number): { prompt: string; cut: Cut[] } {
  const whole = parts.map(({ text }) => text).join('');
  if (whole.length <= room) return { prompt: whole, cut: [] };
  const kept = parts.filter(({ drop }) => !drop);
  const prompt = kept.map(({ text }) => text).join('');
  if (prompt.length > room) throw new DrpoError('context-too-small', 'Too long.');
  const cut = parts.flatMap(({ text: { length }, drop }) =>
    drop ? [{ what: drop.what, removedChars: length, ofChars: length }] : [],
  );
  return { prompt, cut };
}

function toy({ content, output, sampling }: LlmRequest): Line {
  const parts = content.type === 'text' ? content.parts : [];
  const room = aModel.contextSize - (output.type === 'text' ? output.maxTokens : 1);
  const { prompt, cut } = promptWithin(parts, room);
  const usage = { promptTokens: prompt.length, reusedTokens: 0, outputTokens: 0, elapsedMs: 0 };
  if (output.type === 'choice') {
    const shares = output.choices.map((choice) => shareOf(prompt, choice));
    const kept = shares.reduce((a, b) => a + b, 0);
    if (kept === 0) return new DrpoError('settings-invalid', 'No tokens of this model.');
    const probabilities = shares.map((share) => share / kept);
    return { type: 'choice', probabilities, lostMass: 1 - kept, cut, usage };
  }
  const { maxTokens, stop } = output.type === 'text' ? output : { maxTokens: 0, stop: [] };
  const roll = dice(sampling.seed);
  const share = (): number | null => (sampling.temperature === 0 ? null : roll(2 ** 20) / 2 ** 20);
  let text = '';
  let finish: TextReply['finish'] = 'length';
  for (let i = 0; i < maxTokens && finish === 'length'; i++) {
    text += nextAfter(prompt + text, share());
    const end = stop.map((word) => text.indexOf(word)).find((at) => at >= 0);
    if (end !== undefined) [text, finish] = [text.slice(0, end), 'stop'];
  }
  return { type: 'text', text, finish, cut, usage: { ...usage, outputTokens: text.length } };
}

contract('scripted', () => Promise.resolve({ llm: scripted(aModel, toy) }), {
  raw: (content, choices) => {
    const parts = content.type === 'text' ? content.parts : [];
    const prompt = parts.map(({ text }) => text).join('');
    return Promise.resolve(choices.map((choice) => Math.log(shareOf(prompt, choice))));
  },
  spanning: { cannot: 'a script says characters, not tokens' },
});
