import { describe, expect, test } from 'vitest';
import { attemptAll } from '../../src/core/attempts.ts';
import type { NewCandidate } from '../../src/core/events.ts';
import { parsePrompt, promptText, type Prompt } from '../../src/core/prompt.ts';
import { weighBullets } from '../../src/core/weigh-bullets.ts';
import { around, drain, model, only, queries, searchOf } from './builders.ts';

const noExamples = () => Promise.resolve([]);
const asked = queries('s', 6);

/** Each "+" in the prompt is worth half a point, each "-" costs half; the rest does nothing. */
const worth = (prompt: string) =>
  3 + 0.5 * (prompt.split('+').length - 1) - 0.5 * (prompt.split('~').length - 1);

async function weighed(prompt: Prompt) {
  const search = searchOf({ llm: model({ rate: ({ answer }) => around(worth(answer)) }) });
  const candidate: NewCandidate = {
    id: 'p4',
    parent: 'p2',
    level: 3,
    prompt,
    query: null,
    replies: [],
  };
  const trial = { id: 'p4', prompt, retrieve: noExamples };
  const tried = await drain(attemptAll(search, [trial], asked, 'select'));
  const winner = { candidate, attempts: tried.result.get('p4') ?? [], nextId: 'p5' };
  return drain(weighBullets(search, winner, asked, noExamples));
}

describe('leaving out one bullet after another', () => {
  test('says what each does, and drops those that do nothing or harm', async () => {
    const { events, result } = await weighed(
      parsePrompt('Answer.\n- Plus +.\n- Nothing.\n- Harm ~.\n- Two ++.'),
    );
    const effects = only(events, 'bullet-weighed').map(({ effect }) => effect);
    expect(effects.map((e) => e.text)).toEqual(['Plus +.', 'Nothing.', 'Harm ~.', 'Two ++.']);
    expect(effects.map((e) => Math.round(2 * e.effect))).toEqual([1, 0, -1, 2]);
    expect(effects.map((e) => e.pairs)).toEqual([6, 6, 6, 6]);
    expect(promptText(result.prompt)).toBe('Answer.\n- Plus +.\n- Two ++.');
    expect(result).toMatchObject({ id: 'p5', parent: 'p4', level: 4 });
    expect(only(events, 'candidate').map((e) => e.candidate.id)).toEqual(['p5']);
  });

  test('leaves a prompt whose bullets all help as it is', async () => {
    const prompt = parsePrompt('Answer.\n- Plus +.\n- Two ++.');
    const { events, result } = await weighed(prompt);
    expect(result.id).toBe('p4');
    expect(only(events, 'candidate')).toEqual([]);
  });

  test('keeps a locked bullet, whatever it does', async () => {
    const prompt = parsePrompt('Answer.\n- Plus +.\n- Harm ~.');
    const bullets = prompt.bullets.map((b) => ({ ...b, locked: b.text.startsWith('Harm') }));
    const { result } = await weighed({ ...prompt, bullets });
    expect(result.id).toBe('p4');
  });

  test('leaves no empty line before the first bullet of a prompt without an opening', async () => {
    const { result } = await weighed(parsePrompt('- Nothing.\n- Plus +.'));
    expect(promptText(result.prompt)).toBe('- Plus +.');
  });
});
