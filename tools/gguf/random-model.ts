// tsx tools/gguf/random-model.ts FILE [--chat]: writes a random-weights model for tests.
import { writeGguf, type Tensor, type Value } from './write-gguf.ts';

/** Sizes of a model of the llama architecture. `dim` is a multiple of `heads`, `heads` of `kvHeads`. */
export interface Shape {
  readonly layers: number;
  readonly dim: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly contextSize: number;
  readonly seed: number;
  /** Whether the file says how to write a chat, as instruction-tuned models' files do. */
  readonly chatTemplate: boolean;
  /** Whether whatever it says is a text: bytes beyond ASCII are then words like `<0x80>`, and none of its tokens is half a character. */
  readonly wholeText: boolean;
  /** The prompt profile that the file asks for by id; null: it names none. */
  readonly profile: string | null;
  /** Longer pieces of words, each of two earlier ones; what comes first is joined first. None: a token for each character. */
  readonly pieces: readonly string[];
}

const small: Shape = {
  layers: 2,
  dim: 64,
  hidden: 128,
  heads: 4,
  kvHeads: 2,
  contextSize: 2048,
  seed: 1,
  chatTemplate: false,
  wholeText: false,
  profile: null,
  pieces: [],
};

const template =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}' +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

interface VocabularyEntry {
  readonly text: string;
  readonly kind: number;
  readonly score?: number;
}

// Kinds of token, as llama.cpp numbers them.
const kinds = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

/** 3 specials, 256 byte tokens, the 95 printable characters of ASCII (the space as ▁), longer pieces, 2 chat markers. */
function vocabulary({
  pieces,
  wholeText,
}: Pick<Shape, 'pieces' | 'wholeText'>): readonly VocabularyEntry[] {
  const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');
  return [
    { text: '<unk>', kind: kinds.unknown },
    { text: '<s>', kind: kinds.control },
    { text: '</s>', kind: kinds.control },
    ...Array.from({ length: 256 }, (_, byte) => ({
      text: `<0x${hex(byte)}>`,
      kind: wholeText && byte >= 0x80 ? kinds.normal : kinds.byte,
    })),
    ...Array.from({ length: 95 }, (_, i) => ({
      text: i === 0 ? '▁' : String.fromCharCode(32 + i),
      kind: kinds.normal,
    })),
    ...pieces.map((text, i) => ({ text, kind: kinds.normal, score: -i })),
    { text: '<|im_start|>', kind: kinds.control },
    { text: '<|im_end|>', kind: kinds.control },
  ];
}

/** Uniform numbers in [0, 1) from a seed (mulberry32): the same file on every machine. */
function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normals(count: number, deviation: number, uniform: () => number): Float32Array {
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform())) * deviation;
    return radius * Math.cos(2 * Math.PI * uniform());
  });
}

function weights(shape: Shape, vocabularySize: number): readonly Tensor[] {
  const { layers, dim, hidden } = shape;
  const kvDim = (dim / shape.heads) * shape.kvHeads;
  const uniform = uniforms(shape.seed);
  const matrix = (name: string, from: number, to: number, deviation: number): Tensor => ({
    name: `${name}.weight`,
    shape: [from, to],
    data: normals(from * to, deviation, uniform),
  });
  const ones = (name: string): Tensor => ({
    name: `${name}.weight`,
    shape: [dim],
    data: new Float32Array(dim).fill(1),
  });
  const even = 1 / Math.sqrt(dim);
  const layer = (n: number): Tensor[] => [
    ones(`blk.${n}.attn_norm`),
    matrix(`blk.${n}.attn_q`, dim, dim, even),
    matrix(`blk.${n}.attn_k`, dim, kvDim, even),
    matrix(`blk.${n}.attn_v`, dim, kvDim, even),
    matrix(`blk.${n}.attn_output`, dim, dim, even),
    ones(`blk.${n}.ffn_norm`),
    matrix(`blk.${n}.ffn_gate`, dim, hidden, even),
    matrix(`blk.${n}.ffn_down`, hidden, dim, 1 / Math.sqrt(hidden)),
    matrix(`blk.${n}.ffn_up`, dim, hidden, even),
  ];
  return [
    matrix('token_embd', dim, vocabularySize, 1),
    ...Array.from({ length: layers }, (_, n) => layer(n)).flat(),
    ones('output_norm'),
    matrix('output', dim, vocabularySize, 2 * even),
  ];
}

function header(shape: Shape, tokens: ReturnType<typeof vocabulary>): Record<string, Value> {
  const u32 = (value: number): Value => ({ type: 'u32', value });
  const string = (value: string): Value => ({ type: 'string', value });
  const bool = (value: boolean): Value => ({ type: 'bool', value });
  return {
    'general.architecture': string('llama'),
    'general.name': string(`random-${shape.layers}x${shape.dim}`),
    'general.license': string('cc0-1.0'),
    'general.file_type': u32(0),
    'llama.context_length': u32(shape.contextSize),
    'llama.embedding_length': u32(shape.dim),
    'llama.block_count': u32(shape.layers),
    'llama.feed_forward_length': u32(shape.hidden),
    'llama.attention.head_count': u32(shape.heads),
    'llama.attention.head_count_kv': u32(shape.kvHeads),
    'llama.attention.layer_norm_rms_epsilon': { type: 'f32', value: 1e-5 },
    'llama.rope.dimension_count': u32(shape.dim / shape.heads),
    'llama.vocab_size': u32(tokens.length),
    'tokenizer.ggml.model': string('llama'),
    'tokenizer.ggml.tokens': { type: 'strings', value: tokens.map((token) => token.text) },
    'tokenizer.ggml.scores': { type: 'f32s', value: tokens.map(({ score }) => score ?? 0) },
    'tokenizer.ggml.token_type': { type: 'i32s', value: tokens.map((token) => token.kind) },
    'tokenizer.ggml.bos_token_id': u32(1),
    'tokenizer.ggml.eos_token_id': u32(2),
    'tokenizer.ggml.unknown_token_id': u32(0),
    'tokenizer.ggml.eot_token_id': u32(tokens.length - 1),
    'tokenizer.ggml.add_bos_token': bool(true),
    'tokenizer.ggml.add_eos_token': bool(false),
    'tokenizer.ggml.add_space_prefix': bool(false),
    ...(shape.chatTemplate && { 'tokenizer.chat_template': string(template) }),
    ...(shape.profile !== null && { 'drpo.profile': string(shape.profile) }),
  };
}

/**
 * A GGUF file with random weights, by default about half a megabyte. It says nonsense, any byte at all, and always the
 * same for the same seed: enough to test everything but quality.
 */
export function randomModel(shape: Partial<Shape> = {}): Uint8Array<ArrayBuffer> {
  const whole = { ...small, ...shape };
  const tokens = vocabulary(whole);
  return writeGguf(header(whole, tokens), weights(whole, tokens.length));
}

// Tests import this module into the browser too, where there is no command line and no file system.
if (typeof process !== 'undefined' && /random-model\.ts$/.test(process.argv[1] ?? '')) {
  const { writeFileSync } = await import('node:fs');
  const [file, flag] = process.argv.slice(2);
  if (!file) throw new Error('Usage: tsx tools/gguf/random-model.ts FILE [--chat]');
  writeFileSync(file, randomModel({ chatTemplate: flag === '--chat' }));
}
