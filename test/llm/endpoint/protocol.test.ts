import { expect, test } from 'vitest';
import * as v from 'valibot';
import {
  cutAtStop,
  listedTokens,
  namedChoice,
  replySchema,
  settledText,
  sharesOf,
} from '../../../src/llm/endpoint/protocol.ts';

const digits = ['1', '2', '3', '4', '5'];
const token = (text: string, probability: number): { text: string; probability: number } => ({
  text,
  probability,
});

test('tokens count for the choice that they write, with a space or without', () => {
  const tokens = [token('4', 0.3), token(' 4', 0.2), token('5', 0.3), token('45', 0.1)];
  const { probabilities, lostMass } = sharesOf(digits, tokens);
  [0, 0, 0, 0.625, 0.375].forEach((p, i) => expect(probabilities[i]).toBeCloseTo(p, 12));
  expect(lostMass).toBeCloseTo(0.2, 12);
});

test('a list that hardly has the choices says nothing, unless it has them all', () => {
  const even = { probabilities: [0.5, 0.5], lostMass: 1 };
  expect(sharesOf(['1', '2'], [])).toEqual(even);
  expect(sharesOf(['1', '2'], [token('1', 4e-4)])).toEqual(even);
  const all = sharesOf(['1', '2'], [token('1', 3e-4), token('2', 1e-4)]);
  expect(all.probabilities[0]).toBeCloseTo(0.75, 12);
  expect(all.lostMass).toBeCloseTo(0.9996, 12);
});

test.each([
  ['4', 3],
  [' 4', 3],
  ['**4**/5', 3],
  ['Rating: 2.', 1],
  ['10 or 45', -1],
  ['v2', -1],
  ['', -1],
])('of “%s” the choice is read', (text, place) => {
  expect(namedChoice(digits, text)).toBe(place);
});

const top = [
  { token: ' 3', logprob: Math.log(0.5) },
  { token: 'x', logprob: Math.log(0.25) },
];
const place = { token: ' 3', logprob: -0.7, bytes: [51], top_logprobs: top };

test.each([
  ['a chat', { content: [place, { ...place, top_logprobs: [] }] }],
  ['a completion', { tokens: [' 3'], top_logprobs: [{ ' 3': Math.log(0.5), x: Math.log(0.25) }] }],
])('the probabilities of the first token of %s are read', (_name, logprobs) => {
  const reply = v.parse(replySchema, { choices: [{ text: ' 3', logprobs }] });
  expect(listedTokens(reply)).toEqual([token(' 3', 0.5), token('x', 0.25)]);
});

test.each([[null], [{ content: null }], [{ content: [] }], [{ top_logprobs: [] }], ['no']])(
  'a reply whose probabilities are %j has none',
  (logprobs) => {
    expect(listedTokens(v.parse(replySchema, { choices: [{ logprobs }] }))).toEqual([]);
  },
);

test('a reply with what nobody asked for is read all the same', () => {
  const reply = v.parse(replySchema, {
    choices: [{ message: { content: [{ type: 'text' }], reasoning: 'hm' }, finish_reason: null }],
    usage: { prompt_tokens: 'many' },
    timings: {},
  });
  expect(reply.choices[0]?.message).toEqual({ content: null });
  expect(reply.usage).toEqual({
    prompt_tokens: null,
    completion_tokens: null,
    prompt_tokens_details: null,
  });
});

test('a text ends at whichever stop comes first', () => {
  expect(cutAtStop('one two three', ['three', 'two'])).toEqual({ text: 'one ', stopped: true });
  expect(cutAtStop('one', ['two'])).toEqual({ text: 'one', stopped: false });
});

test('what may become a stop or another character is not said yet', () => {
  expect(settledText('answer\n#', ['\n## ', 'END'])).toBe('answer');
  expect(settledText('the EN', ['\n## ', 'END'])).toBe('the ');
  expect(settledText('caf\ufffd', [])).toBe('caf');
  expect(settledText('plain', ['\n'])).toBe('plain');
});
