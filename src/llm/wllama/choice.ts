import type { End, Native, Piece, Weighed } from './native.ts';
import type { Body } from './native.ts';

/** What the next token would be, among choices that are written by one or several tokens each. */
export interface Chosen {
  /** In the order of the choices; they sum to 1. */
  readonly probabilities: readonly number[];
  /** What all other tokens had together; undefined where the engine could not say. */
  readonly lostMass: number | undefined;
  readonly end: Omit<End, 'finish'>;
}

// As a rule the choices are among these, so that one pass is enough.
const listedTokens = 64;

// What is not listed may be left out if it cannot matter: less than this share of all choices.
const negligible = 1e-4;

// Far above any difference between two tokens, and small enough that a 32-bit float keeps five digits behind the point.
const choiceBias = 200;

/**
 * The probabilities of choices, `ids` being the tokens that write each of them, from one forward pass: the engine lists the
 * most probable tokens as the model has them, before any bias. Where a choice that matters is not among them (or the list
 * cannot be sent, as a token in it is no text), a second request over the same cache tells how the choices stand to each
 * other, and the one that was drawn tells how much they had. Null where the model gives no numbers.
 */
export async function choose(
  native: Native,
  prompt: Pick<Body, 'prompt' | 'messages'>,
  ids: readonly (readonly number[])[],
  signal: AbortSignal | undefined,
): Promise<Chosen | null> {
  const ask = (listed: number, biased: boolean): Promise<Answer> =>
    askOnce(native, bodyOf(prompt, ids.flat(), { listed, biased }), signal);
  const first = await ask(listedTokens, false);
  const told = massesOf(ids, first.top);
  const kept = sum(told);
  const unseen = ids.flat().filter((id) => !first.top.some((token) => token.id === id)).length;
  const least = first.top.at(-1)?.p ?? 1;
  if (first.top.length > 0 && unseen * least <= negligible * kept) {
    return chosen(told, 1 - kept, [first]);
  }
  const second = await ask(ids.flat().length, true);
  const masses = massesOf(ids, second.top);
  // A list of one is nearly always a text.
  const raw = first.drawn ? first : await ask(1, false);
  const share = second.top.find(({ id }) => id === raw.drawn?.id)?.p ?? 0;
  const lost = raw.drawn && share > 0 ? 1 - (raw.drawn.p * sum(masses)) / share : undefined;
  return chosen(masses, lost, raw === first ? [first, second] : [first, second, raw]);
}

interface Answer extends Pick<Piece, 'drawn' | 'top'> {
  readonly end: End;
}

async function askOnce(
  native: Native,
  body: Body,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  let drawn: Weighed | null = null;
  let top: readonly Weighed[] = [];
  const end = await native.complete(body, signal, (piece) => {
    drawn ??= piece.drawn;
    if (top.length === 0) top = piece.top;
  });
  return { drawn, top, end };
}

interface Listing {
  readonly listed: number;
  /** Whether probabilities are those after the bias, where only the choices are left, or the model's own. */
  readonly biased: boolean;
}

/** For one token, which the bias makes one of the choices, whatever the model wants to say. */
function bodyOf(
  prompt: Pick<Body, 'prompt' | 'messages'>,
  ids: readonly number[],
  { listed, biased }: Listing,
): Body {
  return {
    ...prompt,
    max_tokens: 1,
    stop: [],
    seed: 1,
    // The likeliest choice is drawn where the model's own probabilities are wanted.
    temperature: biased ? 1 : 0,
    top_p: 1,
    top_k: 0,
    min_p: 0,
    samplers: ['temperature'],
    logit_bias: ids.map((id) => [id, choiceBias]),
    n_probs: listed,
    post_sampling_probs: biased,
  };
}

function massesOf(ids: readonly (readonly number[])[], top: readonly Weighed[]): readonly number[] {
  const mass = new Map(top.map(({ id, p }) => [id, p]));
  return ids.map((alike) => sum(alike.map((id) => mass.get(id) ?? 0)));
}

function chosen(
  masses: readonly number[],
  lost: number | undefined,
  answers: readonly Answer[],
): Chosen | null {
  const total = sum(masses);
  if (!(total > 0)) return null;
  const [first] = answers;
  const read = sum(answers.map(({ end }) => end.promptTokens - end.reusedTokens));
  const promptTokens = Math.max(...answers.map(({ end }) => end.promptTokens));
  return {
    probabilities: masses.map((mass) => mass / total),
    lostMass: lost === undefined ? undefined : Math.min(1, Math.max(0, lost)),
    end: {
      promptTokens,
      reusedTokens: Math.max(0, promptTokens - read),
      outputTokens: first?.end.outputTokens ?? 0,
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
