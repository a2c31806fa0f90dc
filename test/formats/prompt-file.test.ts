import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { promptText } from '../../src/core/prompt.ts';
import {
  exportPromptFile,
  promptFileSchema,
  readPromptFile,
} from '../../src/formats/prompt-file.ts';
import { exportRunFile } from '../../src/formats/run-file.ts';
import { arbitraryOf } from './arbitrary.ts';
import { makePromptFile, makeRunFile } from './builders.ts';

describe('a prompt file', () => {
  test('import of an export is the identity, unknown keys included, whatever the prompt', () => {
    fc.assert(
      fc.property(arbitraryOf(promptFileSchema), (any) => {
        const content = { ...any, text: promptText(any.prompt) };
        expect(readPromptFile(exportPromptFile(content))).toEqual(content);
      }),
      { numRuns: 200 },
    );
  });

  test('that says two different prompts is refused', () => {
    const text = exportPromptFile({ ...makePromptFile(), text: 'Another prompt.' });
    expect(() => readPromptFile(text)).toThrow('holds two different prompts');
  });

  test('a run file is not one', () => {
    expect(() => readPromptFile(exportRunFile(makeRunFile()))).toThrow(
      'This is a run file, and a prompt file is needed here.',
    );
  });
});
