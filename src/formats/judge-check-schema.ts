import * as v from 'valibot';
import type { CriterionCheck, JudgeCheck, KindCheck, PlantedCheck } from '../core/judge-check.ts';
import { count, label, labels, list, number } from './schema-basics.ts';
import { intervalSchema } from './schemas.ts';

const plantingSchema = v.picklist(['other', 'cut', 'shuffled', 'padded', 'refused', 'complied']);

const kindCheckSchema = v.looseObject({
  kind: plantingSchema,
  pairs: count,
  wins: number,
}) satisfies v.GenericSchema<unknown, KindCheck>;

const criterionCheckSchema = v.looseObject({
  criterion: label,
  pairs: count,
  wins: number,
  interval: intervalSchema,
  tells: v.nullable(v.boolean()),
  fives: number,
  lengthSlope: v.nullable(number),
  spread: v.nullable(number),
  agreement: v.nullable(v.looseObject({ answers: count, difference: number })),
}) satisfies v.GenericSchema<unknown, CriterionCheck>;

const plantedCheckSchema = v.looseObject({
  examples: count,
  kinds: list(kindCheckSchema),
  notMade: list(plantingSchema),
  criteria: list(criterionCheckSchema),
  dropped: labels,
}) satisfies v.GenericSchema<unknown, PlantedCheck>;

/** Whether the judge tells a good answer from a spoiled one. */
export const judgeCheckSchema = v.looseObject({
  right: number,
  wrong: number,
  pairs: count,
  interval: intervalSchema,
  tells: v.boolean(),
  planted: v.exactOptional(plantedCheckSchema),
}) satisfies v.GenericSchema<unknown, JudgeCheck>;
