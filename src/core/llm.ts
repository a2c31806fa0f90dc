/** Who is asking. One model plays all three roles unless a person chose otherwise. */
export type Role = 'base' | 'evaluator' | 'optimizer';

export const roles: readonly Role[] = ['base', 'evaluator', 'optimizer'];

/** What a request is for. Each profile knows how to ask for every one of them. */
export type Purpose =
  'answer' | 'choose-criteria' | 'rate' | 'explain' | 'rewrite' | 'improve' | 'embed';

/**
 * How a part may be given up when the whole does not fit the model's context. Parts with the same `order` go together;
 * the lowest order goes first. `whole` removes it, `middle` keeps its beginning and end and cuts what lies between.
 * `what` names it for the reader ("former prompt 1").
 */
export interface Drop {
  readonly order: number;
  readonly how: 'whole' | 'middle';
  readonly what: string;
}

/** A stretch of text; without `drop` it must stay. */
export interface Part {
  readonly text: string;
  readonly drop?: Drop;
}

/** One turn of a chat. Its text is its parts joined with nothing between; a message whose parts are all dropped goes too. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly Part[];
}

/** Chat turns for instruction-tuned models, or plain text to continue for base models. */
export type Content =
  | { readonly type: 'chat'; readonly messages: readonly Message[] }
  | { readonly type: 'text'; readonly parts: readonly Part[] };

/**
 * What is wanted back. `text`: a continuation of at most `maxTokens`, ended by any of `stop` (which is not part of it).
 * `choice`: the probabilities of the next token being each of `choices` (2 to 5 strings that are one token of the model each, else
 * the request rejects with `settings-invalid`), renormalised over them, at temperature 1, from one forward pass. `embedding`: one vector for the whole content.
 */
export type Output =
  | { readonly type: 'text'; readonly maxTokens: number; readonly stop: readonly string[] }
  | { readonly type: 'choice'; readonly choices: readonly string[] }
  | { readonly type: 'embedding' };

/** `temperature` ≥ 0 (0 takes the most probable token), `topP` in (0, 1], `seed` an integer in [0, 2³¹−2]. */
export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
}

/** Which weights, in which build: two runs with the same reference and seed must agree. */
export interface ModelRef {
  /** Name and version, such as `wllama 3.8.1`: another version may reply otherwise. */
  readonly engine: string;
  readonly id: string;
  readonly revision: string;
  /** Tokens, prompt and reply together. It decides what is cut, so it is part of the reference. */
  readonly contextSize: number;
}

/** Everything that decides a reply, and nothing else: its hash is the reply's name. */
export interface LlmRequest {
  readonly role: Role;
  readonly purpose: Purpose;
  readonly model: ModelRef;
  readonly content: Content;
  readonly output: Output;
  readonly sampling: Sampling;
}

/** One thing given up to fit the context: what, and how many characters of how many went. */
export interface Cut {
  readonly what: string;
  readonly removedChars: number;
  readonly ofChars: number;
}

/** Tokens and time of one reply. `reusedTokens` of `promptTokens` came from the engine's prefix cache. */
export interface Usage {
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly outputTokens: number;
  readonly elapsedMs: number;
}

interface ReplyBase {
  readonly cut: readonly Cut[];
  readonly usage: Usage;
  /** The request's hash, under which a journal keeps this reply; absent where nothing keeps it. */
  readonly key?: string;
}

/**
 * `finish` is `length` where the token limit or the context's end cut the text, or the model broke off in something that is not
 * text: such a reply is never adopted.
 */
export interface TextReply extends ReplyBase {
  readonly type: 'text';
  readonly text: string;
  readonly finish: 'stop' | 'length';
}

/**
 * Probabilities in the order of the request's choices; they sum to 1. `lostMass` is the share, 0 to 1, that the model gave to
 * everything else before they were renormalised: near 1 it did not want to say any of them. Absent where an engine can't tell.
 */
export interface ChoiceReply extends ReplyBase {
  readonly type: 'choice';
  readonly probabilities: readonly number[];
  readonly lostMass?: number;
}

/** A vector of the model's embedding length. */
export interface EmbeddingReply extends ReplyBase {
  readonly type: 'embedding';
  readonly vector: readonly number[];
}

export type LlmReply = TextReply | ChoiceReply | EmbeddingReply;

/**
 * What a loaded model is and can do. `concurrency`: how many requests may be under way at once. `notes`: what a person should
 * know of how it was loaded, a sentence each ("Prefix reuse is off: …").
 */
export interface LlmInfo extends ModelRef {
  readonly name: string;
  /** What its content should be: chat turns where the weights come with a chat template, text otherwise. */
  readonly form: 'chat' | 'text';
  /** Id of the prompt profile that its file asks for; absent where it names none. */
  readonly profile?: string;
  readonly canEmbed: boolean;
  readonly concurrency: number;
  readonly notes?: readonly string[];
}

/**
 * How many requests to keep under way where their order is that of the engine's cache: one more than it takes at a time, so that it
 * need not wait between two while the first is being kept.
 */
export function askedAhead({ concurrency }: LlmInfo): number {
  return concurrency + 1;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Called with the whole text so far as it grows, at most some ten times a second. Never with a journalled reply. */
  readonly onText?: (text: string) => void;
}

/**
 * The one port to any language model. Its laws, which every engine's tests check:
 *
 * 1. The reply's type is the output's type.
 * 2. Equal requests get equal replies (but for `usage`), whatever was asked before, in whatever order: a warm cache changes
 *    only the time. Resume is exact because of this law alone.
 * 3. What does not fit the context is cut behind the port, in the order the request gives, and the reply says what; room for
 *    the reply is kept. What cannot be made to fit rejects with `context-too-small`. An embedding is never cut: long texts are averaged.
 * 4. A reply may be nonsense, but it is never an exception: only a failed engine, an aborted signal or a request the
 *    engine cannot express rejects, with a DrpoError or the signal's AbortError. Afterwards the port can be asked again.
 * 5. Any number of requests may be pending; the engine takes them `concurrency` at a time.
 */
export interface Llm {
  readonly info: LlmInfo;
  ask(request: LlmRequest, options?: AskOptions): Promise<LlmReply>;
}

/** One model for each role; the same object three times in self-alignment. */
export type Llms = Readonly<Record<Role, Llm>>;

/** Tokens a reply may take at most: what is asked for, unless the context is so small that the prompt needs three quarters of it. */
export function replyRoom(maxTokens: number, contextSize: number): number {
  return Math.max(8, Math.min(maxTokens, Math.floor(contextSize / 4)));
}

/** The text of a part list as the model would see it, nothing dropped. */
export function joinParts(parts: readonly Part[]): string {
  return parts.map((part) => part.text).join('');
}
