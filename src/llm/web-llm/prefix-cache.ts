import type { InputData, PagedPipeline } from './contract.ts';

/**
 * Tokens that are prefilled, kept and reused together. Prompts are cut into blocks of this length from their first token on,
 * whether any of them is reused or not, so a block is always computed by the same kernels over the same history: a reply cannot
 * tell a warm cache from a cold one, not even in its last bit.
 *
 * The price is paid twice. On average half a block of a known prefix is prefilled again, so a long block costs every request; and a
 * short one starves the graphics device in a long new prompt (web-llm's own chunk is 1,024 tokens): below some 32 rows its matrix
 * kernels run half empty, and each block costs all kernel launches of a forward pass anew. 64 fills the usual tiles of 32 twice, is four of
 * the cache's pages of 16, and wastes 32 tokens of the 50 to 100 that are new in a rating. It is part of the model's revision.
 */
export const blockTokens = 64;

// A long prefill is handed over at once otherwise, and neither an abort nor a sign of life could come in between.
const blocksBetweenPauses = 8;

/** How a prompt was prefilled: `reusedTokens` of `promptTokens` were in the cache. */
export interface Prefill {
  readonly promptTokens: number;
  readonly reusedTokens: number;
}

/**
 * Reuse of the longest common prefix between a prompt and what the KV cache of web-llm 0.2.86 holds. web-llm itself clears it before almost
 * every request; its runtime can step back (`kv_state_popn`), which it never does.
 *
 * Reused are whole blocks that were prefilled as whole blocks from the prompt's beginning, and nothing else: a token that was
 * decoded, or prefilled in a shorter last block, went through other kernels. At least one token of a prompt is always prefilled.
 */
export class PrefixCache {
  readonly #pipeline: PagedPipeline;
  readonly #popn: (count: number) => void;
  readonly #clear: () => void;
  readonly #input: () => Promise<InputData>;
  readonly #forward: PagedPipeline['embedAndForward'];
  /** The tokens of the whole blocks at the beginning of the KV cache. */
  #blocks: number[] = [];
  /** All tokens in the KV cache, decoded ones too. */
  #held = 0;
  /** Whether the engine wants an empty cache, which is seen to once the next prompt is known. */
  #resetting = true;
  #reuses = true;
  #prefill: Prefill | null = null;
  #sincePause = 0;

  /** Called between blocks of a long prefill; what it throws ends the request. */
  onPause: () => void = () => undefined;

  /**
   * Takes over the pipeline's prefill, for good. Null where the runtime cannot step back or prefills less than a block at once;
   * the pipeline is then left as it was.
   */
  static install(pipeline: PagedPipeline): PrefixCache | null {
    const stepBack = stepBackOf(pipeline);
    return stepBack && pipeline.prefillChunkSize >= blockTokens
      ? new PrefixCache(pipeline, stepBack)
      : null;
  }

  private constructor(pipeline: PagedPipeline, popn: (count: number) => void) {
    this.#pipeline = pipeline;
    this.#popn = popn;
    this.#clear = pipeline.resetKVCache.bind(pipeline);
    this.#input = pipeline.getInputData.bind(pipeline);
    this.#forward = pipeline.embedAndForward.bind(pipeline);
    pipeline.prefillChunkSize = blockTokens;
    pipeline.resetKVCache = () => {
      this.#resetting = true;
    };
    pipeline.getInputData = () => this.#takeInput();
    pipeline.embedAndForward = (data, tokens) => this.#compute(data, tokens);
  }

  /** How the prompt last asked for was prefilled; null before the first. */
  get prefill(): Prefill | null {
    return this.#prefill;
  }

  /** From now on every prompt is prefilled anew, in the same blocks: replies stay what they were. */
  switchOff(): void {
    this.#reuses = false;
  }

  /** Trusts nothing that the KV cache holds, as after any failure: the next request begins with an empty one. */
  forget(): void {
    this.#blocks = [];
    this.#held = 0;
    this.#resetting = true;
  }

  /** What of the prompt must be prefilled. Asked with an empty cache (or so the engine thinks), it gets the whole prompt. */
  async #takeInput(): Promise<InputData> {
    const [data, length, sizeOfImage] = await this.#input();
    if (!this.#resetting) return [data, length, sizeOfImage];
    const tokens = data.flat();
    const kept = this.#reuses ? commonBlocks(this.#blocks, tokens) : 0;
    this.#stepBackTo(kept);
    this.#prefill = { promptTokens: tokens.length, reusedTokens: kept };
    return [[tokens.slice(kept)], tokens.length - kept, sizeOfImage];
  }

  #stepBackTo(kept: number): void {
    const tooMany = this.#held - kept;
    // Should this fail, nothing is known of the cache.
    this.#held = 0;
    if (kept === 0) this.#clear();
    else if (tooMany > 0) this.#popn(tooMany);
    this.#blocks.length = kept;
    this.#held = kept;
    this.#resetting = false;
    this.#sincePause = 0;
    this.#pipeline.filledKVCacheLength = kept;
  }

  async #compute(data: InputData[0], tokens: number): Promise<unknown> {
    if (this.#resetting) this.#stepBackTo(0);
    await this.#pauseNowAndThen(tokens);
    const before = this.#held;
    const logits = await this.#forward(data, tokens);
    this.#held = before + tokens;
    const whole = tokens === blockTokens && before === this.#blocks.length;
    if (whole) this.#blocks.push(...data.flat());
    return logits;
  }

  async #pauseNowAndThen(tokens: number): Promise<void> {
    if (tokens === 1) return;
    if (this.#sincePause === blocksBetweenPauses) {
      await this.#pipeline.device.sync();
      this.onPause();
      this.#sincePause = 0;
    }
    this.#sincePause += 1;
  }
}

/** Tokens of the whole blocks that both begin with, less than all of `tokens`. */
function commonBlocks(blocks: readonly number[], tokens: readonly number[]): number {
  const most = Math.min(blocks.length, tokens.length - 1);
  let same = 0;
  while (same < most && blocks[same] === tokens[same]) same++;
  return same - (same % blockTokens);
}

function stepBackOf({ tvm, kvCache }: PagedPipeline): ((count: number) => void) | null {
  tvm.beginScope();
  try {
    const popn = tvm.detachFromCurrentScope(tvm.getGlobalFunc('vm.builtin.kv_state_popn'));
    const sequence = 0;
    return (count) => void popn(kvCache, tvm.scalar(sequence, 'int64'), tvm.scalar(count, 'int32'));
  } catch {
    return null;
  } finally {
    tvm.endScope();
  }
}
