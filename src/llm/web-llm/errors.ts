import { DrpoError, type ErrorCode } from '../../core/errors.ts';
import { f32Sibling, type ListedModel } from './models.ts';

/** What the engine was doing, with weights of which name, on the library of which listed model. */
export interface Occasion {
  readonly type: 'load' | 'ask';
  readonly model: ListedModel;
  readonly name: string;
}

interface Known {
  /** Matched against "Name: message". Classes are not exported, so names and words are all there is. */
  readonly pattern: RegExp;
  readonly code: (occasion: Occasion) => ErrorCode;
  readonly sentence: (occasion: Occasion) => string;
}

const smaller = 'Close other tabs, load it with a smaller context, or take a smaller model.';

const known: readonly Known[] = [
  {
    pattern: /ShaderF16Support|FeatureSupport|shader-f16/i,
    code: () => 'no-shader-f16',
    sentence: ({ model, name }) => {
      const sibling = f32Sibling(model);
      return `This graphics device lacks 16-bit arithmetic (shader-f16), which ${name} needs. ${sibling ? `Take ${sibling.id}.` : 'Take a GGUF file.'}`;
    },
  },
  {
    pattern: /WebGPUNot|compatible GPU|Cannot initialize runtime because of requested/i,
    code: () => 'no-webgpu',
    sentence: ({ name }) =>
      `This browser or graphics device lacks what ${name} needs of WebGPU. A GGUF file runs without it.`,
  },
  {
    pattern: /DeviceLost|\[?device\]? (was |is )?lost|external Instance reference/i,
    code: ({ type }) => (type === 'load' ? 'out-of-memory' : 'device-lost'),
    sentence: ({ type, model, name }) =>
      type === 'load'
        ? `The graphics device gave up while loading ${name}, which needs about ${model.memoryMb} MB. ${smaller}`
        : `The browser lost the graphics device. Load ${name} again to go on; if it happens again, take a smaller model.`,
  },
  {
    // After a lost device the engine unloads itself, and this is all that the next request hears.
    pattern: /ModelNotLoaded|SpecifiedModelNotFound|UnclearModelToUse/,
    code: () => 'device-lost',
    sentence: ({ name }) =>
      `${name} is no longer loaded: the browser lost the graphics device. Load it again to go on.`,
  },
  {
    pattern: /out of memory|OutOfMemory|bad_alloc|allocation failed|createBuffer/i,
    code: () => 'out-of-memory',
    sentence: ({ model, name }) =>
      `There is no memory for ${name}, which needs about ${model.memoryMb} MB. ${smaller}`,
  },
  {
    pattern: /ContextWindowSizeExceeded/,
    code: () => 'context-too-small',
    sentence: ({ model, name }) =>
      `The request exceeds the context of ${name}. Load it with a larger context (up to ${model.contextSize} tokens), or shorten the prompt or the query.`,
  },
  {
    pattern: /QuotaExceeded/i,
    code: () => 'storage-full',
    sentence: ({ model, name }) =>
      `The browser's storage is full: ${name} needs ${model.sizeMb} MB. Remove models you no longer use, or free disk space.`,
  },
  {
    pattern: /Failed to fetch|fetch failed|Load failed|network ?error|Cache\.add/i,
    code: () => 'network',
    sentence: ({ model, name }) =>
      `The download of ${name} (${model.sizeMb} MB) broke off. Check the connection and try again: what has come is kept.`,
  },
  {
    pattern: /IntegrityError|Unexpected token|is not valid JSON|JSON\.parse|CompileError/,
    code: () => 'model-invalid',
    sentence: ({ name }) =>
      `What was downloaded for ${name} is not the model, so it was removed from the browser's storage. Try again, on a network without a login page.`,
  },
  {
    pattern: /UnsupportedTokenizerFiles|FromBlobJSON|FromBlobSentencePiece/,
    code: () => 'tokenizer-missing',
    sentence: ({ name }) =>
      `${name} has no tokenizer that can be read (tokenizer.json or tokenizer.model). Take weights that come with one.`,
  },
  {
    pattern: /ModelNotFoundError/,
    code: () => 'model-missing',
    sentence: ({ name }) => `web-llm has no model called ${name}. Choose one of the list.`,
  },
  {
    pattern:
      /MissingModelWasm|WindowSize|AttentionSink|Cannot find (parameter|required VM function)|LinkError|kv_state_kind|ABI/,
    code: () => 'model-load-failed',
    sentence: ({ model, name }) =>
      `The weights of ${name} and the library of ${model.id} do not fit together. Choose another model.`,
  },
  {
    pattern: /Grammar|\[FATAL\]|RuntimeError|Aborted\(|unreachable|already been disposed/,
    code: () => 'engine-failed',
    sentence: ({ name }) =>
      `The engine of ${name} broke down. Load the model again to go on; nothing that it said is lost.`,
  },
];

/** Whatever web-llm threw (errors, and strings too) as an error with a code, and a sentence that names the remedy. */
export function mlcError(error: unknown, occasion: Occasion): DrpoError {
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const details = error instanceof Error ? (error.stack ?? words) : words;
  const match = known.find(({ pattern }) => pattern.test(words));
  if (match) {
    return new DrpoError(match.code(occasion), match.sentence(occasion), details, { cause: error });
  }
  const { name, type } = occasion;
  return type === 'load'
    ? new DrpoError(
        'model-load-failed',
        `${name} was not loaded. Try again; if it stays so, choose another model.`,
        details,
        { cause: error },
      )
    : new DrpoError(
        'engine-failed',
        `${name} could not answer. Ask again; if it stays so, load the model anew.`,
        details,
        { cause: error },
      );
}
