import * as v from 'valibot';
import { joinParts, type LlmRequest } from '../../src/core/llm.ts';
import type { Ask, Evidence, Profile } from '../../src/core/profile.ts';
import { base } from '../../src/core/profiles/base.ts';
import { readEditLines } from '../../src/core/profiles/edits.ts';
import { readScoredLines } from '../../src/core/profiles/read-ratings.ts';
import { readListedNames, readPromptText, readSentence } from '../../src/core/profiles/read.ts';
import { promptText } from '../../src/core/prompt.ts';

const ratings = v.array(v.object({ criterion: v.string(), score: v.number() }));

const blanks = v.object({
  prompt: v.optional(v.string(), ''),
  query: v.optional(v.string(), ''),
  answer: v.optional(v.string(), ''),
  /** Names of criteria: those on offer, or the ones to rate. */
  criteria: v.optional(v.array(v.string()), []),
  atMost: v.optional(v.number(), 5),
  /** The answers that a rewrite or changes should learn from. */
  evidence: v.optional(v.array(v.object({ query: v.string(), ratings })), []),
  /** Lines that should not come again, and how many changes are asked for; none is asked for a whole prompt. */
  tried: v.optional(v.array(v.string()), []),
  changes: v.optional(v.number(), 0),
});

/** What a request of the simulated world says, in JSON. */
export type Blanks = v.InferOutput<typeof blanks>;

function ask(said: v.InferInput<typeof blanks>): Ask {
  return { content: { type: 'text', parts: [{ text: JSON.stringify(said) }] }, stop: [] };
}

/** Reads a request back. Throws where it was not written by this profile. */
export function blanksOf({ content, purpose }: LlmRequest): Blanks {
  const text = content.type === 'text' ? joinParts(content.parts) : '';
  if (!text.startsWith('{'))
    throw new Error(`the simulated world cannot read a request of ${purpose}`);
  return v.parse(blanks, JSON.parse(text));
}

/** The profile of the simulated world for an optimizer that rewrites whole prompts. */
export const rewriting: Profile = {
  id: 'simulated',
  form: 'text',
  answer: ({ prompt, query }) => ask({ prompt: prompt ? promptText(prompt) : '', query }),
  chooseCriteria: ({ query, criteria, atMost }) =>
    ask({ query, atMost, criteria: criteria.map((c) => c.name) }),
  readChoice: readListedNames,
  rate: ({ query, answer, criterion }) => ask({ query, answer, criteria: [criterion.name] }),
  rateAll: ({ query, answer, criteria }) =>
    ask({ query, answer, criteria: criteria.map((c) => c.name) }),
  readRatings: readScoredLines,
  explain: ({ query, answer, criterion }) => ask({ query, answer, criteria: [criterion.name] }),
  readReason: readSentence,
  rewrite: ({ prompt, evidence }) =>
    ask({ prompt: promptText(prompt), evidence: [shown(evidence)] }),
  readPrompt: readPromptText,
  improve: (evidence) => base.improve(evidence),
  readAnswer: (text) => base.readAnswer(text),
};

/**
 * The profile of the simulated world: short requests in JSON, so that thousands of runs are affordable; replies are read as the
 * real profiles read them.
 */
export const simulated: Profile = {
  ...rewriting,
  edit: ({ prompt, evidence, tried, count }) =>
    ask({
      prompt: promptText(prompt),
      evidence: evidence.map(shown),
      tried: [...tried],
      changes: count,
    }),
  readEdits: readEditLines,
};

function shown({ query, ratings }: Evidence): Blanks['evidence'][number] {
  return { query, ratings: ratings.map(({ criterion, score }) => ({ criterion, score })) };
}
