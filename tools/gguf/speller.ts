import { writeGguf, type Tensor } from './write-gguf.ts';

/**
 * A model that says a text byte by byte, in UTF-8, which must all differ: each token decides the next, the first after the letter o. Its layer does
 * nothing; the embedding of a token is a direction of its own, which the output turns into the next.
 */
export function speller(text: string): Uint8Array<ArrayBuffer> {
  const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');
  const bytes = [...new TextEncoder().encode(text)];
  const byteTokens = Array.from({ length: 256 }, (_, byte) => `<0x${hex(byte)}>`);
  const markers = ['<|im_start|>', '<|im_end|>'];
  const tokens = ['<unk>', '<s>', '</s>', ...byteTokens, ...markers];
  // One dimension more makes their number even.
  const dim = tokens.length + (tokens.length % 2);
  const ids = bytes.map((byte) => 3 + byte);
  const chain = [3 + 'o'.charCodeAt(0), ...ids, 2];
  const chat = 3 + '\n'.charCodeAt(0);
  const next = new Map(chain.slice(0, -1).map((id, i) => [id, chain[i + 1] ?? 2]));
  const first = ids[0] ?? 2;
  next.set(chat, first);
  const zeros = (name: string, from: number, to: number): Tensor => ({
    name: `${name}.weight`,
    shape: [from, to],
    data: new Float32Array(from * to),
  });
  const filled = (
    tensor: Tensor,
    places: Iterable<readonly [row: number, column: number]>,
  ): Tensor => {
    for (const [row, column] of places) tensor.data[row * dim + column] = 1;
    return tensor;
  };
  const ones = (name: string): Tensor => ({
    name: `${name}.weight`,
    shape: [dim],
    data: new Float32Array(dim).fill(1),
  });
  const squares = ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'];
  return writeGguf(
    {
      'general.architecture': { type: 'string', value: 'llama' },
      'general.name': { type: 'string', value: 'speller' },
      'llama.context_length': { type: 'u32', value: 512 },
      'llama.embedding_length': { type: 'u32', value: dim },
      'llama.block_count': { type: 'u32', value: 1 },
      'llama.feed_forward_length': { type: 'u32', value: dim },
      'llama.attention.head_count': { type: 'u32', value: 1 },
      'llama.attention.layer_norm_rms_epsilon': { type: 'f32', value: 1e-5 },
      'tokenizer.ggml.model': { type: 'string', value: 'llama' },
      'tokenizer.ggml.tokens': { type: 'strings', value: tokens },
      'tokenizer.ggml.scores': { type: 'f32s', value: tokens.map(() => 0) },
      'tokenizer.ggml.token_type': {
        type: 'i32s',
        value: tokens.map((_, id) => (id === 0 ? 2 : id < 3 || id >= 259 ? 3 : 6)),
      },
      'tokenizer.ggml.add_space_prefix': { type: 'bool', value: false },
    },
    [
      filled(
        zeros('token_embd', dim, tokens.length),
        tokens.map((_, id) => [id, id] as const),
      ),
      ones('blk.0.attn_norm'),
      ...squares.map((name) => zeros(`blk.0.${name}`, dim, dim)),
      ones('blk.0.ffn_norm'),
      ones('output_norm'),
      filled(
        zeros('output', dim, tokens.length),
        [...next].map(([id, after]) => [after, id] as const),
      ),
    ],
  );
}
