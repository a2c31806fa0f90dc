import type { Criterion } from '../../src/core/criteria.ts';
import { joinParts, type Content } from '../../src/core/llm.ts';
import type {
  Ask,
  ChooseBlanks,
  EditBlanks,
  Profile,
  RewriteBlanks,
} from '../../src/core/profile.ts';
import { nearlySame } from '../../src/core/prompt.ts';
import { dice, seedAt, shuffled } from '../../src/core/random.ts';
import { handWrittenPrompt, startingExamples } from '../../src/data/index.ts';
import type { SetReply, Writer } from './port.ts';

type Roll = (below: number) => number;

/** Replies that are set, and the profile whose requests they answer. */
export interface Scripted {
  readonly profile: Profile;
  readonly writer: Writer;
}

/**
 * A writer for every purpose of stage 2, in the form that the profile asks for and about as long as the profiles' worked examples: its
 * replies are a pure function of seed and request. The profile is the one given, noting what each request is made from. The writer throws
 * on a request of another profile or purpose.
 */
export function scripted(profile: Profile, seed: number): Scripted {
  const noted = new WeakMap<Content, (roll: Roll) => SetReply>();
  const note = (ask: Ask, reply: (roll: Roll) => SetReply): Ask => {
    noted.set(ask.content, reply);
    return ask;
  };
  const say = (ask: Ask, said: (roll: Roll) => string): Ask =>
    note(ask, (roll) => ({ type: 'text', text: said(roll) }));
  const edit = profile.edit?.bind(profile);
  return {
    profile: {
      ...profile,
      answer: (b) => say(profile.answer(b), longText),
      chooseCriteria: (b) => say(profile.chooseCriteria(b), (roll) => chosenNames(b, roll)),
      rate: (b) => note(profile.rate(b), rating),
      rateAll: (b) => say(profile.rateAll(b), (roll) => writtenRatings(b.criteria, roll)),
      explain: (b) => say(profile.explain(b), () => remedy(b.criterion)),
      rewrite: (b) => say(profile.rewrite(b), (roll) => rewritten(b, roll)),
      ...(edit && { edit: (b) => say(edit(b), (roll) => changes(b, roll)) }),
    },
    writer: ({ content, purpose, sampling }) => {
      const reply = noted.get(content);
      if (!reply) throw new Error(`nothing is set for this request of ${purpose}`);
      return reply(dice(seedAt(seed, textOf(content), sampling.seed)));
    },
  };
}

function textOf(content: Content): string {
  return content.type === 'text'
    ? joinParts(content.parts)
    : content.messages.map((m) => joinParts(m.parts)).join('\n');
}

const sentences = startingExamples.flatMap(({ answer }) => answer.split(/(?<=[.!?]) /));

/** Far more than 128 tokens, so that the limit decides. */
function longText(roll: Roll): string {
  return shuffled(sentences, roll).slice(0, 30).join(' ');
}

function chosenNames({ criteria, atLeast, atMost }: ChooseBlanks, roll: Roll): string {
  return shuffled(criteria, roll)
    .slice(0, atLeast + roll(atMost - atLeast + 1))
    .map(({ name }) => name)
    .join(', ');
}

/** Two thirds sure of 2, 3 or 4: no prompt is ever so good that its rewrite or a reason is saved. */
function rating(roll: Roll): SetReply {
  const score = 2 + roll(3);
  const probabilities = [1, 2, 3, 4, 5].map((digit) => (digit === score ? 4 : 0.5) / 6);
  return { type: 'choice', probabilities };
}

/** A line for each criterion, its reason as short as those of the worked examples. */
function writtenRatings(criteria: readonly Criterion[], roll: Roll): string {
  return criteria
    .map(({ name, low }) => `${name}: ${low} Score: ${String(2 + roll(3))}`)
    .join('\n');
}

/** One sentence on what would be better, as long as the worked example, which is longer than the reason of a written rating. */
function remedy({ low, high }: Criterion): string {
  return `${high.replace(/\.$/, '')}, where it now ${low.toLowerCase()}`;
}

/** Lines of the length of the worked examples of changes. */
const instructions: readonly string[] = [
  ...handWrittenPrompt.split('\n').map((line) => line.replace(/^- /, '')),
  ...sentences,
].filter((line) => /^(?:\S+ ){5,15}\S+$/.test(line));

function newLine(known: readonly string[], roll: Roll): string {
  const order = shuffled(instructions, roll);
  return order.find((line) => !known.some((other) => nearlySame(other, line))) ?? order[0] ?? '';
}

/** The prompt with one line more, or in place of another where it is full. */
function rewritten({ prompt, maxBullets }: RewriteBlanks, roll: Roll): string {
  const lines = prompt.bullets.map(({ text }) => text.trim());
  const line = newLine(lines, roll);
  const made = lines.length < maxBullets ? [...lines, line] : lines.with(roll(lines.length), line);
  return [prompt.opening.trim(), ...made.map((text) => `- ${text}`)].join('\n').trim();
}

/** As many changes as are asked for, on a line each: a line more, or one in place of another where the prompt is full. */
function changes({ prompt, tried, count, maxBullets }: EditBlanks, roll: Roll): string {
  const known = [...prompt.bullets.map(({ text }) => text), ...tried];
  const full = prompt.bullets.length >= maxBullets;
  const made: string[] = [];
  for (let i = 0; i < count; i++) {
    const line = newLine(known, roll);
    known.push(line);
    made.push(
      full ? `Replace ${String(1 + roll(prompt.bullets.length))}: ${line}` : `Add: ${line}`,
    );
  }
  return made.join('\n');
}
