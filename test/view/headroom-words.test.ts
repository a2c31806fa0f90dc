import { describe, expect, test } from 'vitest';
import { headroomOf, type HeadroomArm, type TriedArm } from '../../src/core/headroom.ts';
import { headroomOutcome } from '../../src/view/headroom-words.ts';
import { attempt } from '../core/builders.ts';

/** Twelve answers of an arm, rated about as well as said. */
function arm(name: HeadroomArm, centre: number): TriedArm {
  const rewards = Array.from({ length: 12 }, (_, i) => centre + 0.05 * Math.sin(i + name.length));
  return { arm: name, attempts: rewards.map((r, i) => attempt(name, `t${i}`, [r])) };
}

const words = (arms: readonly TriedArm[], over = false) =>
  headroomOutcome(headroomOf(arms, null, { seed: 1, method: 'studentised' }), over);

describe('how much there is to win, in words', () => {
  test('says first whether there is little, how the start is rated, and that one can stop', () => {
    expect(words([arm('start', 4.8), arm('none', 4)])).toBe(
      'There is little to win: the starting prompt is already rated 4.8 of 5. You can stop here and keep it.',
    );
    expect(words([arm('start', 4.62), arm('hand-written', 4.62)])).toBe(
      'There is little to win: the starting prompt is already rated 4.6 of 5, and nothing else that was tried did noticeably better. You can stop here and keep it.',
    );
  });

  test('of a run that is over do not say that one can stop it', () => {
    expect(words([arm('start', 4.8)], true)).toBe(
      'There is little to win: the starting prompt is already rated 4.8 of 5.',
    );
  });

  test('name what did best where there is room', () => {
    expect(words([arm('start', 3), arm('none', 3.3), arm('examples', 3.9)])).toBe(
      'There is room: with examples before the question answers are rated 0.90 points higher than with the starting prompt alone.',
    );
  });

  test('do not promise what was not shown', () => {
    expect(words([arm('start', 3.2), arm('none', 3.1)])).toBe(
      'There is room: the starting prompt is rated 3.2 of 5. That a better prompt can use it is not shown: nothing else that was tried did clearly better.',
    );
  });

  test('say what is missing where nothing can be said', () => {
    const few = {
      arm: 'start',
      attempts: [attempt('a', 't0', [5]), attempt('a', 't1', null)],
    } as const;
    expect(words([few])).toBe(
      'How much there is to win is not known: 1 of 2 answers to the starting prompt could be rated, and it takes 8.',
    );
  });
});
