import type { Arm, Attempt } from '../../src/core/events.ts';
import { mean } from '../../src/core/rating.ts';
import type { RunFileContent } from '../../src/formats/run-file.ts';
import { allQueries } from '../pocket/find-query.ts';
import { reward } from '../pocket/rule.ts';

/**
 * What came of a run of the demo. `before` and `after`: mean reward on the test queries, 1 to 5, by the model's own judge, of the starting prompt and
 * of the found one; `interval`: 95 % of their difference. `ruleBefore`, `ruleAfter`: the same answers rated by the rule of the model's world.
 */
export interface DemoResult {
  readonly before: number;
  readonly after: number;
  readonly interval: readonly [low: number, high: number];
  readonly verdict: 'better' | 'no difference' | 'worse';
  readonly wallSeconds: number;
  readonly requests: number;
  readonly tokens: number;
  readonly ruleBefore: number;
  readonly ruleAfter: number;
}

const verdicts = { better: 'better', 'no-difference': 'no difference', worse: 'worse' } as const;

/** Reads the result of a whole run with the built-in model. Throws where it has no verdict, or asked what the world does not hold. */
export function resultOf(
  { run, events, journal }: Pick<RunFileContent, 'run' | 'events' | 'journal'>,
  wallSeconds: number,
): DemoResult {
  const verdict = events.findLast((e) => e.type === 'verdict')?.verdict;
  const found = verdict?.arms.find((a) => a.arm === 'found')?.mean;
  if (!verdict || found === undefined || found === null) throw new Error('The run has no verdict.');
  const attempts = events.flatMap((e) => (e.type === 'attempt' ? [e.attempt] : []));
  const comparison = verdict.comparisons.find((c) => c.against === 'start');
  const ruled = (arm: Arm): number =>
    meanByRule(
      attempts.filter((a) => a.split === 'test' && a.candidate === `arm-${arm}`),
      run,
    );
  // Where the search kept the starting prompt, there is one arm for both.
  const before = verdict.arms.find((a) => a.arm === 'start')?.mean ?? found;
  const startArm: Arm = verdict.arms.some((a) => a.arm === 'start') ? 'start' : 'found';
  return {
    before,
    after: found,
    interval: comparison ? [comparison.interval.low, comparison.interval.high] : [0, 0],
    verdict: verdicts[verdict.outcome],
    wallSeconds,
    requests: journal.length,
    tokens: journal.reduce(
      (sum, { reply }) => sum + reply.usage.promptTokens + reply.usage.outputTokens,
      0,
    ),
    ruleBefore: ruled(startArm),
    ruleAfter: ruled('found'),
  };
}

function meanByRule(attempts: readonly Attempt[], run: RunFileContent['run']): number {
  const known = allQueries();
  const rewards = attempts.map(({ query: id, answer }) => {
    const text = run.data.test.find((q) => q.id === id)?.text ?? '';
    const query = known.get(text);
    if (!query) throw new Error(`“${text}” is not of the model’s world.`);
    return reward(query, answer);
  });
  return mean(rewards);
}
