import { usualContextSize } from '../memory.ts';

/** A model of web-llm's list that is worth using here. */
export interface ListedModel {
  /** web-llm's id: weights in one quantisation, with the library compiled for it. */
  readonly id: string;
  readonly name: string;
  readonly family: Family;
  readonly kind: 'instruct' | 'base';
  /** Parameters, in millions. */
  readonly millions: number;
  /**
   * To download, once, in MB of 10⁶ bytes. Approximate: parameters times bits, with tokenizer and library. Two of them compared
   * with the real downloads were right to a hundredth.
   */
  readonly sizeMb: number;
  /**
   * On the graphics device at our usual context of 2,048 tokens, in MB of 2²⁰ bytes: web-llm's own figure, which is for
   * 4,096, less what the cache of the other half takes. Approximate.
   */
  readonly memoryMb: number;
  /** What the cache takes of one token more, in KB of 2¹⁰ bytes. */
  readonly cacheKbPerToken: number;
  /** The largest piece of graphics memory it needs at once, in MB of 2²⁰ bytes: its table of tokens. */
  readonly largestBufferMb: number;
  readonly needsF16: boolean;
  /** Tokens it may be loaded with here; web-llm's own default. */
  readonly contextSize: number;
  readonly licence: string;
  readonly note?: string;
}

export type Family =
  'smollm2' | 'qwen2.5' | 'qwen3' | 'llama-3.2' | 'gemma-3' | 'ministral-3' | 'phi' | 'olmo-2';

interface Row extends Pick<
  ListedModel,
  'name' | 'family' | 'kind' | 'licence' | 'note' | 'millions'
> {
  readonly contextSize?: number;
  /** Tokens in the vocabulary, and numbers that stand for each. */
  readonly table: readonly [tokens: number, width: number];
  /** Of one token at 16 bits a number: layers × key-value heads × length of a head × 4 bytes, in KB. */
  readonly cacheKb: number;
  /** web-llm's memory figure for each quantisation it has, at its own context. */
  readonly memoryMb: Readonly<Partial<Record<Quantisation, number>>>;
}

type Quantisation = 'q0f16' | 'q0f32' | 'q4f16_1' | 'q4f32_1';

/** Groups of 32 numbers of 4 bits share a scale of 16 or 32 bits. */
const bitsPerNumber: Readonly<Record<Quantisation, number>> = {
  q0f16: 16,
  q0f32: 32,
  q4f16_1: 4.5,
  q4f32_1: 5,
};

/** Of the table of tokens, whose scales are kept apart. */
const tableBits: Readonly<Record<Quantisation, number>> = {
  q0f16: 16,
  q0f32: 32,
  q4f16_1: 4,
  q4f32_1: 4,
};

/** The file of the tokenizer, which is downloaded too, in MB. */
const tokenizerMb: Readonly<Record<Family, number>> = {
  smollm2: 2,
  'qwen2.5': 7,
  qwen3: 11,
  'llama-3.2': 9,
  'gemma-3': 33,
  'ministral-3': 17,
  phi: 2,
  'olmo-2': 7,
};

const libraryMb = 5;

const thinkingOff = 'Asked with its thinking switched off.';
const slowHere = 'A good judge for a strong graphics device, slow on any other.';

// Left out: Qwen3.5 (its recurrent state cannot step back), gemma-4 (another prompt path, with more that differs), models
// that only think aloud, write code or see, and embedding models, which can neither answer nor judge.
const rows: readonly Row[] = [
  {
    name: 'SmolLM2-135M-Instruct',
    family: 'smollm2',
    kind: 'instruct',
    licence: 'Apache-2.0',
    note: 'The smallest: quick to try, too small to judge well.',
    millions: 135,
    table: [49_152, 576],
    cacheKb: 22.5,
    memoryMb: { q0f16: 360, q0f32: 719 },
  },
  {
    name: 'SmolLM2-360M-Instruct',
    family: 'smollm2',
    kind: 'instruct',
    licence: 'Apache-2.0',
    millions: 362,
    table: [49_152, 960],
    cacheKb: 40,
    memoryMb: { q4f16_1: 376, q4f32_1: 580 },
  },
  {
    name: 'SmolLM2-1.7B-Instruct',
    family: 'smollm2',
    kind: 'instruct',
    licence: 'Apache-2.0',
    millions: 1711,
    table: [49_152, 2048],
    cacheKb: 192,
    memoryMb: { q4f16_1: 1774, q4f32_1: 2692 },
  },
  {
    name: 'Qwen2.5-0.5B-Instruct',
    family: 'qwen2.5',
    kind: 'instruct',
    licence: 'Apache-2.0',
    millions: 494,
    table: [151_936, 896],
    cacheKb: 12,
    memoryMb: { q4f16_1: 945, q4f32_1: 1060 },
  },
  {
    name: 'Qwen2.5-1.5B-Instruct',
    family: 'qwen2.5',
    kind: 'instruct',
    licence: 'Apache-2.0',
    note: 'A good first choice where the graphics device has 2 GB.',
    millions: 1544,
    table: [151_936, 1536],
    cacheKb: 28,
    memoryMb: { q4f16_1: 1630, q4f32_1: 1889 },
  },
  {
    name: 'Qwen2.5-3B-Instruct',
    family: 'qwen2.5',
    kind: 'instruct',
    licence: 'Qwen Research (not for commercial use)',
    millions: 3086,
    table: [151_936, 2048],
    cacheKb: 36,
    memoryMb: { q4f16_1: 2505, q4f32_1: 2894 },
  },
  {
    name: 'Qwen2.5-7B-Instruct',
    family: 'qwen2.5',
    kind: 'instruct',
    licence: 'Apache-2.0',
    note: slowHere,
    millions: 7616,
    table: [152_064, 3584],
    cacheKb: 56,
    memoryMb: { q4f16_1: 5107, q4f32_1: 5900 },
  },
  {
    name: 'Qwen3-0.6B',
    family: 'qwen3',
    kind: 'instruct',
    licence: 'Apache-2.0',
    note: thinkingOff,
    millions: 596,
    table: [151_936, 1024],
    cacheKb: 112,
    memoryMb: { q4f16_1: 1403, q4f32_1: 1925 },
  },
  {
    name: 'Qwen3-1.7B',
    family: 'qwen3',
    kind: 'instruct',
    licence: 'Apache-2.0',
    note: thinkingOff,
    millions: 1721,
    table: [151_936, 2048],
    cacheKb: 112,
    memoryMb: { q4f16_1: 2037, q4f32_1: 2635 },
  },
  {
    name: 'Qwen3-4B',
    family: 'qwen3',
    kind: 'instruct',
    licence: 'Apache-2.0',
    note: thinkingOff,
    millions: 4022,
    table: [151_936, 2560],
    cacheKb: 144,
    memoryMb: { q4f16_1: 3432, q4f32_1: 4328 },
  },
  {
    name: 'Qwen3-8B',
    family: 'qwen3',
    kind: 'instruct',
    licence: 'Apache-2.0',
    note: `${thinkingOff} ${slowHere}`,
    millions: 8191,
    table: [151_936, 4096],
    cacheKb: 144,
    memoryMb: { q4f16_1: 5696, q4f32_1: 6853 },
  },
  {
    name: 'Llama-3.2-1B-Instruct',
    family: 'llama-3.2',
    kind: 'instruct',
    licence: 'Llama 3.2 Community',
    millions: 1236,
    table: [128_256, 2048],
    cacheKb: 32,
    memoryMb: { q4f16_1: 879, q4f32_1: 1129 },
  },
  {
    name: 'Llama-3.2-3B-Instruct',
    family: 'llama-3.2',
    kind: 'instruct',
    licence: 'Llama 3.2 Community',
    millions: 3213,
    table: [128_256, 3072],
    cacheKb: 112,
    memoryMb: { q4f16_1: 2264, q4f32_1: 2952 },
  },
  {
    name: 'gemma3-1b-it',
    family: 'gemma-3',
    kind: 'instruct',
    licence: 'Gemma Terms of Use',
    millions: 1000,
    table: [262_144, 1152],
    cacheKb: 26,
    memoryMb: { q4f16_1: 711 },
  },
  {
    name: 'OLMo-2-0425-1B-Instruct',
    family: 'olmo-2',
    kind: 'instruct',
    licence: 'Apache-2.0',
    millions: 1485,
    table: [100_352, 2048],
    cacheKb: 128,
    memoryMb: { q4f16_1: 1777, q4f32_1: 2454 },
  },
  {
    name: 'Ministral-3-3B-Instruct-2512-BF16',
    family: 'ministral-3',
    kind: 'instruct',
    licence: 'Apache-2.0',
    millions: 3430,
    table: [131_072, 3072],
    cacheKb: 104,
    memoryMb: { q4f16_1: 2864, q4f32_1: 3532 },
  },
  {
    name: 'Phi-4-mini-instruct',
    family: 'phi',
    kind: 'instruct',
    licence: 'MIT',
    millions: 3836,
    table: [200_064, 3072],
    cacheKb: 128,
    memoryMb: { q4f16_1: 3438, q4f32_1: 4221 },
  },
  {
    name: 'Ministral-3-3B-Base-2512',
    family: 'ministral-3',
    kind: 'base',
    licence: 'Apache-2.0',
    note: 'The one modern base model of the list: nothing has aligned it yet.',
    millions: 3430,
    table: [131_072, 3072],
    cacheKb: 104,
    memoryMb: { q4f16_1: 2864, q4f32_1: 3532 },
  },
  {
    name: 'phi-2',
    family: 'phi',
    kind: 'base',
    licence: 'MIT',
    note: 'Trained on textbooks and never aligned.',
    contextSize: 2048,
    millions: 2780,
    table: [51_200, 2560],
    cacheKb: 320,
    memoryMb: { q4f16_1: 3054, q4f32_1: 4032 },
  },
  {
    name: 'phi-1_5',
    family: 'phi',
    kind: 'base',
    licence: 'MIT',
    note: 'Trained on textbooks and never aligned; the smallest base model of the list.',
    contextSize: 2048,
    millions: 1418,
    table: [51_200, 2048],
    cacheKb: 192,
    memoryMb: { q4f16_1: 1210, q4f32_1: 1682 },
  },
];

const quantisations: readonly Quantisation[] = ['q0f16', 'q4f16_1', 'q0f32', 'q4f32_1'];

/** All listed models, smallest of a family first; one that needs shader-f16 comes before its sibling that does not. */
export const webLlmModels: readonly ListedModel[] = rows.flatMap((row) =>
  quantisations.flatMap((quantisation) => listed(row, quantisation)),
);

function listed(row: Row, quantisation: Quantisation): readonly ListedModel[] {
  const statedMb = row.memoryMb[quantisation];
  if (statedMb === undefined) return [];
  const { name, family, kind, licence, millions, contextSize = 4096, note } = row;
  const [tokens, width] = row.table;
  // The cache is kept in the numbers that are computed with.
  const cacheKbPerToken = row.cacheKb * (quantisation.includes('f32') ? 2 : 1);
  const unusedMb = ((contextSize - usualContextSize) * cacheKbPerToken) / 1024;
  return [
    {
      id: `${name}-${quantisation}-MLC`,
      name,
      family,
      kind,
      millions,
      sizeMb: Math.round(
        (millions * bitsPerNumber[quantisation]) / 8 + tokenizerMb[family] + libraryMb,
      ),
      memoryMb: Math.round(statedMb - unusedMb),
      cacheKbPerToken,
      largestBufferMb: Math.ceil((tokens * width * tableBits[quantisation]) / 8 / 2 ** 20),
      // Most of web-llm's own records do not say so, yet none of these runs without.
      needsF16: quantisation.includes('f16'),
      contextSize,
      licence,
      ...(note !== undefined && { note }),
    },
  ];
}

/** The same weights for devices without shader-f16; null where web-llm has none. */
export function f32Sibling(model: ListedModel): ListedModel | null {
  return webLlmModels.find(({ name, needsF16 }) => name === model.name && !needsF16) ?? null;
}

/** The same weights computed with the other numbers, 16 bits for 32 or 32 for 16; null where web-llm has none. */
export function otherPrecision(model: ListedModel): ListedModel | null {
  const same = webLlmModels.filter(({ name }) => name === model.name);
  return same.find(({ needsF16 }) => needsF16 !== model.needsF16) ?? null;
}

/** Each listed model once, in the numbers that suit a device: 16 bits where it has them, as they take half the memory and time. */
export function listedFor({ shaderF16 }: { readonly shaderF16: boolean }): readonly ListedModel[] {
  return webLlmModels.filter(
    (model) => model.needsF16 === shaderF16 || otherPrecision(model) === null,
  );
}
