import { expect, test } from 'vitest';
import type { SearchEvent } from '../../src/core/events.ts';
import { parsePrompt } from '../../src/core/prompt.ts';
import { lineageOf } from '../../src/formats/lineage.ts';

function candidate(id: string, parent: string | null, level: number): SearchEvent {
  const prompt = parsePrompt(`${id}\n- do ${id}`, id);
  return {
    type: 'candidate',
    candidate: { id, parent, level, prompt, query: parent && `q-${id}`, replies: [] },
  };
}

test('the path runs from the start to the found prompt, past its siblings', () => {
  const events = [
    candidate('p0', null, 0),
    candidate('p1', 'p0', 1),
    candidate('p2', 'p0', 1),
    candidate('p3', 'p2', 2),
  ];
  expect(lineageOf(events, 'p3')).toEqual({
    bullets: [{ id: 'p3.0', text: 'do p3', origin: { type: 'start' } }],
    path: [
      { candidate: 'p0', level: 0, query: null, text: 'p0\n- do p0' },
      { candidate: 'p2', level: 1, query: 'q-p2', text: 'p2\n- do p2' },
      { candidate: 'p3', level: 2, query: 'q-p3', text: 'p3\n- do p3' },
    ],
  });
});

test('a candidate that is its own ancestor ends the path', () => {
  const events = [candidate('p1', 'p2', 1), candidate('p2', 'p1', 2)];
  expect(lineageOf(events, 'p2')?.path.map((step) => step.candidate)).toEqual(['p1', 'p2']);
});

test('an unknown candidate has none', () => {
  expect(lineageOf([], 'p1')).toBeNull();
});
