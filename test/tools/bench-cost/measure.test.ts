import { beforeAll, describe, expect, test } from 'vitest';
import { presets, type Settings } from '../../../src/core/settings.ts';
import { figuresOf } from '../../../tools/bench-cost/figures.ts';
import { costSettings, measure, type Measured } from '../../../tools/bench-cost/measure.ts';
import { countingModel, type LoadedModel } from '../../../tools/bench-cost/model.ts';
import { decodeSteps } from '../../../tools/bench-cost/port.ts';

/** One level and a small selection, so that the test takes seconds. */
function small(seed: number): Settings {
  const settings = costSettings({ seed, depth: 1, block: 8 });
  return {
    ...settings,
    evaluation: { ...settings.evaluation, selection: 2, weighBullets: false },
  };
}

let model: LoadedModel;
let measured: Measured;
beforeAll(async () => {
  model = await countingModel();
  measured = await measure({ model, replies: 'set', settings: small(1) });
}, 60_000);

const answers = () => measured.search.filter(({ purpose }) => purpose === 'answer');

describe('the measured run', () => {
  test('is stage 2 alone, of the quick preset as it is', () => {
    const { search, criteria, judge } = costSettings({ seed: 1, depth: 99, block: 8 });
    const { quick } = presets;
    expect({ search, criteria, judge }).toEqual({
      search: {
        ...quick.search,
        queriesPerLevel: 8,
        pooled: { ...quick.search.pooled, scouted: 12 },
      },
      criteria: quick.criteria,
      judge: quick.judge,
    });
    const phases = new Set(measured.search.map(({ phase }) => phase));
    expect([...phases].sort()).toEqual(['search', 'selection']);
  });

  test('has blocks of 8 and answers of 128 tokens, of which each takes 127 steps', () => {
    expect(measured.levels.slice(1).map((queries) => queries.length)).toEqual([8]);
    expect(new Set(answers().map(({ usage }) => usage.outputTokens))).toEqual(new Set([128]));
    expect(new Set(answers().map(({ usage }) => decodeSteps(usage)))).toEqual(new Set([127]));
  });

  test('rates in single tokens, and writes reasons and rewrites', () => {
    const steps = (purpose: string) =>
      measured.search.filter((a) => a.purpose === purpose).map(({ usage }) => decodeSteps(usage));
    expect(steps('rate').length).toBeGreaterThan(answers().length);
    expect(steps('rate').every((n) => n === 0)).toBe(true);
    for (const purpose of ['choose-criteria', 'explain', 'rewrite']) {
      expect(steps(purpose).length).toBeGreaterThan(0);
      expect(steps(purpose).every((n) => n > 0)).toBe(true);
    }
  });

  test('rates every answer once more in writing, on all its criteria or on those rated', () => {
    expect(measured.unreadable).toBe(0);
    for (const written of [measured.written, measured.writtenAsRated]) {
      expect(written).toHaveLength(answers().length);
      expect(written.every(({ purpose, role }) => purpose === 'rate' && role === 'evaluator')).toBe(
        true,
      );
    }
    const sum = (asked: Measured['written']) =>
      asked.reduce((n, { usage }) => n + decodeSteps(usage), 0);
    expect(sum(measured.written)).toBeGreaterThan(sum(measured.writtenAsRated));
  });
});

test('the same seed gives the same figures, another one others', async () => {
  const again = await measure({ model, replies: 'set', settings: small(1) });
  expect(again).toEqual(measured);
  const other = await measure({ model, replies: 'set', settings: small(2) });
  expect(figuresOf(other)).not.toEqual(figuresOf(measured));
}, 60_000);

test("a judge that writes under our settings too decodes what the paper's does", async () => {
  const settings = { ...small(1), judge: presets.paper.judge };
  const figures = figuresOf(await measure({ model, replies: 'set', settings }));
  expect(figures.decodedOverAnswers).toBeGreaterThan(1.3);
  expect(figures.judgeTokensRatio).toBeLessThan(2);
}, 60_000);
