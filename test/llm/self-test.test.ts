import { expect, test } from 'vitest';
import { DrpoError } from '../../src/core/errors.ts';
import { contentText } from '../core/builders.ts';
import { scripted } from '../../src/llm/scripted.ts';
import { isUniform, selfTest, troubleIn } from '../../src/llm/self-test.ts';

test.each([
  ['', 'empty'],
  [' \n ', 'empty'],
  ['\ufffd', 'not-text'],
  ['a girl\u0003 who was', 'not-text'],
  ['a \ufffd girl \ufffd named Lily', 'not-text'],
  ['girl \ue000 and a boy', 'not-text'],
  ['!!!!!!!!!!!!!!!!!!!!!!!!', 'repeats'],
  ['GGGGGGGGGGGGGGGGGGGGGGGG', 'repeats'],
  ['the the the the the the the the the the', 'repeats'],
  ['ungeungeungeungeungeungeunge', 'repeats'],
  ['a girl girl girl girl girl girl girl girl girl girl', 'repeats'],
  ['. . . . . . . . . . . . .', 'repeats'],
  ['PX>`IS)))}X{_aSz.', 'no-language'],
  ['.җT=5քtNw8o뺬uքtNw8o', 'no-language'],
  ['iᯑW㖻\tCky', 'no-language'],
  ['Вот 的 schön ระบบ Umfeld_handler 문제 estaba {"id', 'no-language'],
  ['ForCanBeConverted dtype prvky amarillo Mitarb OAuth kvinner tbsp', 'no-language'],
  ['the 的方 and 不了一 to 문제가 of ระบบ in', 'no-language'],
  ['I', 'no-language'],
  ['xkq wrt zzp', 'no-language'],
] as const)('gibberish: %j is %s', (text, trouble) => {
  expect(troubleIn(text)).toBe(trouble);
});

test.each([
  [' girl named Lily. She loved to play with her toys all day. One day she'],
  [' boy. He lived in a small house in the forest with his grandmother, who was'],
  ['A fluffy cat basks in the warm sunlight, purring softly.'],
  ['“Whiskers” — a cat — naps… 🐈'],
  ['Cats purr.'],
  ['Eating soup.'],
  ['Clarity, Engagement'],
  ['When Whiskers was scared, Whiskers saw'],
  ['Whiskers, Doggy, Doggy, came'],
  ['Sure! Here is a short sentence about a cat:\n\n"The cat'],
  [' girl who loved to play with her friends. She was very, very, very happy'],
  ['The cat sat on the windowsill. \ufffd'],
  ['park. They saw a big dog. The dog said, "Hello, cat! Hello, dog!'],
] as const)('language: %j', (text) => {
  expect(troubleIn(text)).toBeNull();
});

test.each([
  [[0.2, 0.2, 0.2, 0.2, 0.2], true],
  [[0.2001, 0.1999, 0.2, 0.2, 0.2], true],
  [[NaN, NaN, NaN, NaN, NaN], true],
  [[0.22, 0.2, 0.2, 0.19, 0.19], false],
  [[0, 1, 0, 0, 0], false],
  [[], false],
] as const)('uniform: %j is %s', (probabilities, uniform) => {
  expect(isUniform(probabilities)).toBe(uniform);
});

const sane = [0.1, 0.6, 0.1, 0.1, 0.1];
const story = ' girl named Lily. She loved to play in the park with her dog.';

/** A model that says these texts, one after the other, and gives these probabilities to digits. */
const saying = (texts: readonly string[], digits: readonly number[] | Error, form?: 'chat') =>
  scripted({ form: form ?? 'text', name: 'Tiny' }, ({ output }, place) =>
    output.type === 'choice' ? digits : (texts[place] ?? ''),
  );

test('a model that writes language passes, in one text and one choice', async () => {
  for (const form of [undefined, 'chat'] as const) {
    const llm = saying([story], sane, form);
    expect(await selfTest(llm)).toEqual({ ok: true });
    expect(llm.asked.map(({ output }) => output.type)).toEqual(['text', 'choice']);
    expect(new Set(llm.asked.map(({ content }) => content.type))).toEqual(
      new Set([form ?? 'text']),
    );
    expect(llm.asked[0]?.sampling.temperature).toBe(0);
  }
});

test('a model whose file names its profile is asked in the form of that', async () => {
  const llm = scripted({ form: 'text', name: 'Tiny', profile: 'pocket' }, ({ output }) =>
    output.type === 'choice' ? sane : 'It is a small animal.',
  );
  expect(await selfTest(llm)).toEqual({ ok: true });
  const [first] = llm.asked;
  expect(first && contentText(first.content)).toMatch(/^# Query\n.+\n\n# Answer\n$/);
});

test('one slip is forgiven, two are not', async () => {
  expect(await selfTest(saying(['', story], sane))).toEqual({ ok: true });
  const failed = await selfTest(saying(['!!!!!!!!!!!!!!!!', ''], sane));
  expect(failed).toMatchObject({ ok: false, why: 'repeats' });
  expect(failed).toMatchObject({ sentence: expect.stringMatching(/Tiny .*"!!!!.*f32/) as string });
});

test('a model to which all digits are alike fails', async () => {
  const even = await selfTest(saying([story], [1, 1, 1, 1, 1]));
  expect(even).toMatchObject({ ok: false, why: 'uniform' });
});

test('a model with no token for a digit is not blamed for it; an engine that fails is', async () => {
  const several = new DrpoError('settings-invalid', 'no single token for “1”');
  expect(await selfTest(saying([story], several))).toEqual({ ok: true });
  const lost = new DrpoError('device-lost', 'The browser lost the graphics device.');
  await expect(selfTest(saying([story], lost))).rejects.toBe(lost);
});

test('an abort is the signal’s', async () => {
  await expect(selfTest(saying([story], sane), AbortSignal.abort())).rejects.toMatchObject({
    name: 'AbortError',
  });
});
