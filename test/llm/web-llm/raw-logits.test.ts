import { expect, test } from 'vitest';
import {
  ChoiceTokens,
  chosenFrom,
  readLogits,
  softmax,
} from '../../../src/llm/web-llm/raw-logits.ts';
import type { LogitHost, MlcTokenizer } from '../../../src/llm/web-llm/contract.ts';

test('probabilities of choices are a softmax over the whole vocabulary, renormalised, and the rest is lost', () => {
  const logits = Float32Array.from([1, 2, 3, 0.5], Math.log);
  const chosen = chosenFrom(logits, [[0], [2, 3]]);
  expect(chosen?.probabilities[0]).toBeCloseTo(1 / 4.5, 7);
  expect(chosen?.probabilities[1]).toBeCloseTo(3.5 / 4.5, 7);
  expect(chosen?.lostMass).toBeCloseTo(2 / 6.5, 7);
});

test('choices are told apart even where the model gives them next to nothing', () => {
  const logits = Float32Array.of(300, 2, 1);
  const chosen = chosenFrom(logits, [[1], [2]]);
  expect(chosen?.probabilities[0]).toBeCloseTo(Math.E / (Math.E + 1), 9);
  expect(chosen?.lostMass).toBe(1);
});

test.each([
  ['no numbers', Float32Array.of(1, NaN, 2)],
  ['nothing at all', Float32Array.of(-Infinity, -Infinity, -Infinity)],
  ['without bound', Float32Array.of(1, Infinity, 2)],
])('logits that are %s give no probabilities', (_name, logits) => {
  expect(chosenFrom(logits, [[0], [2]])).toBeNull();
  expect(softmax(logits)).toBeNull();
});

test('logits are read as they were, and what is drawn instead is certain', async () => {
  const host: LogitHost = { logitProcessor: undefined };
  const drawnFrom: Float32Array[] = [];
  const { value, logits } = await readLogits(host, 2, () => {
    const first = host.logitProcessor?.processLogits(Float32Array.of(5, 6, 7));
    const second = host.logitProcessor?.processLogits(Float32Array.of(8, 9, 10));
    for (const one of [first, second]) if (one) drawnFrom.push(one);
    return Promise.resolve('done');
  });
  expect([value, logits]).toEqual(['done', Float32Array.of(5, 6, 7)]);
  expect(drawnFrom).toEqual([Float32Array.of(0, 0, 100), Float32Array.of(0, 0, 100)]);
  expect(host.logitProcessor).toBeUndefined();
});

test('a request that fails leaves no processor behind', async () => {
  const host: LogitHost = { logitProcessor: undefined };
  await expect(readLogits(host, 0, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(host.logitProcessor).toBeUndefined();
});

/**
 * As SentencePiece has it: a space before the first word is not written, and a byte token stands beside the character. "10" is a
 * token of which the tokenizer makes no use.
 */
function sentencePiece(): MlcTokenizer & { readonly read: () => number } {
  const pieces = ['\n', '5', '▁5', '<0x35>', '4', '10', '1', '0'];
  let read = 0;
  const write = (piece: string): string => (piece === '<0x35>' ? '5' : piece.replaceAll('▁', ' '));
  return {
    read: () => read,
    encode: (text) => Int32Array.from(text, (character) => pieces.indexOf(character)),
    decode: (ids) => {
      return Array.from(ids, (id) => write(pieces[id] ?? ''))
        .join('')
        .replace(/^ /, '');
    },
    getVocabSize: () => pieces.length,
    idToToken: (id) => {
      read += 1;
      return pieces[id] ?? '';
    },
  };
}

test('a choice is all the tokens that write it, and none that writes a space before it', () => {
  expect(new ChoiceTokens(sentencePiece()).of(['5', '4'])).toEqual([[1, 3], [4]]);
});

test('a choice that the tokenizer writes as several tokens is none, whatever the vocabulary has', () => {
  const tokens = new ChoiceTokens(sentencePiece());
  expect(tokens.of(['5', '10'])).toBeNull();
  expect(tokens.of(['5'])).toEqual([[1, 3]]);
});

test('the vocabulary is read once for a choice', () => {
  const tokenizer = sentencePiece();
  const tokens = new ChoiceTokens(tokenizer);
  tokens.of(['5', '4']);
  const once = tokenizer.read();
  tokens.of(['4', '5']);
  expect([once, tokenizer.read()]).toEqual([8, 8]);
});
