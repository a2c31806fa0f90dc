import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DrpoError } from '../../src/core/errors.ts';
import type {
  ChoiceReply,
  Content,
  Llm,
  LlmReply,
  LlmRequest,
  Output,
  Part,
  Sampling,
  TextReply,
} from '../../src/core/llm.ts';
import { words } from './requests.ts';

/** A loaded model under test. `close` frees it; a suite opens three of them at most, two at once. */
export interface Subject {
  readonly llm: Llm;
  close?(): void | Promise<void>;
}

/** Why an engine is excused from a clause: the reason stands in the name of the skipped test. */
export interface Cannot {
  readonly cannot: string;
}

/**
 * The natural logarithms of the probabilities that the model gives each choice as the next token, over its whole vocabulary at
 * temperature 1, in the order of the choices. To be found by another way than the port's own choice: another call of the engine, or its
 * logits. Where several tokens write one choice, their sum. −Infinity for what is not told.
 */
export type RawLogProbabilities = (
  content: Content,
  choices: readonly string[],
) => Promise<readonly number[]>;

/** A model that says `text` greedily after `prompt`, of which some characters (é, 😀) are several tokens each. */
export interface Spanning {
  open(): Promise<Subject>;
  readonly prompt: string;
  readonly text: string;
}

/** What a test of the contract has to know of an engine. */
export interface Traits {
  readonly raw: RawLogProbabilities | Cannot;
  readonly spanning: Spanning | Cannot;
  /** Given where the engine cannot tell the mass that a choice loses. */
  readonly lostMass?: Cannot;
  /** A text after which the model says at least 24 tokens. */
  readonly prompt?: string;
  /** Two to five strings that are one token of the model each. Digits if not given. */
  readonly choices?: readonly string[];
}

interface Ask {
  readonly parts?: readonly Part[];
  readonly output?: Output;
  readonly sampling?: Partial<Sampling>;
}

/**
 * Registers the tests that every engine behind the port must pass, in node or in a browser. `open` loads the same model anew
 * each time, with nothing in its cache; `traits` says what the tests cannot know of it.
 *
 * ```ts
 * contract('wllama', () => openModel(source), { raw: askedOnThePage, spanning: { cannot: 'its tokens are whole characters' } });
 * ```
 */
export function contract(name: string, open: () => Promise<Subject>, traits: Traits): void {
  describe(`the contract: ${name}`, () => {
    let subject: Subject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(async () => subject.close?.());
    const suite: Suite = {
      llm: () => subject.llm,
      open,
      traits,
      choices: traits.choices ?? ['1', '2', '3', '4', '5'],
      prompt: traits.prompt ?? 'Once upon a time',
    };
    determinism(suite);
    limits(suite);
    aborts(suite);
    choosing(suite);
    characters(suite);
    contexts(suite);
    several(suite);
  });
}

interface Suite {
  /** The model, once it is open. */
  llm(): Llm;
  open(): Promise<Subject>;
  readonly traits: Traits;
  readonly choices: readonly string[];
  readonly prompt: string;
}

/** A request in the form the model wants: its parts as plain text, or as what a user says. */
function request(suite: Suite, llm: Llm, ask: Ask = {}): LlmRequest {
  const { engine, id, revision, contextSize } = llm.info;
  const parts = ask.parts ?? [{ text: suite.prompt }];
  const content: Content =
    llm.info.form === 'text'
      ? { type: 'text', parts }
      : { type: 'chat', messages: [{ role: 'user', parts }] };
  return {
    role: 'base',
    purpose: 'answer',
    model: { engine, id, revision, contextSize },
    content,
    output: ask.output ?? words(24),
    sampling: { temperature: 1, topP: 0.95, seed: 1_234_567, ...ask.sampling },
  };
}

const greedy = { temperature: 0, topP: 1 } as const;

/** Everything but `usage` and the journal's key, which alone may differ between equal requests. */
function essence({ usage: _, key: __, ...reply }: LlmReply): unknown {
  return reply;
}

async function textReply(suite: Suite, ask: Ask = {}, llm = suite.llm()): Promise<TextReply> {
  const reply = await llm.ask(request(suite, llm, ask));
  if (reply.type !== 'text') throw new Error(`asked for a text, got a reply of type ${reply.type}`);
  return reply;
}

async function choiceReply(suite: Suite, ask: Ask = {}): Promise<ChoiceReply> {
  const output = { type: 'choice', choices: suite.choices } as const;
  const reply = await suite.llm().ask(request(suite, suite.llm(), { output, ...ask }));
  if (reply.type !== 'choice') {
    throw new Error(`asked for a choice, got a reply of type ${reply.type}`);
  }
  return reply;
}

function determinism(suite: Suite): void {
  test('the most probable tokens are the same each time, whatever the seed', async () => {
    const first = await textReply(suite, { sampling: greedy });
    expect(first.text).not.toBe('');
    const second = await textReply(suite, { sampling: { ...greedy, seed: 77 } });
    expect(essence(second)).toEqual(essence(first));
  });

  test('the same seed gives the same text, and other seeds other texts', async () => {
    const seeds = [1, 2, 1_000_003, 2 ** 31 - 2];
    const texts = async (): Promise<readonly string[]> => {
      const said: string[] = [];
      for (const seed of seeds) said.push((await textReply(suite, { sampling: { seed } })).text);
      return said;
    };
    const first = await texts();
    expect(await texts()).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
  });

  test('a warm and a cold cache give the same: in another order, with others between, in a new instance', async () => {
    const first = await replies(suite, suite.llm(), [...mixture.keys()]);
    expect(await replies(suite, suite.llm(), [...mixture.keys()].toReversed())).toEqual(first);
    await textReply(suite, { parts: [{ text: 'Something else in between. ' }] });
    const shuffled = [...mixture.keys()].map((i) => (i * 5 + 3) % mixture.length);
    expect(await replies(suite, suite.llm(), shuffled)).toEqual(first);
    const fresh = await suite.open();
    try {
      expect(await replies(suite, fresh.llm, shuffled)).toEqual(first);
    } finally {
      await fresh.close?.();
    }
  });
}

const sentence = 'The quick brown fox jumps over the lazy dog. ';

/** What a search asks: shared beginnings of several lengths, texts and choices by turns. */
const mixture = Array.from({ length: 8 }, (_, i) => ({
  parts: [{ text: sentence.repeat(1 + (i % 3)) }, { text: `Question ${i % 4}: ` }],
  choice: i % 2 === 1,
  sampling: i === 4 ? greedy : { seed: 1000 + 7919 * i, topP: i % 3 === 0 ? 1 : 0.9 },
}));

/** The mixture's replies by their place in it, asked in the given order. */
async function replies(
  suite: Suite,
  llm: Llm,
  order: readonly number[],
): Promise<readonly unknown[]> {
  const said = new Map<number, unknown>();
  for (const i of order) {
    const mixed = mixtureRequest(suite, llm, i);
    if (mixed) said.set(i, essence(await llm.ask(mixed)));
  }
  return [...mixture.keys()].map((i) => said.get(i));
}

function mixtureRequest(suite: Suite, llm: Llm, place: number): LlmRequest | null {
  const mixed = mixture[place];
  if (!mixed) return null;
  const { parts, choice, sampling } = mixed;
  const output: Output = choice ? { type: 'choice', choices: suite.choices } : words(12);
  return request(suite, llm, { parts, output, sampling });
}

function limits(suite: Suite): void {
  test('a stop ends the text and is no part of it', async () => {
    const whole = await textReply(suite, { sampling: greedy });
    const characters = Array.from(whole.text);
    const middle = Math.floor(characters.length / 2);
    for (const length of [1, 2]) {
      const stop = characters.slice(middle, middle + length).join('');
      const output = words(24, 'never said §§§', stop);
      const stopped = await textReply(suite, { output, sampling: greedy });
      expect(stopped.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)));
      expect(stopped.finish).toBe('stop');
    }
  });

  test('a text has at most as many tokens as asked for, and says so when they cut it', async () => {
    const long = await textReply(suite, { sampling: greedy });
    const short = await textReply(suite, { output: words(5), sampling: greedy });
    expect(short.usage.outputTokens).toBeGreaterThan(0);
    expect(short.usage.outputTokens).toBeLessThanOrEqual(5);
    expect(long.usage.outputTokens).toBeLessThanOrEqual(24);
    expect(long.text.startsWith(short.text)).toBe(true);
    expect(short.text.length).toBeLessThan(long.text.length);
    expect(short.finish).toBe('length');
  });

  test('a text is heard as it grows, and each part begins the next', async () => {
    const heard: string[] = [];
    const llm = suite.llm();
    const reply = await llm.ask(request(suite, llm), { onText: (text) => heard.push(text) });
    expect(reply.type).toBe('text');
    const all = [...heard, reply.type === 'text' ? reply.text : ''];
    expect(all.every((text, i) => i === 0 || text.startsWith(all[i - 1] ?? ''))).toBe(true);
  });
}

function aborts(suite: Suite): void {
  test('an abort is answered within a second, and the next reply is what it would have been', async () => {
    const llm = suite.llm();
    const before = essence(await textReply(suite));
    const long = request(suite, llm, {
      parts: [{ text: sentence.repeat(4) }],
      output: words(Math.floor(llm.info.contextSize / 3)),
    });
    await expectAborted((signal) => [llm.ask(long, { signal })]);
    await expectAborted((signal) => [llm.ask(long, { signal }), llm.ask(long, { signal })], 20);
    const gone = AbortSignal.abort(new DOMException('enough', 'AbortError'));
    await expect(llm.ask(long, { signal: gone })).rejects.toMatchObject({ name: 'AbortError' });
    expect(essence(await textReply(suite))).toEqual(before);
  });
}

/**
 * Asks, aborts (at once, or after some milliseconds, if nothing has come till then) and expects the abort's error in time. What
 * was answered before the abort may stand.
 */
async function expectAborted(
  ask: (signal: AbortSignal) => readonly Promise<LlmReply>[],
  afterMs = 0,
): Promise<void> {
  const leaving = new AbortController();
  const news = { answered: false };
  const asked = ask(leaving.signal).map((reply) =>
    reply.then(
      () => (news.answered = true),
      (error: unknown) => error,
    ),
  );
  if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs));
  const early = news.answered;
  leaving.abort(new DOMException('enough', 'AbortError'));
  const started = performance.now();
  const came = await Promise.all(asked);
  expect(performance.now() - started).toBeLessThan(1000);
  for (const one of came) {
    if (one !== true || !early) expect(one).toMatchObject({ name: 'AbortError' });
  }
}

function choosing(suite: Suite): void {
  const { traits, choices } = suite;
  const parts = [{ text: `${sentence}Rate this from 1 to 5: ` }];

  test('probabilities sum to 1, in the order of the choices, and sampling is nothing to them', async () => {
    const { probabilities, lostMass } = await choiceReply(suite, { parts });
    expect(probabilities.length).toBe(choices.length);
    expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    expect(probabilities.every((p) => p >= 0 && p <= 1)).toBe(true);
    const sampled = await choiceReply(suite, { parts, sampling: { ...greedy, seed: 5 } });
    expect(sampled.probabilities).toEqual(probabilities);
    expect(sampled.lostMass).toEqual(lostMass);
    const output = { type: 'choice', choices: choices.toReversed() } as const;
    const turned = await choiceReply(suite, { parts, output });
    const back = turned.probabilities.toReversed();
    expect(back.every((p, i) => Math.abs(p - (probabilities[i] ?? 0)) < 1e-6)).toBe(true);
  });

  test.skipIf(traits.lostMass)(
    unless('the mass that a choice loses is told', traits.lostMass),
    async () => {
      const all = await choiceReply(suite, { parts });
      const output = { type: 'choice', choices: choices.slice(0, 2) } as const;
      const two = await choiceReply(suite, { parts, output });
      for (const { lostMass } of [all, two]) {
        expect(lostMass).toBeGreaterThanOrEqual(0);
        expect(lostMass).toBeLessThanOrEqual(1);
      }
      // With fewer choices the mass of the others is lost too.
      const left = all.probabilities.slice(0, 2).reduce((a, b) => a + b, 0);
      const expected = 1 - left * (1 - (all.lostMass ?? 0));
      if (choices.length > 2) expect(Math.abs((two.lostMass ?? 2) - expected)).toBeLessThan(0.002);
    },
  );

  const { raw } = traits;
  test.skipIf(typeof raw !== 'function')(
    unless('probabilities and lost mass are those of the raw log-probabilities', raw),
    async () => {
      if (typeof raw !== 'function') return;
      for (const text of ['Rate this from 1 to 5: ', `${sentence}How many? `, 'The answer is ']) {
        const asked = request(suite, suite.llm(), { parts: [{ text }] });
        const logs = await raw(asked.content, choices);
        const masses = logs.map(Math.exp);
        const kept = masses.reduce((a, b) => a + b, 0);
        const reply = await choiceReply(suite, { parts: [{ text }] });
        reply.probabilities.forEach((p, i) => {
          const told = masses[i] ?? 0;
          expect(Math.abs(p - told / kept)).toBeLessThan(0.002);
          // Of what is nearly impossible the logarithm tells more than the difference.
          if (p > 1e-3) expect(Math.abs(Math.log(p * kept) - (logs[i] ?? 0))).toBeLessThan(0.002);
        });
        if (!traits.lostMass) {
          expect(Math.abs((reply.lostMass ?? 2) - (1 - kept))).toBeLessThan(0.002);
        }
      }
    },
  );
}

function unless(claim: string, excuse: object | undefined): string {
  return excuse && 'cannot' in excuse ? `${claim} (not here: ${String(excuse.cannot)})` : claim;
}

function characters(suite: Suite): void {
  const { spanning } = suite.traits;
  test.skipIf('cannot' in spanning)(
    unless('characters of several tokens come whole, wherever the text is cut', spanning),
    async () => {
      if ('cannot' in spanning) return;
      const subject = await spanning.open();
      const { llm } = subject;
      const heard: string[] = [];
      const said: string[] = [];
      for (let limit = 1; limit <= 12; limit++) {
        const parts = [{ text: spanning.prompt }];
        const asked = request(suite, llm, { parts, output: words(limit), sampling: greedy });
        const reply = await llm.ask(asked, { onText: (text) => heard.push(text) });
        said.push(reply.type === 'text' ? reply.text : '');
      }
      await subject.close?.();
      expect(spanning.text).toMatch(/[^\x20-\x7e]/u);
      for (const text of [...heard, ...said]) {
        expect(text).not.toContain('\ufffd');
        expect(text.isWellFormed()).toBe(true);
        expect(spanning.text.startsWith(text)).toBe(true);
      }
      expect(Array.from(said.at(-1) ?? '').length).toBeGreaterThan(1);
    },
  );
}

function contexts(suite: Suite): void {
  test('what exceeds the context is cut where the request allows it, and room for the reply is kept', async () => {
    const { contextSize } = suite.llm().info;
    const drop = { order: 1, how: 'middle', what: 'the filler' } as const;
    const filler = { text: 'dog fox '.repeat(contextSize), drop };
    const parts = [{ text: suite.prompt }, filler];
    const reply = await textReply(suite, { parts, output: words(8), sampling: greedy });
    expect(reply.cut).toMatchObject([{ what: 'the filler', ofChars: filler.text.length }]);
    expect(reply.cut[0]?.removedChars).toBeGreaterThan(0);
    expect(reply.usage.promptTokens + 8).toBeLessThanOrEqual(contextSize);
    const again = await textReply(suite, { parts, output: words(8), sampling: greedy });
    expect(essence(again)).toEqual(essence(reply));
  });

  test('what cannot be cut or asked is refused with its code, and the model can be asked again', async () => {
    const llm = suite.llm();
    const before = essence(await textReply(suite));
    const parts = [{ text: 'dog fox '.repeat(llm.info.contextSize) }];
    for (const output of [words(8), { type: 'choice', choices: suite.choices } as const]) {
      const error: unknown = await llm
        .ask(request(suite, llm, { parts, output }))
        .catch((e: unknown) => e);
      expect(error).toBeInstanceOf(DrpoError);
      expect(error).toMatchObject({ code: 'context-too-small' });
    }
    const choices = ['no single token of any model at all', 'nor is this one, not by far'];
    const split = llm.ask(request(suite, llm, { output: { type: 'choice', choices } }));
    await expect(split).rejects.toMatchObject({ code: 'settings-invalid' });
    expect(essence(await textReply(suite))).toEqual(before);
  });
}

function several(suite: Suite): void {
  test('requests at once are answered as they are one by one', async () => {
    const llm = suite.llm();
    const places = [0, 1, 2, 3, 0];
    const asked = places.flatMap((i) => mixtureRequest(suite, llm, i) ?? []);
    expect(asked.length).toBe(places.length);
    const oneByOne: unknown[] = [];
    for (const one of asked) oneByOne.push(essence(await llm.ask(one)));
    const atOnce = await Promise.all(asked.map((one) => llm.ask(one)));
    expect(atOnce.map(essence)).toEqual(oneByOne);
  });
}
