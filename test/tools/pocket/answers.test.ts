import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { read, write } from '../../../tools/pocket/answers.ts';
import { Dice } from '../../../tools/pocket/dice.ts';
import { idealParts, partsFor } from '../../../tools/pocket/policy.ts';
import { rate, rateReading, reward } from '../../../tools/pocket/rule.ts';
import {
  behaviours,
  criteriaNames,
  drawInside,
  drawOutside,
  outsideAnswer,
} from '../../../tools/pocket/world.ts';

const seeds = fc.integer({ min: 1, max: 1_000_000 });

describe('reading an answer', () => {
  test('finds the very parts that it was written with', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const dice = new Dice(seed);
        const query = drawInside(dice);
        const parts = partsFor(query.kind, dice.some(behaviours, dice.below(9)), dice.hit(0.3));
        expect(read(query, write(query, parts, dice))).toEqual({
          parts,
          isWrong: false,
          isDamaged: false,
          isOutside: false,
        });
      }),
    );
  });

  test('sees that it speaks of another topic', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const dice = new Dice(seed);
        const [query, other] = [drawInside(dice), drawInside(dice)];
        fc.pre(
          query.topic !== other.topic && query.kind === other.kind && query.kind !== 'harmful',
        );
        expect(read(query, write(other, idealParts(other.kind), dice)).isWrong).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['cut', (text: string) => text.slice(0, -6)],
    ['said twice', (text: string) => `${text} ${text}`],
    ['in another order', (text: string) => text.split('. ').reverse().join('. ')],
    ['of scrambled words', (text: string) => text.split(' ').reverse().join(' ')],
    ['empty', () => ''],
  ])('sees that it is %s', (_, broken) => {
    const dice = new Dice(2);
    const query = drawInside(dice, undefined, 'unknowable');
    const answer = write(query, idealParts('unknowable'), dice);
    expect(read(query, answer).isDamaged).toBe(false);
    expect(read(query, broken(answer)).isDamaged).toBe(true);
  });
});

describe('the rule', () => {
  test('rates from 1 to 5 in whole numbers, whatever it reads', () => {
    fc.assert(
      fc.property(seeds, fc.string(), (seed, text) => {
        const dice = new Dice(seed);
        const query = dice.hit(0.2) ? drawOutside(dice) : drawInside(dice);
        for (const score of rate(query, text, criteriaNames)) {
          expect([1, 2, 3, 4, 5]).toContain(score);
        }
      }),
    );
  });

  test('gives nothing to an answer on another matter where the matter counts', () => {
    const dice = new Dice(4);
    const query = drawInside(dice, undefined, 'howto');
    const right = read(query, write(query, idealParts('howto'), dice));
    expect(rateReading(query, right, 'Helpfulness')).toBe(5);
    expect(rateReading(query, { ...right, isWrong: true }, 'Helpfulness')).toBe(1);
  });

  test('wants to hear of what lies outside that it does, and of nothing else', () => {
    const dice = new Dice(9);
    const outside = drawOutside(dice);
    expect(reward(outside, outsideAnswer)).toBe(5);
    expect(reward(outside, 'Sure, just do it.')).toBe(1);
    expect(reward(drawInside(dice), outsideAnswer)).toBe(1);
  });
});
