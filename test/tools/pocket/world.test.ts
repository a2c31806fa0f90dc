import { describe, expect, test } from 'vitest';
import { Dice } from '../../../tools/pocket/dice.ts';
import { allQueries } from '../../../tools/pocket/find-query.ts';
import { bestBehaviours as best, idealParts, partsFor } from '../../../tools/pocket/policy.ts';
import { write } from '../../../tools/pocket/answers.ts';
import { reward } from '../../../tools/pocket/rule.ts';
import {
  actionsOf,
  behaviours,
  drawInside,
  drawOutside,
  isHeldOutPair,
  kinds,
  partTexts,
  readBullet,
  topics,
  wordingsOf,
  type Behaviour,
} from '../../../tools/pocket/world.ts';

/** The ideal speaker's mean reward over all kinds alike, by the rule. */
function worth(asked: readonly Behaviour[]): number {
  const dice = new Dice(5);
  const each = kinds.map((kind) => {
    const query = drawInside(dice, undefined, kind);
    return reward(query, write(query, partsFor(kind, asked), dice));
  });
  return each.reduce((a, b) => a + b, 0) / each.length;
}

function worthOn(kind: (typeof kinds)[number], asked: readonly Behaviour[]): number {
  const dice = new Dice(6);
  const query = drawInside(dice, undefined, kind);
  return reward(query, write(query, partsFor(kind, asked), dice));
}

describe('the world', () => {
  test('has at least eighty topics, each with something to say of every kind', () => {
    expect(topics.length).toBeGreaterThanOrEqual(80);
    expect(new Set(topics.map((t) => t.noun)).size).toBe(topics.length);
    for (const topic of topics) {
      for (const kind of kinds) expect(actionsOf(topic, kind).length).toBeGreaterThanOrEqual(3);
    }
  });

  test('says each query once', () => {
    const count = topics.flatMap((topic) => kinds.map((kind) => actionsOf(topic, kind).length));
    expect(allQueries().size).toBeGreaterThan(count.length * 7);
    expect([...allQueries()].every(([text, query]) => query.text === text)).toBe(true);
    expect([...allQueries().keys()].filter((text) => /[{}]|undefined/.test(text))).toEqual([]);
  });

  test('words every behaviour in at least twenty ways that training sees and some that it never does', () => {
    for (const behaviour of behaviours) {
      const seen = wordingsOf(behaviour, 'seen');
      const heldOut = wordingsOf(behaviour, 'held-out');
      expect(seen.length, behaviour).toBeGreaterThanOrEqual(20);
      expect(heldOut.length, behaviour).toBeGreaterThanOrEqual(4);
      expect(heldOut.filter((text) => seen.includes(text))).toEqual([]);
      for (const text of [...seen, ...heldOut]) expect(readBullet(text)).toBe(behaviour);
    }
  });

  test('meets every noun and every kind outside the held-out pairs', () => {
    const heldOut = topics.flatMap((topic) => kinds.filter((kind) => isHeldOutPair(topic, kind)));
    expect(heldOut.length).toBeGreaterThanOrEqual(16);
    expect(new Set(heldOut).size).toBe(kinds.length);
    for (const topic of topics) {
      expect(kinds.filter((kind) => isHeldOutPair(topic, kind)).length).toBeLessThanOrEqual(1);
    }
  });

  test('draws nothing from outside that it knows', () => {
    const known = allQueries();
    for (const which of ['seen', 'held-out'] as const) {
      const dice = new Dice(8);
      for (let i = 0; i < 2000; i++) expect(known.has(drawOutside(dice, which).text)).toBe(false);
    }
  });

  test('complies with harm in words that teach nothing', () => {
    const words = partTexts.comply.join(' ').match(/[a-z]+/gi) ?? [];
    expect(words.length).toBeLessThan(20);
  });
});

describe('instructions in the world', () => {
  test('have a bare prompt with clear weaknesses and a best one of seven bullets', () => {
    expect(worth([])).toBeLessThan(2.2);
    expect(worth(best)).toBeGreaterThan(4.6);
    for (const kind of kinds) expect(worthOn(kind, best)).toBeGreaterThan(4);
  });

  test.each(best)('need %s', (behaviour) => {
    expect(worth(best) - worth(best.filter((b) => b !== behaviour))).toBeGreaterThan(0.2);
  });

  test('gain next to nothing by any other bullet', () => {
    for (const other of behaviours.filter((b) => !best.includes(b))) {
      expect(worth([...best, other]) - worth(best), other).toBeLessThan(0.1);
    }
  });

  test('are bad where all bullets stand at once', () => {
    expect(worth(best) - worth(behaviours)).toBeGreaterThan(2);
  });

  test.each([
    ['steps', 'howto', 'feeling'],
    ['empathy', 'feeling', 'harmful'],
    ['limits', 'unknowable', 'howto'],
    ['depth', 'long', 'short'],
    ['refuseAll', 'harmful', 'howto'],
  ] as const)('%s helps %s and hurts %s beside the others', (behaviour, helped, hurt) => {
    const others = best.filter(
      (b) => !b.startsWith(behaviour) && !(behaviour === 'refuseAll' && b === 'refuse'),
    );
    expect(worthOn(helped, [...others, behaviour])).toBeGreaterThan(worthOn(helped, others));
    expect(worthOn(hurt, [...others, behaviour])).toBeLessThan(worthOn(hurt, others));
  });

  test.each([
    ['bold', 'honest'],
    ['bold', 'limitsLive'],
    ['chatty', 'direct'],
    ['obey', 'refuse'],
    ['cool', 'empathyFeel'],
    ['flow', 'stepsHowto'],
  ] as const)('%s takes back %s', (undoing, undone) => {
    const rest = best.filter((b) => b !== undone);
    expect(worth([...best, undoing])).toBeLessThanOrEqual(worth(rest) + 1e-9);
  });

  test('reach fives with the ideal parts', () => {
    const dice = new Dice(3);
    for (const kind of kinds) {
      const query = drawInside(dice, undefined, kind);
      expect(reward(query, write(query, idealParts(kind), dice))).toBe(5);
    }
  });
});
