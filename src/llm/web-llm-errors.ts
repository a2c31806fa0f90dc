import { DrpoError, type ErrorCode } from '../core/errors.ts';
import { f32Sibling, type ListedModel } from './web-llm-models.ts';

/** What the engine was doing, and with which model. */
export interface Occasion {
  readonly type: 'load' | 'ask';
  readonly model: ListedModel;
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
    sentence: ({ model }) => {
      const sibling = f32Sibling(model);
      return `This graphics device lacks 16-bit arithmetic (shader-f16), which ${model.id} needs. ${sibling ? `Take ${sibling.id}.` : 'Take a GGUF file.'}`;
    },
  },
  {
    pattern: /WebGPUNot|compatible GPU|Cannot initialize runtime because of requested/i,
    code: () => 'no-webgpu',
    sentence: ({ model }) =>
      `This browser or graphics device lacks what ${model.name} needs of WebGPU. A GGUF file runs without it.`,
  },
  {
    pattern: /DeviceLost|device (was|is) lost|device lost/i,
    code: ({ type }) => (type === 'load' ? 'out-of-memory' : 'device-lost'),
    sentence: ({ type, model }) =>
      type === 'load'
        ? `The graphics device gave up while loading ${model.name}, which needs about ${model.memoryMb} MB. ${smaller}`
        : `The browser lost the graphics device. Load ${model.name} again to go on; if it happens again, take a smaller model.`,
  },
  {
    // After a lost device the engine unloads itself, and this is all that the next request hears.
    pattern: /ModelNotLoaded|SpecifiedModelNotFound|UnclearModelToUse/,
    code: () => 'device-lost',
    sentence: ({ model }) =>
      `${model.name} is no longer loaded: the browser lost the graphics device. Load it again to go on.`,
  },
  {
    pattern: /out of memory|OutOfMemory|bad_alloc|allocation failed|createBuffer/i,
    code: () => 'out-of-memory',
    sentence: ({ model }) =>
      `There is no memory for ${model.name}, which needs about ${model.memoryMb} MB. ${smaller}`,
  },
  {
    pattern: /ContextWindowSizeExceeded/,
    code: () => 'context-too-small',
    sentence: ({ model }) =>
      `The request exceeds the context of ${model.name}. Load it with a larger context (up to ${model.contextSize} tokens), or shorten the prompt or the query.`,
  },
  {
    pattern: /QuotaExceeded/i,
    code: () => 'storage-full',
    sentence: ({ model }) =>
      `The browser's storage is full: ${model.name} needs ${model.sizeMb} MB. Remove models you no longer use, or free disk space.`,
  },
  {
    pattern: /Failed to fetch|Load failed|network ?error|Cache\.add/i,
    code: () => 'network',
    sentence: ({ model }) =>
      `The download of ${model.name} (${model.sizeMb} MB) broke off. Check the connection and try again: what has come is kept.`,
  },
  {
    pattern: /IntegrityError|Unexpected token|is not valid JSON|JSON\.parse/,
    code: () => 'model-invalid',
    sentence: ({ model }) =>
      `What was downloaded for ${model.name} is not the model, so it was removed from the browser's storage. Try again, on a network without a login page.`,
  },
  {
    pattern: /ModelNotFoundError/,
    code: () => 'model-missing',
    sentence: ({ model }) => `web-llm has no model called ${model.id}. Choose one of the list.`,
  },
  {
    pattern: /MissingModelWasm|UnsupportedTokenizerFiles|WindowSize|AttentionSink/,
    code: () => 'model-load-failed',
    sentence: ({ model }) =>
      `${model.id} and this version of web-llm do not fit together. Choose another model.`,
  },
  {
    pattern: /Grammar|\[FATAL\]|RuntimeError|Aborted\(|unreachable/,
    code: () => 'engine-failed',
    sentence: ({ model }) =>
      `The engine of ${model.name} broke down. Load the model again to go on; nothing that it said is lost.`,
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
  const { model, type } = occasion;
  return type === 'load'
    ? new DrpoError(
        'model-load-failed',
        `${model.name} was not loaded. Try again; if it stays so, choose another model.`,
        details,
        { cause: error },
      )
    : new DrpoError(
        'engine-failed',
        `${model.name} could not answer. Ask again; if it stays so, load the model anew.`,
        details,
        { cause: error },
      );
}
