import type { Criterion } from '../criteria.ts';
import type { Drop, Part } from '../llm.ts';
import type { RubricOrder } from '../profile.ts';
import type { Prompt } from '../prompt.ts';
import type { Rating } from '../rating.ts';

/**
 * In which order parts are given up when a request does not fit: the oldest former prompts first, then examples, then
 * worked examples, what the criteria mean and why they were rated so, then the answer's middle,
 * a long query's middle, and last the middle of a prompt that is too long for the model: shown as cut, it shows that it is.
 */
export const dropOrder = {
  former: 0,
  example: 100,
  worked: 200,
  anchors: 290,
  definition: 300,
  reason: 350,
  answer: 400,
  query: 500,
  prompt: 600,
} as const;

export function droppable(order: number, what: string): Drop {
  return { order, how: 'whole', what };
}

/** Text that must stay. */
export function keep(text: string): Part {
  return { text };
}

/** Text of unknown length whose middle may go. */
export function longText(text: string, order: number, what: string): Part {
  return { text, drop: { order, how: 'middle', what } };
}

/** A prompt's text: what it says matters most, so its middle goes last. */
export function promptPart(text: string): Part {
  return longText(text, dropOrder.prompt, "the prompt's middle");
}

/** What a request's task is, in general: it goes once its worked examples are gone. */
export function intro(text: string): Part {
  return dropPart(text, dropOrder.anchors, 'the introduction');
}

/** Text that may go as a whole. */
export function dropPart(text: string, order: number, what: string): Part {
  return { text, drop: droppable(order, what) };
}

/** A criterion with what it means and what a 1 and a 5 look like, on one line. */
export function described(c: Criterion, order: RubricOrder = 'rising'): readonly Part[] {
  const ends = [`1 means: ${c.low}`, `5 means: ${c.high}`];
  const scale = order === 'rising' ? ends : ends.toReversed();
  return [
    keep(c.name),
    dropPart(`: ${c.definition}`, dropOrder.definition, 'what the criteria mean'),
    dropPart(` ${scale.join(' ')}`, dropOrder.anchors, 'what a 1 and a 5 mean'),
  ];
}

/** The names of criteria as a list, each with its meaning. */
export function listed(criteria: readonly Criterion[]): readonly Part[] {
  return criteria.flatMap((c) => [
    keep(`- ${c.name}`),
    dropPart(`: ${c.definition}`, dropOrder.definition, 'what the criteria mean'),
    keep('\n'),
  ]);
}

/** Ratings with their reasons, a line each. */
export function criticism(ratings: readonly Rating[]): readonly Part[] {
  return ratings.flatMap((r) => [
    keep(`- ${r.criterion}: ${r.score.toFixed(1)} of 5.`),
    ...(r.reason === undefined ? [] : [longText(` ${r.reason}`, dropOrder.reason, 'reasons')]),
    keep('\n'),
  ]);
}

/** Answers beyond the weakest go before the weakest is cut, the last first. */
export function moreEvidence(index: number): Drop {
  return droppable(dropOrder.reason - index, `answer ${String(index + 1)}`);
}

/** The prompt with its bullets numbered, by which a change names them. */
export function numbered(prompt: Prompt): Prompt {
  const bullets = prompt.bullets.map((bullet, i) => ({
    ...bullet,
    lead: `${i === 0 && prompt.opening === '' ? '' : '\n'}${String(i + 1)}. `,
    text: bullet.text.trim() + (bullet.locked ? ' (must stay as it is)' : ''),
  }));
  return { ...prompt, bullets };
}
