import type { Attempt, Example } from '../../core/events.ts';
import { normalise } from '../../core/prompt.ts';
import { candidateOf, type ArmState, type Run } from '../../core/run.ts';

/** The examples as text: a question, its answer, an empty line. */
export function examplesText(examples: readonly Example[]): string {
  return examples.map((e) => `Q: ${e.query}\nA: ${e.answer}`).join('\n\n');
}

/** The `count` examples most like a typed query, as they would go before it; one that is the query itself is left out. */
export async function nearestExamples(
  examples: readonly Example[],
  count: number,
  query: string,
): Promise<readonly Example[]> {
  if (count === 0 || examples.length === 0) return [];
  const { lexicalOrder } = await import('../../core/retrieval.ts');
  const order = await lexicalOrder(examples)({ id: '', text: query });
  return order.filter((e) => normalise(e.query) !== normalise(query)).slice(0, count);
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
