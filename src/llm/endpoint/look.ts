import * as v from 'valibot';
import { endpointError } from './errors.ts';
import { CallFailed, requestJson, serverAt, type Server } from './http.ts';

export { endpointAddress } from './address.ts';

/** What a server said when it was looked at. */
export interface EndpointFacts {
  readonly models: readonly string[];
  /** Tokens; null where it does not say, or its models differ. */
  readonly contextSize: number | null;
  /** Whether it gives probabilities of tokens; null where it must be tried. */
  readonly logprobs: boolean | null;
  readonly server: string | null;
}

/** The servers that are told apart, for what each has beside the protocol. */
export type ServerKind = 'llama.cpp' | 'vLLM' | 'SGLang' | 'Ollama' | 'LM Studio';

/** What a server is: which kind (null for any other), which version of it, and the models it lists. */
export interface Identity {
  readonly kind: ServerKind | null;
  readonly version: string | null;
  readonly models: readonly ServedFacts[];
}

/** A model as its server lists it. `revision` is what the server says of its weights, the same each time it is asked; null if nothing. */
export interface ServedFacts {
  readonly id: string;
  readonly contextSize: number | null;
  readonly revision: string | null;
}

/**
 * Asks a server what it offers. Rejects with a DrpoError: `network`, `host-blocked`, `endpoint-refused`, `endpoint-failed`, `settings-invalid`; or the
 * signal's AbortError.
 */
export async function lookAtEndpoint(
  address: string,
  key: string | null,
  signal?: AbortSignal,
): Promise<EndpointFacts> {
  const server = serverAt(address, key);
  try {
    const { kind, version, models } = await identify(server, signal);
    const sizes = new Set(models.map((model) => model.contextSize));
    const [contextSize = null] = sizes.size === 1 ? sizes : [];
    return {
      models: models.map((model) => model.id),
      contextSize,
      logprobs: kind === 'llama.cpp' || kind === 'vLLM' || kind === 'SGLang' ? true : null,
      server: kind === null ? null : [kind, version].filter((x) => x !== null).join(' '),
    };
  } catch (error) {
    throw error instanceof CallFailed ? await endpointError(error, server) : error;
  }
}

const size = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))), null);
const name = v.fallback(v.nullish(v.string()), null);
const modelSchema = v.object({
  id: v.string(),
  owned_by: name,
  root: name,
  max_model_len: size,
  context_length: size,
  context_window: size,
  max_context_length: size,
  meta: v.fallback(v.nullish(v.object({ n_ctx: size, n_params: size, size })), null),
});
const modelsSchema = v.object({ data: v.nullable(v.array(modelSchema)) });
type Listed = v.InferOutput<typeof modelSchema>;

/** Learns what a server is from its list of models, and from the calls of its own kind. Rejects with CallFailed or the signal's AbortError. */
export async function identify(server: Server, signal?: AbortSignal): Promise<Identity> {
  const call = { url: `${server.base}/models`, signal, persist: 'busy' } as const;
  const listed = (await requestJson(server, call, modelsSchema)).data ?? [];
  const kind = kindOf(server, listed);
  const models = listed.map((model) => ({
    id: model.id,
    contextSize: sizeOf(model),
    // Not when it was made: several servers say the moment of the request.
    revision: model.root ?? null,
  }));
  switch (kind) {
    case 'llama.cpp':
      return identifyLlamaCpp(server, listed, models, signal);
    case 'Ollama':
      return identifyOllama(server, models, signal);
    case 'LM Studio':
      return identifyLmStudio(server, models, signal);
    case 'vLLM': {
      const said = await ask(server, '/version', versionSchema, signal);
      return { kind, version: said?.version ?? null, models };
    }
    case 'SGLang':
    case null:
      return { kind, version: null, models };
  }
}

function sizeOf(model: Listed): number | null {
  const { max_model_len, context_length, context_window, max_context_length } = model;
  return max_model_len ?? context_length ?? context_window ?? max_context_length ?? null;
}

const owners: Readonly<Record<string, ServerKind>> = {
  llamacpp: 'llama.cpp',
  vllm: 'vLLM',
  sglang: 'SGLang',
  library: 'Ollama',
  organization_owner: 'LM Studio',
};

/** Servers name themselves as the owner of what they serve. Ollama may name somebody else; its port is its own. */
function kindOf({ root }: Server, listed: readonly Listed[]): ServerKind | null {
  return owners[listed[0]?.owned_by ?? ''] ?? (new URL(root).port === '11434' ? 'Ollama' : null);
}

const versionSchema = v.object({ version: v.optional(v.string()) });
const propsSchema = v.object({
  build_info: v.optional(v.string()),
  default_generation_settings: v.optional(v.object({ n_ctx: v.optional(v.number()) })),
});

async function identifyLlamaCpp(
  server: Server,
  listed: readonly Listed[],
  models: readonly ServedFacts[],
  signal?: AbortSignal,
): Promise<Identity> {
  const props = await ask(server, '/props', propsSchema, signal);
  const contextSize = props?.default_generation_settings?.n_ctx ?? null;
  const build = props?.build_info ?? null;
  return {
    kind: 'llama.cpp',
    version: build,
    models: models.map((model, i) => {
      const { n_params, size: bytes } = listed[i]?.meta ?? {};
      const weights = bytes ? `${bytes} bytes` : n_params ? `${n_params} parameters` : null;
      const revision = [build, weights].filter((x) => x !== null).join(', ');
      return { ...model, contextSize, revision: revision === '' ? null : revision };
    }),
  };
}

const ollamaSchema = v.object({
  models: v.optional(
    v.array(v.object({ name: v.string(), digest: name, context_length: size })),
    [],
  ),
});

/** Its list has the digests of the weights; the context of a model is only known while it is loaded. */
async function identifyOllama(
  server: Server,
  models: readonly ServedFacts[],
  signal?: AbortSignal,
): Promise<Identity> {
  const said = await ask(server, '/api/version', versionSchema, signal);
  const kept = (await ask(server, '/api/tags', ollamaSchema, signal))?.models ?? [];
  const loaded = (await ask(server, '/api/ps', ollamaSchema, signal))?.models ?? [];
  const described = models.map(({ id }) => ({
    id,
    contextSize: loaded.find((model) => model.name === id)?.context_length ?? null,
    revision: kept.find((model) => model.name === id)?.digest ?? null,
  }));
  return { kind: 'Ollama', version: said?.version ?? null, models: described };
}

const studioSchema = v.object({
  data: v.optional(
    v.array(
      v.object({
        id: v.string(),
        type: name,
        quantization: name,
        loaded_context_length: size,
        max_context_length: size,
      }),
    ),
    [],
  ),
});

async function identifyLmStudio(
  server: Server,
  models: readonly ServedFacts[],
  signal?: AbortSignal,
): Promise<Identity> {
  const data = (await ask(server, '/api/v0/models', studioSchema, signal))?.data ?? [];
  const described = models.map((model) => {
    const known = data.find(({ id }) => id === model.id);
    const contextSize = known?.loaded_context_length ?? known?.max_context_length ?? null;
    return { ...model, contextSize, revision: known?.quantization ?? null };
  });
  return { kind: 'LM Studio', version: null, models: described };
}

/** One of a server's own calls; null where it lacks it, as older ones do and those behind another server. */
async function ask<const T extends v.GenericSchema<unknown, object>>(
  server: Server,
  path: string,
  schema: T,
  signal?: AbortSignal,
): Promise<v.InferOutput<T> | null> {
  try {
    return await requestJson(server, { url: server.root + path, signal, persist: 'busy' }, schema);
  } catch (error) {
    if (error instanceof CallFailed) return null;
    throw error;
  }
}
