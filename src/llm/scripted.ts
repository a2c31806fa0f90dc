import type { Llm, LlmInfo, LlmReply, LlmRequest } from '../core/llm.ts';
import { abortError, throwIfAborted } from './abort.ts';

/** What a script may say: a text, numbers (probabilities or a vector, by the output's type), a whole reply, or an error to reject with. */
export type Line = string | readonly number[] | LlmReply | Error;

/** A model for tests. `asked` is every request so far, in order. */
export interface Scripted extends Llm {
  readonly asked: readonly LlmRequest[];
  /**
   * Holds replies back until `release`, which lets those waiting go: the newest first, or in the order that `pick` makes
   * of their requests' places in `asked`. It resolves once their replies have been taken in.
   */
  hold(): void;
  release(pick?: (waiting: readonly number[]) => readonly number[]): Promise<void>;
}

const nobody: LlmInfo = {
  engine: 'scripted',
  id: 'script',
  revision: '1',
  contextSize: 4096,
  name: 'Script',
  form: 'text',
  canEmbed: true,
  concurrency: 1,
};

/**
 * An Llm that answers by a pure function of the request, so that every test is exact. Replies come at once unless held.
 * An aborted signal rejects with its AbortError, as in any engine.
 */
export function scripted(
  info: Partial<LlmInfo>,
  answer: (request: LlmRequest, place: number) => Line,
): Scripted {
  const asked: LlmRequest[] = [];
  const waiting = new Map<number, () => void>();
  let held = false;
  const turn = (place: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.delete(place);
        reject(abortError(signal));
      };
      if (signal?.aborted) leave();
      else if (!held) resolve();
      else {
        signal?.addEventListener('abort', leave, { once: true });
        waiting.set(place, resolve);
      }
    });
  return {
    info: { ...nobody, ...info },
    asked,
    hold() {
      held = true;
    },
    async release(pick = (places) => places.toReversed()) {
      held = false;
      for (const place of pick([...waiting.keys()])) {
        waiting.get(place)?.();
        waiting.delete(place);
        await settle();
      }
    },
    async ask(request, { signal, onText } = {}) {
      const place = asked.push(request) - 1;
      await turn(place, signal);
      throwIfAborted(signal);
      const reply = replyOf(request, answer(request, place));
      if (reply.type === 'text') onText?.(reply.text);
      return reply;
    },
  };
}

/** Lets everything that waits for a reply run on, through a journal or a store as well. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

function replyOf(request: LlmRequest, line: Line): LlmReply {
  if (line instanceof Error) throw line;
  const usage = { promptTokens: 0, reusedTokens: 0, outputTokens: 0, elapsedMs: 0 };
  if (typeof line === 'string') return { type: 'text', text: line, finish: 'stop', cut: [], usage };
  if ('type' in line) return line;
  switch (request.output.type) {
    case 'choice': {
      const total = line.reduce((a, b) => a + b, 0);
      return { type: 'choice', probabilities: line.map((p) => p / total), cut: [], usage };
    }
    case 'embedding':
      return { type: 'embedding', vector: line, cut: [], usage };
    case 'text':
      throw new Error(`The script answered numbers to a ${request.purpose} request for text.`);
  }
}
