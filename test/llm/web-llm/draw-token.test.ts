import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawer } from '../../../src/llm/web-llm/draw-token.ts';

const logitsOf = (probabilities: readonly number[]): Float32Array =>
  Float32Array.from(probabilities, Math.log);

const sampling = { temperature: 1, topP: 1, seed: 7 };

function shares(
  probabilities: readonly number[],
  over: Partial<typeof sampling>,
): readonly number[] {
  const draw = drawer({ ...sampling, ...over });
  const counts = probabilities.map(() => 0);
  const logits = logitsOf(probabilities);
  for (let i = 0; i < 20_000; i++) {
    const id = draw(logits);
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts.map((count) => count / 20_000);
}

test.each([
  ['all of it', { topP: 1 }, [0.05, 0.5, 0.15, 0.3]],
  ['the fewest that hold the mass', { topP: 0.75 }, [0, 5 / 8, 0, 3 / 8]],
  ['the flatter the hotter', { temperature: 2 }, [0.122, 0.388, 0.212, 0.3]],
  ['the steeper the colder', { temperature: 0.5 }, [0.007, 0.685, 0.062, 0.247]],
] as const)('tokens come as often as they should: %s', (_name, over, expected) => {
  const counted = shares([0.05, 0.5, 0.15, 0.3], over);
  counted.forEach((share, id) => expect(Math.abs(share - (expected[id] ?? 0))).toBeLessThan(0.015));
});

test('at temperature 0 the most probable token comes, and of equals the first', () => {
  expect(drawer({ ...sampling, temperature: 0 })(Float32Array.of(1, 3, 3, 2))).toBe(1);
});

test('the same seed draws the same, another seed something else', () => {
  const logits = new Float32Array(1000);
  const drawn = (seed: number): readonly number[] => {
    const draw = drawer({ ...sampling, seed });
    return Array.from({ length: 8 }, () => draw(logits));
  };
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).not.toEqual(drawn(2));
});

test('what is drawn is always one of the fewest that hold the mass', () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 50 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.nat(),
      (values, topP, seed) => {
        const logits = Float32Array.from(values);
        const id = drawer({ temperature: 1, topP, seed })(logits);
        const weights = Array.from(logits, (x) => Math.exp(x));
        const total = weights.reduce((a, b) => a + b, 0);
        const heavier = weights.filter((w) => w > (weights[id] ?? 0)).reduce((a, b) => a + b, 0);
        expect(heavier / total).toBeLessThan(topP + 1e-9);
      },
    ),
  );
});

test('logits that are no numbers still draw a token', () => {
  expect(drawer(sampling)(Float32Array.of(NaN, NaN))).toBe(0);
});
