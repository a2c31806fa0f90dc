import type { AskOptions, LlmRequest, Output, Sampling, TextReply } from '../../core/llm.ts';
import { throwIfAborted } from '../abort.ts';
import { drawer } from './draw-token.ts';
import { stopIn, sureOf, wholeCharacters } from './growing-text.ts';
import { only, withProcessor } from './raw-logits.ts';
import type { MlcChunk } from './contract.ts';
import { prepare, usageOf, type Desk } from './desk.ts';
import { samplingOf, withoutThought } from './prompt.ts';

/** A continuation, heard as it grows. */
export async function answerText(
  desk: Desk,
  request: LlmRequest,
  output: Output & { type: 'text' },
  { signal, onText }: AskOptions,
): Promise<TextReply> {
  const started = performance.now();
  const { prompt, cut, call, thought } = await prepare(desk, request.content, output.maxTokens);
  const interrupt = (): void => void desk.engine.interruptGenerate();
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const stops = output.stop.filter((text) => text !== '');
    const hearing = { stops, thinks: thought > 0, onText, signal };
    const write = async (): Promise<Heard> => {
      const chunks = await call.create({
        ...prompt,
        ...samplingOf(request),
        max_tokens: output.maxTokens + thought,
        stream: true,
        stream_options: { include_usage: true },
      });
      return collect(desk, chunks, hearing);
    };
    const { text, finish, usage } = await drawn(desk, request.sampling, write);
    return { type: 'text', text, finish, cut, usage: usageOf(desk, usage, started) };
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}

/** Runs a request whose tokens are drawn by the engine, or here where its sampler cannot. */
function drawn<T>({ draws }: Desk, sampling: Sampling, write: () => Promise<T>): Promise<T> {
  if (!draws) return write();
  const draw = drawer(sampling);
  return withProcessor(draws, (logits) => only(draw(logits), logits.length), write);
}

interface Hearing {
  readonly stops: readonly string[];
  readonly thinks: boolean;
  readonly onText: AskOptions['onText'];
  readonly signal: AbortSignal | undefined;
}

interface Heard {
  readonly text: string;
  readonly finish: 'stop' | 'length';
  readonly usage: MlcChunk['usage'];
}

/**
 * The reply as it comes. Stops are looked for here: the engine would cut at the last of several, and finds some in the empty
 * thought.
 */
async function collect(
  desk: Desk,
  chunks: AsyncIterable<MlcChunk>,
  { stops, thinks, onText, signal }: Hearing,
): Promise<Heard> {
  let ended = false;
  let usage: MlcChunk['usage'];
  for await (const chunk of chunks) {
    desk.emit({ type: 'alive' });
    throwIfAborted(signal);
    ended ||= chunk.choices[0]?.finish_reason === 'stop';
    usage = chunk.usage ?? usage;
    if (!onText && stops.length === 0) continue;
    const text = await textOf(desk, thinks);
    const end = stopIn(text, stops);
    if (end !== null) await desk.engine.interruptGenerate();
    onText?.(end === null ? sureOf(text, stops) : text.slice(0, end));
  }
  throwIfAborted(signal);
  const text = await textOf(desk, thinks);
  const end = stopIn(text, stops);
  if (end !== null) return { text: text.slice(0, end), finish: 'stop', usage };
  const whole = wholeCharacters(text);
  return { text: whole, finish: ended && whole === text ? 'stop' : 'length', usage };
}

/** What the model has said so far. The pieces would not do: the engine tells them apart by length, half characters and all. */
async function textOf({ engine, weights }: Desk, thinks: boolean): Promise<string> {
  const text = await engine.getMessage(weights.id);
  return thinks ? withoutThought(text) : text;
}
