import { DrpoError } from '../../core/errors.ts';

/** What went wrong in the engine: its own words, what it logged meanwhile, and the name of the model. */
export interface Trouble {
  readonly words: string;
  readonly log: string;
  readonly name: string;
}

/** An engine that broke down without telling the call it was at. */
export class Breakdown extends Error {
  override readonly name = 'RuntimeError';
}

/**
 * Whether the WebAssembly has come to its end, after which calls hang or read memory that is broken. An exception thrown in C++, which is caught
 * there, is none of these; it shows as an array that is too long, as no length was written.
 */
export function isFatal(error: unknown): boolean {
  if (typeof error === 'string') return error.includes('crashed');
  if (!(error instanceof Error) || error.name !== 'RuntimeError') return false;
  return !error.message.includes('Invalid typed array length');
}

const noMemory =
  /out of memory|\bOOM\b|bad_alloc|(?:failed to|unable to|could not|cannot) allocate|allocation failed|enlarge memory/i;

/** The error of a load that failed: `out-of-memory`, `tokenizer-missing` or `model-load-failed`. */
export function loadFailure({ words, log, name }: Trouble): DrpoError {
  const details = `${words}\n${log}`;
  if (noMemory.test(details)) {
    return new DrpoError(
      'out-of-memory',
      `The browser could not get the memory for ${name}. Close other tabs, load it with a smaller context, or take a smaller model.`,
      details,
    );
  }
  if (/cannot find tokenizer|key not found in model: tokenizer/i.test(details)) {
    return new DrpoError(
      'tokenizer-missing',
      `${name} was not loaded: the file has no tokenizer, or only a part of one. Take another file of the same model.`,
      details,
    );
  }
  return new DrpoError(
    'model-load-failed',
    `${name} was not loaded: ${reasonIn(details)}. Take another file of the same model, or another model.`,
    details,
  );
}

function reasonIn(details: string): string {
  const architecture = /unknown model architecture: '([^']+)'/.exec(details)?.[1];
  if (architecture) return `its architecture (“${architecture}”) is newer than the engine`;
  const tokenizer = /unknown (?:pre-)?tokenizer(?: type)?: '([^']+)'/.exec(details)?.[1];
  if (tokenizer) return `its tokenizer (“${tokenizer}”) is newer than the engine`;
  if (/chat template/i.test(details)) return 'the engine could not read its chat template';
  return 'the engine could not read it';
}

/** The error of a request that failed: `out-of-memory`, `device-lost`, `context-too-small` or `engine-failed`. */
export function askFailure({ words, log, name }: Trouble): DrpoError {
  const details = `${words}\n${log}`;
  if (noMemory.test(details)) {
    return new DrpoError(
      'out-of-memory',
      `The browser has no memory left for ${name}. Close other tabs, load it with a smaller context, or take a smaller model.`,
      details,
    );
  }
  if (/device (?:was |is )?lost/i.test(details)) {
    return new DrpoError(
      'device-lost',
      `The graphics device was taken away from ${name}. Close what else uses it, and load the model anew.`,
      details,
    );
  }
  if (/exceeds the available context|context size has been exceeded/i.test(details)) {
    return new DrpoError(
      'context-too-small',
      `This request is longer than the context of ${name}. Load it with a larger context, or shorten the prompt, the query or the reply limit.`,
      details,
    );
  }
  return new DrpoError(
    'engine-failed',
    `The engine of ${name} failed: ${words.replace(/\.?$/, '.')} Ask again; if it happens again, close the model and load it anew.`,
    log,
  );
}

/** The error of every request to an engine that came to its end: what ended it, said once more. */
export function endedFailure({ words, log, name }: Trouble): DrpoError {
  const first = askFailure({ words, log, name });
  if (first.code === 'out-of-memory' || first.code === 'device-lost') return first;
  return new DrpoError(
    'engine-failed',
    `The engine of ${name} broke down and must be loaded anew: ${words.replace(/\.?$/, '.')}`,
    log,
  );
}

/** What an error says, whatever was thrown. */
export function wordsOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (error instanceof Error) return error.message;
  if (error instanceof Event) {
    return 'message' in error ? String(error.message) : 'its worker could not be started';
  }
  return JSON.stringify(error);
}

const weightsElsewhere = /load_tensors:\s+(?!CPU)\S+ model buffer size/;

/** What the engine said since it was last cleared, 40 lines at most: the true cause of an error stands only there. */
export class EngineLog {
  readonly #onCrash: (words: string) => void;
  #lines: readonly string[] = [];

  /** `onCrash` hears of a worker that broke down: the engine passes that on as a line like any other. */
  constructor(onCrash: (words: string) => void) {
    this.#onCrash = onCrash;
  }

  /** Whether weights went to a graphics device, as the engine says while it loads. */
  usesGraphics = false;

  readonly logger = {
    debug: (...words: unknown[]): void => {
      if (words.some((word) => weightsElsewhere.test(String(word)))) this.usesGraphics = true;
    },
    log: (): void => undefined,
    warn: (...words: unknown[]): void => this.#add(words),
    error: (...words: unknown[]): void => {
      this.#add(words);
      for (const word of words) if (word instanceof Event) this.#onCrash(wordsOf(word));
    },
  };

  get text(): string {
    return this.#lines.join('\n');
  }

  clear(): void {
    this.#lines = [];
  }

  #add(words: readonly unknown[]): void {
    this.#lines = [...this.#lines.slice(-39), words.map(wordsOf).join(' ')];
  }
}
