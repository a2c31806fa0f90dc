// npm run pocket:export -- [--data DIR] [--model DIR] [--out FILE] [--as f32|q8_0]: writes the trained weights as a GGUF file.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { writeGguf, type Tensor, type Value } from '../gguf/write-gguf.ts';
import { bosId, eosId, vocabularySchema, type Vocabulary } from './tokenizer.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const weightsSchema = v.object({
  shape: v.object({
    vocabulary: count,
    dim: count,
    layers: count,
    heads: count,
    hidden: count,
    context: count,
    epsilon: v.number(),
    theta: v.number(),
  }),
  tokens: count,
  tensors: v.array(v.object({ name: v.string(), shape: v.array(count), offset: count })),
});
type Weights = v.InferOutput<typeof weightsSchema>;

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'pocket-data' },
    model: { type: 'string' },
    out: { type: 'string', default: 'public/models/pocket.gguf' },
    as: { type: 'string', default: 'q8_0' },
  },
});
const folder = values.model ?? join(values.data, 'model');
const form = v.parse(v.picklist(['f32', 'q8_0']), values.as);
const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const weights = v.parse(weightsSchema, json(join(folder, 'weights.json')));
const vocabulary = v.parse(vocabularySchema, json(join(values.data, 'vocabulary.json')));
const file = writeGguf(
  header(weights, vocabulary),
  tensors(weights, readFileSync(join(folder, 'weights.f32'))),
);
writeFileSync(values.out, file);
const sha256 = createHash('sha256').update(file).digest('hex');
console.log(
  `${values.out}: ${String(file.byteLength)} bytes, trained on ${(weights.tokens / 1e6).toFixed(1)} M tokens, SHA-256 ${sha256}`,
);

function header({ shape }: Weights, { tokens, kinds, scores }: Vocabulary): Record<string, Value> {
  const u32 = (value: number): Value => ({ type: 'u32', value });
  const f32 = (value: number): Value => ({ type: 'f32', value });
  const string = (value: string): Value => ({ type: 'string', value });
  const bool = (value: boolean): Value => ({ type: 'bool', value });
  return {
    'general.architecture': string('llama'),
    'general.name': string('Pocket'),
    'general.description': string(
      'A very small model of a made-up world of things at home, animals, plants and food, for showing how DRPO works.',
    ),
    'general.license': string('mit'),
    'general.file_type': u32(form === 'q8_0' ? 7 : 0),
    'drpo.profile': string('pocket'),
    'llama.context_length': u32(shape.context),
    'llama.embedding_length': u32(shape.dim),
    'llama.block_count': u32(shape.layers),
    'llama.feed_forward_length': u32(shape.hidden),
    'llama.attention.head_count': u32(shape.heads),
    'llama.attention.head_count_kv': u32(shape.heads),
    'llama.attention.layer_norm_rms_epsilon': f32(shape.epsilon),
    'llama.rope.dimension_count': u32(shape.dim / shape.heads),
    'llama.rope.freq_base': f32(shape.theta),
    'llama.vocab_size': u32(shape.vocabulary),
    'tokenizer.ggml.model': string('llama'),
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
    'tokenizer.ggml.scores': { type: 'f32s', value: scores },
    'tokenizer.ggml.token_type': { type: 'i32s', value: kinds },
    'tokenizer.ggml.bos_token_id': u32(bosId),
    'tokenizer.ggml.eos_token_id': u32(eosId),
    'tokenizer.ggml.unknown_token_id': u32(0),
    'tokenizer.ggml.add_bos_token': bool(true),
    'tokenizer.ggml.add_eos_token': bool(false),
    'tokenizer.ggml.add_space_prefix': bool(false),
  };
}

/** The input embeddings are the output's too: a file without an output matrix says so. */
function tensors(
  { tensors: index, shape: { heads } }: Weights,
  bytes: Uint8Array,
): readonly Tensor[] {
  return index.map(({ name, shape, offset }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const rows = new Float32Array(
      Uint8Array.prototype.slice.call(bytes, offset, offset + 4 * size).buffer,
    );
    const data = /attn_[qk]\./.test(name) ? inPairs(rows, shape[1] ?? 0, heads) : rows;
    return { name, shape: [...shape].reverse(), data, as: shape.length === 2 ? form : 'f32' };
  });
}

/** Rows of each head in llama.cpp's order: those that are turned together stand side by side, not a half apart. */
function inPairs(rows: Float32Array, width: number, heads: number): Float32Array {
  const size = rows.length / width / heads;
  const out = new Float32Array(rows.length);
  for (let head = 0; head < heads; head++) {
    for (let row = 0; row < size; row++) {
      const to = row < size / 2 ? 2 * row : 2 * (row - size / 2) + 1;
      const from = (head * size + row) * width;
      out.set(rows.subarray(from, from + width), (head * size + to) * width);
    }
  }
  return out;
}
