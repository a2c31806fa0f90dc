import * as v from 'valibot';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { SearchEvent } from '../../src/core/events.ts';
import type { JournalEntry } from '../../src/core/journal-entry.ts';
import type { LlmInfo } from '../../src/core/llm.ts';
import type { Prompt } from '../../src/core/prompt.ts';
import { presets, type Settings } from '../../src/core/settings.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { searchEventSchema } from '../../src/formats/event-schemas.ts';
import { journalEntrySchema, llmInfoSchema } from '../../src/formats/llm-schemas.ts';
import { promptSchema, verdictSchema } from '../../src/formats/schemas.ts';
import { settingsSchema } from '../../src/formats/settings-schema.ts';

/** A type without index signatures, at every depth, and with readonly lists: what a loose schema knows by name. */
type Known<T> = T extends readonly (infer TItem)[]
  ? readonly Known<TItem>[]
  : T extends object
    ? { readonly [K in keyof T as string extends K ? never : K]: Known<T[K]> }
    : T;

type Output<TSchema extends v.GenericSchema> = Known<v.InferOutput<TSchema>>;

describe('what core can say, a file can hold', () => {
  // Checked by the compiler: a field, a member or a value that only core knows makes these lines fail.
  test('the types agree both ways', () => {
    expectTypeOf<Known<SearchEvent>>().toExtend<Output<typeof searchEventSchema>>();
    expectTypeOf<Known<Settings>>().toExtend<Output<typeof settingsSchema>>();
    expectTypeOf<Known<JournalEntry>>().toExtend<Output<typeof journalEntrySchema>>();
    expectTypeOf<Known<LlmInfo>>().toExtend<Output<typeof llmInfoSchema>>();
    expectTypeOf<Known<Prompt>>().toExtend<Output<typeof promptSchema>>();
    expectTypeOf<Known<Verdict>>().toExtend<Output<typeof verdictSchema>>();
    expectTypeOf<keyof Output<typeof settingsSchema>>().toEqualTypeOf<keyof Settings>();
  });

  test.each(Object.entries(presets))('the %s preset is valid as it is', (_, preset) => {
    expect(v.parse(settingsSchema, preset)).toEqual(preset);
  });
});
