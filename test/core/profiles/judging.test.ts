import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ask, Profile } from '../../../src/core/profile.ts';
import { base } from '../../../src/core/profiles/base.ts';
import { instruct } from '../../../src/core/profiles/instruct.ts';
import { contentText, criterion, partsOf } from '../builders.ts';

const both: readonly Profile[] = [instruct, base];
const judged = { query: 'Why is the sky blue?', answer: 'Because it is not red.' };
const depth = criterion('Depth');
const textOf = (ask: Ask | undefined) => (ask ? contentText(ask.content) : '');

describe.each(both)('profile $id', (profile) => {
  test('shows the scale from 1 to 5 unless it is asked from 5 to 1, and differs in nothing else', () => {
    const usual = profile.rate({ ...judged, criterion: depth });
    expect(profile.rate({ ...judged, criterion: depth, order: 'rising' })).toEqual(usual);
    const falling = textOf(profile.rate({ ...judged, criterion: depth, order: 'falling' }));
    expect(falling).toContain('5 means: All Depth. 1 means: No Depth.');
    expect(falling.replace('5 means: All Depth. 1 means: No Depth.', '')).toBe(
      textOf(usual).replace('1 means: No Depth. 5 means: All Depth.', ''),
    );
  });

  test('shows every scale of a written rating in the order asked', () => {
    const criteria = [depth, criterion('Wit')];
    const usual = profile.rateAll({ ...judged, criteria });
    expect(profile.rateAll({ ...judged, criteria, order: 'rising' })).toEqual(usual);
    const falling = textOf(profile.rateAll({ ...judged, criteria, order: 'falling' }));
    expect(falling.match(/5 means: All \w+\. 1 means: No/g)).toHaveLength(2);
  });

  test('asks for a thought where the rating will go on from it', () => {
    const thought = 'It gives a reason that is none.';
    const think = textOf(profile.think?.({ ...judged, criterion: depth }));
    const rate = textOf(profile.rate({ ...judged, criterion: depth, thought }));
    expect(think.length).toBeGreaterThan(100);
    expect(rate.startsWith(think)).toBe(true);
    expect(rate.slice(think.length)).toContain(thought);
  });

  test('never gives up a thought', () => {
    const { content } = profile.rate({ ...judged, criterion: depth, thought: 'Thin.' });
    const [part] = partsOf(content).filter((p) => p.text.includes('Thin.'));
    expect(part?.drop).toBeUndefined();
  });

  test('compares two answers in the order given, and reads on to one letter', () => {
    const word = fc.stringMatching(/^[0-9]{6,12}$/);
    fc.assert(
      fc.property(word, word, word, (query, first, second) => {
        const words = [query, first, second];
        fc.pre(words.every((a, i) => !words.some((b, j) => i !== j && a.includes(b))));
        const said = (a: string, b: string) =>
          textOf(profile.compare?.({ query, first: a, second: b }));
        const text = said(first, second);
        const end = text.slice(text.lastIndexOf(query));
        expect(end.indexOf(first)).toBeGreaterThan(end.indexOf('Answer A'));
        expect(end.indexOf(second)).toBeGreaterThan(end.indexOf('Answer B'));
        expect(end.indexOf('Answer B')).toBeGreaterThan(end.indexOf(first));
        expect(said(second, first).length).toBe(text.length);
      }),
      { numRuns: 40 },
    );
  });
});

test('chat turns alternate where the judge thought first', () => {
  const { content } = instruct.rate({ ...judged, criterion: depth, thought: 'Thin.' });
  const roles = content.type === 'chat' ? content.messages.map((m) => m.role) : [];
  expect(roles).toEqual(['system', 'user', 'assistant', 'user']);
});

test('text to continue ends where the thought or the letter should begin', () => {
  expect(textOf(base.think?.({ ...judged, criterion: depth }))).toMatch(/\n## Remark\n$/);
  const compare = textOf(base.compare?.({ query: 'q', first: 'a', second: 'b' }));
  expect(compare).toMatch(/\n## Better answer\n$/);
  expect([...compare.matchAll(/## Better answer\n([AB])/g)].map((m) => m[1])).toEqual(['A', 'B']);
});

test('worked ratings have remarks only where the rating has one', () => {
  const rate = (thought?: string) =>
    textOf(base.rate({ ...judged, criterion: depth, ...(thought !== undefined && { thought }) }));
  expect(rate()).not.toContain('## Remark');
  expect(rate('Thin.').match(/## Remark\n[^\n]+\n\n## Rating\n/g)).toHaveLength(4);
});
