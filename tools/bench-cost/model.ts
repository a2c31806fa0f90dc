import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { LlmInfo } from '../../src/core/llm.ts';
import { scriptTexts } from '../bench/script.ts';
import { randomModel } from '../gguf/random-model.ts';
import { trainPieces } from '../gguf/train-pieces.ts';
import { readGgufWeights } from '../serve-model/gguf-weights.ts';
import { readLlama, type Llama } from '../serve-model/llama.ts';

/** A model that runs here, and what the port says of it. */
export interface LoadedModel {
  readonly llama: Llama;
  readonly info: LlmInfo;
}

/** Reads a GGUF file of the llama architecture. Throws on one that cannot be read or run here. */
export function loadModel(path: string): LoadedModel {
  return modelOf(readFileSync(path));
}

/**
 * A chat model of one tiny layer with random weights, good for nothing but counting. Its vocabulary is learnt from the app's own requests:
 * some four characters of English are a token, as with real models. Always the same.
 */
export async function countingModel(): Promise<LoadedModel> {
  const pieces = trainPieces(await scriptTexts('chat', 'whole'), 3000);
  const sizes = { layers: 1, dim: 4, hidden: 4, heads: 1, kvHeads: 1, contextSize: 8192 };
  return modelOf(randomModel({ ...sizes, chatTemplate: true, pieces }));
}

function modelOf(bytes: Uint8Array): LoadedModel {
  const header = readGgufWeights(bytes);
  const llama = readLlama(bytes);
  const profile = header.text('drpo.profile');
  return {
    llama,
    info: {
      engine: 'bench:cost',
      id: llama.name,
      revision: createHash('sha256').update(bytes).digest('hex'),
      contextSize: llama.contextSize,
      name: llama.name,
      form: header.text('tokenizer.chat_template') === '' ? 'text' : 'chat',
      ...(profile !== '' && { profile }),
      canEmbed: false,
      concurrency: 1,
    },
  };
}
