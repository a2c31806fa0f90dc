import * as v from 'valibot';
import type { Settings } from '../core/settings.ts';
import { perRole } from './llm-schemas.ts';
import { count, labels, number, seed } from './schema-basics.ts';
import { intervalMethodSchema } from './schemas.ts';

const searchSettingsSchema = v.looseObject({
  strategy: v.picklist(['beam', 'greedy', 'greedy-monte-carlo', 'pareto']),
  ranking: v.picklist(['pooled', 'blocks', 'path']),
  width: count,
  proposals: count,
  depth: count,
  extraDepth: count,
  queriesPerLevel: count,
  racing: v.exactOptional(count),
  pooled: v.exactOptional(
    v.looseObject({
      scouted: count,
      crosses: count,
      evidence: count,
      reasons: count,
      ratings: count,
      bulletPrice: number,
      opinions: v.exactOptional(v.looseObject({ first: count, every: count })),
    }),
  ),
  stop: v.exactOptional(
    v.looseObject({
      patience: v.exactOptional(count),
      requests: v.exactOptional(count),
      tokens: v.exactOptional(count),
      minutes: v.exactOptional(number),
    }),
  ),
  skipAbove: number,
  formerPrompts: count,
  repeats: v.picklist(['refuse', 'try']),
});

const exampleSettingsSchema = v.looseObject({
  count,
  retrieval: v.picklist(['nearest', 'random']),
  similarity: v.picklist(['lexical', 'embedding']),
  improve: v.looseObject({
    rounds: count,
    which: v.picklist(['all', 'in-use']),
    accept: v.picklist(['at-least', 'better', 'beyond-noise']),
    from: v.picklist(['latest', 'best']),
  }),
});

const criteriaSettingsSchema = v.looseObject({
  mode: v.picklist(['dynamic', 'fixed']),
  fixed: labels,
  atLeast: count,
  atMost: count,
  propose: v.boolean(),
});

const evaluationSettingsSchema = v.looseObject({
  selection: count,
  test: count,
  headroom: v.exactOptional(count),
  handWritten: v.boolean(),
  arms: v.exactOptional(v.picklist(['primary', 'all'])),
  interval: v.exactOptional(intervalMethodSchema),
  judgeCheck: v.boolean(),
  checkRequests: v.exactOptional(count),
  weighBullets: v.exactOptional(v.boolean()),
});

/** Everything a run depends on besides its models, its data and its starting prompt. */
export const settingsSchema = v.looseObject({
  preset: v.picklist(['demo', 'quick', 'standard', 'paper', 'custom']),
  seed,
  systemPrompt: v.boolean(),
  search: searchSettingsSchema,
  examples: exampleSettingsSchema,
  criteria: v.looseObject({ examples: criteriaSettingsSchema, prompts: criteriaSettingsSchema }),
  judge: v.looseObject({
    rating: v.picklist(['probabilities', 'written']),
    unreadable: v.picklist(['leave-out', 'zero']),
    thinkFirst: v.exactOptional(v.boolean()),
    rubricOrders: v.exactOptional(v.picklist([1, 2])),
    dropWeakCriteria: v.exactOptional(v.boolean()),
  }),
  evaluation: evaluationSettingsSchema,
  temperature: perRole(number),
  answerTokens: count,
  promptTokens: count,
}) satisfies v.GenericSchema<unknown, Settings>;
