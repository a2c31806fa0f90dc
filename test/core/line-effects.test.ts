import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineEffects, type Observation } from '../../src/core/line-effects.ts';
import { dice, normals, seedAt } from '../../src/core/random.ts';
import { mean } from '../../src/core/rating.ts';

const lines = ['a', 'b', 'c', 'd', 'e'];
const truth: Readonly<Record<string, number>> = { a: 0.8, b: -0.6, c: 0, d: 0.3, e: -0.2 };

/** Rewards of random prompts on eight queries that lie apart, with noise of 0.3. */
function observed(count: number, seed = 1): readonly Observation[] {
  const roll = dice(seed);
  const noise = normals(seedAt(seed, 'noise'));
  return Array.from({ length: count }, () => {
    const own = lines.filter(() => roll(2) === 0);
    const query = roll(8);
    const reward = 3 + 0.2 * query + own.reduce((sum, l) => sum + (truth[l] ?? 0), 0);
    return { lines: own, query: `q${String(query)}`, reward: reward + 0.3 * noise() };
  });
}

const sdOf = (values: readonly number[]) =>
  Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)));

describe('the effects of lines', () => {
  test('come out of prompts that have several at once', () => {
    const { expected } = lineEffects(observed(300), lines);
    for (const line of lines) {
      expect(Math.abs((expected.get(line) ?? NaN) - (truth[line] ?? 0))).toBeLessThan(0.15);
    }
  });

  test('are believed the less the fewer the data', () => {
    const one = [
      { lines: [], query: 'q', reward: 3 },
      { lines: ['a'], query: 'q', reward: 5 },
    ];
    const few = lineEffects(one, ['a']).expected.get('a') ?? NaN;
    const many = lineEffects(new Array(20).fill(one).flat() as Observation[], ['a']).expected;
    expect(few).toBeGreaterThan(0.1);
    expect(few).toBeLessThan(1);
    expect(many.get('a') ?? NaN).toBeGreaterThan(1.5);
  });

  test('do not take a hard query for a bad line', () => {
    const met = (reward: number, own: readonly string[], query: string) =>
      Array.from({ length: 6 }, () => ({ lines: own, query, reward }));
    const seen = [...met(4.5, [], 'easy'), ...met(2, [], 'hard'), ...met(2.5, ['a'], 'hard')];
    expect(lineEffects(seen, ['a']).expected.get('a') ?? NaN).toBeGreaterThan(0.2);
  });

  test('of lines that were never tried are those of lines on average', () => {
    const bad = lines.map((line) => ({ lines: [line], query: 'q', reward: 2 }));
    const none = Array.from({ length: 5 }, () => ({ lines: [], query: 'q', reward: 3 }));
    const { expected } = lineEffects([...bad, ...none], [...lines, 'new']);
    expect(expected.get('new') ?? NaN).toBeLessThan(-0.1);
    expect(expected.get('new') ?? NaN).toBeGreaterThan(expected.get('a') ?? NaN);
  });

  test('are believed to be better the more often a line was proposed, until it is tried', () => {
    const proposed = new Map([
      ['a', 1],
      ['b', 3],
      ['c', 7],
    ]);
    const { expected } = lineEffects([], lines, proposed);
    const of = (line: string) => expected.get(line) ?? NaN;
    expect(of('a')).toBeLessThan(0);
    expect(of('b')).toBeGreaterThan(0);
    expect(of('c')).toBeGreaterThan(of('b'));
    // A line of the start that nobody proposed.
    expect(of('d')).toBe(0);
    const tried = lineEffects(observed(300), lines, new Map([['b', 20]]));
    expect(tried.expected.get('b') ?? NaN).toBeLessThan(-0.3);
  });

  test('go by what optimizers agree on only as far as that proves right', () => {
    const names = Array.from({ length: 12 }, (_, i) => `l${String(i)}`);
    const proposed = new Map(names.map((name, i) => [name, i < 6 ? 7 : 1]));
    const seen = (sign: number) =>
      names.flatMap((name, i) =>
        Array.from({ length: 8 }, (): Observation => {
          const effect = sign * (i < 6 ? 0.5 : -0.5);
          return { lines: i === 0 ? [] : [name], query: 'q', reward: 3 + (i === 0 ? 0 : effect) };
        }),
      );
    const of = (sign: number) =>
      lineEffects(seen(sign), [...names, 'new'], new Map([...proposed, ['new', 7]])).expected.get(
        'new',
      ) ?? NaN;
    expect(of(1)).toBeGreaterThan(of(-1) + 0.1);
  });

  test('are 0 before anything is known', () => {
    const effects = lineEffects([], ['a']);
    expect([effects.expected.get('a'), effects.rewardOf(['a'])]).toEqual([0, 0]);
  });

  test('add up to a reward', () => {
    const effects = lineEffects(observed(300), lines);
    expect(effects.rewardOf(['a', 'd'], 'q5')).toBeCloseTo(5.1, 0);
    const gap = effects.rewardOf(['a'], 'q0') - effects.rewardOf(['b'], 'q0');
    expect(gap).toBeCloseTo((effects.expected.get('a') ?? 0) - (effects.expected.get('b') ?? 0), 9);
  });
});

describe('draws', () => {
  const draws = (observations: readonly Observation[], line: string) => {
    const effects = lineEffects(observations, lines);
    return Array.from({ length: 400 }, (_, seed) => effects.draw(seed).get(line) ?? NaN);
  };

  test('lie round what is expected', () => {
    const seen = observed(60);
    const expected = lineEffects(seen, lines).expected.get('a') ?? NaN;
    expect(Math.abs(mean(draws(seen, 'a')) - expected)).toBeLessThan(0.03);
  });

  test('vary less the more is known', () => {
    expect(sdOf(draws(observed(10), 'a'))).toBeGreaterThan(1.5 * sdOf(draws(observed(200), 'a')));
  });

  test('are the same for the same seed, and others for another', () => {
    const effects = lineEffects(observed(20), lines);
    expect([...effects.draw(3)]).toEqual([...effects.draw(3)]);
    expect([...effects.draw(3)]).not.toEqual([...effects.draw(4)]);
  });
});

test('effects are finite numbers, and the order of observations changes nothing', () => {
  const observation = fc.record({
    lines: fc.uniqueArray(fc.constantFrom(...lines)),
    query: fc.constantFrom('q1', 'q2', 'q3'),
    reward: fc.double({ min: 1, max: 5, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 30 }), (seen) => {
      const forth = lineEffects(seen, lines).expected;
      const back = lineEffects(seen.toReversed(), lines).expected;
      for (const line of lines) {
        expect(Number.isFinite(forth.get(line))).toBe(true);
        expect(back.get(line)).toBeCloseTo(forth.get(line) ?? NaN, 8);
      }
    }),
  );
});

test('normal draws have mean 0 and standard deviation 1, and 95 % lie within 1.96', () => {
  const draw = normals(5);
  const values = Array.from({ length: 20_000 }, draw);
  expect(Math.abs(mean(values))).toBeLessThan(0.03);
  expect(Math.abs(sdOf(values) - 1)).toBeLessThan(0.03);
  expect(mean(values.map((v) => Number(Math.abs(v) < 1.96)))).toBeCloseTo(0.95, 1);
});
