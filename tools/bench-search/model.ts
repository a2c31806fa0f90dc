import type {
  ChoiceReply,
  Llm,
  LlmReply,
  LlmRequest,
  Output,
  Purpose,
  TextReply,
} from '../../src/core/llm.ts';
import { maxBullets, normalise, parsePrompt } from '../../src/core/prompt.ts';
import { dice, seedAt } from '../../src/core/random.ts';
import { clampScore, chanceAt, normalAt, placesOf } from './numbers.ts';
import { blanksOf, type Blanks } from './profile.ts';
import {
  criteria,
  effectOf,
  effectPlace,
  featuresOf,
  knowQuery,
  type KnownQuery,
  type SimulatedWorld,
} from './world.ts';

/**
 * A model of the simulated world in all three roles. It sees requests and nothing else: every reply is a function of its request
 * alone (law 2 of the port), and strategies are unknown to it. An answer carries its quality in an opaque code that only the judge
 * of the same world reads. Rejects with a plain Error for a request that it cannot read.
 */
export function simulatedModel(world: SimulatedWorld): Llm {
  return {
    info: {
      engine: 'simulated',
      id: `world ${String(world.seed)}`,
      revision: '1',
      contextSize: 1_000_000,
      name: 'Simulated world',
      form: 'text',
      canEmbed: false,
      concurrency: 1,
    },
    ask: (request) => Promise.resolve().then(() => replyTo(world, request)),
  };
}

type Reply = (
  world: SimulatedWorld,
  blanks: Blanks,
  asked: { readonly output: Output; readonly luck: number },
) => LlmReply;

/** How each purpose is replied to; the searches compared ask for no other. */
const replies: Partial<Record<Purpose, Reply>> = {
  answer: (world, blanks, { luck }) => text(answer(world, blanks, luck)),
  'choose-criteria': (world, blanks) => text(choose(world, blanks)),
  rate,
  explain: (_world, { criteria: names }) => text(`It could do better on ${names.join(' and ')}.`),
  rewrite: (world, blanks, { luck }) => text(rewrite(world, blanks, luck)),
};

function replyTo(world: SimulatedWorld, request: LlmRequest): LlmReply {
  const { purpose, output, sampling } = request;
  const reply = replies[purpose];
  if (!reply) throw new Error(`the simulated world has no reply to ${purpose}`);
  const blanks = blanksOf(request);
  const luck = seedAt(world.seed, purpose, JSON.stringify(blanks), sampling.seed);
  return reply(world, blanks, { output, luck });
}

const nothingUsed = { promptTokens: 0, reusedTokens: 0, outputTokens: 0, elapsedMs: 0 } as const;

function text(said: string): TextReply {
  return { type: 'text', text: said, finish: 'stop', cut: [], usage: nothingUsed };
}

/** An answer: a code of the query, the prompt's features and the answer's own luck, the same length whatever they are. */
function answer(world: SimulatedWorld, { prompt, query }: Blanks, luck: number): string {
  const bits = featuresOf(world, prompt).reduce((sum, f) => sum | (1n << BigInt(f)), 0n);
  const drawn = world.noise.answer * normalAt(luck, 'answer');
  const steps = Math.round((clampLuck(drawn) + luckRange) * luckSteps);
  const code = [bits.toString(16).padStart(12, '0'), steps.toString(16).padStart(8, '0')];
  return `The answer is ${code.join('-')}-${seedAt(world.seed, 'name', query).toString(16).padStart(8, '0')}.`;
}

const luckRange = 32;
const luckSteps = 2 ** 20;

function clampLuck(luck: number): number {
  return Math.min(luckRange, Math.max(-luckRange, luck));
}

const coded = /([0-9a-f]{12})-([0-9a-f]{8})-([0-9a-f]{8})/;

/** The quality of an answer on a criterion before the scale's ends cut it; an answer to something else has the worst. */
function qualityOf(
  world: SimulatedWorld,
  { query, answer: said }: Blanks,
  known: KnownQuery,
): (criterion: number) => number {
  const [, bits, steps, name] = coded.exec(said) ?? [];
  if (bits === undefined || steps === undefined || name === undefined) return () => 1;
  if (parseInt(name, 16) !== seedAt(world.seed, 'name', query)) return () => 1;
  const effect = effectOf(world, placesOf(BigInt(`0x${bits}`)));
  const luck = parseInt(steps, 16) / luckSteps - luckRange;
  return (c) => world.level + (effect[effectPlace(known.kind, c)] ?? 0) + luck - known.loss(c);
}

function choose(world: SimulatedWorld, { query, atMost, criteria: offered }: Blanks): string {
  return knowQuery(world, query)
    .criteria.flatMap((c) => criteria[c]?.name ?? [])
    .filter((name) => offered.includes(name))
    .slice(0, atMost)
    .join(', ');
}

/** What the judge gives on a criterion: quality with its own error, cut at the ends of the scale. */
function rate(
  world: SimulatedWorld,
  blanks: Blanks,
  { output, luck }: { readonly output: Output; readonly luck: number },
): ChoiceReply | TextReply {
  const quality = qualityOf(world, blanks, knowQuery(world, blanks.query));
  const scoreOn = (name: string) => {
    const c = criteria.findIndex((x) => x.name === name);
    return clampScore(quality(c) + world.noise.judge * normalAt(luck, 'judge', name));
  };
  if (output.type === 'choice') {
    const score = scoreOn(blanks.criteria[0] ?? '');
    const probabilities = output.choices.map((digit) => shareOf(score, Number(digit)));
    return { type: 'choice', probabilities, cut: [], usage: nothingUsed };
  }
  // A written rating is one throw of the same probabilities, so both protocols agree in the mean.
  const written = blanks.criteria.map((name) => {
    const score = scoreOn(name);
    const digit = Math.floor(score) + Number(chanceAt(luck, 'digit', name) < score % 1);
    return `${name}: It is so. Score: ${String(digit)}`;
  });
  return text(written.join('\n'));
}

/** The probability of a digit where the expected score is known: it lies between two digits and is one of them. */
function shareOf(score: number, digit: number): number {
  return Math.max(0, 1 - Math.abs(score - digit));
}

/**
 * A prompt with one line changed. With probability `skill` the change is one that helps the weakest criterion shown, on queries of
 * the kind shown; what else it does is not looked at. Otherwise any change.
 */
function rewrite(world: SimulatedWorld, { prompt, query, ratings }: Blanks, luck: number): string {
  const roll = dice(luck);
  const parsed = parsePrompt(prompt);
  const lines = parsed.bullets.map((b) => b.text.trim());
  const { kind } = knowQuery(world, query);
  const lowest = Math.min(...ratings.map((r) => r.score));
  const weak = ratings.filter((r) => r.score === lowest && lowest < 5);
  const shown = weak[roll(Math.max(1, weak.length))]?.criterion;
  const place = effectPlace(
    kind,
    criteria.findIndex((c) => c.name === shown),
  );
  const helps = (change: readonly string[]) =>
    effectAt(world, change, place) > effectAt(world, lines, place);
  let change = randomChange(world, lines, roll);
  const skilled = shown !== undefined && roll(1_000_000) < world.skill * 1_000_000;
  for (let i = 0; skilled && i < mostTries && !helps(change); i++) {
    change = randomChange(world, lines, roll);
  }
  return [parsed.opening.trimEnd(), ...change.map((line) => `- ${line}`)].join('\n').trim();
}

/** So many random changes without one that helps, and there is none worth the name. */
const mostTries = 200;

function effectAt(world: SimulatedWorld, lines: readonly string[], place: number): number {
  const features = lines.flatMap((line) => world.byLine.get(normalise(line)) ?? []);
  return effectOf(world, features)[place] ?? 0;
}

/** One line added, replaced or dropped; never none left, as a reply without a line is no prompt. */
function randomChange(
  world: SimulatedWorld,
  lines: readonly string[],
  roll: (below: number) => number,
): readonly string[] {
  const unused = world.lines.filter((line) => !lines.includes(line));
  const line = unused[roll(unused.length)] ?? '';
  const ways = [
    ...(lines.length < maxBullets ? [() => [...lines, line]] : []),
    ...(lines.length > 0 ? [() => lines.with(roll(lines.length), line)] : []),
    ...(lines.length > 1 ? [() => lines.toSpliced(roll(lines.length), 1)] : []),
  ];
  return ways[roll(ways.length)]?.() ?? lines;
}
