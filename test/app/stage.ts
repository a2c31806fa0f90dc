import type { LlmInfo, LlmReply, LlmRequest, Usage } from '../../src/core/llm.ts';
import type { Speed } from '../../src/core/estimate.ts';
import type { ModelSource, OpenModel, OpenOptions } from '../../src/llm/open.ts';
import type { SelfTest } from '../../src/llm/self-test.ts';
import { scripted, type Scripted } from '../../src/llm/scripted.ts';
import { around, chance, contentText } from '../core/builders.ts';

/** A model that was opened on the stage. */
export interface Actor {
  readonly source: ModelSource;
  readonly options: OpenOptions;
  readonly llm: Scripted;
  closed: boolean;
  measured: number;
  pace: Speed | null;
}

/**
 * Stands in for src/llm/open.ts: `vi.mock('../../src/llm/open.ts', () => import('./stage.ts'))`. Every model is scripted and
 * says the same to the same request; the stage knows who was opened and what was answered.
 */
class Stage {
  opened: Actor[] = [];
  /** The requests that got a reply, in order, over all models. */
  answered: LlmRequest[] = [];
  /** What models opened from now on say they are. */
  info: Partial<LlmInfo> = {};
  /** What the self-test of models says. */
  selfTest: SelfTest = { ok: true };
  /** Awaited before each opening; what it rejects with fails the opening. */
  beforeOpen: () => unknown = () => undefined;
  /** Awaited before an opening resolves. */
  afterOpen: (actor: Actor) => unknown = () => undefined;
  /** Called before each reply, with how many were given; what it throws is the engine's error. */
  beforeReply: (given: number) => void = () => undefined;
  #holdAfter = Infinity;
  #pending = 0;

  reset(): void {
    Object.assign(this, new Stage());
    this.#holdAfter = Infinity;
    this.#pending = 0;
  }

  /** After so many more replies the next request waits. */
  holdAfter(replies: number): void {
    this.#holdAfter = this.answered.length + replies;
    if (replies === 0) for (const { llm } of this.opened) llm.hold();
  }

  /** Whether a request waits. */
  get holds(): boolean {
    return this.#pending > 0 && this.answered.length >= this.#holdAfter;
  }

  async goOn(): Promise<void> {
    this.#holdAfter = Infinity;
    for (const { llm } of this.opened) await llm.release();
  }

  open(source: ModelSource, options: OpenOptions): Actor {
    const { contextSize = 4096 } = options;
    const revision = source.type === 'gguf-file' ? source.sha256 : '1';
    const llm = aModel({ contextSize, revision, ...this.info }, (request) => {
      this.beforeReply(this.answered.length);
      this.answered.push(request);
      if (this.answered.length >= this.#holdAfter) llm.hold();
    });
    if (this.answered.length >= this.#holdAfter) llm.hold();
    const ask: Scripted['ask'] = async (request, askOptions) => {
      this.#pending++;
      try {
        return await llm.ask(request, askOptions);
      } finally {
        this.#pending--;
      }
    };
    const actor = { source, options, llm: { ...llm, ask }, closed: false, measured: 0, pace: null };
    this.opened.push(actor);
    return actor;
  }
}

export const stage = new Stage();

/** A model as the stage opens it, for asking it directly. */
export function aModel(
  info: Partial<LlmInfo> = {},
  before: (request: LlmRequest) => void = () => undefined,
): Scripted {
  return scripted({ engine: 'scripted 1', ...info }, (request) => {
    before(request);
    return replyTo(request);
  });
}

const usage: Usage = { promptTokens: 10, reusedTokens: 4, outputTokens: 3, elapsedMs: 20 };

function replyTo(request: LlmRequest): LlmReply {
  const { output, purpose } = request;
  if (output.type === 'choice') {
    const score = 1 + 4 * chance(contentText(request.content));
    return { type: 'choice', probabilities: around(score), cut: [], usage };
  }
  if (output.type === 'embedding') return { type: 'embedding', vector: [1], cut: [], usage };
  return { type: 'text', text: textOf(request, purpose), finish: 'stop', cut: [], usage };
}

function textOf({ content, sampling }: LlmRequest, purpose: LlmRequest['purpose']): string {
  const number = Math.floor(1e6 * chance(contentText(content), sampling.seed));
  switch (purpose) {
    case 'choose-criteria':
      return 'Helpfulness, Clarity';
    case 'explain':
      return `It would be shorter by ${number} words.`;
    case 'rewrite':
      return `You are a helpful assistant.\n- Follow rule number ${number}.`;
    case 'answer':
    case 'improve':
    case 'rate':
    case 'embed':
      return `The answer has number ${number}.`;
  }
}

/** As src/llm/open.ts has it. */
export async function openModel(
  source: ModelSource,
  options: OpenOptions = {},
): Promise<OpenModel> {
  await stage.beforeOpen();
  options.signal?.throwIfAborted();
  const actor = stage.open(source, options);
  await stage.afterOpen(actor);
  return {
    llm: actor.llm,
    measure: () => {
      actor.measured++;
      return Promise.resolve({ prefillPerSecond: 500, decodePerSecond: 50 });
    },
    selfTest: () => Promise.resolve(stage.selfTest),
    paceTo: (speed) => {
      actor.pace = speed;
    },
    close: () => {
      actor.closed = true;
    },
  };
}

/** As src/llm/open.ts has it. */
export async function bringModel(source: ModelSource, options: OpenOptions = {}): Promise<void> {
  await stage.beforeOpen();
  options.signal?.throwIfAborted();
  await stage.afterOpen(stage.open(source, options));
}

/** As src/llm/open.ts has it. */
export async function hashFile(file: Blob, onProgress?: (done: number) => void): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  onProgress?.(file.size);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
