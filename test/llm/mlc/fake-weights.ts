import { createMD5 } from 'hash-wasm';
import type { FakeHost } from '../download/fake-host.ts';

/** A small repository of weights in MLC's format: random bytes under a right list. */
export interface FakeWeights {
  readonly base: string;
  readonly libraryUrl: string;
  /** By path from the base on. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly library: Uint8Array<ArrayBuffer>;
  /** Bytes of the shards. */
  readonly shardBytes: number;
}

interface Shape {
  readonly repository?: string;
  readonly shards?: number;
  readonly bytesPerShard?: number;
  readonly seed?: number;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly withMd5?: boolean;
}

/** A config as MLC writes it, of a small Qwen2. */
export function aConfig(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    version: '0.1.0',
    model_type: 'qwen2',
    quantization: 'q4f16_1',
    model_config: {
      hidden_act: 'silu',
      hidden_size: 896,
      intermediate_size: 4864,
      num_attention_heads: 14,
      num_hidden_layers: 24,
      num_key_value_heads: 2,
      rms_norm_eps: 1e-6,
      rope_theta: 1_000_000,
      vocab_size: 151_936,
      tie_word_embeddings: true,
      context_window_size: 32_768,
      prefill_chunk_size: 2048,
      tensor_parallel_shards: 1,
      head_dim: 64,
      dtype: 'float32',
      max_batch_size: 80,
    },
    vocab_size: 151_936,
    context_window_size: 32_768,
    tokenizer_files: ['tokenizer.json', 'vocab.json', 'merges.txt', 'tokenizer_config.json'],
    conv_template: { name: 'chatml' },
    bos_token_id: 151_643,
    ...change,
  };
}

/** Bytes that look random, and are the same for the same seed. */
export function someBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed * 2_654_435_761 + 1;
  for (let i = 0; i < length; i++) {
    state = Math.imul(state ^ (state >>> 15), 2_246_822_519) + 1;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export async function someWeights(shape: Shape = {}): Promise<FakeWeights> {
  const { repository = 'mlc-ai/Tiny-q4f16_1-MLC', seed = 1, withMd5 = true } = shape;
  const { shards = 6, bytesPerShard = 40_000 } = shape;
  const base = `https://huggingface.co/${repository}/resolve/main/`;
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const records: unknown[] = [];
  for (let i = 0; i < shards; i++) {
    const path = `params_shard_${i}.bin`;
    const bytes = someBytes(bytesPerShard + i, seed * 100 + i);
    files.set(path, bytes);
    records.push({
      dataPath: path,
      format: 'raw-shard',
      nbytes: bytes.length,
      records: [],
      ...(withMd5 && { md5sum: await md5(bytes) }),
    });
  }
  files.set('mlc-chat-config.json', json(aConfig(shape.config)));
  files.set('tensor-cache.json', json({ metadata: { ParamSize: shards }, records }));
  files.set('tokenizer.json', json({ version: '1.0', model: { type: 'BPE', seed } }));
  const library = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, ...someBytes(2000, seed)]);
  const libraryUrl = 'https://raw.githubusercontent.com/libs/tiny_cs1k-webgpu.wasm';
  const shardBytes = shards * bytesPerShard + (shards * (shards - 1)) / 2;
  return { base, libraryUrl, files, library, shardBytes };
}

/** Puts weights on a host. */
export function publish(host: FakeHost, weights: FakeWeights): void {
  for (const [path, bytes] of weights.files) {
    host.files.set(weights.base + path, { bytes, etag: `"${path}"` });
  }
  host.files.set(weights.libraryUrl, { bytes: weights.library, etag: '"library"' });
}

/** The weights as a folder that was picked, with what else lies in such a folder. */
export function asFolder(weights: FakeWeights, name = 'Tiny-q4f16_1-MLC'): File[] {
  const entries = [...weights.files, ['README.md', json('Read me')] as const];
  return entries.map(([path, bytes]) => new File([bytes], `${name}/${path}`));
}

function json(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

async function md5(bytes: Uint8Array): Promise<string> {
  return (await createMD5()).update(bytes).digest('hex');
}
