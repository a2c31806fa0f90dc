import * as v from 'valibot';
import type { Attempt, NewCandidate, SearchEvent, Steer } from '../core/events.ts';
import { headroomSchema } from './headroom-schema.ts';
import { judgeCheckSchema } from './judge-check-schema.ts';
import { cutSchema, perRole } from './llm-schemas.ts';
import { count, label, labels, list, number, text } from './schema-basics.ts';
import {
  armSchema,
  bulletEffectSchema,
  chosenCriteriaSchema,
  promptSchema,
  rankedSchema,
  ratingSchema,
  verdictSchema,
} from './schemas.ts';

const ratings = v.nullable(list(ratingSchema));
const cuts = list(cutSchema);
const refusal = v.picklist(['unreadable', 'cut', 'same', 'duplicate']);

/** A prompt tried on a query. */
export const attemptSchema = v.looseObject({
  candidate: label,
  query: label,
  split: v.picklist(['train', 'select', 'test']),
  examples: labels,
  answer: text,
  answerCut: v.boolean(),
  ratings,
  reward: v.nullable(number),
  cuts,
  replies: labels,
}) satisfies v.GenericSchema<unknown, Attempt>;

/** A prompt in the search's tree. */
export const newCandidateSchema = v.looseObject({
  id: label,
  parent: v.nullable(label),
  level: count,
  prompt: promptSchema,
  query: v.nullable(label),
  replies: labels,
  crossed: v.exactOptional(v.literal(true)),
}) satisfies v.GenericSchema<unknown, NewCandidate>;

/** What was asked of a running search. */
export const steerSchema = v.variant('type', [
  v.looseObject({ type: v.literal('go') }),
  v.looseObject({ type: v.literal('stop') }),
  v.looseObject({ type: v.literal('context'), contextSizes: perRole(count) }),
]) satisfies v.GenericSchema<unknown, Steer>;

/** What the search said. One member for each event of core; a test finds a missing one. */
export const searchEventSchema = v.variant('type', [
  v.looseObject({
    type: v.literal('phase'),
    phase: v.picklist(['judge-check', 'headroom', 'examples', 'search', 'selection', 'test']),
  }),
  v.looseObject({
    type: v.literal('criteria'),
    query: label,
    chosen: chosenCriteriaSchema,
    replies: labels,
  }),
  v.looseObject({ type: v.literal('judge-checked'), check: judgeCheckSchema }),
  v.looseObject({ type: v.literal('headroom'), headroom: headroomSchema }),
  v.looseObject({
    type: v.literal('example-rated'),
    example: label,
    round: count,
    answer: text,
    ratings,
    reward: v.nullable(number),
    cuts,
    replies: labels,
  }),
  v.looseObject({
    type: v.literal('example-refused'),
    example: label,
    round: count,
    why: refusal,
    replies: labels,
  }),
  v.looseObject({
    type: v.literal('example-kept'),
    example: label,
    round: count,
    answer: text,
  }),
  v.looseObject({ type: v.literal('level'), level: count, queries: labels }),
  v.looseObject({ type: v.literal('candidate'), candidate: newCandidateSchema }),
  v.looseObject({ type: v.literal('attempt'), attempt: attemptSchema }),
  v.looseObject({
    type: v.literal('explained'),
    candidate: label,
    query: label,
    criterion: label,
    reason: text,
    replies: labels,
  }),
  v.looseObject({
    type: v.literal('skipped'),
    candidate: label,
    query: label,
    lengthened: v.boolean(),
  }),
  v.looseObject({
    type: v.literal('rewritten'),
    candidate: label,
    query: label,
    former: count,
    children: labels,
  }),
  v.looseObject({
    type: v.literal('proposal-refused'),
    candidate: label,
    query: label,
    why: refusal,
    replies: labels,
  }),
  v.looseObject({ type: v.literal('raced-out'), level: count, candidates: labels, left: count }),
  v.looseObject({
    type: v.literal('beam'),
    level: count,
    kept: list(rankedSchema),
    dropped: list(rankedSchema),
  }),
  v.looseObject({
    type: v.literal('bullet-weighed'),
    candidate: label,
    effect: bulletEffectSchema,
  }),
  v.looseObject({ type: v.literal('selected'), candidate: label, ranking: list(rankedSchema) }),
  v.looseObject({
    type: v.literal('arm'),
    arm: armSchema,
    candidate: label,
    prompt: promptSchema,
    withExamples: v.boolean(),
  }),
  v.looseObject({ type: v.literal('verdict'), verdict: verdictSchema }),
  v.looseObject({ type: v.literal('steered'), point: count, steer: steerSchema }),
  v.looseObject({ type: v.literal('ended'), how: v.picklist(['finished', 'stopped']) }),
]) satisfies v.GenericSchema<unknown, SearchEvent>;
