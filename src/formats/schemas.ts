import * as v from 'valibot';
import type { ChosenCriteria, Criterion } from '../core/criteria.ts';
import type { Example, Query, Ranked } from '../core/events.ts';
import type { PlantedTexts } from '../core/planted.ts';
import type { Bullet, Origin, Prompt } from '../core/prompt.ts';
import type { Rating } from '../core/rating.ts';
import type { IntervalMethod } from '../core/settings.ts';
import type {
  ArmResult,
  Comparison,
  CriterionComparison,
  Interval,
  Verdict,
} from '../core/verdict.ts';
import type { BulletEffect } from '../core/weigh-bullets.ts';
import { count, label, list, labels, number, text } from './schema-basics.ts';

// All objects are loose: what a later version adds is kept through reading and writing.
// `satisfies` ties each schema to the type of core that it stands for.

/** Where a line of a prompt came from. */
export const originSchema = v.variant('type', [
  v.looseObject({ type: v.literal('start') }),
  v.looseObject({ type: v.literal('person') }),
  v.looseObject({
    type: v.literal('proposal'),
    parent: label,
    query: label,
    criterion: v.nullable(label),
  }),
]) satisfies v.GenericSchema<unknown, Origin>;

/** One instruction of a prompt. */
export const bulletSchema = v.looseObject({
  id: label,
  text,
  lead: text,
  locked: v.boolean(),
  origin: originSchema,
}) satisfies v.GenericSchema<unknown, Bullet>;

/** A system prompt, opening and bullets. */
export const promptSchema = v.looseObject({
  opening: text,
  openingLocked: v.boolean(),
  bullets: list(bulletSchema),
}) satisfies v.GenericSchema<unknown, Prompt>;

/** Something answers are rated on. */
export const criterionSchema = v.looseObject({
  name: label,
  definition: text,
  low: text,
  high: text,
  reworded: v.exactOptional(text),
}) satisfies v.GenericSchema<unknown, Criterion>;

/** The criteria of one query. */
export const chosenCriteriaSchema = v.looseObject({
  names: labels,
  proposed: v.nullable(criterionSchema),
  fallback: v.boolean(),
}) satisfies v.GenericSchema<unknown, ChosenCriteria>;

/** How well an answer does on one criterion. */
export const ratingSchema = v.looseObject({
  criterion: label,
  score: number,
  probabilities: v.exactOptional(list(number)),
  reason: v.exactOptional(text),
}) satisfies v.GenericSchema<unknown, Rating>;

/** A question for the model. */
export const querySchema = v.looseObject({
  id: label,
  text,
  kind: label,
}) satisfies v.GenericSchema<unknown, Query>;

/** A query with an answer worth imitating. */
export const exampleSchema = v.looseObject({
  id: label,
  query: text,
  answer: text,
  harmful: v.exactOptional(v.boolean()),
}) satisfies v.GenericSchema<unknown, Example>;

/** The words for spoiling answers. */
export const plantedTextsSchema = v.looseObject({
  padding: list(text),
  refusals: list(text),
  compliances: list(text),
  declines: list(text),
}) satisfies v.GenericSchema<unknown, PlantedTexts>;

/** A candidate with what it was ranked by. */
export const rankedSchema = v.looseObject({
  candidate: label,
  aggregate: v.nullable(number),
}) satisfies v.GenericSchema<unknown, Ranked>;

/** Which prompt of the verdict. */
export const armSchema = v.picklist(['none', 'start', 'hand-written', 'found-alone', 'found']);

const outcome = v.picklist(['better', 'no-difference', 'worse']);

/** A two-sided 95 % interval. */
export const intervalSchema = v.looseObject({
  low: number,
  high: number,
}) satisfies v.GenericSchema<unknown, Interval>;

/** What a bullet of the chosen prompt does. */
export const bulletEffectSchema = v.looseObject({
  bullet: label,
  text,
  effect: number,
  interval: intervalSchema,
  pairs: count,
}) satisfies v.GenericSchema<unknown, BulletEffect>;

/** One prompt's result on the test queries. */
export const armResultSchema = v.looseObject({
  arm: armSchema,
  mean: v.nullable(number),
  readable: count,
  queries: count,
  answerChars: number,
}) satisfies v.GenericSchema<unknown, ArmResult>;

/** The found prompt against another. */
export const comparisonSchema = v.looseObject({
  against: armSchema,
  difference: number,
  interval: intervalSchema,
  pairs: count,
  wins: count,
  ties: count,
  losses: count,
  outcome,
}) satisfies v.GenericSchema<unknown, Comparison>;

/** The found prompt against the starting prompt on one criterion. */
export const criterionComparisonSchema = v.looseObject({
  criterion: label,
  found: number,
  start: number,
  difference: number,
  interval: intervalSchema,
  pairs: count,
}) satisfies v.GenericSchema<unknown, CriterionComparison>;

/** How intervals are found. */
export const intervalMethodSchema = v.picklist([
  'percentile',
  'studentised',
]) satisfies v.GenericSchema<unknown, IntervalMethod>;

/** What came of the run, on queries that the search never saw. */
export const verdictSchema = v.looseObject({
  outcome,
  why: v.picklist(['measured', 'unchanged', 'judge-cannot-tell', 'too-few-pairs', 'not-tested']),
  arms: list(armResultSchema),
  comparisons: list(comparisonSchema),
  method: v.exactOptional(intervalMethodSchema),
  criteria: v.exactOptional(list(criterionComparisonSchema)),
}) satisfies v.GenericSchema<unknown, Verdict>;
