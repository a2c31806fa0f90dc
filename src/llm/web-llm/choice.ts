import { DrpoError } from '../../core/errors.ts';
import type { ChoiceReply, LlmRequest, Output } from '../../core/llm.ts';
import { throwIfAborted } from '../abort.ts';
import { chosenFrom, readLogits } from './raw-logits.ts';
import type { LogitHost, MlcChunk, MlcCreate, MlcRequest } from './contract.ts';
import { prepare, usageOf, type Desk } from './desk.ts';
import { plainSampling } from './prompt.ts';

/** The probabilities of the choices as the next token, from one forward pass and, where logits can be read, without a grammar. */
export async function answerChoice(
  desk: Desk,
  request: LlmRequest,
  { choices }: Output & { type: 'choice' },
  signal: AbortSignal | undefined,
): Promise<ChoiceReply> {
  const started = performance.now();
  const { prompt, cut, call } = await prepare(desk, request.content, 1);
  const asked = { ...prompt, ...plainSampling, max_tokens: 1 };
  const { usage, ...chosen } = await (desk.logits
    ? readChoice(desk, desk.logits, call, asked, choices)
    : constrainChoice(desk, call, asked, choices));
  throwIfAborted(signal);
  return { type: 'choice', ...chosen, cut, usage: usageOf(desk, usage, started) };
}

interface Chosen {
  readonly probabilities: readonly number[];
  readonly lostMass?: number;
  readonly usage: MlcChunk['usage'];
}

async function readChoice(
  { choiceTokens }: Desk,
  host: LogitHost,
  call: MlcCreate,
  asked: MlcRequest,
  choices: readonly string[],
): Promise<Chosen> {
  const ids = choiceTokens?.of(choices);
  const drawn = ids?.[0]?.[0];
  if (!ids || drawn === undefined) throw noSingleToken(choices);
  const { value, logits } = await readLogits(host, drawn, () =>
    call.create({ ...asked, stream: false }),
  );
  const chosen = logits && chosenFrom(logits, ids);
  if (!chosen) throw new Error('The engine gave no logits, or some that are no numbers.');
  return { ...chosen, usage: value.usage };
}

/** The engine may say nothing but the choices, and tells how probable each then is. */
async function constrainChoice(
  desk: Desk,
  call: MlcCreate,
  asked: MlcRequest,
  choices: readonly string[],
): Promise<Chosen> {
  const reply = await call.create({
    ...asked,
    ...(asked.messages
      ? { response_format: { type: 'grammar', grammar: grammarOf(choices) } as const }
      : { logit_bias: biasOf(desk, choices) }),
    logprobs: true,
    top_logprobs: 5,
    stream: false,
  });
  const top = reply.choices[0]?.logprobs?.content?.[0]?.top_logprobs ?? [];
  // Several tokens may decode to the same text.
  const masses = choices.map((choice) =>
    top
      .filter(({ token }) => token === choice)
      .reduce((sum, { logprob }) => sum + Math.exp(logprob), 0),
  );
  const total = masses.reduce((a, b) => a + b, 0);
  if (!(total > 0)) throw noSingleToken(choices);
  return { probabilities: masses.map((mass) => mass / total), usage: reply.usage };
}

/** EBNF, as web-llm wants it; JSON's way of writing a string is also its own. */
function grammarOf(choices: readonly string[]): string {
  return `root ::= ${choices.map((choice) => JSON.stringify(choice)).join(' | ')}`;
}

/** Text completion knows no grammar: each choice's own token is raised above all others instead. */
function biasOf({ choiceTokens }: Desk, choices: readonly string[]): Record<string, number> {
  const ids = choiceTokens?.of(choices);
  if (!ids) throw noSingleToken(choices);
  return Object.fromEntries(ids.map(([own]) => [String(own), 100]));
}

function noSingleToken(choices: readonly string[]): DrpoError {
  return new DrpoError(
    'settings-invalid',
    `This model gives no probabilities for ${choices.map((c) => `“${c}”`).join(', ')} in one step. Use written ratings, or another model.`,
  );
}
