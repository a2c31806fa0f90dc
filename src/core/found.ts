import type { Example } from './events.ts';
import type { Prompt } from './prompt.ts';
import { candidateOf, type Run } from './run.ts';

/** The candidate a run has found: the selected one, else the first of its last beam, else the start; null before there is one. */
export function foundCandidate(run: Run): string | null {
  const beam = run.levels.findLast((l) => l.kept !== null)?.kept;
  return run.selected ?? beam?.[0]?.candidate ?? run.candidates[0]?.id ?? null;
}

/** The found prompt; the starting one while there is no other. */
export function foundPrompt(run: Run, start: Prompt): Prompt {
  const id = foundCandidate(run);
  return (id !== null ? candidateOf(run, id)?.prompt : undefined) ?? start;
}

/** The examples with the answers that stage 1 kept so far. */
export function foundExamples(run: Run, examples: readonly Example[]): readonly Example[] {
  const kept = new Map(run.examples.flatMap((e) => (e.kept ? [[e.id, e.kept.answer]] : [])));
  return examples.map((e) => ({ ...e, answer: kept.get(e.id) ?? e.answer }));
}
