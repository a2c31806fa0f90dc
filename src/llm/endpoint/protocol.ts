import * as v from 'valibot';
import { joinParts, type Content } from '../../core/llm.ts';

/** A chat as the protocol writes it. */
export function messagesOf(content: Content): readonly { role: string; content: string }[] {
  if (content.type === 'text') return [{ role: 'user', content: joinParts(content.parts) }];
  return content.messages.map(({ role, parts }) => ({ role, content: joinParts(parts) }));
}

const count = v.fallback(v.nullish(v.number()), null);
const said = v.fallback(
  v.nullish(v.object({ content: v.fallback(v.nullish(v.string()), null) })),
  null,
);

/** A reply to either call, or a chunk of one, as far as it is read: servers leave out what they like. */
export const replySchema = v.object({
  choices: v.array(
    v.object({
      text: v.nullish(v.string()),
      message: said,
      delta: said,
      finish_reason: v.nullish(v.string()),
      logprobs: v.optional(v.unknown()),
    }),
  ),
  usage: v.fallback(
    v.nullish(
      v.object({
        prompt_tokens: count,
        completion_tokens: count,
        prompt_tokens_details: v.fallback(v.nullish(v.object({ cached_tokens: count })), null),
      }),
    ),
    null,
  ),
});
export type ProtocolReply = v.InferOutput<typeof replySchema>;

/** What one token of the vocabulary had as its probability, by the text that it writes. */
export interface ListedToken {
  readonly text: string;
  readonly probability: number;
}

const listed = v.array(v.object({ token: v.string(), logprob: v.number() }));
const chatLogprobs = v.object({ content: v.array(v.object({ top_logprobs: listed })) });
const textLogprobs = v.object({ top_logprobs: v.array(v.record(v.string(), v.number())) });

/**
 * The most probable tokens at the first place of a reply, in either of the two forms in use (chats have the one; of completions some
 * servers have the other). Empty where there are none.
 */
export function listedTokens(reply: ProtocolReply): readonly ListedToken[] {
  const logprobs = reply.choices[0]?.logprobs;
  const chat = v.safeParse(chatLogprobs, logprobs);
  const found = chat.success
    ? (chat.output.content[0]?.top_logprobs ?? []).map((t) => [t.token, t.logprob] as const)
    : Object.entries(firstPlace(logprobs));
  return found.map(([text, logprob]) => ({ text, probability: Math.exp(logprob) }));
}

function firstPlace(logprobs: unknown): Readonly<Record<string, number>> {
  const text = v.safeParse(textLogprobs, logprobs);
  return text.success ? (text.output.top_logprobs[0] ?? {}) : {};
}

/** Probabilities of choices, and the share of everything else. */
export interface Shares {
  readonly probabilities: readonly number[];
  readonly lostMass: number;
}

// Where less than this went to the choices and not all of them were listed, what the others had is anybody's guess.
const leastMass = 1e-3;

/**
 * What a list of tokens says of choices: a token counts for the choice that it writes, with or without the space that some tokenizers put before
 * it. Renormalised over the choices; all alike, with nothing kept, where the list says next to nothing of them.
 */
export function sharesOf(choices: readonly string[], tokens: readonly ListedToken[]): Shares {
  const masses = choices.map((choice) =>
    tokens.reduce((sum, { text, probability }) => {
      const same = text === choice || text.trim() === choice.trim();
      return same ? sum + probability : sum;
    }, 0),
  );
  const mass = masses.reduce((a, b) => a + b, 0);
  const allListed = masses.every((m) => m > 0);
  if (mass <= 0 || (mass < leastMass && !allListed)) {
    return { probabilities: choices.map(() => 1 / choices.length), lostMass: 1 };
  }
  return {
    probabilities: masses.map((m) => m / mass),
    lostMass: Math.min(1, Math.max(0, 1 - mass)),
  };
}

/** Where the first choice that a text names stands alone; −1 if it names none. */
export function namedChoice(choices: readonly string[], text: string): number {
  const places = choices.map((choice) => {
    const spelt = choice.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return text.search(new RegExp(`(?<![\\p{L}\\p{N}])${spelt}(?![\\p{L}\\p{N}])`, 'u'));
  });
  const first = Math.min(...places.filter((at) => at >= 0));
  return places.indexOf(first);
}

/** A text up to the first of these stops, and whether there was one. */
export function cutAtStop(
  text: string,
  stops: readonly string[],
): { readonly text: string; readonly stopped: boolean } {
  const places = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  if (places.length === 0) return { text, stopped: false };
  return { text: text.slice(0, Math.min(...places)), stopped: true };
}

/** What of a growing text cannot become a stop, or another character, any more. */
export function settledText(text: string, stops: readonly string[]): string {
  const whole = text.replace(/\ufffd+$/, '');
  const held = stops.map((stop) => {
    for (let n = stop.length - 1; n > 0; n--) if (whole.endsWith(stop.slice(0, n))) return n;
    return 0;
  });
  return whole.slice(0, whole.length - Math.max(0, ...held));
}
