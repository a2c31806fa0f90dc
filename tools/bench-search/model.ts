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
import { mean } from '../../src/core/rating.ts';
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
 * A prompt with one line changed, or as many changes as are asked for. With probability `skill` a change is one that helps the answers
 * shown: on the mean of their weakest criteria, each on queries of its kind; what else it does is not looked at. Otherwise any change. Lines
 * that were tried are left alone as long as there are others.
 */
function rewrite(world: SimulatedWorld, blanks: Blanks, luck: number): string {
  const roll = dice(luck);
  const parsed = parsePrompt(blanks.prompt);
  const lines = parsed.bullets.map((b) => b.text.trim());
  const places = blanks.evidence.flatMap((shown) => weakestPlace(world, shown, roll));
  const before = effectAt(world, lines, places);
  const said: Change[] = [];
  for (let i = 0; i < Math.max(1, blanks.changes); i++) {
    const tried = [...blanks.tried, ...said.map((change) => change.added)];
    const draw = () => randomChange(world, { lines, tried }, roll);
    let change = draw();
    const skilled = places.length > 0 && roll(1_000_000) < world.skill * 1_000_000;
    for (
      let t = 0;
      skilled && t < mostTries && effectAt(world, change.lines, places) <= before;
      t++
    )
      change = draw();
    said.push(change);
  }
  if (blanks.changes > 0) return said.map((change) => change.text).join('\n');
  const [only] = said;
  return [parsed.opening.trimEnd(), ...(only?.lines ?? lines).map((line) => `- ${line}`)]
    .join('\n')
    .trim();
}

/** So many random changes without one that helps, and there is none worth the name. */
const mostTries = 200;

/** Where an answer shown is weakest; nowhere where nothing is missing. */
function weakestPlace(
  world: SimulatedWorld,
  { query, ratings }: Blanks['evidence'][number],
  roll: (below: number) => number,
): readonly number[] {
  const lowest = Math.min(...ratings.map((r) => r.score));
  const weak = ratings.filter((r) => r.score === lowest && lowest < 5);
  const name = weak[roll(Math.max(1, weak.length))]?.criterion;
  const criterion = criteria.findIndex((c) => c.name === name);
  return criterion < 0 ? [] : [effectPlace(knowQuery(world, query).kind, criterion)];
}

/** What lines add, on the mean of these places. */
function effectAt(
  world: SimulatedWorld,
  lines: readonly string[],
  places: readonly number[],
): number {
  const features = lines.flatMap((line) => world.byLine.get(normalise(line)) ?? []);
  const effect = effectOf(world, features);
  return mean(places.map((place) => effect[place] ?? 0));
}

/** A change of one line: what it is called, what the lines are then, and the line that is new. */
interface Change {
  readonly text: string;
  readonly lines: readonly string[];
  readonly added: string;
}

/** One line added, replaced or dropped; never none left, as a reply without a line is no prompt. */
function randomChange(
  world: SimulatedWorld,
  { lines, tried }: { readonly lines: readonly string[]; readonly tried: readonly string[] },
  roll: (below: number) => number,
): Change {
  const others = world.lines.filter((line) => !lines.includes(line));
  const untried = others.filter((line) => !tried.includes(line));
  const unused = untried.length > 0 ? untried : others;
  const added = unused[roll(unused.length)] ?? '';
  const at = roll(Math.max(1, lines.length));
  const number = String(at + 1);
  const ways: readonly (() => Change)[] = [
    ...(lines.length < maxBullets
      ? [() => ({ text: `Add: ${added}`, lines: [...lines, added], added })]
      : []),
    ...(lines.length > 0
      ? [() => ({ text: `Replace ${number}: ${added}`, lines: lines.with(at, added), added })]
      : []),
    ...(lines.length > 1
      ? [() => ({ text: `Drop ${number}`, lines: lines.toSpliced(at, 1), added: '' })]
      : []),
  ];
  return ways[roll(ways.length)]?.() ?? { text: '', lines, added: '' };
}
