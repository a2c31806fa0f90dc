import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LlmReply } from '../../src/core/llm.ts';
import {
  maxBullets,
  normalise,
  parsePrompt,
  promptText,
  type Bullet,
  type Prompt,
} from '../../src/core/prompt.ts';
import { inherit, propose, shownFormer, type Occasion } from '../../src/core/proposals.ts';
import { presets } from '../../src/core/settings.ts';
import {
  attempt,
  blanksOf,
  candidate,
  drain,
  model,
  only,
  query,
  requests,
  searchOf,
  settingsWith,
  type Mind,
} from './builders.ts';

const origin = { type: 'proposal', parent: 'p0', query: 't0', criterion: 'Clarity' } as const;
const proposal = (text: string) => parsePrompt(text, 'p1', origin);
const lock = (prompt: Prompt, ...texts: readonly string[]): Prompt => ({
  ...prompt,
  bullets: prompt.bullets.map((b) => (texts.includes(b.text) ? { ...b, locked: true } : b)),
});
const texts = (prompt: Prompt) => prompt.bullets.map((b) => b.text);

describe('a proposal inherits from its parent', () => {
  // A small pool with near-doubles, so that lines are often lost, repeated or said in other words.
  const line = fc.constantFrom(
    ...['Be kind.', 'be kind', '**Be kind**', 'Be brief.', 'Never guess!', 'never guess', 'Ask.'],
    ...['Say why.', 'Use lists.', 'Be true.', 'Greet.', 'Be calm.', 'Stay safe.', 'No jargon.'],
  );
  const opening = fc.constantFrom('', 'You are kind.', 'You are brief.\nAnd true.', '  Hi  ');
  const bulletOf = (text: string, i: number, locked: boolean, lead: string): Bullet => ({
    id: `p0.${i}`,
    text,
    lead,
    locked,
    origin: { type: 'start' },
  });
  const parent = fc
    .record({
      opening,
      openingLocked: fc.boolean(),
      lines: fc.array(fc.tuple(line, fc.boolean(), fc.constantFrom('\n- ', '\n* ', '\n1. ')), {
        maxLength: 12,
      }),
    })
    .map(({ opening: o, openingLocked, lines }): Prompt => ({
      opening: o,
      openingLocked,
      // As parsing makes it: a bullet at the very beginning has no line break before it.
      bullets: lines.map(([text, locked, lead], i) =>
        bulletOf(text, i, locked, o === '' && i === 0 ? lead.trimStart() : lead),
      ),
    }));
  const proposed = fc
    .tuple(opening, fc.array(line, { maxLength: 12 }))
    .map(([o, lines]) => proposal(o + lines.map((l) => `\n- ${l}`).join('')));
  const both = (claim: (child: Prompt, of: Prompt, from: Prompt) => void) => {
    fc.assert(
      fc.property(parent, proposed, (p, q) => {
        claim(inherit(p, q, origin), p, q);
      }),
      { numRuns: 1000 },
    );
  };

  test('locked bullets always survive word for word, with their lock', () => {
    both((child, of) => {
      for (const locked of of.bullets.filter((b) => b.locked)) {
        expect(child.bullets.find((b) => b.id === locked.id)).toMatchObject({
          text: locked.text,
          locked: true,
          origin: locked.origin,
        });
      }
    });
  });

  test('a locked opening survives word for word, any other only where none was proposed', () => {
    both((child, of, from) => {
      const kept = of.openingLocked || from.opening.trim() === '';
      expect(child.opening).toBe(kept ? of.opening : from.opening.trim());
      expect(child.openingLocked).toBe(of.openingLocked);
    });
  });

  test('there are at most eight bullets, or only the locked ones where those are more', () => {
    both((child) => {
      const locked = child.bullets.filter((b) => b.locked).length;
      expect(child.bullets.length).toBeLessThanOrEqual(Math.max(maxBullets, locked));
    });
  });

  test('lines that the parent had keep their id and origin, others are new', () => {
    both((child, of, from) => {
      const known = new Map(of.bullets.map((b) => [b.id, b]));
      for (const bullet of child.bullets) {
        const old = known.get(bullet.id);
        if (old) expect(bullet).toMatchObject({ text: old.text, origin: old.origin });
        else {
          expect(of.bullets.map((b) => normalise(b.text))).not.toContain(normalise(bullet.text));
          expect(from.bullets.map((b) => b.id)).toContain(bullet.id);
          expect(bullet).toMatchObject({ locked: false, origin });
        }
      }
    });
  });

  test('no unlocked line is said twice, and no two bullets share an id', () => {
    both((child) => {
      const ids = child.bullets.map((b) => b.id);
      expect(new Set(ids).size).toBe(ids.length);
      const said = child.bullets.map((b) => normalise(b.text));
      for (const bullet of child.bullets.filter((b) => !b.locked)) {
        expect(said.filter((s) => s === normalise(bullet.text))).toHaveLength(1);
      }
    });
  });

  test('every bullet stands on a line of its own, so that reading the text finds them again', () => {
    both((child) => {
      expect(texts(parsePrompt(promptText(child)))).toEqual(texts(child));
    });
  });

  test('proposing the parent itself gives the parent', () => {
    const start = lock(parsePrompt('You are kind.\n* Be brief.\n1. Be true.'), 'Be true.');
    const child = inherit(start, proposal(promptText(start)), origin);
    expect(child.bullets.map((b) => b.id)).toEqual(['start.0', 'start.1']);
    expect(texts(child)).toEqual(['Be brief.', 'Be true.']);
  });

  test('a locked line that a proposal said in other letters comes back in its own', () => {
    const start = lock(parsePrompt('Hi\n- Be KIND.\n- Be brief.'), 'Be KIND.');
    expect(promptText(inherit(start, proposal('Hi\n- Ask first.\n- be kind'), origin))).toBe(
      'Hi\n- Ask first.\n- Be KIND.',
    );
  });

  test('a person’s twelve bullets come down to eight, the locked ones among them', () => {
    const own = Array.from({ length: 12 }, (_, i) => `Rule ${i} stands.`);
    const start = lock(
      parsePrompt(`Hi\n- ${own.join('\n- ')}`),
      'Rule 10 stands.',
      'Rule 11 stands.',
    );
    const child = inherit(start, proposal(promptText(start)), origin);
    expect(texts(child)).toEqual([...own.slice(0, 6), 'Rule 10 stands.', 'Rule 11 stands.']);
  });
});

test('with the current prompt, at most the newest few former ones are shown', () => {
  expect(shownFormer(['a', 'b', 'c', 'd', 'e', 'f'], 5)).toEqual(['c', 'd', 'e', 'f']);
  expect(shownFormer(['a', 'b'], 5)).toEqual(['a', 'b']);
  expect(shownFormer(['a', 'b'], 1)).toEqual([]);
  expect(shownFormer(['a', 'b'], 0)).toEqual([]);
});

describe('proposing', () => {
  const start = candidate('p0', 'You are kind.\n- Be brief in all.');
  const weak = attempt('p0', 't0', [4, 2, 3]);
  const occasion = (index: number): Occasion => ({
    candidate: start,
    query: query('t0'),
    attempt: weak,
    former: [],
    index,
  });
  const run = async (
    replies: readonly (string | LlmReply)[],
    change: Partial<Mind> = {},
    settings = settingsWith(),
  ) => {
    let i = 0;
    const llm = model({ rewrite: () => replies[i++] ?? '', ...change });
    const search = searchOf({ llm, settings });
    search.chosen.set('t0', {
      names: ['Helpfulness', 'Clarity', 'Factuality'],
      proposed: null,
      fallback: false,
    });
    const nursery = { level: 1, born: [start] };
    const occasions = replies.map((_, index) => occasion(index));
    const { events, result } = await drain(propose(search, occasions, nursery));
    return { events, children: result, born: nursery.born, llm };
  };
  const usage = { promptTokens: 0, reusedTokens: 0, outputTokens: 0, elapsedMs: 0 };
  const cut: LlmReply = {
    type: 'text',
    text: 'You are kind.\n- Be brief in all.\n- And do not for',
    finish: 'length',
    cut: [],
    usage,
  };

  test.each<[string, readonly (string | LlmReply)[], string]>([
    ['cut', [cut], 'cut'],
    ['empty', [''], 'unreadable'],
    ['chatter', ['I am sorry, but I cannot do that.'], 'unreadable'],
    ['its parent again', ['You are kind!\n* be brief in all'], 'same'],
    [
      'an earlier proposal again',
      ['You are kind.\n- Say why first.', 'You are KIND.\n* say why first'],
      'duplicate',
    ],
  ])('a reply that is %s is refused, and says so', async (_, replies, why) => {
    const { events, children } = await run(replies);
    expect(only(events, 'proposal-refused')).toEqual([
      { type: 'proposal-refused', candidate: 'p0', query: 't0', why, replies: [] },
    ]);
    expect(children).toHaveLength(replies.length - 1);
  });

  test('the authors’ way tries a repeated proposal, but never a cut one', async () => {
    const same = promptText(start.prompt);
    const { events, children } = await run([same, cut], {}, presets.paper);
    expect(children.map((c) => promptText(c.prompt))).toEqual([same]);
    expect(only(events, 'proposal-refused').map((e) => e.why)).toEqual(['cut']);
  });

  test('a proposal becomes a candidate that says where it came from', async () => {
    const { events, children, born } = await run(['You are kind.\n- Be brief in all.\n- Say why.']);
    const [child] = children;
    expect(child).toEqual({
      id: 'p1',
      parent: 'p0',
      level: 1,
      prompt: {
        opening: 'You are kind.',
        openingLocked: false,
        bullets: [
          start.prompt.bullets[0],
          { id: 'p1.1', text: 'Say why.', lead: '\n- ', locked: false, origin },
        ],
      },
      query: 't0',
      replies: [],
    });
    expect(only(events, 'candidate').map((e) => e.candidate)).toEqual([child]);
    expect(born).toEqual([start, child]);
  });

  test('ids are unique and count up, whatever is refused between', async () => {
    const { children } = await run([
      'You.\n- Say why one.',
      '',
      'You.\n- Say why two.',
      cut,
      'You.\n- Say why three.',
    ]);
    expect(children.map((c) => c.id)).toEqual(['p1', 'p2', 'p3']);
    const bullets = children.flatMap((c) => c.prompt.bullets.map((b) => b.id));
    expect(new Set(bullets).size).toBe(bullets.length);
  });

  test('the optimizer learns from the reasons for the two weakest ratings, asked for once', async () => {
    const { events, llm } = await run(['', '', '']);
    expect(only(events, 'explained')).toEqual(
      ['Clarity', 'Factuality'].map((criterion) => ({
        type: 'explained',
        candidate: 'p0',
        query: 't0',
        criterion,
        reason: `It would have more ${criterion}.`,
        replies: [],
      })),
    );
    const asked = requests(llm, 'rewrite').map(blanksOf);
    expect(asked).toHaveLength(3);
    for (const blanks of asked) {
      expect(blanks.ratings).toEqual([
        { criterion: 'Helpfulness', score: 4 },
        { criterion: 'Clarity', score: 2, reason: 'It would have more Clarity.' },
        { criterion: 'Factuality', score: 3, reason: 'It would have more Factuality.' },
      ]);
    }
  });

  test('proposals of one prompt are asked for with different seeds', async () => {
    const { llm } = await run(['', '', '']);
    const seeds = requests(llm, 'rewrite').map((r) => r.sampling.seed);
    expect(new Set(seeds).size).toBe(3);
  });
});
