import type { Gguf } from '../serve-model/gguf-weights.ts';

// Of WebAssembly's memory, which is less than the 8 GiB that llama.cpp would take for prompts that have left the context.
const memoryBytes = 4 * 2 ** 30;

/**
 * Tokens that wllama's cache can hold: the cells of its context, and llama.cpp's cache of former prompts, which takes what
 * memory the weights leave. Its entries are whole prompts and repeat what they share, so it never holds quite so many.
 */
export function cacheTokensOf(gguf: Gguf, fileBytes: number, contextSize: number): number {
  const architecture = gguf.text('general.architecture');
  const number = (key: string, otherwise = 0): number =>
    gguf.number(`${architecture}.${key}`, otherwise);
  const heads = number('attention.head_count', 1);
  const headLength = number('attention.key_length', number('embedding_length') / heads);
  const keysAndValues = 2 * number('attention.head_count_kv', heads) * headLength;
  const bytesPerToken = number('block_count') * keysAndValues * 2;
  return contextSize + Math.max(0, Math.floor((memoryBytes - fileBytes) / bytesPerToken));
}
