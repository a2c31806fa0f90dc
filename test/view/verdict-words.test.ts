import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Comparison, Verdict } from '../../src/core/verdict.ts';
import {
  correctionWords,
  fallsWhenCorrected,
  inShownOrder,
  verdictWords,
} from '../../src/view/verdict-words.ts';

const outcome = fc.constantFrom('better', 'no-difference', 'worse');
const points = fc.double({ min: -4, max: 4, noNaN: true });
const comparison: fc.Arbitrary<Comparison> = fc.record({
  against: fc.constantFrom('none', 'start', 'hand-written', 'found-alone'),
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

const better: Comparison = {
  against: 'start',
  difference: 0.42,
  interval: { low: 0.18, high: 0.66 },
  pairs: 20,
  wins: 14,
  ties: 1,
  losses: 5,
  outcome: 'better',
};

function verdict(over: Partial<Comparison>, why: Verdict['why'] = 'measured'): Verdict {
  const of: Comparison = { ...better, ...over };
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
  expect(words.headline).toBe('No significant difference');
  expect(words.because).toContain('−0.11 to 0.95');
});

test('a measured difference is called better, worse, or no significant one, and nothing else', () => {
  fc.assert(
    fc.property(verdicts, (v) => {
      const words = verdictWords(v);
      const measured = /^(Better|Worse) than .* points$|^No significant difference$/;
      expect(measured.test(words.headline)).toBe(words.measured);
    }),
  );
});

const against = (name: Comparison['against'], over: Partial<Comparison> = {}): Comparison => ({
  ...better,
  against: name,
  ...over,
});

test('comparisons that fall when corrected are named, and the starting prompt’s is not one of them', () => {
  const comparisons = [
    against('start'),
    against('hand-written', { outcome: 'no-difference' }),
    against('none'),
    against('found-alone', { outcome: 'no-difference', interval: { low: -1, high: 1 } }),
  ];
  expect(comparisons.map(fallsWhenCorrected)).toEqual([false, true, false, false]);
  expect(correctionWords({ ...verdict({}), comparisons })).toBe(
    'Only the comparison with the starting prompt was chosen beforehand; the other 3 count as far as they stand when corrected for their number (Holm). Here “vs hand-written” would count alone, and does not.',
  );
  expect(correctionWords({ ...verdict({}), comparisons: comparisons.slice(0, 2) })).toBeNull();
});

test('prompts are shown from none to the found one, whatever order they were tested in', () => {
  const arm = (name: Comparison['against']) => ({
    ...{ arm: name, mean: 3, readable: 1, queries: 1, answerChars: 1 },
  });
  const tested = ['start', 'found', 'hand-written', 'found-alone', 'none'] as const;
  expect(inShownOrder(tested.map(arm)).map((a) => a.arm)).toEqual([
    'none',
    'start',
    'hand-written',
    'found-alone',
    'found',
  ]);
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
