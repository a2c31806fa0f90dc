import * as v from 'valibot';
import type { Headroom, HeadroomArm, HeadroomResult, TopShare } from '../core/headroom.ts';
import { count, label, list, number } from './schema-basics.ts';
import { intervalSchema } from './schemas.ts';

const headroomArmSchema = v.picklist([
  'start',
  'hand-written',
  'none',
  'examples',
]) satisfies v.GenericSchema<unknown, HeadroomArm>;

const headroomResultSchema = v.looseObject({
  arm: headroomArmSchema,
  mean: v.nullable(number),
  interval: intervalSchema,
  readable: count,
  queries: count,
  gain: v.nullable(
    v.looseObject({
      difference: number,
      interval: intervalSchema,
      pairs: count,
      shown: v.boolean(),
    }),
  ),
}) satisfies v.GenericSchema<unknown, HeadroomResult>;

const topShareSchema = v.looseObject({
  criterion: label,
  ratings: count,
  top: number,
}) satisfies v.GenericSchema<unknown, TopShare>;

/** How much there is to win over the starting prompt. */
export const headroomSchema = v.looseObject({
  conclusion: v.picklist(['room', 'little', 'unknown']),
  why: v.picklist(['near-five', 'none-better', 'shown', 'open', 'too-few', 'judge-cannot-tell']),
  arms: list(headroomResultSchema),
  gap: v.nullable(v.looseObject({ mean: number, interval: intervalSchema })),
  tops: list(topShareSchema),
}) satisfies v.GenericSchema<unknown, Headroom>;
