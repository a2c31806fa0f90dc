import { joinParts, type Llm, type LlmReply, type LlmRequest } from '../../src/core/llm.ts';
import { read, write } from './answers.ts';
import { Dice } from './dice.ts';
import { bulletsIn, drawEdit, reasonFor, scored, writeEdit, type Edit } from './edits.ts';
import { idealParts, partsFor } from './policy.ts';
import { rateReading } from './rule.ts';
import {
  behaviours,
  criteriaOf,
  outsideAnswer,
  readBullet,
  wordingsOf,
  type Behaviour,
  type WorldQuery,
} from './world.ts';

/** How an ideal model edits prompts: as the world teaches, or at random, for comparison. */
export type Editing = 'taught' | 'random';

/**
 * A model that does without mistake what the trained one is taught, through the same port and the same words. It knows `queries`;
 * every other text lies outside. It shows what a search can reach in this world before anything is trained.
 */
export function idealModel(queries: readonly WorldQuery[], editing: Editing = 'taught'): Llm {
  const known = new Map(queries.map((query) => [query.text, query]));
  return {
    info: {
      engine: 'ideal',
      id: 'ideal',
      revision: '1',
      contextSize: 4096,
      name: 'Ideal',
      form: 'text',
      canEmbed: false,
      concurrency: 1,
      profile: 'pocket',
    },
    ask: (request) => Promise.resolve(reply(request, known, editing)),
  };
}

interface Section {
  readonly name: string;
  readonly text: string;
}

function sectionsOf(text: string): readonly Section[] {
  return text
    .split(/^# /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { name: part.slice(0, end), text: part.slice(end + 1).trim() };
    });
}

function reply(
  request: LlmRequest,
  known: ReadonlyMap<string, WorldQuery>,
  editing: Editing,
): LlmReply {
  if (request.content.type !== 'text') throw new Error('the pocket profile asks in plain text');
  const sections = sectionsOf(joinParts(request.content.parts));
  const last = (name: string): string => sections.findLast((s) => s.name === name)?.text ?? '';
  const text = last('Query');
  const query = known.get(text) ?? { inside: false, text };
  const dice = new Dice(request.sampling.seed);
  const given = { sections, query, answer: last('Answer'), dice, editing };
  const usage = { promptTokens: 0, reusedTokens: 0, outputTokens: 0, elapsedMs: 0 };
  if (request.output.type === 'choice') {
    const score = rateReading(query, read(query, given.answer), sections.at(-1)?.name ?? '');
    const probabilities = request.output.choices.map((c) => (c === String(score) ? 1 : 0));
    return { type: 'choice', probabilities, cut: [], usage };
  }
  return { type: 'text', text: textReply(request, given), finish: 'stop', cut: [], usage };
}

interface Given {
  readonly sections: readonly Section[];
  readonly query: WorldQuery;
  readonly answer: string;
  readonly dice: Dice;
  readonly editing: Editing;
}

function textReply({ purpose }: LlmRequest, given: Given): string {
  const { sections, query, answer, dice } = given;
  const reading = read(query, answer);
  switch (purpose) {
    case 'choose-criteria':
      return criteriaOf(query).join(', ');
    case 'rate':
      return scored(query, reading)
        .map(({ criterion, score }) => `${criterion} ${String(score)}`)
        .join(', ');
    case 'explain':
      return reasonFor(query, reading, sections.at(-2)?.name ?? '');
    case 'rewrite':
      return rewritten(given);
    case 'improve':
      return query.inside ? write(query, idealParts(query.kind), dice) : outsideAnswer;
    case 'answer': {
      if (!query.inside) return outsideAnswer;
      const wishes = sections.some((s) => s.name === 'Answer' && /Good luck/.test(s.text));
      return write(query, partsFor(query.kind, askedIn(sections), wishes), dice);
    }
    case 'embed':
      return '';
  }
}

function bulletsOf(sections: readonly Section[]): readonly string[] {
  return bulletsIn(sections.find((s) => s.name === 'Instructions')?.text ?? '');
}

function askedIn(sections: readonly Section[]): readonly Behaviour[] {
  return bulletsOf(sections).flatMap((line) => readBullet(line) ?? []);
}

function rewritten({ sections, query, answer, dice, editing }: Given): string {
  const bullets = bulletsOf(sections);
  const asked = askedIn(sections);
  if (editing === 'random') return randomEdit(bullets, dice);
  if (!query.inside) return writeEdit(null, bullets, dice);
  const reading = read(query, answer);
  const wishes = reading.parts.has('wish');
  return writeEdit(drawEdit({ query, reading, asked, wishes }, dice), bullets, dice);
}

/** Any edit at all: mostly a bullet of any behaviour, now and then one bullet less or another in its place. */
export function randomEdit(bullets: readonly string[], dice: Dice): string {
  const add = dice.pick(behaviours);
  const drop = bullets.flatMap((line) => readBullet(line) ?? []);
  const draw = dice.below(10);
  const edit: Edit =
    drop.length === 0 || draw < 6
      ? { type: 'add', add }
      : draw < 8
        ? { type: 'swap', add, drop: dice.pick(drop) }
        : { type: 'drop', drop: dice.pick(drop) };
  return writeEdit(edit, bullets, dice);
}

/** A prompt with one wording of every behaviour. */
export function everyBullet(dice: Dice): readonly string[] {
  return behaviours.map((b) => dice.pick(wordingsOf(b, 'seen')));
}
