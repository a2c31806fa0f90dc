import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DrpoError } from '../../src/core/errors.ts';
import { intervalMethod } from '../../src/core/settings.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { exportPromptFile } from '../../src/formats/prompt-file.ts';
import {
  exportRunFile,
  readRunFile,
  runFileSchema,
  type RunFileContent,
} from '../../src/formats/run-file.ts';
import { arbitraryOf } from './arbitrary.ts';
import { makeEntry, makePromptFile, makeRunFile } from './builders.ts';

function edited(change: (file: Record<string, unknown>) => void): string {
  const file = JSON.parse(exportRunFile(makeRunFile())) as Record<string, unknown>;
  change(file);
  return JSON.stringify(file);
}

function problem(text: string): DrpoError {
  try {
    readRunFile(text);
  } catch (error) {
    if (error instanceof DrpoError) return error;
    throw error;
  }
  throw new Error('The file was read.');
}

describe('a run file', () => {
  test('import of an export is the identity', () => {
    expect(readRunFile(exportRunFile(makeRunFile()))).toEqual(makeRunFile());
  });

  test('import of an export is the identity, unknown keys included, whatever the run', () => {
    fc.assert(
      fc.property(arbitraryOf(runFileSchema), (content) => {
        expect(readRunFile(exportRunFile(content))).toEqual(content);
      }),
      { numRuns: 200 },
    );
  });

  test('from before intervals had a method opens as it is, so that its verdict stays what it was', () => {
    const file = makeRunFile();
    const { selection, test, handWritten, judgeCheck } = settings().evaluation;
    const evaluation = { selection, test, handWritten, judgeCheck };
    const before = { ...file, run: { ...file.run, settings: { ...settings(), evaluation } } };
    const { run, result } = readRunFile(exportRunFile(before));
    expect(intervalMethod(run.settings)).toBe('percentile');
    expect(run.settings.evaluation).toEqual(evaluation);
    expect(result?.evaluation).toEqual(file.result?.evaluation);
    expect(intervalMethod(settings())).toBe('studentised');
  });

  test('keeps a verdict’s method, its criteria and all five prompts', () => {
    const interval = { low: -0.5, high: 1.5 };
    const arm = { mean: 3, readable: 5, queries: 5, answerChars: 10 };
    const arms = ['none', 'start', 'hand-written', 'found-alone', 'found'] as const;
    const verdict: Verdict = {
      outcome: 'no-difference',
      why: 'measured',
      arms: arms.map((name) => ({ arm: name, ...arm })),
      comparisons: [],
      method: 'studentised',
      criteria: [
        { criterion: 'Clarity', found: 4, start: 3.5, difference: 0.5, interval, pairs: 5 },
      ],
    };
    const content = { ...makeRunFile(), events: [{ type: 'verdict', verdict } as const] };
    expect(readRunFile(exportRunFile(content)).events).toEqual([{ type: 'verdict', verdict }]);
    const text = exportRunFile(content).replace('"studentised","criteria"', '"guessed","criteria"');
    expect(problem(text).message).toMatch(/method there should be "percentile" or/);
  });

  test('is plain JSON that names its format first, one event a line', () => {
    const text = exportRunFile(makeRunFile());
    expect(Object.keys(JSON.parse(text) as object).slice(0, 2)).toEqual(['format', 'version']);
    expect(text).toContain('\n{"type":"phase","phase":"search"},\n');
  });

  test('keeps format and version its own, whatever the content says', () => {
    const content = { ...makeRunFile(), format: 'other', version: 99 };
    expect(readRunFile(exportRunFile(content))).toEqual(makeRunFile());
  });

  test('is read with a byte order mark', () => {
    expect(readRunFile(`\uFEFF${exportRunFile(makeRunFile())}`)).toEqual(makeRunFile());
  });

  test.each<[string, string, string, RegExp]>([
    ['an empty file', '', 'file-not-ours', /not JSON/],
    ['a picture', '\u0089PNG\r\n', 'file-not-ours', /not JSON/],
    ['other JSON', '{"a": 1}', 'file-not-ours', /not a run file/],
    ['a list', '[]', 'file-not-ours', /not a run file/],
    ['null', 'null', 'file-not-ours', /not a run file/],
    ['a prompt file', exportPromptFile(makePromptFile()), 'file-not-ours', /This is a prompt file/],
    ['half a file', exportRunFile(makeRunFile()).slice(0, 900), 'file-invalid', /cut short/],
    [
      'a newer file',
      edited((f) => (f['version'] = 7)),
      'file-newer',
      /version 7; .* up to version 1\. Reload/,
    ],
    ['version 0', edited((f) => (f['version'] = 0)), 'file-invalid', /at version .* not 0/],
    ['no version', edited((f) => delete f['version']), 'file-invalid', /at version .* not nothing/],
    [
      'an event with a wrong reward',
      edited((f) => (f['events'] = [{ type: 'phase', phase: 'search' }, badAttempt()])),
      'file-invalid',
      /at events, item 2, attempt, reward there should be a number, not "high"/,
    ],
    [
      'an unknown event',
      edited((f) => (f['events'] = [{ type: 'dance' }])),
      'file-invalid',
      /at events, item 1, type there should be "phase" or .*, not "dance"/,
    ],
    [
      'no journal',
      edited((f) => delete f['journal']),
      'file-invalid',
      /at journal there should be something, not nothing/,
    ],
    [
      'half a seed',
      edited((f) => (f['run'] = { ...makeRunFile().run, settings: { ...settings(), seed: 0.5 } })),
      'file-invalid',
      /at run, settings, seed there should be a whole number, not 0\.5/,
    ],
    [
      'an infinite score',
      edited(() => null).replace('"best":4.25', '"best":1e999'),
      'file-invalid',
      /at run, summary, best there should be a number of at most/,
    ],
  ])('%s is refused with a reason', (_, text, code, message) => {
    const error = problem(text);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('a file that is too large is refused before it is parsed', () => {
    const error = problem('x'.repeat(400_000_001));
    expect(error.code).toBe('file-too-large');
    expect(error.message).toMatch(/400 MB/);
  });

  test('a run of 5,000 replies goes out and in', () => {
    const journal = Array.from({ length: 5_000 }, (_, i) => makeEntry(`k${i}`, 'x'.repeat(2_000)));
    const content: RunFileContent = { ...makeRunFile(), journal };
    expect(readRunFile(exportRunFile(content)).journal).toHaveLength(5_000);
  });
});

function settings() {
  return makeRunFile().run.settings;
}

function badAttempt() {
  return {
    type: 'attempt',
    attempt: {
      candidate: 'p0',
      query: 'q1',
      split: 'train',
      examples: [],
      answer: 'a',
      answerCut: false,
      ratings: null,
      reward: 'high',
      cuts: [],
      replies: [],
    },
  };
}
