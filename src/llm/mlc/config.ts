import * as v from 'valibot';
import { DrpoError } from '../../core/errors.ts';

/** What `mlc-chat-config.json` says of weights in MLC's format. */
export interface MlcConfig {
  /** The architecture, such as `qwen2`. */
  readonly modelType: string;
  /** Such as `q4f16_1`. */
  readonly quantization: string;
  readonly tokenizerFiles: readonly string[];
  /** The name of its chat template; null where it has none. `LM` is a template that adds nothing. */
  readonly template: string | null;
  /** All that a library is compiled for: sizes, and numbers such as the base of the position embedding. */
  readonly shape: Readonly<Record<string, unknown>>;
}

/** A file of weights as the manifest (`tensor-cache.json`) lists it. */
export interface Shard {
  /** Its path from the manifest on. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Hex; null in manifests that have none. */
  readonly md5: string | null;
}

/** What the weights of a model are in. */
export interface Manifest {
  readonly shards: readonly Shard[];
  readonly sizeBytes: number;
}

/** A size or number in which weights and a library differ. */
export interface Difference {
  readonly name: string;
  readonly weights: unknown;
  readonly library: unknown;
}

const configSchema = v.object({
  model_type: v.string(),
  quantization: v.string(),
  model_config: v.record(v.string(), v.unknown()),
  vocab_size: v.optional(v.number()),
  tokenizer_files: v.optional(v.array(v.string()), []),
  conv_template: v.optional(
    v.nullable(v.union([v.string(), v.object({ name: v.optional(v.string()) })])),
  ),
});

// A path that leaves the folder of its manifest could name anybody's file.
const pathSchema = v.pipe(
  v.string(),
  v.regex(/^[\w.-]+(\/[\w.-]+)*$/),
  v.check((path) => !path.split('/').includes('..')),
);

const manifestSchema = v.object({
  records: v.pipe(
    v.array(
      v.object({
        dataPath: pathSchema,
        nbytes: v.pipe(v.number(), v.integer(), v.minValue(0)),
        md5sum: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/i), v.toLowerCase())),
      }),
    ),
    v.minLength(1),
    v.maxLength(100_000),
  ),
});

/** Reads `mlc-chat-config.json`. Throws `model-invalid` for anything else. */
export function readMlcConfig(text: string): MlcConfig {
  const raw = parse(configSchema, text, 'mlc-chat-config.json');
  const { model_config, vocab_size, conv_template } = raw;
  return {
    modelType: raw.model_type,
    quantization: raw.quantization,
    tokenizerFiles: raw.tokenizer_files,
    template: typeof conv_template === 'string' ? conv_template : (conv_template?.name ?? null),
    shape: { ...(vocab_size !== undefined && { vocab_size }), ...model_config },
  };
}

/** Reads `tensor-cache.json`, or `ndarray-cache.json`, as older repositories call it. Throws `model-invalid`. */
export function readManifest(text: string): Manifest {
  const { records } = parse(manifestSchema, text, 'tensor-cache.json');
  const shards = records.map(({ dataPath, nbytes, md5sum }) => ({
    path: dataPath,
    sizeBytes: nbytes,
    md5: md5sum ?? null,
  }));
  return { shards, sizeBytes: shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}

function parse<const T extends v.GenericSchema>(
  schema: T,
  text: string,
  name: string,
): v.InferOutput<T> {
  const result = v.safeParse(schema, asJson(text));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  const where = path === null ? '' : ` (at ${path})`;
  throw new DrpoError(
    'model-invalid',
    `${name} is not what MLC writes${where}: this is not a folder of weights in MLC’s format. Take one whose name ends in -MLC.`,
    `${issue.message}\n${text.slice(0, 500)}`,
  );
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/**
 * The one tokenizer file that web-llm reads, of those that the config names: `tokenizer.json`, else `tokenizer.model`.
 * Throws `tokenizer-missing` where it names neither.
 */
export function tokenizerFile({ tokenizerFiles }: MlcConfig): string {
  const file = ['tokenizer.json', 'tokenizer.model'].find((name) => tokenizerFiles.includes(name));
  if (file !== undefined) return file;
  throw new DrpoError(
    'tokenizer-missing',
    `These weights come with no tokenizer that runs in a browser: mlc-chat-config.json names ${tokenizerFiles.join(', ') || 'none'}, and tokenizer.json or tokenizer.model is needed. Take weights that have one.`,
  );
}

// How much runs at once and how far a context goes is decided when a model is loaded, not when its library is compiled.
const free = new Set([
  ...['context_window_size', 'prefill_chunk_size', 'sliding_window_size', 'attention_sink_size'],
  ...['max_batch_size', 'max_position_embeddings', 'max_history_size', 'dtype', 'kwargs'],
  ...['bos_token_id', 'eos_token_id', 'pad_token_id', 'disaggregation'],
]);

/**
 * In what weights differ from what a listed model's library was compiled for; empty where the library runs them. What only
 * one of the two names is no difference: other versions of MLC write more, or fewer, of the same.
 */
export function differences(weights: MlcConfig, library: MlcConfig): readonly Difference[] {
  const pairs: readonly Difference[] = [
    { name: 'architecture', weights: weights.modelType, library: library.modelType },
    { name: 'quantisation', weights: weights.quantization, library: library.quantization },
    ...shapePairs(fullShape(weights.shape), fullShape(library.shape)),
  ];
  return pairs.filter((pair) => canonical(pair.weights) !== canonical(pair.library));
}

function shapePairs(
  weights: Readonly<Record<string, unknown>>,
  library: Readonly<Record<string, unknown>>,
): readonly Difference[] {
  return Object.keys(weights)
    .filter((name) => !free.has(name) && weights[name] != null && library[name] != null)
    .map((name) => ({ name, weights: weights[name], library: library[name] }));
}

/** A shape with what follows from the rest where it isn't said. */
function fullShape(shape: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const said = Object.fromEntries(Object.entries(shape).filter(([, value]) => value != null));
  const { num_attention_heads: heads, hidden_size: size } = said;
  const isPlain = typeof heads === 'number' && typeof size === 'number' && heads > 0;
  return {
    ...said,
    num_key_value_heads: said.num_key_value_heads ?? heads,
    head_dim: said.head_dim ?? (isPlain ? size / heads : undefined),
  };
}

/** JSON with its keys in order, so that equal things read the same. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
