import type { RunHead } from '../../app/session.svelte.ts';
import type { Attempt, Example } from '../../core/events.ts';
import type { Prompt } from '../../core/prompt.ts';
import { candidateOf, type ArmState, type Run } from '../../core/run.ts';
import { bestSoFar } from '../charts/standing.ts';

/** The prompt that the run ends with, or its best so far; the starting prompt where the search has not begun. */
export function foundPrompt(run: Run, head: RunHead): Prompt {
  const arm = run.arms.find((a) => a.arm === 'found');
  return arm?.prompt ?? bestSoFar(run)?.prompt ?? head.startingPrompt;
}

/** The examples with the answers that stage 1 kept; those it has not decided keep the answer they came with. */
export function keptExamples(run: Run, head: RunHead): readonly Example[] {
  const kept = new Map(run.examples.map((e) => [e.id, e.kept?.answer]));
  return head.data.examples.map((e) => ({ ...e, answer: kept.get(e.id) ?? e.answer }));
}

/** The examples as text: a question, its answer, an empty line. */
export function examplesText(examples: readonly Example[]): string {
  return examples.map((e) => `Q: ${e.query}\nA: ${e.answer}`).join('\n\n');
}

/** A test query with the answers of the start and of the found prompt. */
export interface TestPair {
  readonly query: string;
  readonly start: Attempt | null;
  readonly found: Attempt | null;
  /** Found minus start, or null where one has no rating. */
  readonly difference: number | null;
}

/** Every test query that the start or the found prompt has answered, in the order asked. */
export function testPairs(run: Run): readonly TestPair[] {
  const start = attemptsOf(
    run,
    run.arms.find((a) => a.arm === 'start'),
  );
  const found = attemptsOf(
    run,
    run.arms.find((a) => a.arm === 'found'),
  );
  return [...new Set([...start.keys(), ...found.keys()])].map((query) => {
    const pair = { query, start: start.get(query) ?? null, found: found.get(query) ?? null };
    const [from, to] = [pair.start?.reward ?? null, pair.found?.reward ?? null];
    return { ...pair, difference: from === null || to === null ? null : to - from };
  });
}

function attemptsOf(run: Run, arm: ArmState | undefined): ReadonlyMap<string, Attempt> {
  if (!arm) return new Map();
  const attempts =
    candidateOf(run, arm.candidate)?.attempts ??
    run.armAttempts.filter((a) => a.candidate === arm.candidate);
  return new Map(attempts.filter((a) => a.split === 'test').map((a) => [a.query, a]));
}
