import { expect, test } from 'vitest';
import { makeBullet, parsePrompt, type Prompt } from '../../src/core/prompt.ts';
import { emptyRun, type Run } from '../../src/core/run.ts';
import type { BulletEffect } from '../../src/core/weigh-bullets.ts';
import { weighedBullets } from '../../src/view/weighed-bullets.ts';

function promptOf(...lines: readonly string[]): Prompt {
  const bullets = lines.map((line) => makeBullet(line, `Be ${line}.`, { type: 'person' }));
  return { ...parsePrompt('Help.'), bullets };
}

function effect(bullet: string, size: number, pairs = 12): BulletEffect {
  const interval = { low: size - 0.2, high: size + 0.2 };
  return { bullet, text: `Be ${bullet}.`, effect: size, interval, pairs };
}

function runWith(...bulletEffects: readonly BulletEffect[]): Run {
  return { ...emptyRun, selected: 'p1', bulletEffects };
}

test('every weighed line is either in the prompt, by its id, or dropped', () => {
  const [brief, kind] = [effect('brief', 0.4), effect('kind', -0.1)];
  expect(weighedBullets(runWith(brief, kind), promptOf('brief'))).toEqual({
    effects: new Map([
      ['brief', brief],
      ['kind', kind],
    ]),
    dropped: [kind],
    idleStay: false,
  });
});

test('nothing is said where nothing was measured, or while the prompt to be is not chosen', () => {
  expect(weighedBullets(runWith(), promptOf('brief'))).toBeNull();
  const weighing = { ...runWith(effect('brief', 0.4)), selected: null };
  expect(weighedBullets(weighing, promptOf('other'))).toBeNull();
});

test('lines without effect that stay are told of, but for a person’s locked ones and those not measured', () => {
  const idle = runWith(effect('brief', 0.4), effect('kind', 0));
  const prompt = promptOf('brief', 'kind');
  expect(weighedBullets(idle, prompt)?.idleStay).toBe(true);
  const locked = { ...prompt, bullets: prompt.bullets.map((b) => ({ ...b, locked: true })) };
  expect(weighedBullets(idle, locked)?.idleStay).toBe(false);
  const unmeasured = runWith(effect('brief', 0.4), effect('kind', 0, 0));
  expect(weighedBullets(unmeasured, prompt)?.idleStay).toBe(false);
});

test('a run that was stopped while it weighed says nothing of why a line stayed', () => {
  const stopped = runWith(effect('brief', -0.3));
  expect(weighedBullets(stopped, promptOf('brief', 'kind'))).toMatchObject({
    dropped: [],
    idleStay: false,
  });
});
