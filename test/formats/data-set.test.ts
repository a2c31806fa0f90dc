import fc from 'fast-check';
import { csvFormatRows } from 'd3-dsv';
import { describe, expect, test } from 'vitest';
import { DrpoError } from '../../src/core/errors.ts';
import { readExamples, readQueries } from '../../src/formats/data-set.ts';

function texts(text: string, fileName: string, column?: string): readonly string[] {
  return readQueries(text, fileName, column === undefined ? {} : { column }).queries.map(
    (query) => query.text,
  );
}

function problem(read: () => unknown): DrpoError {
  try {
    read();
  } catch (error) {
    if (error instanceof DrpoError) return error;
    throw error;
  }
  throw new Error('The file was read.');
}

describe('queries are read from', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['a list of texts', '["a", "b"]', 'x.json', ['a', 'b']],
    ['a list of objects', '[{"id": 1, "question": "a"}, {"question": "b"}]', 'x.json', ['a', 'b']],
    ['an object with one list', '{"by": "me", "data": [{"prompt": "a"}]}', 'x.json', ['a']],
    ['JSON lines', '{"instruction": "a"}\n\n{"instruction": "b"}\n', 'x.jsonl', ['a', 'b']],
    ['JSON lines of texts', '"a"\n"b"', 'x.ndjson', ['a', 'b']],
    ['JSON lines called .json', '{"input": "a"}\n{"input": "b"}', 'x.json', ['a', 'b']],
    ['JSON called .txt', '["a", "b"]', 'x.txt', ['a', 'b']],
    ['JSON with no ending', '[{"query": "a"}]', 'data', ['a']],
    ['CSV', 'id,Query\n1,"a, ""quoted"""\n2,"b\nc"\n', 'x.csv', ['a, "quoted"', 'b\nc']],
    ['CSV with semicolons', 'id;query\n1;a, b\n', 'x.csv', ['a, b']],
    ['CSV called .txt', 'id,query\n1,a\n2,b', 'x.txt', ['a', 'b']],
    ['CSV of one column with a name', 'question\na\nb', 'x.csv', ['a', 'b']],
    ['CSV of one column without', 'What is a?\nWhat is b?', 'x.csv', ['What is a?', 'What is b?']],
    ['CSV by its longest column', 'n,what\n1,aaaa\n2,bbbb', 'x.csv', ['aaaa', 'bbbb']],
    ['TSV', 'id\ttext\n1\ta, b\n', 'x.tsv', ['a, b']],
    ['plain lines', 'a\n\n  b  \n', 'x.txt', ['a', 'b']],
    [
      'plain lines that look like a table',
      'Text, please\nAnd a, b, c',
      'x.txt',
      ['Text, please', 'And a, b, c'],
    ],
    ['plain lines with a bracket', '[Context] Who?\nWhy?', 'x.txt', ['[Context] Who?', 'Why?']],
    ['Windows lines after a mark', '\uFEFFquery\r\na\r\nb\r\n', 'x.csv', ['a', 'b']],
    ['old Mac lines', 'a\rb', 'x.txt', ['a', 'b']],
    ['numbers', '[{"query": 7}]', 'x.json', ['7']],
  ])('%s', (_, text, fileName, expected) => {
    expect(texts(text, fileName)).toEqual(expected);
  });

  test('the column that a person names', () => {
    expect(texts('query,other\na,b', 'x.csv', 'other')).toEqual(['b']);
    expect(texts('mine\nb', 'x.csv', 'mine')).toEqual(['b']);
  });

  test('a file with kinds', () => {
    const file = readQueries('category,query,n\nmath,1+1?,1\n,Why?,2', 'x.csv');
    expect(file).toEqual({
      queries: [
        { text: '1+1?', kind: 'math' },
        { text: 'Why?', kind: '' },
      ],
      columns: ['category', 'query', 'n'],
      column: 'query',
      skipped: 0,
    });
  });
});

describe('rows are left out and counted', () => {
  test('double, empty and too long ones', () => {
    const long = 'x'.repeat(4_001);
    const file = readQueries(JSON.stringify(['a', 'a ', '', long, 'b']), 'x.json');
    expect(file.queries.map((query) => query.text)).toEqual(['a', 'b']);
    expect(file.skipped).toBe(3);
  });

  test('those past 10,000', () => {
    const lines = Array.from({ length: 10_005 }, (_, i) => `query ${i}`);
    const file = readQueries(lines.join('\n'), 'x.txt');
    expect([file.queries.length, file.skipped]).toEqual([10_000, 5]);
  });
});

describe('a file that cannot be read says why', () => {
  test.each<[string, string, string, string | undefined, string, RegExp]>([
    ['empty', ' \n', 'x.csv', undefined, 'data-empty', /x\.csv is empty/],
    ['an empty list', '[]', 'x.json', undefined, 'data-empty', /no query/],
    ['only empty rows', 'query,b\n,1\n', 'x.csv', 'query', 'data-no-column', /“query”.*“b”/],
    ['a missing column', 'a,b\n1,2', 'x.csv', 'query', 'data-no-column', /“query”.*“a”, “b”/],
    ['no columns at all', 'a\nb', 'x.txt', 'query', 'data-no-column', /no columns at all/],
    ['broken JSON', '[\n"a",\n"b"\n"c"]', 'x.json', undefined, 'data-invalid', /line 4/],
    ['a broken line', '{"query": "a"}\n{"query":', 'x.jsonl', undefined, 'data-invalid', /line 2/],
    ['a number', '5', 'x.json', undefined, 'data-invalid', /no list/],
    [
      'two lists',
      '{"a": ["x"], "b": ["y"], "c": 1}',
      'x.json',
      undefined,
      'data-invalid',
      /no list/,
    ],
    ['a picture', '\u0089PNG\0', 'x.csv', undefined, 'data-invalid', /not a text file/],
    ['a huge one', 'x'.repeat(20_000_001), 'x.txt', undefined, 'file-too-large', /20 MB/],
  ])('%s', (_, text, fileName, column, code, message) => {
    const error = problem(() => texts(text, fileName, column));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});

const oneLine = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .map((text) => `q${text.replace(/[\r\n\0\uFEFF]/g, ' ')}`.trim());
const manyTexts = fc.uniqueArray(oneLine, { minLength: 1, maxLength: 20 });

describe('whatever the queries are, they come back from', () => {
  test.each<[string, (queries: readonly string[]) => string]>([
    ['x.json', (queries) => JSON.stringify(queries)],
    ['y.json', (queries) => JSON.stringify({ queries: queries.map((query) => ({ query })) })],
    ['x.jsonl', (queries) => queries.map((query) => JSON.stringify({ query })).join('\r\n')],
    ['x.csv', (queries) => csvFormatRows([['n', 'query'], ...queries.map((q, i) => [`${i}`, q])])],
  ])('%s', (fileName, write) => {
    fc.assert(
      fc.property(manyTexts, (queries) => {
        expect(texts(write(queries), fileName)).toEqual(queries);
      }),
    );
  });

  test('no file makes it throw anything but a DrpoError', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.json(),
          fc.string().map((s) => `["${s}`),
        ),
        fc.constantFrom('x.json', 'x.jsonl', 'x.csv', 'x.tsv', 'x.txt', 'x'),
        (text, fileName) => {
          try {
            readQueries(text, fileName);
            readExamples(text, fileName);
          } catch (error) {
            expect(error).toBeInstanceOf(DrpoError);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('examples', () => {
  test.each<[string, string, string]>([
    ['CSV', 'question,answer\na,b\n', 'x.csv'],
    ['JSON', '[{"instruction": "a", "input": "", "output": "b"}]', 'x.json'],
    ['JSON lines', '{"prompt": "a", "completion": "b"}', 'x.jsonl'],
    ['TSV', 'response\tquery\nb\ta', 'x.tsv'],
  ])('are read from %s', (_, text, fileName) => {
    expect(readExamples(text, fileName).examples).toEqual([{ query: 'a', answer: 'b' }]);
  });

  test('are read from the columns that a person names', () => {
    const columns = { queryColumn: 'answer', answerColumn: 'query' };
    expect(readExamples('query,answer\na,b', 'x.csv', columns)).toEqual({
      examples: [{ query: 'b', answer: 'a' }],
      columns: ['query', 'answer'],
      ...columns,
      skipped: 0,
    });
  });

  test('without an answer are left out and counted', () => {
    const file = readExamples('query,answer\na,b\nc,\nd,e', 'x.csv');
    expect([file.examples.length, file.skipped]).toEqual([2, 1]);
  });

  test('need a column of answers', () => {
    const error = problem(() => readExamples('a\nb', 'x.txt'));
    expect(error.code).toBe('data-no-column');
    expect(error.message).toMatch(/for the answers/);
  });
});
