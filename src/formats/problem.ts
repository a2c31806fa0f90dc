import type * as v from 'valibot';

/** A problem in plain words, such as: at events, item 3, attempt, reward there should be a number, not "x". */
export function problemOf(issue: v.BaseIssue<unknown>): string {
  const place = (issue.path ?? []).map(({ key }) =>
    typeof key === 'number' ? `item ${key + 1}` : String(key),
  );
  const at = place.length > 0 ? `at ${place.join(', ')} ` : '';
  const missing = issue.path?.at(-1)?.origin === 'key' || issue.received === 'undefined';
  const wanted = missing && issue.expected?.startsWith('"') ? 'something' : plainly(issue);
  return `${at}there should be ${wanted}, not ${missing ? 'nothing' : issue.received.slice(0, 80)}`;
}

function plainly(issue: v.BaseIssue<unknown>): string {
  const expected = issue.expected ?? '';
  if (issue.type === 'max_length') return `a length of at most ${expected.replace('<=', '')}`;
  if (issue.type === 'integer') return 'a whole number';
  if (issue.type === 'min_value') return `a number of at least ${expected.replace('>=', '')}`;
  if (issue.type === 'max_value') return `a number of at most ${expected.replace('<=', '')}`;
  if (issue.type === 'iso_timestamp') return 'a time such as 2026-01-31T12:00:00.000Z';
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    boolean: 'true or false',
    Array: 'a list',
    Object: 'an object',
  };
  return (
    words[expected] ??
    expected
      .replace(/^\(|\)$/g, '')
      .replaceAll(' | ', ' or ')
      .slice(0, 200)
  );
}
