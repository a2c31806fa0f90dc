import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePrompt } from '../../../src/core/prompt.ts';
import { foldAll } from '../../../src/core/run.ts';
import { presets } from '../../../src/core/settings.ts';
import { searchEventSchema } from '../../../src/formats/event-schemas.ts';
import { reportHtml } from '../../../src/formats/report/report.ts';
import { runHeadSchema } from '../../../src/formats/run-file.ts';
import { arbitraryOf } from '../arbitrary.ts';
import { everything, known, recorded } from './content.ts';
import { tagsOf, type Tag } from './tags.ts';

/** A page as its reader sees it: no tags, no style, spaces as one. */
function wordsOf(page: string): string {
  return page
    .replace(/<style>[^]*<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,;:”])/g, '$1');
}

const headings = (page: string) =>
  [...page.matchAll(/<h2[^>]*>([^<]*)<\/h2>/g)].map(([, title]) => title);

function tags(page: string): readonly Tag[] {
  const found = tagsOf(page);
  expect(found).not.toBeTypeOf('string');
  return typeof found === 'string' ? [] : found;
}

const harmless = new Set(
  'html head meta title style body article header footer nav section figure div span p bdi strong code a ins del h1 h2 h3 ul ol li dl dt dd table caption thead tbody tr th td svg rect path circle line g text !doctype'.split(
    ' ',
  ),
);

/** Nothing on the page could run, load or lead away. */
function expectInert(page: string): void {
  const all = tags(page);
  expect(all.map((t) => t.name).filter((name) => !harmless.has(name))).toEqual([]);
  expect(all.filter((t) => t.name === 'style' && !t.end)).toHaveLength(1);
  for (const { attributes } of all) {
    for (const [name, value] of attributes) {
      expect(name).not.toMatch(/^(on|src|style|srcset|action|xlink)/i);
      if (name === 'href') expect(value).toMatch(/^#[a-z]+$/);
    }
  }
  expect(page).not.toMatch(/url\(|@import|https?:/i);
}

describe('the recorded run', () => {
  const page = reportHtml(recorded());
  const words = wordsOf(page);

  test('is told whole, in this order', () => {
    expect(headings(page)).toEqual([
      'The found prompt against the others',
      'The found prompt',
      'From start to found',
      'Its examples',
      'Score by level',
      'Judge check',
      'What it cost',
      'The model',
      'Queries and criteria',
      'Settings',
      'How to check this run',
    ]);
  });

  test.each([
    'Better than the starting prompt by 2.23 points',
    '95 % interval 1.73 to 2.75, 18 test queries.',
    'vs hand-written +1.44 1.01 to 1.86',
    'Found prompt with examples 4.04',
    'If someone has lost something, open in a caring way.',
    'Proposed for P19 after its answer to “ I feel so sad, I lost my fridge.”, weakest in Empathy',
    '− Removed: Refuse anything at all unless it is clearly needed.',
    'Level 7 6 6 P23 4.26 0.71',
    'The judge tells right answers from wrong ones.',
    'Evaluator: judges 723 29,066 1,438 15 s',
    'Together 1,078 58,418 10,908 49 s',
    'SHA-256 of the file 683d23d94b1e5f6eb90f2f3520c76e598cb233c28e4f8179c417ea15aa9b71a1',
    'Prompts kept at each level (W) 2',
    'Begun 24 November 2026 at 04:07',
    'Report written 1 December 2026 at 08:30, DRPO Web 1.2.3',
  ])('says “%s”', (sentence) => {
    expect(words).toContain(sentence);
  });

  test('is one page that runs and loads nothing, under a policy that says so', () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">\s*<head>\s*<meta charset="utf-8" \/>/);
    expect(page).toMatch(
      /http-equiv="Content-Security-Policy"\s+content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; /,
    );
    expectInert(page);
  });

  test('has a link to each of its sections, and no two things of one name', () => {
    const all = tags(page);
    const ids = all.flatMap((t) => t.attributes.get('id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const links = all.flatMap((t) => t.attributes.get('href')?.slice(1) ?? []);
    expect(links).toHaveLength(headings(page).length);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('is written the same each time', () => {
    expect(reportHtml(recorded())).toBe(page);
  });
});

describe('a run that has everything', () => {
  const page = reportHtml(everything());
  const words = wordsOf(page);

  test('has a section for each', () => {
    expectInert(page);
    expect(headings(page)).toEqual(
      expect.arrayContaining(['By criterion', 'Judge check', 'How much there was to win']),
    );
  });

  test.each([
    'No prompt – (0 of 20 read) 12–5–3 20 1,204',
    'Here “vs hand-written” would count alone, and does not.',
    'Clarity 3.20 → 3.90, 14 queries +0.70 0.20 to 0.80',
    'Be kind and clear. 12 queries +0.31 0.20 to 0.80',
    'weakest in Clarity. Effect +0.31 (0.20 to 0.80)',
    'Use short words. 12 queries; dropped −0.02 −0.40 to 0.90',
    'What is left when the lines that did nothing are dropped. − Removed: Use short words.',
    'On Wit good answers win no more often than chance might have it: left out of this run.',
    'Padded with empty talk 58 % of 6',
    'Not possible with these examples: harmful request obeyed.',
    'Clarity 90 % of 12 66 % to 98 % yes 25 % −0.12 0.61 0.18',
    'Wit (left out) 50 % of 12 30 % to 70 % no 50 % – – –',
    'Starting prompt and examples 3.50 0.20 to 0.80 +0.50 0.20 to 0.80',
    '4 answers were never asked for',
  ])('says “%s”', (sentence) => {
    expect(words).toContain(sentence);
  });

  test('has numbers and dates as the reader’s locale writes them', () => {
    const german = wordsOf(reportHtml({ ...everything(), locale: 'de-DE' }));
    expect(german).toContain('Better than the starting prompt by 0,52 points');
    expect(german).toContain('Base: answers 1.500 91.234 4.321 4 min 10 s');
    expect(german).toContain('Begun 31. Januar 2026 um 12:00');
  });
});

describe('a run that came to no verdict', () => {
  test.each([
    ['before it began', known({}, { status: 'paused' }), 'The run is not over'],
    [
      'stopped in its search',
      known({ ...everything().run, verdict: null, selected: null, ended: 'stopped' }),
      'Stopped before the test',
    ],
    [
      'failed',
      known({}, { status: 'failed', error: { message: 'The memory did not suffice.' } }),
      'The run was interrupted: The memory did not suffice.',
    ],
  ])('%s is told as far as it went', (_, content, sentence) => {
    const page = reportHtml(content);
    expectInert(page);
    expect(wordsOf(page)).toContain(sentence);
    expect(wordsOf(page)).not.toContain('Better than');
  });

  test('has no section for what it has not', () => {
    expect(headings(reportHtml(known({}, { status: 'paused' })))).toEqual([
      'The best prompt so far',
      'Its examples',
      'The model',
      'Queries and criteria',
      'Settings',
      'How to check this run',
    ]);
  });

  test('without a system prompt has neither prompt nor levels, and is compared with answering without examples', () => {
    const settings = { ...presets.quick, systemPrompt: false };
    const { run } = everything();
    const page = reportHtml(
      known({ verdict: run.verdict, arms: run.arms, ended: 'finished' }, { settings }),
    );
    expect(headings(page)).not.toContain('The found prompt');
    expect(headings(page)).not.toContain('Score by level');
    expect(wordsOf(page)).toContain('Better than answering without examples by 0.52 points');
  });
});

describe('settings', () => {
  test.each(Object.values(presets))('of the preset $preset are all words', (settings) => {
    const words = wordsOf(reportHtml(known({}, { settings })));
    expect(words).not.toMatch(/undefined|NaN|\[object|Infinity/);
    expect(words).toContain(`Longest answer ${String(settings.answerTokens)} tokens`);
  });
});

test('an address is told without the name, password and query that may be in it', () => {
  const source = {
    type: 'endpoint',
    url: 'http://me:sesame@localhost:8080/v1?key=hidden',
    model: 'tiny',
    api: 'chat',
    contextSize: 512,
    concurrency: 1,
  } as const;
  const page = reportHtml(
    known({}, { modelSources: { base: source, evaluator: source, optimizer: source } }),
  );
  expect(wordsOf(page)).toContain('tiny on a server at http://localhost:8080/v1');
  expect(page).not.toMatch(/sesame|key=/);
});

const hostile = fc
  .array(
    fc.constantFrom(
      ...['</style>', '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '"', "'", '`'],
      ...['&', '&lt;', '<!--', '-->', ']]>', '</title>', '" onload="x', '\0', '\u202e', '\ud800'],
      ...['$&', '${x}', '\r', '\n- ', 'word', ' ', '<', '>'],
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** Keys of texts that people and models write, or that a file may hold instead of what belongs there. */
const written =
  /^(name|text|opening|lead|definition|answer|query|criterion|message|engine|revision|url|library|notes|model|fixed|handWritten)$/;

/** A value with each such text replaced. */
function withTexts<T>(value: T, text: string): T {
  const change = (v: unknown, isText: boolean): unknown => {
    if (typeof v === 'string') return isText ? text : v;
    if (Array.isArray(v)) return v.map((item) => change(item, isText));
    if (v === null || typeof v !== 'object' || v instanceof Map) return v;
    return Object.fromEntries(
      Object.entries(v).map(([key, item]) => [key, change(item, written.test(key))]),
    );
  };
  return change(value, false) as T;
}

describe('whatever is written into a run', () => {
  test('stays text', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(everything(), recorded()), (text, content) => {
        const page = reportHtml({
          ...content,
          record: { ...withTexts(content.record, text), id: text },
          run: withTexts(content.run, text),
        });
        expectInert(page);
        // eslint-disable-next-line no-control-regex
        expect(page).not.toMatch(/[\0-\x08\x0b-\x1f]/);
        expect(page.isWellFormed()).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('is said as it is written', () => {
    const opening = 'Say </style><script>alert("1 & 2")</script> & nothing else.';
    const page = reportHtml(known({}, { startingPrompt: parsePrompt(opening) }));
    expect(wordsOf(page)).toContain(opening);
  });

  test('does not make the page large', () => {
    const content = everything();
    const text = 'word '.repeat(200_000);
    const many = Array.from({ length: 3000 }, (_, i) => ({
      id: `e${String(i)}`,
      query: text,
      answer: text,
    }));
    const record = withTexts(content.record, text);
    const page = reportHtml({
      ...content,
      record: { ...record, id: text, data: { ...record.data, examples: many } },
      run: withTexts(content.run, text),
    });
    expect(page.length).toBeLessThan(250_000);
    expect(wordsOf(page)).toContain('And 2940 more examples, which the run file has.');
  });

  test('makes a page, if only a file can hold it', () => {
    const events = fc.array(arbitraryOf(searchEventSchema), { maxLength: 12 });
    fc.assert(
      fc.property(arbitraryOf(runHeadSchema), events, (record, happened) => {
        const page = reportHtml(known(foldAll(happened), record));
        expectInert(page);
      }),
      { numRuns: 150 },
    );
  });

  test('of a run whose prompts descend from each other in a circle is told all the same', () => {
    const { run } = everything();
    const [first, second, third] = run.candidates;
    if (!first || !second || !third) throw new Error('three candidates are needed');
    const circle = [{ ...first, parent: 'p2' }, second, third];
    expectInert(reportHtml(known({ ...run, candidates: circle })));
  });
});

test('a locale that is none is refused', () => {
  expect(() => reportHtml({ ...known({}), locale: 'no such place' })).toThrow(RangeError);
});
