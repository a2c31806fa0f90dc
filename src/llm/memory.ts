import type { GgufFacts } from './gguf.ts';
import type { ListedModel } from './web-llm/models.ts';

/** Tokens that a model is loaded with unless somebody asks for more: a prompt, three examples and an answer fit. */
export const usualContextSize = 2048;

/** What llama.cpp takes beside weights and cache, in bytes: buffers for a batch, its own code, the vocabulary. */
export const ggufWorkingBytes = 300e6;

/**
 * What the address space of one WebAssembly module can hold, in MB of 2²⁰ bytes. Each model has a module of its own, so
 * that two of them have twice this.
 */
export const wasmMb = 4096;

/** Graphics memory of a listed model at a context of so many tokens, in MB of 2²⁰ bytes. Good to a tenth or so. */
export function memoryMbAt(
  model: Pick<ListedModel, 'memoryMb' | 'cacheKbPerToken'>,
  contextSize: number,
): number {
  const more = ((contextSize - usualContextSize) * model.cacheKbPerToken) / 1024;
  return Math.max(0, Math.round(model.memoryMb + more));
}

/** Memory of a GGUF model at a context of so many tokens, in MB of 2²⁰ bytes: weights, cache and working space. */
export function ggufMemoryMb(
  facts: Pick<GgufFacts, 'fileBytes' | 'cacheBytesPerToken'>,
  contextSize: number = usualContextSize,
): number {
  const bytes = facts.fileBytes + facts.cacheBytesPerToken * contextSize + ggufWorkingBytes;
  return Math.round(bytes / 2 ** 20);
}
