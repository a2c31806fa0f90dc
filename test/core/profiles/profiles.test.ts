import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Content, Part, Purpose } from '../../../src/core/llm.ts';
import type { Ask, Profile } from '../../../src/core/profile.ts';
import { profileFor, profiles } from '../../../src/core/profiles/index.ts';
import { parsePrompt, promptText, type Prompt } from '../../../src/core/prompt.ts';
import type { Rating } from '../../../src/core/rating.ts';
import { contentText, criteria, criterion, example, partsOf } from '../builders.ts';

const { instruct, base } = profiles as { readonly instruct: Profile; readonly base: Profile };
const both = [instruct, base];

const prompt = parsePrompt('You are kind.\n- Be brief in all.\n- Be true to facts.');
const former = [
  { prompt: parsePrompt('You were plain.\n- Answer it.'), reward: 2.25 },
  { prompt: parsePrompt('You were better.\n- Explain it.'), reward: null },
];
const ratings: readonly Rating[] = [
  { criterion: 'Clarity', score: 2.25, reason: 'Use short sentences.' },
  { criterion: 'Depth', score: 4 },
];
const query = 'Why is the sky blue?';
const answer = 'Because it is not red.';
const evidence = { query, answer, ratings };
const examples = ['a', 'b', 'c'].map((id) => example(id));
const clarity = criterion('Clarity');
const depth = criterion('Depth');

/** One ask of every purpose. */
function asks(profile: Profile): Readonly<Record<Exclude<Purpose, 'embed'> | 'rate-all', Ask>> {
  return {
    answer: profile.answer({ prompt, examples, query }),
    'choose-criteria': profile.chooseCriteria({
      query,
      criteria,
      atLeast: 2,
      atMost: 5,
      propose: true,
    }),
    rate: profile.rate({ query, answer, criterion: clarity }),
    'rate-all': profile.rateAll({ query, answer, criteria: [clarity, depth] }),
    explain: profile.explain({ query, answer, criterion: clarity, score: 2.25 }),
    rewrite: profile.rewrite({ prompt, former, evidence, maxBullets: 8 }),
    improve: profile.improve(evidence),
  };
}

const textOf = (ask: Ask) => contentText(ask.content);

describe.each(both)('profile $id', (profile) => {
  const word = fc.string({ unit: 'grapheme', minLength: 1 });
  const anyCriterion = fc
    .record({ name: word, definition: word, low: word, high: word })
    .map((c) => c);
  const anyPrompt = fc.array(word, { minLength: 1 }).map((l) => parsePrompt(l.join('\n- ')));
  const anyRating = fc
    .record({ criterion: word, score: fc.double({ min: 1, max: 5, noNaN: true }), reason: word })
    .map((r): Rating => r);
  const blanks = fc.record({
    prompt: anyPrompt,
    former: fc.array(anyPrompt, { maxLength: 4 }),
    query: word,
    answer: word,
    criteria: fc.array(anyCriterion, { minLength: 1, maxLength: 4 }),
    ratings: fc.array(anyRating, { maxLength: 3 }),
    examples: fc.array(fc.record({ id: word, query: word, answer: word }), { maxLength: 3 }),
  });

  test('puts the text of every blank into the request, for every purpose', () => {
    fc.assert(
      fc.property(blanks, (b) => {
        const [first = clarity] = b.criteria;
        const full = (c: typeof first) => [c.name, c.definition, c.low, c.high];
        const seen = { query: b.query, answer: b.answer, ratings: b.ratings };
        const said = [
          b.query,
          b.answer,
          ...b.ratings.flatMap((r) => [r.criterion, r.score.toFixed(1), r.reason ?? '']),
        ];
        const before = b.former.map((p) => ({ prompt: p, reward: 3 }));
        const wanted: readonly (readonly [Ask, readonly string[]])[] = [
          [
            profile.answer({ prompt: b.prompt, examples: b.examples, query: b.query }),
            [promptText(b.prompt), b.query, ...b.examples.flatMap((e) => [e.query, e.answer])],
          ],
          [
            profile.chooseCriteria({
              query: b.query,
              criteria: b.criteria,
              atLeast: 2,
              atMost: 5,
              propose: true,
            }),
            [b.query, '2 to 5', ...b.criteria.flatMap((c) => [c.name, c.definition])],
          ],
          [
            profile.rate({ query: b.query, answer: b.answer, criterion: first }),
            [b.query, b.answer, ...full(first)],
          ],
          [
            profile.rateAll({ query: b.query, answer: b.answer, criteria: b.criteria }),
            [b.query, b.answer, ...b.criteria.flatMap(full)],
          ],
          [
            profile.explain({ query: b.query, answer: b.answer, criterion: first, score: 3.14 }),
            [b.query, b.answer, '3.1', ...full(first)],
          ],
          [
            profile.rewrite({ prompt: b.prompt, former: before, evidence: seen, maxBullets: 8 }),
            [promptText(b.prompt), ...b.former.map(promptText), ...said],
          ],
          [profile.improve(seen), said],
        ];
        for (const [ask, texts] of wanted) {
          const text = textOf(ask);
          for (const blank of texts) expect(text).toContain(blank);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('asks in its own form', () => {
    for (const ask of Object.values(asks(profile))) expect(ask.content.type).toBe(profile.form);
  });

  test('lets names of criteria stay, and lets go only the middle of what a person or model wrote', () => {
    const all = asks(profile);
    const kept = (ask: Ask) =>
      partsOf(ask.content)
        .filter((p) => !p.drop)
        .map((p) => p.text)
        .join('');
    for (const { name } of criteria) expect(kept(all['choose-criteria'])).toContain(name);
    expect(kept(all.rate)).toContain('Clarity');
    for (const text of [query, answer, promptText(prompt)]) {
      const parts = partsOf(all.rewrite.content).filter((p) => p.text.includes(text));
      expect(parts.map((p) => p.drop?.how ?? 'middle')).toEqual(parts.map(() => 'middle'));
      expect(parts.length).toBeGreaterThan(0);
    }
  });

  describe('puts what changes after what does not', () => {
    const shared = (a: Ask, b: Ask): string => {
      const [one, other] = [textOf(a), textOf(b)];
      let i = 0;
      while (i < one.length && one[i] === other[i]) i++;
      return one.slice(0, i);
    };
    const judged = { query, answer };

    test.each<[string, Ask, Ask, readonly string[]]>([
      [
        'ratings of one answer share query and answer',
        profile.rate({ ...judged, criterion: clarity }),
        profile.rate({ ...judged, criterion: depth }),
        [query, answer],
      ],
      [
        'reasons for one answer share query and answer',
        profile.explain({ ...judged, criterion: clarity, score: 2 }),
        profile.explain({ ...judged, criterion: depth, score: 2 }),
        [query, answer],
      ],
      [
        'written ratings of one answer share query and answer',
        profile.rateAll({ ...judged, criteria: [clarity] }),
        profile.rateAll({ ...judged, criteria: [depth] }),
        [query, answer],
      ],
      [
        'answers under one prompt share the prompt',
        profile.answer({ prompt, examples: [], query: 'One?' }),
        profile.answer({ prompt, examples: [], query: 'Two?' }),
        [promptText(prompt)],
      ],
      [
        'answers with the same examples share those too',
        profile.answer({ prompt, examples, query: 'One?' }),
        profile.answer({ prompt, examples, query: 'Two?' }),
        [promptText(prompt), ...examples.map((e) => e.answer)],
      ],
      [
        'choices of criteria share the list',
        profile.chooseCriteria({ query: 'One?', criteria, atLeast: 2, atMost: 5, propose: true }),
        profile.chooseCriteria({ query: 'Two?', criteria, atLeast: 2, atMost: 5, propose: true }),
        criteria.map((c) => c.definition),
      ],
      [
        'rewrites of one prompt share it and its former ones',
        profile.rewrite({ prompt, former, evidence, maxBullets: 8 }),
        profile.rewrite({
          prompt,
          former,
          evidence: { ...evidence, query: 'Two?' },
          maxBullets: 8,
        }),
        [promptText(prompt), ...former.map((f) => promptText(f.prompt))],
      ],
    ])('%s', (_, a, b, texts) => {
      for (const text of texts) expect(shared(a, b)).toContain(text);
    });
  });

  test('shows an attempt’s ratings without a reason where none was given', () => {
    const text = textOf(profile.improve(evidence));
    expect(text).toContain('- Clarity: 2.3 of 5. Use short sentences.\n- Depth: 4.0 of 5.\n');
    expect(text).not.toContain('undefined');
  });

  test('says nothing of a proposal where none may be made', () => {
    const ask = (propose: boolean) =>
      textOf(profile.chooseCriteria({ query, criteria, atLeast: 2, atMost: 5, propose }));
    expect(ask(true)).toContain('New: name =');
    expect(ask(false)).not.toContain('New:');
  });

  test('without a prompt or with an empty one asks with the query alone', () => {
    const nothing: Prompt = { opening: '', openingLocked: false, bullets: [] };
    const none = profile.answer({ prompt: null, examples: [], query });
    expect(profile.answer({ prompt: nothing, examples: [], query })).toEqual(none);
    expect(textOf(none)).not.toContain('system');
  });
});

describe('what is given up first where the context is small', () => {
  /** The names of the parts that may go, in the order in which they go; "…" marks those that lose their middle only. */
  const order = (ask: Ask): readonly string[] =>
    partsOf(ask.content)
      .flatMap((p: Part) => p.drop ?? [])
      .sort((a, b) => a.order - b.order)
      .map((d) => `${d.what}${d.how === 'middle' ? ' …' : ''}`)
      .filter((what, i, all) => what !== all[i - 1]);

  /** Every kind of part that may go, the first to go first. */
  const ranks: readonly RegExp[] = [
    /^former prompt \d$/,
    /^example \d$/,
    /^(?:the worked example|worked example \d|a remark)$/,
    /^(?:the introduction|what a 1 and a 5 mean)$/,
    /^what the criteria mean$/,
    /^reasons …$/,
    /^the answer's middle …$/,
    /^the query …$/,
    /^the prompt's middle …$/,
  ];
  const rankOf = (what: string) => ranks.findIndex((r) => r.test(what));

  test.each(both)('goes by one order for every purpose: $id', (profile) => {
    for (const ask of Object.values(asks(profile))) {
      const gone = order(ask).map(rankOf);
      expect(gone).not.toContain(-1);
      expect(gone).toEqual(gone.toSorted((a, b) => a - b));
    }
  });

  test.each(both)('is the oldest former prompt, and the least similar example: $id', (profile) => {
    const { rewrite, answer: answered } = asks(profile);
    expect(order(rewrite).slice(0, 2)).toEqual(['former prompt 1', 'former prompt 2']);
    expect(order(answered).slice(0, 3)).toEqual(['example 3', 'example 2', 'example 1']);
  });

  test.each(both)('is never the answer or the query where anything else can go: $id', (profile) => {
    const { rate, improve, 'choose-criteria': choose } = asks(profile);
    expect(order(rate).slice(-2)).toEqual(["the answer's middle …", 'the query …']);
    expect(order(improve).slice(-2)).toEqual(["the answer's middle …", 'the query …']);
    expect(order(choose).at(-1)).toBe('the query …');
  });

  test('an example’s question and answer go together', () => {
    const { content } = asks(instruct).answer;
    const orders = new Map<string, Set<number>>();
    for (const { drop } of partsOf(content)) {
      if (drop?.how === 'whole')
        orders.set(drop.what, (orders.get(drop.what) ?? new Set()).add(drop.order));
    }
    expect([...orders.values()].map((o) => o.size)).toEqual([1, 1, 1]);
  });
});

describe('chat turns', () => {
  const roles = (content: Content, dropped: (part: Part) => boolean = () => false) =>
    content.type === 'chat'
      ? content.messages.filter((m) => !m.parts.every(dropped)).map((m) => m.role)
      : [];

  test('alternate from the person to the model and end with the person, whatever is given up', () => {
    for (const ask of Object.values(asks(instruct))) {
      for (const limit of [0, 101, 102, 103, 250, 350]) {
        const turns = roles(
          ask.content,
          (p) => (p.drop?.order ?? Infinity) < limit && p.drop?.how === 'whole',
        );
        const talk = turns[0] === 'system' ? turns.slice(1) : turns;
        expect(talk).toEqual(talk.map((_, i) => (i % 2 === 0 ? 'user' : 'assistant')));
        expect(talk.at(-1)).toBe('user');
      }
    }
  });

  test('rating and explaining one answer share everything up to the criterion', () => {
    const { rate, explain } = asks(instruct);
    const head = (ask: Ask) => textOf(ask).split('Clarity:')[0];
    expect(head(rate)).toBe(head(explain));
  });

  test('a rewrite is told how many lines there may be and which must stay', () => {
    const locked: Prompt = {
      ...prompt,
      openingLocked: true,
      bullets: prompt.bullets.map((b, i) => ({ ...b, locked: i === 1 })),
    };
    const text = (p: Prompt) =>
      textOf(instruct.rewrite({ prompt: p, former: [], evidence, maxBullets: 8 }));
    expect(text(prompt)).toContain('at most 8 lines');
    expect(text(prompt)).not.toContain('word for word');
    expect(text(locked)).toContain(
      'Keep these lines word for word:\nYou are kind.\n- Be true to facts.\n',
    );
  });
});

describe('text to continue', () => {
  test('ends where the reply should begin, and stops before the next section', () => {
    for (const ask of Object.values(asks(base))) {
      expect(textOf(ask)).toMatch(/\n## [^\n]+\n$/);
      expect(ask.stop.length).toBeGreaterThan(0);
    }
    expect(Object.values(asks(instruct)).every((ask) => ask.stop.length === 0)).toBe(true);
  });

  test('worked choices name nothing that is not on the person’s own list', () => {
    const own = ['Rhyme', 'Metre', 'Wit'].map(criterion);
    const text = textOf(
      base.chooseCriteria({ query, criteria: own, atLeast: 1, atMost: 2, propose: false }),
    );
    expect(text).not.toMatch(/Helpfulness|Clarity|Empathy|Factuality/);
  });

  test('worked ratings show low, middling and high, so that no digit is the habitual one', () => {
    const digits = [...textOf(asks(base).rate).matchAll(/## Rating\n(\d)/g)].map((m) => m[1]);
    expect([...digits].sort()).toEqual(['1', '3', '5']);
  });

  test('its own worked replies are read by its own readers', () => {
    const section = (text: string, name: string) =>
      text.split(`## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
    const { rewrite, explain, improve } = asks(base);
    expect(base.readPrompt(section(textOf(rewrite), 'Better instructions'), prompt)).toMatch(
      /^You are a warm/,
    );
    expect(base.readReason(section(textOf(explain), 'A better answer would'))).toMatch(
      /^say first/,
    );
    expect(base.readAnswer(section(textOf(improve), 'Better answer'))).toMatch(/^I am sorry/);
    const two = ['Factuality', 'Conciseness'].map(criterion);
    const worked = section(textOf(asks(base)['rate-all']), 'Ratings');
    expect(base.readRatings(worked, two)?.map((r) => r.score)).toEqual([1, 5]);
  });
});

describe('choosing a profile', () => {
  test('chat models are asked in chat, others in text to continue', () => {
    expect(profileFor({ form: 'chat' })).toBe(instruct);
    expect(profileFor({ form: 'text' })).toBe(base);
  });

  test.each([
    ['text', 'pocket', 'pocket'],
    ['chat', 'pocket', 'pocket'],
    ['chat', 'base', 'base'],
    // Without a chat template no turns can be asked.
    ['text', 'instruct', 'base'],
    ['text', 'of-a-later-version', 'base'],
    ['chat', 'toString', 'instruct'],
  ] as const)('a %s model whose file names “%s” gets %s', (form, profile, expected) => {
    expect(profileFor({ form, profile }).id).toBe(expected);
  });

  test('profiles are found under their own ids', () => {
    expect(Object.entries(profiles).map(([id, p]) => [id, p.id])).toEqual([
      ['instruct', 'instruct'],
      ['base', 'base'],
      ['pocket', 'pocket'],
    ]);
  });
});
