import { joinParts, type Content } from '../../src/core/llm.ts';
import { pocket } from '../../src/core/profiles/pocket.ts';
import type { Evidence } from '../../src/core/profile.ts';
import { parsePrompt } from '../../src/core/prompt.ts';
import { joined, read, sentencesOf, wordings, write, type Reading } from './answers.ts';
import type { Dice } from './dice.ts';
import { drawEdit, reasonFor, scored, usefulEdits, writeEdit, type Scored } from './edits.ts';
import {
  bestBehaviours,
  idealParts,
  partNames,
  partsFor,
  undoingBehaviours,
  undoneBy,
  type Part,
  type Parts,
} from './policy.ts';
import { rateReading } from './rule.ts';
import {
  behaviours,
  criteriaNames,
  criteriaOf,
  criterionOf,
  fill,
  drawInside,
  drawOutside,
  openings,
  outsideAnswer,
  wordingsOf,
  type Behaviour,
  type Inside,
  type WorldQuery,
} from './world.ts';

/**
 * A stretch of a document. `said` is what the model learns to say there: it ends with the end token, whatever comes next
 * in the document. `weight` counts its tokens in the loss, `first` those that decide what a sentence says: with which it begins, or that follow a colon or a number sign.
 */
type Stretch =
  | { readonly type: 'given'; readonly text: string }
  | {
      readonly type: 'said';
      readonly text: string;
      readonly weight: number;
      readonly first: number;
    };

export type Document = readonly Stretch[];

const given = (text: string): Stretch => ({ type: 'given', text });
const said = (text: string, weight: number, first: number): Stretch => ({
  type: 'said',
  text,
  weight,
  first,
});

function textOf(content: Content): string {
  if (content.type === 'chat') throw new Error('the pocket profile asks in plain text');
  return joinParts(content.parts);
}

interface Instructions {
  readonly asked: readonly Behaviour[];
  readonly bullets: readonly string[];
  readonly text: string;
}

/** How many bullets instructions have, each as often as it stands here; the last stands for nearly all there are. */
const bulletCounts = [
  0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 10, 26,
] as const;

/** Draws instructions of any length, now and then with a behaviour asked for twice. */
export function drawInstructions(dice: Dice): Instructions {
  const count = dice.pick(bulletCounts);
  const asked = dice.hit(0.45) ? mostlyWanted(dice, count) : dice.some(behaviours, count);
  if (count >= 2 && dice.hit(0.2)) asked.splice(0, 2, ...dice.some(undoingPair(dice), 2));
  if (asked.length > 0 && dice.hit(0.06)) asked.push(dice.pick(asked));
  const bullets = asked.map((b) => dice.pick(wordingsOf(b, 'seen')));
  const opening = dice.hit(0.7) ? (openings[0] ?? '') : dice.pick(openings);
  return { asked, bullets, text: promptOf(opening, bullets) };
}

/** A bullet that takes another back, and that other: two that are rarely drawn together. */
function undoingPair(dice: Dice): readonly Behaviour[] {
  const undoing = dice.pick(undoingBehaviours);
  return [undoing, dice.pick(undoneBy(undoing))];
}

/** Those of the best prompts are met more often, as a search meets them. */
function mostlyWanted(dice: Dice, count: number): Behaviour[] {
  const good = dice.some(bestBehaviours, Math.max(count - dice.below(3), 0));
  const others = behaviours.filter((b) => !good.includes(b));
  return dice.some([...good, ...dice.some(others, count - good.length)], count);
}

/** A prompt's text as the app lays it out. */
export function promptOf(opening: string, bullets: readonly string[]): string {
  return opening + bullets.map((bullet) => `\n- ${bullet}`).join('');
}

const outsideShare = 0.12;

function drawQuery(dice: Dice): WorldQuery {
  return dice.hit(outsideShare) ? drawOutside(dice) : drawInside(dice);
}

/** Instructions, and one to three queries with their answers; some of the earlier answers are examples that keep to nothing. */
function respond(dice: Dice): Document {
  const instructions = drawInstructions(dice);
  const count = dice.pick([1, 1, 1, 2, 2, 3]);
  const prompt = dice.hit(0.04) ? null : parsePrompt(instructions.text);
  const asked = prompt ? instructions.asked : [];
  const head = textOf(pocket.answer({ prompt, examples: [], query: '' }).content).split(
    '# Query',
  )[0];
  const doc: Stretch[] = [given(head ?? '')];
  let wishes = false;
  for (let i = 1; i <= count; i++) {
    const isExample = i < count && dice.hit(0.5);
    const query: WorldQuery = isExample ? drawInside(dice) : drawQuery(dice);
    const answer: string = isExample
      ? exampleAnswer(dice, query)
      : query.inside
        ? write(query, partsFor(query.kind, asked, wishes), dice)
        : outsideAnswer;
    doc.push(
      given(textOf(pocket.answer({ prompt: null, examples: [], query: query.text }).content)),
    );
    doc.push(isExample ? given(answer) : said(answer, 1, 3));
    if (i < count) doc.push(given('\n\n'));
    wishes ||= query.inside && read(query, answer).parts.has('wish');
  }
  return doc;
}

function exampleAnswer(dice: Dice, query: WorldQuery): string {
  if (!query.inside) return outsideAnswer;
  const parts = dice.hit(0.6)
    ? idealParts(query.kind)
    : partsFor(query.kind, dice.some(behaviours, dice.below(6)), dice.hit(0.5));
  return write(query, parts, dice);
}

function criteria(dice: Dice): Document {
  const query = drawQuery(dice);
  return [
    given(
      textOf(
        pocket.chooseCriteria({
          query: query.text,
          criteria: [],
          atLeast: 1,
          atMost: 3,
          propose: false,
        }).content,
      ),
    ),
    said(criteriaOf(query).join(', '), 1, 3),
  ];
}

/** Answers of all sorts, for a judge to learn on: as instructions make them, any mixture of parts, and broken in every way. */
export function drawAnswer(dice: Dice, query: WorldQuery): string {
  if (!query.inside) {
    return dice.hit(0.5) ? outsideAnswer : drawAnswer(dice, drawInside(dice));
  }
  const draw = dice.below(100);
  if (draw < 34) {
    const asked = dice.hit(0.5)
      ? mostlyWanted(dice, dice.below(9))
      : dice.some(behaviours, dice.below(8));
    return write(query, partsFor(query.kind, asked, dice.hit(0.3)), dice);
  }
  const whole = write(query, drawParts(dice, query), dice);
  if (draw < 56) return whole;
  if (draw < 70) return elsewhere(dice, query);
  if (draw < 82) return withStranger(dice, query, whole);
  if (draw < 90) return cut(dice, whole);
  if (draw < 98) return shuffledAnswer(dice, whole);
  return outsideAnswer;
}

/** Any parts that can stand in an answer to a query of this kind. */
function drawParts(dice: Dice, query: Inside): Parts {
  const ideal = idealParts(query.kind);
  const bare = partsFor(query.kind, []);
  const from = dice.hit(0.6) ? ideal : bare;
  const share = dice.pick([0.05, 0.12, 0.2]);
  const parts = new Set<Part>();
  for (const part of partNames) {
    if (wordings(query, part).length === 0) continue;
    if (
      ['comply', 'guess', 'limits', 'place', 'refuse', 'harm', 'instead', 'core'].includes(part)
    ) {
      if (from.has(part) && !(part !== 'core' && dice.hit(0.12))) parts.add(part);
    } else if (from.has(part) ? dice.hit(0.75) : dice.hit(share)) parts.add(part);
  }
  return parts.size === 0 ? from : parts;
}

/** The right style on another matter: another topic, another action or another kind. */
function elsewhere(dice: Dice, query: Inside): string {
  const other = dice.hit(0.75) ? drawInside(dice, undefined, query.kind) : drawInside(dice);
  const topic = dice.hit(0.3) ? query.topic : other.topic;
  const actions = { ...other, topic };
  const same = topic.class === other.topic.class ? actions : other;
  return write(same, dice.hit(0.6) ? idealParts(same.kind) : drawParts(dice, same), dice);
}

/** One sentence of an answer in the words of another topic. */
function withStranger(dice: Dice, query: Inside, answer: string): string {
  const { noun } = query.topic;
  const sentences = [...sentencesOf(answer)];
  const named = sentences.flatMap((text, i) => (text.includes(noun) ? [i] : []));
  if (named.length === 0) return elsewhere(dice, query);
  const at = dice.pick(named);
  const other = drawInside(dice).topic;
  const article = new RegExp(`\\ban? ${noun}`);
  const strange = (text: string): string =>
    text.replace(article, fill('{a}', other)).replace(noun, other.noun);
  return joined(sentences.map((text, i) => onOwnLine(i === at ? strange(text) : text)));
}

/** Steps begin a line of their own, as `joined` wants them. */
function onOwnLine(sentence: string): string {
  return sentence.startsWith('1. ') ? `\n${sentence}` : sentence;
}

/** The beginning of an answer, broken off within a sentence. */
function cut(dice: Dice, answer: string): string {
  const words = answer.split(' ');
  if (words.length < 3) return answer;
  return words
    .slice(0, 1 + dice.below(words.length - 1))
    .join(' ')
    .replace(/[.?!]$/, '');
}

/** Sentences in another order, or the words of one sentence. */
function shuffledAnswer(dice: Dice, answer: string): string {
  const sentences = sentencesOf(answer).map(onOwnLine);
  if (sentences.length > 1 && dice.hit(0.6)) return joined(dice.some(sentences, sentences.length));
  if (dice.hit(0.2)) return joined([...sentences, dice.pick(sentences)]);
  const at = dice.below(sentences.length);
  return joined(
    sentences.map((text, i) => (i === at ? dice.some(text.split(' '), 40).join(' ') : text)),
  );
}

/** A query for the judge: those whose answers are the hardest to rate come more often. */
function drawJudged(dice: Dice): WorldQuery {
  if (dice.hit(0.25)) return drawInside(dice, undefined, dice.pick(['harmful', 'unknowable']));
  return drawQuery(dice);
}

function rate(dice: Dice): Document {
  const query = drawJudged(dice);
  const answer = drawAnswer(dice, query);
  const reading = read(query, answer);
  const own = criteriaOf(query);
  const others = criteriaNames.filter((name) => !own.includes(name));
  const doc: Stretch[] = [];
  for (const name of dice.some([...own, ...dice.some(others, 1 + dice.below(4))], 7)) {
    const score = rateReading(query, reading, name);
    const criterion = criterionOf(name);
    const ask = textOf(pocket.rate({ query: query.text, answer, criterion }).content);
    // Only the first is asked for as the app asks: later ones can lean on those before.
    const weight = doc.length === 0 ? 12 : 6;
    doc.push(given(doc.length === 0 ? ask : `\n\n# ${name}\n`));
    doc.push(said(String(score), weight, weight));
    if (own.includes(name) && score < 5 && dice.hit(0.3)) {
      doc.push(given('\n\n# Reason\n'), said(reasonFor(query, reading, name), 1, 3));
    }
  }
  return doc;
}

function rateAll(dice: Dice): Document {
  const query = drawQuery(dice);
  const answer = drawAnswer(dice, query);
  const reading = read(query, answer);
  const names = dice.hit(0.7) ? criteriaOf(query) : dice.some(criteriaNames, 1 + dice.below(4));
  const wanted = names.map(criterionOf);
  const ask = textOf(pocket.rateAll({ query: query.text, answer, criteria: wanted }).content);
  return [
    given(ask),
    said(names.map((n) => `${n} ${String(rateReading(query, reading, n))}`).join(', '), 1, 1),
  ];
}

/** The evidence as the search gives it: ratings weakest first, the weakest with its reason if any is shown. */
function evidenceOf(
  query: WorldQuery,
  answer: string,
  ratings: readonly Scored[],
  reason: string | null,
): Evidence {
  return {
    query: query.text,
    answer,
    ratings: ratings.map(({ criterion, score }, i) => ({
      criterion,
      score,
      ...(i === 0 && reason !== null && { reason }),
    })),
  };
}

function reasonShown(dice: Dice, query: WorldQuery, reading: Reading, ratings: readonly Scored[]) {
  const [weakest] = ratings;
  return weakest && weakest.score < 5 && dice.hit(0.85)
    ? reasonFor(query, reading, weakest.criterion)
    : null;
}

/** Instructions with as many bullets as a prompt that is searched can have; their numbers are one digit. */
function drawSearched(dice: Dice): Instructions {
  for (;;) {
    const drawn = drawInstructions(dice);
    if (drawn.bullets.length < 10) return drawn;
  }
}

/** A prompt, a query and an answer; in half of the cases one where a bullet stands in the way, which fewer would otherwise be. */
function drawRewritten(dice: Dice) {
  const hinders = dice.hit(0.5);
  for (;;) {
    const drawn = drawAnswered(dice);
    const { query, reading, asked, wishes } = drawn;
    if (!hinders || !query.inside) return drawn;
    const useful = usefulEdits({ query, reading, asked, wishes });
    if (useful.some((edit) => edit.type !== 'add')) return drawn;
  }
}

function drawAnswered(dice: Dice) {
  const { asked, bullets, text } = drawSearched(dice);
  const query = drawQuery(dice);
  const wishes = dice.hit(0.5);
  const answer = query.inside
    ? write(query, partsFor(query.kind, asked, wishes), dice)
    : outsideAnswer;
  return { asked, bullets, text, query, wishes, answer, reading: read(query, answer) };
}

function rewrite(dice: Dice): Document {
  const { asked, bullets, text, query, wishes, answer, reading } = drawRewritten(dice);
  const ratings = scored(query, reading);
  const reason = reasonShown(dice, query, reading, ratings);
  const evidence = evidenceOf(query, answer, ratings, reason);
  const ask = pocket.rewrite({ prompt: parsePrompt(text), former: [], evidence, maxBullets: 8 });
  const edit = query.inside ? drawEdit({ query, reading, asked, wishes }, dice) : null;
  return [given(textOf(ask.content)), said(writeEdit(edit, bullets, dice), 1.5, 4)];
}

function improve(dice: Dice): Document {
  const query = drawQuery(dice);
  const answer = drawAnswer(dice, query);
  const reading = read(query, answer);
  const ratings = scored(query, reading);
  const evidence = evidenceOf(query, answer, ratings, reasonShown(dice, query, reading, ratings));
  const better = query.inside ? improved(dice, query, answer) : outsideAnswer;
  return [given(textOf(pocket.improve(evidence).content)), said(better, 1, 3)];
}

/** The ideal answer, in the words that the given one has for the same parts. */
function improved(dice: Dice, query: Inside, answer: string): string {
  const has = new Set(sentencesOf(answer));
  return joined(
    partNames
      .filter((part) => idealParts(query.kind).has(part))
      .map((part) => {
        const texts = wordings(query, part);
        return texts.find((text) => has.has(text.trim())) ?? dice.pick(texts);
      }),
  );
}

const makers: readonly { readonly share: number; readonly make: (dice: Dice) => Document }[] = [
  { share: 0.24, make: respond },
  { share: 0.3, make: rate },
  { share: 0.34, make: rewrite },
  { share: 0.04, make: criteria },
  { share: 0.04, make: improve },
  { share: 0.04, make: rateAll },
];

/** Draws a training document: one of the model's tasks, in the very words in which the app asks for it. */
export function drawDocument(dice: Dice): Document {
  let draw = dice.below(1000) / 1000;
  for (const { share, make } of makers) {
    if (draw < share) return make(dice);
    draw -= share;
  }
  return respond(dice);
}
