import type { ChosenCriteria } from './criteria.ts';
import type { Headroom } from './headroom.ts';
import type { JudgeCheck } from './judge-check.ts';
import type { Cut, Role } from './llm.ts';
import type { Prompt } from './prompt.ts';
import type { Rating } from './rating.ts';
import type { Verdict } from './verdict.ts';
import type { BulletEffect } from './weigh-bullets.ts';

/** A question for the model, named by an id that is unique in its run. `kind` is for balance and display. */
export interface Query {
  readonly id: string;
  readonly text: string;
  readonly kind: string;
}

/** A query with an answer worth imitating: what stage 1 improves and retrieval puts before a query. */
export interface Example {
  readonly id: string;
  readonly query: string;
  readonly answer: string;
  /** Whether the query asks for something harmful; absent where nobody said. */
  readonly harmful?: boolean;
}

/** What a query is used for. The three sets never share one. */
export type Split = 'train' | 'select' | 'test';

/**
 * Which prompt of the verdict: none at all, the person's, the hand-written one, the search's without its examples, the search's as it
 * would be used.
 */
export type Arm = 'none' | 'start' | 'hand-written' | 'found-alone' | 'found';

/**
 * A prompt tried on a query: the base model's answer and the evaluator's ratings of it.
 * `ratings` and `reward` are null where the evaluator's reply could not be read: never scored as if it were an answer.
 */
export interface Attempt {
  readonly candidate: string;
  readonly query: string;
  readonly split: Split;
  /** The ids of the examples that stood before the query, most similar first. */
  readonly examples: readonly string[];
  readonly answer: string;
  /** The answer ran into its token limit or the context's end. */
  readonly answerCut: boolean;
  readonly ratings: readonly Rating[] | null;
  /** Mean rating, 1 to 5. */
  readonly reward: number | null;
  /** What was given up to fit the context, over all the attempt's requests. */
  readonly cuts: readonly Cut[];
  /** Keys of the journalled replies, in the order asked. */
  readonly replies: readonly string[];
}

/** A prompt in the search's tree. `id` is `p0` for the start and counts up in order of creation. */
export interface NewCandidate {
  readonly id: string;
  readonly parent: string | null;
  /** 0 for the start. */
  readonly level: number;
  readonly prompt: Prompt;
  /** The query whose attempt called for it, and the reply that proposed it. */
  readonly query: string | null;
  readonly replies: readonly string[];
  /** Made of lines that were known, not proposed; absent: no. */
  readonly crossed?: true;
}

/** Why a proposal did not become a candidate. */
export type Refusal = 'unreadable' | 'cut' | 'same' | 'duplicate';

/**
 * What a person, the clock or a failing machine may ask of a running search at a numbered point. `context`: from there on the
 * models of these roles have contexts of so many tokens, as their memory did not suffice for more.
 */
export type Steer =
  | { readonly type: 'go' }
  | { readonly type: 'stop' }
  | { readonly type: 'context'; readonly contextSizes: Readonly<Record<Role, number>> };

/**
 * What the search says as it goes, in an order that replies' timing cannot change. A run is the fold of its events.
 * Adding an event: a member here, a case in `run.ts`, one in `formats/run-file.ts`.
 */
export type SearchEvent =
  | { readonly type: 'phase'; readonly phase: Phase }
  | {
      readonly type: 'criteria';
      readonly query: string;
      readonly chosen: ChosenCriteria;
      readonly replies: readonly string[];
    }
  | { readonly type: 'judge-checked'; readonly check: JudgeCheck }
  | { readonly type: 'headroom'; readonly headroom: Headroom }
  | {
      readonly type: 'example-rated';
      readonly example: string;
      /** 0 for the starting answer. */
      readonly round: number;
      readonly answer: string;
      readonly ratings: readonly Rating[] | null;
      readonly reward: number | null;
      readonly cuts: readonly Cut[];
      readonly replies: readonly string[];
    }
  | {
      readonly type: 'example-refused';
      readonly example: string;
      readonly round: number;
      readonly why: Refusal;
      readonly replies: readonly string[];
    }
  | {
      readonly type: 'example-kept';
      readonly example: string;
      /** The round whose answer is kept; 0 keeps the starting one. */
      readonly round: number;
      readonly answer: string;
    }
  | { readonly type: 'level'; readonly level: number; readonly queries: readonly string[] }
  | { readonly type: 'candidate'; readonly candidate: NewCandidate }
  | { readonly type: 'attempt'; readonly attempt: Attempt }
  | {
      readonly type: 'explained';
      readonly candidate: string;
      readonly query: string;
      readonly criterion: string;
      readonly reason: string;
      readonly replies: readonly string[];
    }
  | {
      readonly type: 'skipped';
      readonly candidate: string;
      readonly query: string;
      readonly lengthened: boolean;
    }
  | {
      readonly type: 'rewritten';
      readonly candidate: string;
      readonly query: string;
      /** How many former prompts the optimizer was shown. */
      readonly former: number;
      readonly children: readonly string[];
    }
  | {
      readonly type: 'proposal-refused';
      readonly candidate: string;
      readonly query: string;
      readonly why: Refusal;
      readonly replies: readonly string[];
    }
  | {
      /** These can hardly catch up on the level's block, and are spared the queries that are left of it. */
      readonly type: 'raced-out';
      readonly level: number;
      readonly candidates: readonly string[];
      readonly left: number;
    }
  | {
      readonly type: 'beam';
      readonly level: number;
      readonly kept: readonly Ranked[];
      readonly dropped: readonly Ranked[];
    }
  | {
      readonly type: 'bullet-weighed';
      readonly candidate: string;
      readonly effect: BulletEffect;
    }
  | { readonly type: 'selected'; readonly candidate: string; readonly ranking: readonly Ranked[] }
  | {
      readonly type: 'arm';
      readonly arm: Arm;
      readonly candidate: string;
      readonly prompt: Prompt;
      readonly withExamples: boolean;
    }
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'steered'; readonly point: number; readonly steer: Steer }
  | { readonly type: 'ended'; readonly how: 'finished' | 'stopped' };

export type Phase = 'judge-check' | 'headroom' | 'examples' | 'search' | 'selection' | 'test';

/** A candidate with what it was ranked by; `aggregate` is null where none of its attempts could be read. */
export interface Ranked {
  readonly candidate: string;
  readonly aggregate: number | null;
}
