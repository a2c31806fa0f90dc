import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  differences,
  readManifest,
  readMlcConfig,
  tokenizerFile,
  type MlcConfig,
} from '../../../src/llm/mlc/config.ts';
import { aConfig } from './fake-weights.ts';
import { saying } from '../requests.ts';

const config = (change: Readonly<Record<string, unknown>> = {}): MlcConfig =>
  readMlcConfig(JSON.stringify(aConfig(change)));

const shaped = (change: Readonly<Record<string, unknown>>): MlcConfig =>
  config({ model_config: { ...(aConfig().model_config as object), ...change } });

test('weights of another fine-tune run on the same library', () => {
  const tuned = config({
    conv_template: { name: 'LM' },
    context_window_size: 4096,
    temperature: 0,
    tokenizer_files: ['tokenizer.json'],
  });
  expect(differences(tuned, config())).toEqual([]);
});

// What a library is compiled for, with a value that another model would have.
const fixed = {
  hidden_size: 1024,
  intermediate_size: 3072,
  num_attention_heads: 16,
  num_hidden_layers: 28,
  num_key_value_heads: 8,
  head_dim: 128,
  vocab_size: 32_000,
  tie_word_embeddings: false,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  hidden_act: 'gelu',
  tensor_parallel_shards: 2,
  rope_scaling: { factor: 8, type: 'llama3' },
};
const loose = ['context_window_size', 'prefill_chunk_size', 'max_batch_size', 'dtype'];

test('exactly what differs in a size is named, with both values', () => {
  const names = fc.subarray(Object.keys(fixed) as (keyof typeof fixed)[]);
  const library = shaped({ rope_scaling: { type: 'yarn', factor: 4 } });
  fc.assert(
    fc.property(names, fc.subarray(loose), fc.integer({ min: 1 }), (changed, free, value) => {
      const weights = shaped({
        rope_scaling: { factor: 4, type: 'yarn' },
        ...Object.fromEntries(free.map((name) => [name, value])),
        ...Object.fromEntries(changed.map((name) => [name, fixed[name]])),
      });
      const found = differences(weights, library);
      expect(new Set(found.map(({ name }) => name))).toEqual(new Set(changed));
      for (const { name, weights: here } of found) {
        expect(here).toEqual(fixed[name as keyof typeof fixed]);
      }
    }),
  );
});

test('a comparison is the same from either side', () => {
  const other = shaped({ hidden_size: 1024, vocab_size: 32_000 });
  const swapped = differences(config(), other).map(({ name, weights, library }) => ({
    name,
    weights: library,
    library: weights,
  }));
  expect(swapped).toEqual(differences(other, config()));
});

test('architecture and quantisation are compared', () => {
  const other = config({ model_type: 'llama', quantization: 'q4f32_1' });
  expect(differences(other, config())).toEqual([
    { name: 'architecture', weights: 'llama', library: 'qwen2' },
    { name: 'quantisation', weights: 'q4f32_1', library: 'q4f16_1' },
  ]);
});

test('what follows from the rest need not be said', () => {
  const saying = { num_attention_heads: 14, num_key_value_heads: 14, head_dim: 64 };
  const silent = { num_key_value_heads: undefined, head_dim: undefined };
  expect(differences(shaped(silent), shaped(saying))).toEqual([]);
  expect(differences(shaped({ ...silent, hidden_size: 1792 }), shaped(saying))).toMatchObject([
    { name: 'hidden_size' },
    { name: 'head_dim', weights: 128, library: 64 },
  ]);
});

test.each([
  ['a web page', '<!doctype html>'],
  ['another config', '{"architectures":["Qwen2ForCausalLM"],"hidden_size":896}'],
  ['a list', '[]'],
])('%s is no config', (_name, text) => {
  expect(() => readMlcConfig(text)).toThrow(
    expect.objectContaining({ code: 'model-invalid', message: saying('mlc-chat-config.json') }),
  );
});

const list = (change: object): string =>
  JSON.stringify({ records: [{ dataPath: 'params_shard_0.bin', nbytes: 5, ...change }] });

test('a list gives the shards with their sizes and checksums', () => {
  const md5sum = 'AB'.repeat(16);
  expect(readManifest(list({ md5sum }))).toEqual({
    sizeBytes: 5,
    shards: [{ path: 'params_shard_0.bin', sizeBytes: 5, md5: 'ab'.repeat(16) }],
  });
  expect(readManifest(list({}))).toMatchObject({ shards: [{ md5: null }] });
});

test.each([
  ['that leaves its folder', { dataPath: '../../other/resolve/main/x.bin' }],
  ['on another host', { dataPath: 'https://example.org/x.bin' }],
  ['from the root', { dataPath: '/x.bin' }],
  ['of no size', { nbytes: -1 }],
  ['with a checksum that is none', { md5sum: 'abc' }],
])('a list with a file %s is refused', (_name, change) => {
  expect(() => readManifest(list(change))).toThrow(
    expect.objectContaining({ code: 'model-invalid' }),
  );
});

test('the tokenizer is the one that web-llm would take', () => {
  const files = (...names: string[]): MlcConfig => config({ tokenizer_files: names });
  expect(tokenizerFile(files('tokenizer.model', 'tokenizer.json'))).toBe('tokenizer.json');
  expect(tokenizerFile(files('vocab.json', 'tokenizer.model'))).toBe('tokenizer.model');
  expect(() => tokenizerFile(files('vocab.json'))).toThrow(
    expect.objectContaining({ code: 'tokenizer-missing' }),
  );
});
