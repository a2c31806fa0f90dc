import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkMemory, readGguf } from '../../src/llm/gguf.ts';
import { controlToken, neverTextIds, tokenIds } from '../../src/llm/vocabulary.ts';
import { randomModel } from '../../tools/gguf/random-model.ts';
import { writeGguf, type Value } from '../../tools/gguf/write-gguf.ts';
import { saying } from './requests.ts';

const whole = randomModel();
const blob = (...parts: readonly (string | Uint8Array<ArrayBuffer>)[]): Blob =>
  new Blob([...parts]);

const problem = async (file: Blob): Promise<unknown> =>
  readGguf(file).then(
    () => 'fine',
    (error: unknown) => error,
  );

test('a model says what it is', async () => {
  const { vocabulary, ...facts } = await readGguf(blob(whole));
  expect(facts).toEqual({
    architecture: 'llama',
    name: 'random-2x64',
    licence: 'cc0-1.0',
    contextLength: 2048,
    embeddingLength: 64,
    fileBytes: whole.byteLength,
    expectedBytes: whole.byteLength,
    cacheBytesPerToken: 2 * 2 * 16 * 2 * 2,
    hasChatTemplate: false,
    profile: null,
  });
  expect([vocabulary.kind, vocabulary.tokens.length]).toEqual(['llama', 356]);
});

test('a chat template is seen', async () => {
  const facts = await readGguf(blob(randomModel({ chatTemplate: true })));
  expect(facts.hasChatTemplate).toBe(true);
});

test('the prompt profile that a file names is read', async () => {
  const facts = await readGguf(blob(randomModel({ profile: 'pocket' })));
  expect(facts.profile).toBe('pocket');
});

test('the same seed makes the same file, another seed another', () => {
  const hash = (seed: number): string =>
    createHash('sha256').update(randomModel({ seed })).digest('hex');
  expect(hash(7)).toBe(hash(7));
  expect(hash(7)).not.toBe(hash(8));
});

const wide = new Uint8Array(whole);
wide[4] = 9;
const bigEndian = new Uint8Array(whole);
bigEndian.set([0, 0, 0, 3], 4);

test.each([
  [
    'a web page',
    blob('\n<!DOCTYPE html><html><body>Sign in</body></html>'),
    /web page, not a model/,
  ],
  ['a Git LFS pointer', blob('version https://git-lfs.github.com/spec/v1\n'), /Git LFS/],
  ['another kind of file', blob('PK\u0003\u0004 an archive'), /does not begin with “GGUF”/],
  ['an empty file', blob(''), /does not begin with “GGUF”/],
  ['a version nobody reads', blob(wide), /version 9/],
  ['a big-endian file', blob(bigEndian), /big-endian/],
  ['a file cut in its weights', blob(whole.slice(0, 400_000)), /0\.1 MB of 0\.5 MB are missing/],
  ['a file cut in its header', blob(whole.slice(0, 3_000)), /ends within its header/],
])('%s is refused with a sentence of its own', async (_name, file, sentence) => {
  expect(await problem(file)).toMatchObject({
    code: 'model-invalid',
    message: saying(sentence),
  });
});

test('a file that is gone says so', async () => {
  const gone = Object.assign(blob(whole), {
    slice: () => ({ arrayBuffer: () => Promise.reject(new Error('NotReadableError')) }),
  });
  expect(await problem(gone)).toMatchObject({ code: 'file-invalid' });
});

test('a header that claims absurd sizes is refused, not believed', async () => {
  for (const at of [8, 16]) {
    const liar = new Uint8Array(whole);
    liar.fill(0xff, at, at + 8);
    expect(await problem(blob(liar))).toMatchObject({ code: 'model-invalid' });
  }
});

test('no damage to a header does worse than a refusal with its reason', async () => {
  const header = 12_000;
  await fc.assert(
    fc.asyncProperty(fc.nat(header), fc.nat(255), async (at, byte) => {
      const damaged = new Uint8Array(whole);
      damaged[at] = byte;
      const result = await problem(blob(damaged));
      if (result === 'fine') return;
      expect(result).toMatchObject({ code: saying(/^(model-invalid|tokenizer-missing)$/) });
    }),
    { numRuns: 300 },
  );
});

test('a header larger than the first read is read whole', async () => {
  const many = Array.from({ length: 200_000 }, (_, i) => `token ${i}`);
  const header: Record<string, Value> = {
    'general.architecture': { type: 'string', value: 'llama' },
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.tokens': { type: 'strings', value: many },
  };
  const facts = await readGguf(blob(writeGguf(header, [])));
  expect(facts.vocabulary.tokens.at(-1)).toBe('token 199999');
});

const facts = { fileBytes: 2e9, cacheBytesPerToken: 100_000 };

test('a model is refused where it cannot fit, with both sizes', () => {
  expect(() => checkMemory(facts, 2048, null)).not.toThrow();
  expect(() => checkMemory({ ...facts, fileBytes: 5e9 }, 2048, null)).toThrow(
    /4\.7 GB\) needs about 5\.1 GB .* can have 4 GB.* smaller/,
  );
  expect(() => checkMemory(facts, 2048, 2)).toThrow(/this device has about 2 GB/);
  expect(() => checkMemory(facts, 2048, 8)).not.toThrow();
});

const sentencePiece = {
  kind: 'llama',
  tokens: ['<s>', '<0x31>', '1', '▁1', '▁yes', 'yes', '<0xC0>', '<0xF5>', '<0xC3>', '<longer>'],
  types: [3, 6, 1, 1, 1, 1, 6, 6, 6, 3],
};
const byteLevel = { kind: 'gpt2', tokens: ['1', 'Ġ1', 'Ã¼', '<|end|>'], types: [1, 1, 1, 3] };

test('a text finds its tokens in either spelling', () => {
  expect(['1', ' 1', ' yes', 'no', '<s>'].map((t) => tokenIds(sentencePiece, t))).toEqual([
    [1, 2],
    [3],
    [4],
    [],
    [],
  ]);
  expect(['1', ' 1', 'ü', '<|end|>'].map((t) => tokenIds(byteLevel, t))).toEqual([
    [0],
    [1],
    [2],
    [],
  ]);
});

test('only bytes that no text has are forbidden', () => {
  expect([neverTextIds(sentencePiece), neverTextIds(byteLevel)]).toEqual([[6, 7], []]);
});

test('the shortest control token is the one to count with', () => {
  expect(controlToken(sentencePiece)).toBe('<s>');
  expect(controlToken({ ...sentencePiece, types: [] })).toBeNull();
});
