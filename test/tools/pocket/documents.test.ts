import { describe, expect, test } from 'vitest';
import { Dice } from '../../../tools/pocket/dice.ts';
import { drawDocument } from '../../../tools/pocket/documents.ts';
import { encodeDocument, noLabel } from '../../../tools/pocket/encode.ts';
import { allQueries } from '../../../tools/pocket/find-query.ts';
import { eosId, Encoder, trainVocabulary } from '../../../tools/pocket/tokenizer.ts';
import { behaviours, isHeldOutPair, wordingsOf } from '../../../tools/pocket/world.ts';

const dice = new Dice(21);
const documents = Array.from({ length: 1500 }, () => drawDocument(dice));
const texts = documents.map((d) => d.map((stretch) => stretch.text).join(''));
const vocabulary = trainVocabulary(texts.slice(0, 400), 1024);
const encoder = new Encoder(vocabulary);

describe('training documents', () => {
  test('hold nothing that is kept for the evaluation', () => {
    const known = allQueries();
    const queries = texts.flatMap((text) =>
      [...text.matchAll(/# Query\n(.+)/g)].flatMap(([, query]) => known.get(query ?? '') ?? []),
    );
    expect(queries.length).toBeGreaterThan(1000);
    const heldOut = queries.filter(
      (query) =>
        query.inside && (query.isHeldOutPhrasing || isHeldOutPair(query.topic, query.kind)),
    );
    expect(heldOut).toEqual([]);
    const bullets = new Set(behaviours.flatMap((b) => wordingsOf(b, 'held-out')));
    const shown = texts.flatMap((text) => [
      ...text.matchAll(/^(?:- |add: |swap: .* => )(.+?)(?: #\d+)?$/gm),
    ]);
    expect(shown.length).toBeGreaterThan(1000);
    expect(shown.filter(([, bullet]) => bullets.has(bullet ?? ''))).toEqual([]);
  });

  test('are the same for a seed, and others for another', () => {
    const draw = (seed: number) => {
      const own = new Dice(seed);
      return Array.from({ length: 20 }, () => drawDocument(own));
    };
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
  });

  test('are learned where the model speaks, to the end token, and nowhere else', () => {
    for (const document of documents.slice(0, 300)) {
      const { ids, labels, weights } = encodeDocument(encoder, document);
      const spoken = document.filter((stretch) => stretch.type === 'said');
      expect(labels.filter((label) => label === eosId).length).toBe(spoken.length);
      expect(labels.filter((label) => label !== noLabel).length).toBe(
        spoken.reduce((sum, { text }) => sum + encoder.encode(text).length + 1, 0),
      );
      expect(labels.every((label, i) => (label === noLabel) === (weights[i] === 0))).toBe(true);
      expect(ids.length).toBeLessThan(1024);
    }
  });
});

describe('the tokenizer', () => {
  test('gives back every text of the world', () => {
    for (const text of texts.slice(400, 700)) {
      expect(
        encoder
          .encode(text)
          .map((id) => encoder.text(id))
          .join(''),
      ).toBe(text);
    }
  });

  test('spells what it does not know in bytes', () => {
    const spelt = encoder.encode('é\t').map((id) => vocabulary.tokens[id]);
    expect(spelt).toEqual(['<0xC3>', '<0xA9>', '<0x09>']);
  });

  test('keeps headers and list marks whole', () => {
    expect(encoder.encode('# Query\n').length).toBe(1);
    expect(encoder.encode('\n- ').length).toBe(1);
  });
});
