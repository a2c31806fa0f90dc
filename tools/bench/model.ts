import { writeFileSync } from 'node:fs';
import { randomModel } from '../gguf/random-model.ts';
import { trainPieces } from '../gguf/train-pieces.ts';
import { scriptTexts } from './script.ts';

/**
 * Writes a model of 49 M parameters (F32, 195 MB) with random weights: as in small real models most of them are its 32,000
 * tokens. The script has as many tokens for it as for a real one. Always the same file.
 */
export async function writeBenchModel(path: string): Promise<void> {
  const learnt = trainPieces(await scriptTexts('chat', 'whole'), 3000);
  const pieces = [...learnt, ...unusualWords(31_600 - learnt.length)];
  const sizes = { layers: 5, dim: 512, hidden: 1376, heads: 8, kvHeads: 8 };
  writeFileSync(path, randomModel({ ...sizes, chatTemplate: true, pieces }));
}

/** Words that no text has, each another. */
function unusualWords(count: number): readonly string[] {
  const letters = 'qxzjkv';
  return Array.from({ length: count }, (_, n) => {
    const word = Array.from({ length: 6 }, (_letter, i) => letters[Math.floor(n / 6 ** i) % 6]);
    return `▁${word.join('')}`;
  });
}
