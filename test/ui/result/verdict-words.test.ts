import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Comparison, Verdict } from '../../../src/core/verdict.ts';
import { verdictWords } from '../../../src/ui/result/verdict-words.ts';

const outcome = fc.constantFrom('better', 'no-difference', 'worse');
const points = fc.double({ min: -4, max: 4, noNaN: true });
const comparison: fc.Arbitrary<Comparison> = fc.record({
  against: fc.constantFrom('start', 'hand-written'),
  difference: points,
  interval: fc
    .tuple(points, points)
    .map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) })),
  pairs: fc.nat(60),
  wins: fc.nat(20),
  ties: fc.nat(20),
  losses: fc.nat(20),
  outcome,
});
const verdicts: fc.Arbitrary<Verdict> = fc.record({
  outcome,
  why: fc.constantFrom('measured', 'unchanged', 'judge-cannot-tell', 'too-few-pairs', 'not-tested'),
  arms: fc.constant([]),
  comparisons: fc.array(comparison, { maxLength: 3 }),
});

function verdict(over: Partial<Comparison>, why: Verdict['why'] = 'measured'): Verdict {
  const of: Comparison = {
    against: 'start',
    difference: 0.42,
    interval: { low: 0.18, high: 0.66 },
    pairs: 20,
    wins: 14,
    ties: 1,
    losses: 5,
    outcome: 'better',
    ...over,
  };
  return { outcome: of.outcome, why, arms: [], comparisons: [of] };
}

test('the sentence says better only of a measured difference whose interval lies above 0', () => {
  fc.assert(
    fc.property(verdicts, (v) => {
      const words = verdictWords(v);
      const start = v.comparisons.find((c) => c.against === 'start');
      const proven =
        v.why === 'measured' &&
        v.outcome === 'better' &&
        start !== undefined &&
        start.interval.low > 0;
      expect(words.headline.startsWith('Better')).toBe(proven);
      expect(words.tone === 'good').toBe(proven);
    }),
  );
});

test('a better prompt comes with its points, its interval and how many queries', () => {
  expect(verdictWords(verdict({}))).toEqual({
    tone: 'good',
    measured: true,
    headline: 'Better than your starting prompt by 0.42 points',
    because: '95 % interval 0.18 to 0.66, 20 test queries.',
  });
});

test('a worse prompt is called worse, and the start is to be kept', () => {
  const words = verdictWords(
    verdict({ difference: -0.3, interval: { low: -0.5, high: -0.1 }, outcome: 'worse' }),
  );
  expect(words.headline).toBe('Worse than your starting prompt by 0.30 points');
  expect(words.because).toContain('Keep your starting prompt.');
});

test('an interval that holds 0 is no improvement, whatever its middle', () => {
  const words = verdictWords(
    verdict({ interval: { low: -0.11, high: 0.95 }, outcome: 'no-difference' }),
  );
  expect(words.headline).toBe('No improvement could be shown');
  expect(words.because).toContain('−0.11 to 0.95');
});

test.each([
  ['judge-cannot-tell', 'right and wrong answers alike, so its ratings prove nothing'],
  ['unchanged', 'The search kept your starting prompt'],
  ['too-few-pairs', 'too few to say anything'],
  ['not-tested', 'nothing can be said about whether it is better'],
] as const)('%s is given as the reason, even where the numbers look good', (why, reason) => {
  const words = verdictWords(verdict({}, why));
  expect(words.tone).toBe('plain');
  expect(words.because).toContain(reason);
});
