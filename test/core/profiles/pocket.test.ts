import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ask } from '../../../src/core/profile.ts';
import { pocket } from '../../../src/core/profiles/pocket.ts';
import {
  maxBullets,
  normalise,
  parsePrompt,
  promptText,
  samePrompt,
  type Prompt,
} from '../../../src/core/prompt.ts';
import { inherit } from '../../../src/core/proposals.ts';
import type { Rating } from '../../../src/core/rating.ts';
import { contentText, criteria, criterion, example, partsOf } from '../builders.ts';

const prompt = parsePrompt('You are kind.\n- Be brief.\n- Be true.\n- Say why.');
const query = 'What is a kettle?';
const answer = 'A kettle boils water.';
const ratings: readonly Rating[] = [
  { criterion: 'Depth', score: 3.6 },
  { criterion: 'Clarity', score: 1.4, reason: 'It should use short words.' },
  { criterion: 'Safety', score: 3.6, reason: 'It should warn.' },
  { criterion: 'Empathy', score: 0.2 },
];
const evidence = { query, answer, ratings };
const clarity = criterion('Clarity');
const judged = { query, answer };

const textOf = (ask: Ask) => contentText(ask.content);

describe('what the model was trained on is asked to the letter', () => {
  const shown = ['a', 'b'].map((id) => example(id));
  const evident =
    '# Query\nWhat is a kettle?\n\n# Answer\nA kettle boils water.\n\n' +
    '# Ratings\nEmpathy 1, Clarity 1, Depth 4, Safety 4\n\n# Reason\nIt should use short words.\n\n';

  test.each<[string, Ask, string]>([
    [
      'an answer under a prompt, with examples',
      pocket.answer({ prompt, examples: shown, query }),
      '# Instructions\nYou are kind.\n- Be brief.\n- Be true.\n- Say why.\n\n' +
        shown.map((e) => `# Query\n${e.query}\n\n# Answer\n${e.answer}\n\n`).join('') +
        '# Query\nWhat is a kettle?\n\n# Answer\n',
    ],
    [
      'an answer without a prompt',
      pocket.answer({ prompt: null, examples: [], query }),
      '# Query\nWhat is a kettle?\n\n# Answer\n',
    ],
    [
      'an answer under an empty prompt',
      pocket.answer({ prompt: parsePrompt(''), examples: [], query }),
      '# Query\nWhat is a kettle?\n\n# Answer\n',
    ],
    [
      'a choice of criteria',
      pocket.chooseCriteria({ query, criteria, atLeast: 1, atMost: 4, propose: true }),
      '# Query\nWhat is a kettle?\n\n# Criteria\n',
    ],
    [
      'a rating',
      pocket.rate({ ...judged, criterion: clarity }),
      '# Query\nWhat is a kettle?\n\n# Answer\nA kettle boils water.\n\n# Clarity\n',
    ],
    [
      'all ratings',
      pocket.rateAll({ ...judged, criteria: ['Clarity', 'Depth'].map(criterion) }),
      '# Query\nWhat is a kettle?\n\n# Answer\nA kettle boils water.\n\n# Criteria\nClarity, Depth\n\n# Ratings\n',
    ],
    [
      'a reason',
      pocket.explain({ ...judged, criterion: clarity, score: 2.5 }),
      '# Query\nWhat is a kettle?\n\n# Answer\nA kettle boils water.\n\n# Clarity\n3\n\n# Reason\n',
    ],
    [
      'an edit',
      pocket.rewrite({
        prompt,
        former: [{ prompt: parsePrompt('Old.\n- Gone.'), reward: 2 }],
        evidence,
        maxBullets: 8,
      }),
      '# Instructions\nYou are kind.\n- Be brief. #1\n- Be true. #2\n- Say why. #3\n\n' +
        evident +
        '# Edit\n',
    ],
    ['a better answer', pocket.improve(evidence), evident + '# Better answer\n'],
    [
      'a better answer where nothing gave a reason',
      pocket.improve({ ...evidence, ratings: [{ criterion: 'Depth', score: 2 }] }),
      '# Query\nWhat is a kettle?\n\n# Answer\nA kettle boils water.\n\n# Ratings\nDepth 2\n\n# Better answer\n',
    ],
  ])('%s', (_, ask, expected) => {
    expect(ask.content.type).toBe('text');
    expect(textOf(ask)).toBe(expected);
  });

  test('a reply ends where its line or section does', () => {
    const line = [
      pocket.chooseCriteria({ query, criteria, atLeast: 1, atMost: 4, propose: false }),
      pocket.rateAll({ ...judged, criteria }),
      pocket.explain({ ...judged, criterion: clarity, score: 2 }),
      pocket.rewrite({ prompt, former: [], evidence, maxBullets: 8 }),
    ];
    for (const { stop } of line) expect(stop).toEqual(['\n']);
    const section = [pocket.answer({ prompt, examples: [], query }), pocket.improve(evidence)];
    for (const { stop } of section) expect(stop).toEqual(['\n\n#', '\n# ']);
  });

  test('where the context is small examples go first, the least similar of them, and the prompt last', () => {
    const { content } = pocket.answer({ prompt, examples: shown, query });
    const rewrite = pocket.rewrite({ prompt, former: [], evidence, maxBullets: 8 });
    const order = (parts: ReturnType<typeof partsOf>) =>
      parts
        .flatMap((p) => p.drop ?? [])
        .sort((a, b) => a.order - b.order)
        .map((d) => d.what);
    expect(order(partsOf(content))).toEqual([
      'example 2',
      'example 1',
      'the query',
      "the prompt's middle",
    ]);
    expect(order(partsOf(rewrite.content))).toEqual([
      'the reason',
      "the answer's middle",
      'the query',
      "the prompt's middle",
    ]);
  });
});

describe('a line of ratings', () => {
  const asked = ['Clarity', 'Depth', 'Safety'].map(criterion);

  test.each([
    ['in order', 'Clarity 4, Depth 2, Safety 5', [4, 2, 5]],
    ['in another order', 'safety 5,Clarity 4 , Depth 2.', [4, 2, 5]],
    ['with others between', 'Clarity 4, Empathy 1, Depth 2, Safety 5\nDepth 3', [4, 2, 5]],
    ['with one missing', 'Clarity 4, Depth 2', null],
    ['with one twice', 'Clarity 4, Depth 2, Depth 3, Safety 5', null],
    ['with a 6', 'Clarity 4, Depth 6, Safety 5', null],
    ['with a 0', 'Clarity 0, Depth 2, Safety 5', null],
    ['with a fraction', 'Clarity 4, Depth 2.5, Safety 5', null],
    ['with no number', 'Clarity, Depth 2, Safety 5', null],
    ['of nothing', '', null],
  ])('%s', (_, text, scores) => {
    const read = pocket.readRatings(text, asked);
    expect(read?.map((r) => r.score) ?? null).toEqual(scores);
    if (read) expect(read.map((r) => r.criterion)).toEqual(asked.map((c) => c.name));
  });
});

describe('an edit', () => {
  const read = (text: string, of: Prompt = prompt) => pocket.readPrompt(text, of);

  test.each([
    ['add: Use lists.', 'You are kind.\n- Be brief.\n- Be true.\n- Say why.\n- Use lists.'],
    [' Add:  Use lists. ', 'You are kind.\n- Be brief.\n- Be true.\n- Say why.\n- Use lists.'],
    ['drop: #2', 'You are kind.\n- Be brief.\n- Say why.'],
    [' Drop:2. ', 'You are kind.\n- Be brief.\n- Say why.'],
    ['swap: #2 => Never guess.', 'You are kind.\n- Be brief.\n- Never guess.\n- Say why.'],
    ['swap: 2=>Never guess.', 'You are kind.\n- Be brief.\n- Never guess.\n- Say why.'],
  ])('%j is done', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each([
    ['none'],
    [''],
    ['You are kind.\n- Be brief.'],
    ['add:'],
    ['add: ...'],
    ['add: be brief'],
    ['drop: Be true.'],
    ['drop: #0'],
    ['drop: #4'],
    ['drop: #2 #3'],
    ['drop:'],
    ['swap: #4 => Never guess.'],
    ['swap: Be true. => Never guess.'],
    ['swap: #2 => '],
    ['swap: #2 => 123'],
    ['swap: #2 => be true'],
    ['swap: #2 => Say why.'],
    ['swap: #2'],
    ['merge: #2 => Never guess.'],
  ])('%j is none', (text) => {
    expect(read(text)).toBeNull();
  });

  test('a full prompt takes no more bullets, but others for what it has', () => {
    const rules = Array.from({ length: maxBullets }, (_, i) => `Rule ${String(i)} stands.`);
    const full = parsePrompt(`Hi.\n- ${rules.join('\n- ')}`);
    expect(read('add: Use lists.', full)).toBeNull();
    expect(read('swap: #4 => Use lists.', full)).toContain('- Use lists.');
    expect(read('drop: #4', full)).not.toContain('Rule 3');
    const seven = parsePrompt(`Hi.\n- ${rules.slice(1).join('\n- ')}`);
    expect(read('add: Use lists.', seven)).toContain('- Use lists.');
  });

  test('the last bullet can go, and a prompt without an opening begins with a bullet', () => {
    expect(read('drop: #1', parsePrompt('Hi.\n- One thing.'))).toBe('Hi.');
    expect(read('add: Two things.', parsePrompt(''))).toBe('- Two things.');
    expect(read('add: Two things.', parsePrompt('- One thing.'))).toBe(
      '- One thing.\n- Two things.',
    );
  });

  test('a person’s own layout becomes the app’s', () => {
    expect(read('add: Use lists.', parsePrompt('Hi. \n\n  1. Be brief. \n\n  2. Be true.'))).toBe(
      'Hi.\n- Be brief.\n- Be true.\n- Use lists.',
    );
  });

  test.each(['drop: #2', 'swap: #2 => Never guess.'])(
    'a locked line stands against “%s”, wherever it is',
    (text) => {
      const locked: Prompt = {
        ...prompt,
        bullets: prompt.bullets.map((b) => ({ ...b, locked: b.text === 'Be true.' })),
      };
      const origin = { type: 'proposal', parent: 'p0', query: 'q', criterion: null } as const;
      const said = read(text, locked);
      expect(said).toBe(promptText(prompt));
      const child = inherit(locked, parsePrompt(said ?? '', 'p1', origin), origin);
      expect(samePrompt(child, locked)).toBe(true);
      expect(child.bullets.map((b) => b.locked)).toEqual([false, true, false]);
    },
  );

  test('any edit of any prompt is one line more, one less, or another in its place', () => {
    const line = fc.constantFrom('Be brief.', 'Be true.', 'Say why.', 'Use lists.', 'Ask first.');
    const start = fc
      .uniqueArray(line, { maxLength: 5 })
      .map((lines) => parsePrompt(['Hi.', ...lines].join('\n- ')));
    const number = fc.integer({ min: 0, max: 6 });
    const edit = fc.oneof(
      line.map((a) => `add: ${a}`),
      number.map((at) => `drop: #${String(at)}`),
      fc.tuple(number, line).map(([at, b]) => `swap: #${String(at)} => ${b}`),
      fc.string(),
    );
    const lines = (p: Prompt) => p.bullets.map((b) => normalise(b.text));
    fc.assert(
      fc.property(start, edit, (of, text) => {
        const said = read(text, of);
        if (said === null) return;
        const [before, after] = [lines(of), lines(parsePrompt(said))];
        const gone = before.filter((l) => !after.includes(l)).length;
        const came = after.filter((l) => !before.includes(l)).length;
        expect(new Set(after).size).toBe(after.length);
        expect([
          [0, 1],
          [1, 0],
          [1, 1],
        ]).toContainEqual([gone, came]);
        expect(samePrompt(parsePrompt(said), of)).toBe(false);
      }),
    );
  });
});
