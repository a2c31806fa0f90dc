import type { Drop, Part } from '../llm.ts';

/**
 * In which order parts are given up when a request does not fit: the oldest former prompts first, then examples, then
 * worked examples and definitions, then the answer's middle, and a long query's middle last.
 */
export const dropOrder = {
  former: 0,
  example: 100,
  worked: 200,
  definition: 300,
  answer: 400,
  query: 500,
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
