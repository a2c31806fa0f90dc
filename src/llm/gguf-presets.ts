import { ggufMemoryMb } from './memory.ts';

/** A GGUF file on the net that anybody may download, small enough for a browser. */
export interface GgufPreset {
  readonly name: string;
  readonly url: string;
  /** `base`: trained to continue text and nothing else, which leaves the most to align. */
  readonly kind: 'instruct' | 'base';
  /** Parameters, in millions. */
  readonly millions: number;
  /** To download, in MB of 10⁶ bytes. */
  readonly sizeMb: number;
  /** At our usual context of 2,048 tokens, in MB of 2²⁰ bytes. Approximate. */
  readonly memoryMb: number;
  /** Tokens it was trained for. */
  readonly contextSize: number;
  readonly licence: string;
  readonly note?: string;
}

interface Row extends Omit<GgufPreset, 'url' | 'memoryMb'> {
  /** Repository and file on Hugging Face, none of which asks for a login. */
  readonly file: readonly [repository: string, name: string];
  /** Of one token at 16 bits a number, in KB of 2¹⁰ bytes. */
  readonly cacheKb: number;
}

const rows: readonly Row[] = [
  {
    name: 'SmolLM2-135M',
    file: ['mradermacher/SmolLM2-135M-GGUF', 'SmolLM2-135M.Q8_0.gguf'],
    kind: 'base',
    millions: 135,
    sizeMb: 145,
    cacheKb: 22.5,
    contextSize: 8192,
    licence: 'Apache-2.0',
    note: 'The smallest true base model: quick to try, too small to judge well.',
  },
  {
    name: 'SmolLM2-360M',
    file: ['mradermacher/SmolLM2-360M-GGUF', 'SmolLM2-360M.Q8_0.gguf'],
    kind: 'base',
    millions: 362,
    sizeMb: 386,
    cacheKb: 40,
    contextSize: 8192,
    licence: 'Apache-2.0',
  },
  {
    name: 'Pythia-410M',
    file: ['mradermacher/pythia-410m-GGUF', 'pythia-410m.Q8_0.gguf'],
    kind: 'base',
    millions: 405,
    sizeMb: 433,
    cacheKb: 96,
    contextSize: 2048,
    licence: 'Apache-2.0',
    note: 'Of 2023, trained on The Pile: nothing in it was ever aligned.',
  },
  {
    name: 'Qwen2.5-0.5B',
    file: ['QuantFactory/Qwen2.5-0.5B-GGUF', 'Qwen2.5-0.5B.Q8_0.gguf'],
    kind: 'base',
    millions: 494,
    sizeMb: 531,
    cacheKb: 12,
    contextSize: 32_768,
    licence: 'Apache-2.0',
  },
  {
    name: 'Qwen3-0.6B-Base',
    file: ['mradermacher/Qwen3-0.6B-Base-GGUF', 'Qwen3-0.6B-Base.Q8_0.gguf'],
    kind: 'base',
    millions: 596,
    sizeMb: 639,
    cacheKb: 112,
    contextSize: 32_768,
    licence: 'Apache-2.0',
  },
  {
    name: 'TinyLlama-1.1B (3T tokens)',
    file: [
      'TheBloke/TinyLlama-1.1B-intermediate-step-1431k-3T-GGUF',
      'tinyllama-1.1b-intermediate-step-1431k-3t.Q4_K_M.gguf',
    ],
    kind: 'base',
    millions: 1100,
    sizeMb: 669,
    cacheKb: 22,
    contextSize: 2048,
    licence: 'Apache-2.0',
  },
  {
    name: 'Llama-3.2-1B',
    file: ['QuantFactory/Llama-3.2-1B-GGUF', 'Llama-3.2-1B.Q4_K_M.gguf'],
    kind: 'base',
    millions: 1236,
    sizeMb: 808,
    cacheKb: 32,
    contextSize: 131_072,
    licence: 'Llama 3.2 Community',
  },
  {
    name: 'OLMo-2-0425-1B',
    file: ['allenai/OLMo-2-0425-1B-GGUF', 'OLMo-2-0425-1B-Q4_K_M.gguf'],
    kind: 'base',
    millions: 1485,
    sizeMb: 936,
    cacheKb: 128,
    contextSize: 4096,
    licence: 'Apache-2.0',
    note: 'Its data and training are public as well.',
  },
  {
    name: 'Qwen2.5-1.5B',
    file: ['QuantFactory/Qwen2.5-1.5B-GGUF', 'Qwen2.5-1.5B.Q4_K_M.gguf'],
    kind: 'base',
    millions: 1544,
    sizeMb: 986,
    cacheKb: 28,
    contextSize: 131_072,
    licence: 'Apache-2.0',
  },
  {
    name: 'Qwen3-1.7B-Base',
    file: ['mradermacher/Qwen3-1.7B-Base-GGUF', 'Qwen3-1.7B-Base.Q4_K_M.gguf'],
    kind: 'base',
    millions: 1721,
    sizeMb: 1107,
    cacheKb: 112,
    contextSize: 32_768,
    licence: 'Apache-2.0',
  },
  {
    name: 'SmolLM2-135M-Instruct',
    file: ['bartowski/SmolLM2-135M-Instruct-GGUF', 'SmolLM2-135M-Instruct-Q8_0.gguf'],
    kind: 'instruct',
    millions: 135,
    sizeMb: 145,
    cacheKb: 22.5,
    contextSize: 8192,
    licence: 'Apache-2.0',
    note: 'The smallest: quick to try, too small to judge well.',
  },
  {
    name: 'SmolLM2-360M-Instruct',
    file: ['HuggingFaceTB/SmolLM2-360M-Instruct-GGUF', 'smollm2-360m-instruct-q8_0.gguf'],
    kind: 'instruct',
    millions: 362,
    sizeMb: 386,
    cacheKb: 40,
    contextSize: 8192,
    licence: 'Apache-2.0',
  },
  {
    name: 'Qwen2.5-0.5B-Instruct',
    file: ['Qwen/Qwen2.5-0.5B-Instruct-GGUF', 'qwen2.5-0.5b-instruct-q4_k_m.gguf'],
    kind: 'instruct',
    millions: 494,
    sizeMb: 491,
    cacheKb: 12,
    contextSize: 32_768,
    licence: 'Apache-2.0',
  },
  {
    name: 'Llama-3.2-1B-Instruct',
    file: ['bartowski/Llama-3.2-1B-Instruct-GGUF', 'Llama-3.2-1B-Instruct-Q4_K_M.gguf'],
    kind: 'instruct',
    millions: 1236,
    sizeMb: 808,
    cacheKb: 32,
    contextSize: 131_072,
    licence: 'Llama 3.2 Community',
  },
  {
    name: 'OLMo-2-0425-1B-Instruct',
    file: ['allenai/OLMo-2-0425-1B-Instruct-GGUF', 'OLMo-2-0425-1B-Instruct-Q4_K_M.gguf'],
    kind: 'instruct',
    millions: 1485,
    sizeMb: 936,
    cacheKb: 128,
    contextSize: 4096,
    licence: 'Apache-2.0',
  },
  {
    name: 'Qwen2.5-1.5B-Instruct',
    file: ['Qwen/Qwen2.5-1.5B-Instruct-GGUF', 'qwen2.5-1.5b-instruct-q4_k_m.gguf'],
    kind: 'instruct',
    millions: 1544,
    sizeMb: 1117,
    cacheKb: 28,
    contextSize: 32_768,
    licence: 'Apache-2.0',
    note: 'A good judge, where the processor is fast.',
  },
];

/** Files that need no choosing: true base models, smallest first, then a few instruction-tuned ones to judge with. */
export const ggufPresets: readonly GgufPreset[] = rows.map(
  ({ file: [repository, name], cacheKb, ...preset }) => ({
    ...preset,
    url: `https://huggingface.co/${repository}/resolve/main/${name}`,
    memoryMb: ggufMemoryMb({ fileBytes: preset.sizeMb * 1e6, cacheBytesPerToken: cacheKb * 1024 }),
  }),
);
