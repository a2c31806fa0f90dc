import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalise } from '../../../src/core/prompt.ts';
import {
  readAnswerText,
  readListedNames,
  readPromptText,
  readSentence,
} from '../../../src/core/profiles/read.ts';
import { criteria, criterion } from '../builders.ts';
import { readScoredLines } from '../../../src/core/profiles/read-ratings.ts';

const known = new Set(criteria.map((c) => normalise(c.name)));
/** The names that are on the list, as the judge matches them. */
const listed = (text: string) => [
  ...new Set((readListedNames(text)?.names ?? []).map(normalise).filter((n) => known.has(n))),
];

describe('names of criteria', () => {
  test.each([
    ['as asked', 'Helpfulness, Clarity, Depth'],
    ['with a full stop', 'Helpfulness, Clarity, Depth.'],
    ['in other case', 'helpfulness, CLARITY, depth'],
    ['on lines', 'Helpfulness\nClarity\nDepth'],
    ['numbered', '1. Helpfulness\n2. Clarity\n3) Depth'],
    ['with bullets', '- Helpfulness\n* Clarity\n• Depth'],
    ['in bold', '**Helpfulness**, **Clarity**, **Depth**'],
    ['with semicolons', 'Helpfulness; Clarity; Depth'],
    ['with a last "and"', 'Helpfulness, Clarity, and Depth'],
    ['with nothing but "and"', 'Helpfulness, Clarity and Depth'],
    ['with an ampersand', 'Helpfulness & Clarity & Depth'],
    [
      'with reasons after a colon',
      '1. **Helpfulness**: it must help, now\n2. **Clarity:** so it is read\n3. Depth: why',
    ],
    [
      'with reasons after a dash',
      'Helpfulness - it must help\nClarity – so it is read\nDepth — why',
    ],
    ['with scores', 'Helpfulness (5), Clarity (4/5), Depth (3)'],
    [
      'announced on a line before',
      'Sure! Here are the criteria that matter:\n\nHelpfulness, Clarity, Depth',
    ],
    [
      'announced on the same line',
      'The criteria that matter most are: Helpfulness, Clarity and Depth.',
    ],
    ['in a code fence', '```\nHelpfulness, Clarity, Depth\n```'],
    ['as a list in brackets', '["Helpfulness", "Clarity", "Depth"]'],
    ['in quotes', '"Helpfulness", “Clarity”, ‘Depth’'],
    ['with Windows line ends', 'Helpfulness\r\nClarity\r\nDepth\r\n'],
    ['cut in the middle of a fourth', 'Helpfulness, Clarity, Depth, Engage'],
  ])('are found %s', (_, text) => {
    expect(listed(text)).toEqual(['helpfulness', 'clarity', 'depth']);
  });

  const warmth = { name: 'Warmth', definition: 'It sounds like a friend.' };
  test.each([
    ['after the names', 'Helpfulness, Clarity\nNew: Warmth = It sounds like a friend.'],
    ['before the names', 'New: Warmth = It sounds like a friend.\nHelpfulness, Clarity'],
    ['after a colon', 'Helpfulness, Clarity\nNew: Warmth: It sounds like a friend.'],
    ['as a bullet', '- Helpfulness\n- Clarity\n- New: Warmth = It sounds like a friend.'],
    ['in bold', 'Helpfulness, Clarity\n**New:** **Warmth** = It sounds like a friend.'],
    ['in full', 'Helpfulness, Clarity\nNew criterion: Warmth = It sounds like a friend.'],
    [
      'with Windows line ends',
      'Helpfulness, Clarity\r\nNew: Warmth = It sounds like a friend.\r\n',
    ],
  ])('a new one is found %s', (_, text) => {
    expect(readListedNames(text)?.proposed).toEqual(warmth);
    expect(listed(text)).toEqual(['helpfulness', 'clarity']);
  });

  test.each([
    ['the placeholder itself', 'Helpfulness\nNew: name = what it means.'],
    ['none', 'Helpfulness\nNew: none'],
    ['nothing', 'Helpfulness\nNew:'],
    ['a name without a meaning', 'Helpfulness\nNew: Warmth ='],
    [
      'a whole sentence as its name',
      `Helpfulness\nNew: ${'warm and so on '.repeat(4)} = yes it is`,
    ],
  ])('a new one is not found in %s', (_, text) => {
    expect(readListedNames(text)?.proposed).toBeNull();
    expect(listed(text)).toEqual(['helpfulness']);
  });

  test.each(['', '  \n ', '1. 2. 3.', '...', '```\n```'])('are none in %j', (text) => {
    expect(readListedNames(text)).toBeNull();
  });
});

describe('written ratings', () => {
  const two = ['Helpfulness', 'Clarity'].map(criterion);
  const read = (text: string) => readScoredLines(text, two);
  const scores = (text: string) => read(text)?.map((r) => r.score) ?? null;

  test.each([
    ['as asked', 'Helpfulness: it helps. Score: 4\nClarity: plain words. Score: 5'],
    ['with full stops', 'Helpfulness: it helps. Score: 4.\nClarity: plain words. Score: 5.'],
    ['in brackets', 'Helpfulness: it helps. (Score: 4)\nClarity: plain words. [Score: 5]'],
    ['in bold', '**Helpfulness**: it helps. **Score: 4**\n**Clarity:** plain words. **Score:** 5'],
    ['numbered', '1. Helpfulness: it helps. Score: 4\n2. Clarity: plain words. Score: 5'],
    ['with bullets', '- Helpfulness: it helps. Score: 4\n* Clarity: plain words. Score: 5'],
    ['out of 5', 'Helpfulness: it helps. Score: 4/5\nClarity: plain words. Score: 5 out of 5'],
    ['in other case', 'HELPFULNESS: it helps. SCORE: 4\nclarity: plain words. score: 5'],
    ['with another word', 'Helpfulness: it helps. Rating: 4\nClarity: plain words. Rating = 5'],
    [
      'with decimals of nothing',
      'Helpfulness: it helps. Score: 4.0\nClarity: plain words. Score: 5.0',
    ],
    ['at the end alone', 'Helpfulness: it helps. 4\nClarity: plain words. (5)'],
    ['first, then the reason', 'Helpfulness: 4. it helps.\nClarity: 5/5 - plain words.'],
    ['first with its word', 'Helpfulness: Score: 4. it helps.\nClarity: Score: 5/5. plain words.'],
    ['in brackets after the name', 'Helpfulness (4/5): it helps.\nClarity (5/5): plain words.'],
    ['after a dash', 'Helpfulness - it helps. Score: 4\nClarity – plain words. Score: 5'],
    ['on a line below', 'Helpfulness: it helps.\nScore: 4\n\nClarity: plain words.\nScore: 5'],
    [
      'in paragraphs',
      '**Helpfulness**\nScore: 4\nReason: it helps.\n\n**Clarity**\nScore: 5\nReason: plain words.',
    ],
    ['under headings', '### Helpfulness\nit helps.\nScore: 4\n### Clarity\nplain words.\nScore: 5'],
    ['in a table', '| Helpfulness | it helps. | 4 |\n| Clarity | plain words. | 5 |'],
    [
      'in a code fence',
      '```\nHelpfulness: it helps. Score: 4\nClarity: plain words. Score: 5\n```',
    ],
    [
      'after a preamble',
      'Sure! Here are the ratings:\n\nHelpfulness: it helps. Score: 4\nClarity: plain words. Score: 5',
    ],
    [
      'with a summary after',
      'Helpfulness: it helps. Score: 4\nClarity: plain words. Score: 5\n\nOverall score: 3',
    ],
    ['in another order', 'Clarity: plain words. Score: 5\nHelpfulness: it helps. Score: 4'],
    [
      'with the scale named',
      'Helpfulness: it helps. Score (1-5): 4\nClarity: plain words. Score (1 to 5): 5',
    ],
    [
      'with Windows line ends',
      'Helpfulness: it helps. Score: 4\r\nClarity: plain words. Score: 5\r\n',
    ],
  ])('are read %s', (_, text) => {
    const cleaned = read(text)?.map(({ reason, ...r }) => ({
      ...r,
      reason: reason?.replace(/\.$/, ''),
    }));
    expect(cleaned).toEqual([
      { criterion: 'Helpfulness', score: 4, reason: 'it helps' },
      { criterion: 'Clarity', score: 5, reason: 'plain words' },
    ]);
  });

  test.each([
    [
      'a number in the reason after it',
      'Helpfulness: Score: 4. It has 2 flaws.\nClarity: 5 - all 3 steps are plain.',
      [4, 5],
    ],
    [
      'a number in the reason before it',
      'Helpfulness: 2 steps are missing. Score: 4\nClarity: 3 good examples. 5',
      [4, 5],
    ],
    [
      'a score that might have been',
      'Helpfulness: would score 5 if shorter. Score: 3\nClarity: 5',
      [3, 5],
    ],
    ['no reason', 'Helpfulness: 4\nClarity: 5', [4, 5]],
    ['stars', 'Helpfulness: 4 stars\nClarity: 5 stars', [4, 5]],
  ])('are not led astray by %s', (_, text, expected) => {
    expect(scores(text)).toEqual(expected);
  });

  test.each([
    ['nothing', ''],
    ['chatter', 'The answer is quite good.'],
    ['one criterion only', 'Helpfulness: it helps. Score: 4'],
    ['one overall score', 'Overall: 4'],
    ['a reply cut before the last score', 'Helpfulness: it helps. Score: 4\nClarity: plain wor'],
    ['no scores', 'Helpfulness: it helps.\nClarity: plain words.'],
    ['scores in words', 'Helpfulness: four\nClarity: five'],
    ['a score above 5', 'Helpfulness: it helps. Score: 9\nClarity: plain. Score: 5'],
    ['a score of ten', 'Helpfulness: it helps. Score: 10. It has 3 flaws.\nClarity: 5'],
    [
      'a score that is none, and a number below it',
      'Helpfulness: Score: 7\nIn all 3/5.\nClarity: 5',
    ],
    ['a score of 0', 'Helpfulness: 0\nClarity: 5'],
    ['half a score', 'Helpfulness: Score: 3.5\nClarity: Score: 5'],
    ['a count that is no score', 'Helpfulness: it has 3 flaws\nClarity: Score: 5'],
    ['other criteria', 'Helpful: Score: 4\nClear: Score: 5'],
  ])('are unreadable in %s', (_, text) => {
    expect(read(text)).toBeNull();
  });

  test('names with hyphens are found with spaces, and names within names are told apart', () => {
    const three = ['Critical', 'Critical-Thinking', 'Safety (children)'].map(criterion);
    const text = 'Critical thinking: Score: 2\nSafety (children): Score: 3\nCritical: Score: 4';
    expect(readScoredLines(text, three)?.map((r) => r.score)).toEqual([4, 2, 3]);
  });
});

describe('a reason', () => {
  test.each([
    ['as it is', 'Name the source.', 'Name the source.'],
    ['of the first line', 'Name the source.\nAnd be brief.', 'Name the source.'],
    ['after a list mark', '- Name the source.', 'Name the source.'],
    ['after blank lines', '\n\n  Name the source.', 'Name the source.'],
    ['after a label', 'Reason: Name the source.', 'Name the source.'],
    ['after a bold label', '**Explanation:** Name the source.', 'Name the source.'],
    ['without quotes', '"Name the source."', 'Name the source.'],
    [
      'without an announcement',
      'Sure, here is one sentence:\nName the source.',
      'Name the source.',
    ],
  ])('is read %s', (_, text, expected) => {
    expect(readSentence(text)).toBe(expected);
  });

  test.each(['', '...', '4', '- \n- ', '!!!\n5/5'])('is none in %j', (text) => {
    expect(readSentence(text)).toBeNull();
  });

  test('is never longer than 400 characters', () => {
    expect(readSentence('so '.repeat(900))).toHaveLength(400);
  });
});

describe('an answer', () => {
  test.each([
    ['as it is', 'Rest, then call.', 'Rest, then call.'],
    ['without space around it', '\n Rest, then call.\n\n', 'Rest, then call.'],
    ['after a label', 'Answer: Rest, then call.', 'Rest, then call.'],
    ['after a bold label', '**Improved answer:**\nRest, then call.', 'Rest, then call.'],
    ['after a heading', '## Better answer\nRest, then call.', 'Rest, then call.'],
    [
      'after an announcement',
      'Sure! Here is the rewritten answer:\n\nRest, then call.',
      'Rest, then call.',
    ],
    [
      'after another',
      "Here's a revised version of the answer:\n\nRest, then call.",
      'Rest, then call.',
    ],
    ['without quotes round the whole', '"Rest, then call."', 'Rest, then call.'],
    ['with quotes inside', '"Rest", then "call".', '"Rest", then "call".'],
    [
      'with a list it announces itself',
      'Here are two tips:\n1. Rest.\n2. Call.',
      'Here are two tips:\n1. Rest.\n2. Call.',
    ],
    ['that speaks of answers', 'Answers differ: rest first.', 'Answers differ: rest first.'],
  ])('is read %s', (_, text, expected) => {
    expect(readAnswerText(text)).toBe(expected);
  });

  test.each(['', ' \n', '???', '1 2 3', 'Answer:'])('is none in %j', (text) => {
    expect(readAnswerText(text)).toBeNull();
  });
});

describe('a prompt', () => {
  const expected = 'You are kind.\n- Be brief in all.\n- Be true to facts.';
  test.each([
    ['as asked', expected],
    ['with other marks', 'You are kind.\n* Be brief in all.\n• Be true to facts.'],
    ['numbered', 'You are kind.\n1. Be brief in all.\n2) Be true to facts.'],
    ['indented', 'You are kind.\n  - Be brief in all.\n\t-  Be true to facts.'],
    ['with blank lines', '\nYou are kind.\n\n- Be brief in all.\n\n- Be true to facts.\n\n'],
    ['in a code fence', `Here you go:\n\`\`\`text\n${expected}\n\`\`\`\nI hope this helps!`],
    ['in a fence that was never closed', `\`\`\`\n${expected}`],
    ['in quotes', `"${expected}"`],
    ['announced', `Here are the improved instructions:\n\n${expected}`],
    ['announced with joy', `Sure! Here's a better version:\n${expected}`],
    ['under a bold title', `**Improved Instructions:**\n\n${expected}`],
    ['under a heading', `## Better instructions\n${expected}`],
    ['after a label', `Instructions: ${expected}`],
    ['with a remark after', `${expected}\n\nThese changes keep answers short and true.`],
    ['with a note after', `${expected}\n\n**Note:** I kept what works.`],
    ['with Windows line ends', expected.replaceAll('\n', '\r\n')],
  ])('is read %s', (_, text) => {
    expect(readPromptText(text)).toBe(expected);
  });

  test('of a language without spaces is read too', () => {
    const text = '你是一个友善的助手。\n- 回答要简明扼要。';
    expect(readPromptText(text)).toBe(text);
  });

  test('keeps a bullet’s second line', () => {
    const text = 'You are kind.\n- Be brief in all,\nbut not curt.\n- Be true to facts.';
    expect(readPromptText(text)).toBe(text);
  });

  test.each([
    ['nothing', ''],
    ['a refusal', 'I am sorry, but I cannot help with that.'],
    ['an opening alone', 'You are a kind assistant.'],
    ['bullets without words', 'You are kind.\n- ...\n- a'],
    ['an endless ramble', `You are kind.\n${'- Be brief in all ways.\n'.repeat(400)}`],
    ['a fence with nothing in it', '```\n```'],
  ])('is none in %s', (_, text) => {
    expect(readPromptText(text)).toBeNull();
  });
});

describe('whatever a model says', () => {
  const pieces = fc.constantFrom(
    ...[
      '\n',
      '\r\n',
      ' ',
      '- ',
      '1. ',
      '* ',
      '**',
      '```',
      '"',
      ':',
      '=',
      'New:',
      'Score: ',
      '4',
      '/5',
    ],
    ...[
      'Helpfulness',
      'clarity',
      'Here is the answer:',
      'You are kind.',
      '|',
      '(',
      '[',
      '\\',
      '👍',
      '你好',
    ],
  );
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
  );

  test('no reader throws, and what is read is of its shape', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const choice = readListedNames(text);
        if (choice) expect(choice.names.length > 0 || choice.proposed !== null).toBe(true);
        for (const rating of readScoredLines(text, criteria.slice(0, 2)) ?? []) {
          expect([1, 2, 3, 4, 5]).toContain(rating.score);
        }
        for (const read of [readSentence, readAnswerText, readPromptText]) {
          expect(read(text)).not.toBe('');
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('a criterion of any name can be looked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), anyText, (name, text) => {
        const ratings = readScoredLines(`${text}\n${name}: Score: 3`, [criterion(name)]);
        expect(ratings === null || ratings.length === 1).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
