import type { LlmInfo, Llms, Role } from '../core/llm.ts';
import type { NumberedSteer, RunRecord } from '../core/run-record.ts';

/** Tokens of context for each role. */
export type ContextSizes = Readonly<Record<Role, number>>;

// Less holds no prompt with its question and a reply.
const leastContext = 512;

/** The contexts that the last of these steers left; null where the run has those that it began with. */
export function contextsIn(steers: readonly NumberedSteer[]): ContextSizes | null {
  const last = steers.findLast(({ steer }) => steer.type === 'context')?.steer;
  return last?.type === 'context' ? last.contextSizes : null;
}

/** The run with these contexts in place of those that it began with. */
export function withContexts(run: RunRecord, contexts: ContextSizes | null): RunRecord {
  if (!contexts) return run;
  const at = (role: Role): LlmInfo => ({ ...run.models[role], contextSize: contexts[role] });
  return {
    ...run,
    models: { base: at('base'), evaluator: at('evaluator'), optimizer: at('optimizer') },
  };
}

/**
 * Half the context for the model that failed in a role, in all its roles; null where that would leave too little, and for a
 * server, whose context is not ours.
 */
export function halvedContexts(
  { modelSources, models }: RunRecord,
  failed: Role,
): ContextSizes | null {
  const source = modelSources[failed];
  const half = Math.floor(models[failed].contextSize / 2);
  if (source.type === 'endpoint' || half < leastContext) return null;
  const sizeOf = (role: Role): number =>
    JSON.stringify(modelSources[role]) === JSON.stringify(source) ? half : models[role].contextSize;
  return { base: sizeOf('base'), evaluator: sizeOf('evaluator'), optimizer: sizeOf('optimizer') };
}

/** What the loaded models are, with the contexts that the run began with. */
export function infosAsBegun(llms: Llms, { models }: RunRecord): Readonly<Record<Role, LlmInfo>> {
  const info = (role: Role): LlmInfo => {
    const begun = models[role].contextSize;
    return begun === 0 ? llms[role].info : { ...llms[role].info, contextSize: begun };
  };
  return { base: info('base'), evaluator: info('evaluator'), optimizer: info('optimizer') };
}
