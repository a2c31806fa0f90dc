import { DrpoError } from '../../core/errors.ts';
import type { LlmInfo } from '../../core/llm.ts';
import type { Sizer } from '../fit.ts';
import { readLogits, softmax } from './raw-logits.ts';
import { whyNoReuse } from './verify-reuse.ts';
import { samplerIsTrue } from './verify-sampler.ts';
import { guard, usageOf, type Desk } from './desk.ts';
import { mlcError } from './errors.ts';
import { plainSampling, promptOf, sizerOf, templateSize } from './prompt.ts';

/**
 * A loaded model after its first requests, without what did not work: reading logits, reuse, the engine's own sampler. What a person
 * should know of it is in the notes of its info. A device that is lost this early had no memory for the model: rejects with
 * `out-of-memory` then, and otherwise as a request does.
 */
export async function tryOut(desk: Desk): Promise<Desk> {
  try {
    return await tried(desk);
  } catch (error) {
    const lost = error instanceof DrpoError && error.code === 'device-lost';
    const { model, weights } = desk;
    throw lost ? mlcError(error.details, { type: 'load', model, name: weights.name }) : error;
  }
}

/** The desk after its first requests, without what did not work; the notes say what that was. */
async function tried(desk: Desk): Promise<Desk> {
  const shown = desk.logits !== null && (await probe(desk, 'A first word: ', 1)) !== null;
  const honest = shown ? desk : { ...desk, logits: null };
  const why = await whyReuseIsOff(honest);
  if (why !== null) desk.prefix?.switchOff();
  const draws = (await drawsWrongly(honest)) ? honest.logits : null;
  const sizer = desk.weights.form === 'chat' ? await measuredSizer(desk) : desk.sizer;
  const notes = [
    ...(shown ? [] : [noLogits]),
    ...(why === null ? [] : [`Prefix reuse is off: ${why}. Requests only take longer for it.`]),
    ...(draws ? [wrongDraws] : []),
  ];
  const info: LlmInfo = {
    ...desk.info,
    ...(draws && { revision: `${desk.info.revision} drawn` }),
    ...(notes.length > 0 && { notes }),
  };
  return { ...honest, draws, info, sizer };
}

const noLogits =
  'The engine does not show its logits here: ratings come from its five most probable tokens.';
const wrongDraws =
  'The engine draws tokens wrongly on this graphics device, so they are drawn without it, which takes a little longer for each.';

async function drawsWrongly(desk: Desk): Promise<boolean> {
  const { engine, weights, logits } = desk;
  if (!logits) return false;
  const prompt = { ...plainSampling, prompt: `${weights.beginning}A`, ignore_eos: true } as const;
  const isTrue = await guard(desk, undefined, () =>
    samplerIsTrue(logits, (tokens) =>
      engine.completions.create({
        ...prompt,
        max_tokens: tokens,
        seed: 1_234_567_891,
        stream: false,
      }),
    ),
  );
  return !isTrue;
}

/** A sizer that knows what this template adds, from two short chats. */
async function measuredSizer(desk: Desk): Promise<Sizer> {
  const { engine, weights, tokenizer } = desk;
  const word = 'a';
  const tokensOf = async (turns: number): Promise<number> => {
    const messages = Array.from({ length: turns }, (_, i) => ({
      role: i % 2 === 0 ? ('user' as const) : ('assistant' as const),
      parts: [{ text: word }],
    }));
    const prompt = promptOf({ type: 'chat', messages }, weights);
    const asked = { ...prompt, ...plainSampling, max_tokens: 1, stream: false } as const;
    const { usage } = await guard(desk, undefined, () => engine.chat.completions.create(asked));
    return usageOf(desk, usage, 0).promptTokens;
  };
  const ofWord = tokenizer?.encode(word).length ?? 1;
  const size = templateSize(await tokensOf(1), await tokensOf(3), ofWord);
  return sizerOf(weights, tokenizer, size);
}

async function whyReuseIsOff(desk: Desk): Promise<string | null> {
  const { prefix, tokenizer, info } = desk;
  if (!prefix) return 'the model, or this version of the engine, cannot step back in what it read';
  if (!desk.logits || !tokenizer) return 'it cannot be checked without the engine’s logits';
  const count = (text: string): number => tokenizer.encode(text).length;
  const ask = (text: string, maxTokens: number) => probe(desk, text, maxTokens);
  try {
    return await whyNoReuse(prefix, ask, count, info.contextSize);
  } catch {
    prefix.switchOff();
    // Only a runtime that still answers is worth going on with: this rejects if it does not.
    await probe(desk, 'A first word: ', 1);
    return 'stepping back in what was read failed';
  }
}

/** The probabilities of all tokens after a plain text; null if they are no numbers or were not shown. */
async function probe(desk: Desk, text: string, maxTokens: number): Promise<Float64Array | null> {
  const { engine, weights, tokenizer, logits: host } = desk;
  if (!host || !tokenizer) return null;
  const asked = { prompt: weights.beginning + text, ...plainSampling, max_tokens: maxTokens };
  const drawn = tokenizer.encode('1').at(-1) ?? 0;
  const { logits } = await guard(desk, undefined, () =>
    readLogits(host, drawn, () => engine.completions.create({ ...asked, stream: false })),
  );
  return logits && softmax(logits);
}
