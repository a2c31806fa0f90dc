/** A model of web-llm's list that is worth using here. Sizes in MB. */
export interface ListedModel {
  /** web-llm's id: weights in one quantisation, with the library compiled for it. */
  readonly id: string;
  readonly name: string;
  readonly family: Family;
  readonly kind: 'instruct' | 'base';
  /** To download, once: parameters times bits, good to a tenth. */
  readonly sizeMb: number;
  /** On the graphics device, as web-llm states it for 4,096 tokens (2,048 for phi). */
  readonly memoryMb: number;
  readonly needsF16: boolean;
  /** Tokens it may be loaded with here; web-llm's own default. */
  readonly contextSize: number;
  readonly licence: string;
  readonly note?: string;
}

export type Family =
  'smollm2' | 'qwen2.5' | 'qwen3' | 'llama-3.2' | 'gemma-3' | 'ministral-3' | 'phi' | 'olmo-2';

interface Row extends Pick<ListedModel, 'name' | 'family' | 'kind' | 'licence' | 'note'> {
  readonly contextSize?: number;
  readonly millions: number;
  /** web-llm's memory figure for each quantisation it has. */
  readonly memoryMb: Readonly<Partial<Record<Quantisation, number>>>;
}

type Quantisation = 'q0f16' | 'q0f32' | 'q4f16_1' | 'q4f32_1';

const bitsPerNumber: Readonly<Record<Quantisation, number>> = {
  q0f16: 16,
  q0f32: 32,
  q4f16_1: 4.5,
  q4f32_1: 5,
};

// Left out: Qwen3.5 (its recurrent state cannot step back) and gemma-4 (another prompt path, with more that differs).
const rows: readonly Row[] = [
  {
    name: 'SmolLM2-135M-Instruct',
    family: 'smollm2',
    kind: 'instruct',
    licence: 'Apache-2.0',
    note: 'The smallest: quick to try, too small to judge well.',
    millions: 135,
    memoryMb: { q0f16: 360, q0f32: 719 },
  },
  {
    name: 'SmolLM2-360M-Instruct',
    family: 'smollm2',
    kind: 'instruct',
    licence: 'Apache-2.0',
    millions: 362,
    memoryMb: { q4f16_1: 376, q4f32_1: 580 },
  },
  {
    name: 'SmolLM2-1.7B-Instruct',
    family: 'smollm2',
    kind: 'instruct',
    licence: 'Apache-2.0',
    millions: 1711,
    memoryMb: { q4f16_1: 1774, q4f32_1: 2692 },
  },
  {
    name: 'Qwen2.5-0.5B-Instruct',
    family: 'qwen2.5',
    kind: 'instruct',
    licence: 'Apache-2.0',
    millions: 494,
    memoryMb: { q4f16_1: 945, q4f32_1: 1060 },
  },
  {
    name: 'Qwen2.5-1.5B-Instruct',
    family: 'qwen2.5',
    kind: 'instruct',
    licence: 'Apache-2.0',
    note: 'A good first choice where the graphics device has 2 GB.',
    millions: 1544,
    memoryMb: { q4f16_1: 1630, q4f32_1: 1889 },
  },
  {
    name: 'Qwen2.5-3B-Instruct',
    family: 'qwen2.5',
    kind: 'instruct',
    licence: 'Qwen Research (not for commercial use)',
    millions: 3086,
    memoryMb: { q4f16_1: 2505, q4f32_1: 2894 },
  },
  {
    name: 'Qwen3-0.6B',
    family: 'qwen3',
    kind: 'instruct',
    licence: 'Apache-2.0',
    note: 'Asked with its thinking switched off.',
    millions: 596,
    memoryMb: { q4f16_1: 1403, q4f32_1: 1925 },
  },
  {
    name: 'Qwen3-1.7B',
    family: 'qwen3',
    kind: 'instruct',
    licence: 'Apache-2.0',
    note: 'Asked with its thinking switched off.',
    millions: 1721,
    memoryMb: { q4f16_1: 2037, q4f32_1: 2635 },
  },
  {
    name: 'Qwen3-4B',
    family: 'qwen3',
    kind: 'instruct',
    licence: 'Apache-2.0',
    note: 'Asked with its thinking switched off.',
    millions: 4022,
    memoryMb: { q4f16_1: 3432, q4f32_1: 4328 },
  },
  {
    name: 'Llama-3.2-1B-Instruct',
    family: 'llama-3.2',
    kind: 'instruct',
    licence: 'Llama 3.2 Community',
    millions: 1236,
    memoryMb: { q4f16_1: 879, q4f32_1: 1129 },
  },
  {
    name: 'Llama-3.2-3B-Instruct',
    family: 'llama-3.2',
    kind: 'instruct',
    licence: 'Llama 3.2 Community',
    millions: 3213,
    memoryMb: { q4f16_1: 2264, q4f32_1: 2952 },
  },
  {
    name: 'gemma3-1b-it',
    family: 'gemma-3',
    kind: 'instruct',
    licence: 'Gemma Terms of Use',
    millions: 1000,
    memoryMb: { q4f16_1: 711 },
  },
  {
    name: 'OLMo-2-0425-1B-Instruct',
    family: 'olmo-2',
    kind: 'instruct',
    licence: 'Apache-2.0',
    millions: 1485,
    memoryMb: { q4f16_1: 1777, q4f32_1: 2454 },
  },
  {
    name: 'Ministral-3-3B-Base-2512',
    family: 'ministral-3',
    kind: 'base',
    licence: 'Apache-2.0',
    note: 'The one modern base model of the list: nothing has aligned it yet.',
    millions: 3430,
    memoryMb: { q4f16_1: 2864, q4f32_1: 3532 },
  },
  {
    name: 'phi-2',
    family: 'phi',
    kind: 'base',
    licence: 'MIT',
    contextSize: 2048,
    millions: 2780,
    memoryMb: { q4f16_1: 3054, q4f32_1: 4032 },
  },
  {
    name: 'phi-1_5',
    family: 'phi',
    kind: 'base',
    licence: 'MIT',
    contextSize: 2048,
    millions: 1418,
    memoryMb: { q4f16_1: 1210, q4f32_1: 1682 },
  },
];

const quantisations: readonly Quantisation[] = ['q0f16', 'q4f16_1', 'q0f32', 'q4f32_1'];

/** All listed models, smallest of a family first; one that needs shader-f16 comes before its sibling that does not. */
export const webLlmModels: readonly ListedModel[] = rows.flatMap((row) =>
  quantisations.flatMap((quantisation) => listed(row, quantisation)),
);

function listed(row: Row, quantisation: Quantisation): readonly ListedModel[] {
  const memoryMb = row.memoryMb[quantisation];
  if (memoryMb === undefined) return [];
  const { name, family, kind, licence, millions, contextSize = 4096, note } = row;
  return [
    {
      id: `${name}-${quantisation}-MLC`,
      name,
      family,
      kind,
      sizeMb: Math.round((millions * bitsPerNumber[quantisation]) / 8),
      memoryMb,
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
