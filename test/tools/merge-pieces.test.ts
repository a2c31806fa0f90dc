import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergePieces } from '../../tools/gguf/merge-pieces.ts';
import { trainPieces } from '../../tools/gguf/train-pieces.ts';

/** The rule itself, step by step. */
function plainly(characters: readonly string[], scores: ReadonlyMap<string, number>): string[] {
  const pieces = [...characters];
  for (;;) {
    const joints = pieces.slice(1).flatMap((right, i) => {
      const score = scores.get(`${pieces[i] ?? ''}${right}`);
      return score === undefined ? [] : [{ i, score }];
    });
    if (joints.length === 0) return pieces;
    const best = joints.reduce((a, b) => (b.score > a.score ? b : a));
    pieces.splice(best.i, 2, `${pieces[best.i] ?? ''}${pieces[best.i + 1] ?? ''}`);
  }
}

const letters = fc.constantFrom('a', 'b', 'c');
const text = fc.array(letters, { maxLength: 24 });
const vocabulary = fc.array(
  fc.tuple(fc.string({ unit: letters, minLength: 2, maxLength: 5 }), fc.integer({ max: 3 })),
);

test('neighbours are joined by score, the leftmost of equals first', () => {
  fc.assert(
    fc.property(text, vocabulary, (characters, pieces) => {
      const scores = new Map(pieces);
      expect(mergePieces(characters, (piece) => scores.get(piece))).toEqual(
        plainly(characters, scores),
      );
    }),
    { numRuns: 500 },
  );
});

test('every trained piece is reached from its letters', () => {
  const texts = ['the cat sat on the mat and the dog sat with the cat'];
  const pieces = trainPieces(texts, 12);
  const scores = new Map(pieces.map((piece, i) => [piece, -i]));
  expect(pieces.length).toBeGreaterThan(6);
  for (const piece of pieces) {
    expect(mergePieces(Array.from(piece), (p) => scores.get(p))).toEqual([piece]);
  }
});
