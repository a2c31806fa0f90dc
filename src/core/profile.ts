import type { Criterion } from './criteria.ts';
import type { Example } from './events.ts';
import type { Content } from './llm.ts';
import type { Prompt } from './prompt.ts';
import type { Rating } from './rating.ts';

/** A request's text, and the strings that end the reply (beside the model's own end). */
export interface Ask {
  readonly content: Content;
  readonly stop: readonly string[];
}

export interface AnswerBlanks {
  /** Null: no system prompt at all. */
  readonly prompt: Prompt | null;
  /** Most similar first. */
  readonly examples: readonly Example[];
  readonly query: string;
}

export interface ChooseBlanks {
  readonly query: string;
  readonly criteria: readonly Criterion[];
  readonly atLeast: number;
  readonly atMost: number;
  readonly propose: boolean;
}

export interface RateBlanks {
  readonly query: string;
  readonly answer: string;
}

/** Whether a criterion's scale is shown from 1 to 5 or from 5 to 1. */
export type RubricOrder = 'rising' | 'falling';

/** One criterion to rate on. `order` is rising where it is not said; `thought` is what the evaluator wrote on it before. */
export interface CriterionBlanks extends RateBlanks {
  readonly criterion: Criterion;
  readonly order?: RubricOrder;
  readonly thought?: string;
}

/** Two answers to one query, in the order in which they are shown. */
export interface CompareBlanks {
  readonly query: string;
  readonly first: string;
  readonly second: string;
}

/** An answer as it was rated: what a rewrite works from. */
export interface Evidence {
  readonly query: string;
  readonly answer: string;
  readonly ratings: readonly Rating[];
}

export interface RewriteBlanks {
  readonly prompt: Prompt;
  /** Former prompts of the same path with what they were rated, oldest first. */
  readonly former: readonly { readonly prompt: Prompt; readonly reward: number | null }[];
  readonly evidence: Evidence;
  readonly maxBullets: number;
}

/** A prompt of which single lines are to be changed. */
export interface EditBlanks {
  readonly prompt: Prompt;
  /** Its weakest answers to different queries, the weakest first. */
  readonly evidence: readonly Evidence[];
  /** Lines that were tried before, the newest last: they should not come again. */
  readonly tried: readonly string[];
  /** How many changes are asked for. */
  readonly count: number;
  readonly maxBullets: number;
}

/** What a choose-criteria reply said, before names are matched to the list. */
export interface Choice {
  readonly names: readonly string[];
  readonly proposed: { readonly name: string; readonly definition: string } | null;
}

/**
 * How to ask one family of models for each purpose, and how to read what it says. Pure functions of their blanks.
 * Text runs from what never changes to what changes, so that requests share their prefix. Readers return null for a
 * reply that is not what was asked for; they never throw. Adding a profile: one file in `profiles/`, one line in its index.
 */
export interface Profile {
  readonly id: string;
  readonly form: Content['type'];

  answer(blanks: AnswerBlanks): Ask;

  chooseCriteria(blanks: ChooseBlanks): Ask;
  readChoice(text: string): Choice | null;

  /** One criterion; the reply is one of the digits 1 to 5. A profile that shows no scale asks the same in both orders. */
  rate(blanks: CriterionBlanks): Ask;
  /** One sentence on an answer and a criterion before it is rated, read by `readReason`. Absent where the models can't. */
  think?(blanks: RateBlanks & { readonly criterion: Criterion }): Ask;

  /** Which of two answers is better; the reply is one of the letters A (the first) and B. Absent where the models can't. */
  compare?(blanks: CompareBlanks): Ask;

  /** All criteria, a reason and a score for each. */
  rateAll(
    blanks: RateBlanks & { readonly criteria: readonly Criterion[]; readonly order?: RubricOrder },
  ): Ask;
  /** Ratings with reasons, one for each of `criteria`, in their order. */
  readRatings(text: string, criteria: readonly Criterion[]): readonly Rating[] | null;

  /** Why an answer got this rating. */
  explain(blanks: RateBlanks & { readonly criterion: Criterion; readonly score: number }): Ask;
  readReason(text: string): string | null;

  rewrite(blanks: RewriteBlanks): Ask;
  /** The new prompt's text, opening and bullets. `prompt` is the one that was to be rewritten: a reply may be an edit of it. */
  readPrompt(text: string, prompt: Prompt): string | null;

  /** Changes of single lines, each of which alone is a proposal. Absent where a profile only rewrites whole prompts. */
  edit?(blanks: EditBlanks): Ask;
  /** The texts of the prompts that the changes make, in the reply's order; none where there is no change in it. */
  readEdits?(text: string, prompt: Prompt): readonly string[];

  improve(blanks: Evidence): Ask;
  readAnswer(text: string): string | null;
}
