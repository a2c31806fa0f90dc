import { writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { searchEventSchema, steerSchema } from '../src/formats/event-schemas.ts';
import { headroomSchema } from '../src/formats/headroom-schema.ts';
import { judgeCheckSchema } from '../src/formats/judge-check-schema.ts';
import { lineageSchema } from '../src/formats/lineage.ts';
import * as llm from '../src/formats/llm-schemas.ts';
import { promptFileFormat, promptFileSchema } from '../src/formats/prompt-file.ts';
import * as run from '../src/formats/run-file.ts';
import * as method from '../src/formats/schemas.ts';
import { settingsSchema } from '../src/formats/settings-schema.ts';

// What is defined once under $defs; the names are how a reader meets them.
const definitions = {
  Origin: method.originSchema,
  Bullet: method.bulletSchema,
  Prompt: method.promptSchema,
  Criterion: method.criterionSchema,
  ChosenCriteria: method.chosenCriteriaSchema,
  Rating: method.ratingSchema,
  Query: method.querySchema,
  Example: method.exampleSchema,
  Ranked: method.rankedSchema,
  Interval: method.intervalSchema,
  JudgeCheck: judgeCheckSchema,
  Headroom: headroomSchema,
  Verdict: method.verdictSchema,
  Settings: settingsSchema,
  ModelRef: llm.modelRefSchema,
  LlmInfo: llm.llmInfoSchema,
  Part: llm.partSchema,
  Cut: llm.cutSchema,
  LlmRequest: llm.llmRequestSchema,
  LlmReply: llm.llmReplySchema,
  JournalEntry: llm.journalEntrySchema,
  SearchEvent: searchEventSchema,
  Steer: steerSchema,
  ModelSource: run.modelSourceSchema,
  Decoding: run.decodingSchema,
  Lineage: lineageSchema,
  RunHead: run.runHeadSchema,
  RunResult: run.runResultSchema,
};

const descriptions: Readonly<Record<keyof typeof definitions, string>> = {
  Origin:
    'Where a line of a prompt came from: the starting prompt, a person, or a proposal made from an attempt on a query.',
  Bullet:
    'One instruction. `lead` stands before its text (line break, indent, marker). A locked bullet stays in every proposal.',
  Prompt:
    'A system prompt: it reads as `opening`, then `lead` and `text` of each bullet, with nothing between.',
  Criterion: 'Something an answer is rated on; `low` and `high` say what a 1 and a 5 look like.',
  ChosenCriteria:
    'The criteria of one query. `fallback`: the reply could not be read, these are the default ones.',
  Rating: '1 to 5 on one criterion; an expected value where probabilities of 1 to 5 are there.',
  Query: 'A question for the model.',
  Example: 'A query with an answer worth imitating.',
  Ranked: 'A candidate with what it was ranked by; null where nothing could be read.',
  Interval: 'A two-sided 95 % interval.',
  JudgeCheck:
    "Whether the judge rates the examples' own answers above spoiled ones, and on which criteria.",
  Headroom:
    'How much there is to win over the starting prompt, from a few training queries, before the search.',
  Verdict: 'The found prompt against the others on the test queries.',
  Settings: 'Everything a run depends on besides its models, its data and its starting prompt.',
  ModelRef: 'Which weights, in which build. `contextSize` in tokens, prompt and reply together.',
  LlmInfo: 'What a loaded model is and can do.',
  Part: 'A stretch of text; `drop` says how it may be given up when the whole does not fit the context, lowest order first.',
  Cut: 'One thing given up to fit the context: how many characters of how many.',
  LlmRequest: 'Everything that decides a reply.',
  LlmReply: "A model's reply. `finish` is `length` where the text was cut by its token limit.",
  JournalEntry: 'A reply under the hash of its request.',
  SearchEvent: 'What the search said, in its order.',
  Steer: 'What was asked of the running search at a numbered point.',
  ModelSource: 'How a model can be had again.',
  Decoding: 'How answers are sampled.',
  Lineage: "Each bullet's origin, and the candidates from the start to the found one.",
  RunHead: 'What goes into a run, and how it stands.',
  RunResult: 'What came of a run, for readers of the file: it follows from the rest.',
};

const runFile = v.pipe(
  v.looseObject({
    format: v.literal(run.runFileFormat.format),
    version: v.literal(run.runFileFormat.version),
    ...run.runFileSchema.entries,
  }),
  v.title('DRPO Web run file'),
  v.description(
    'A whole run: settings, models, data, every model reply, every event, what was found and how it did. Unknown keys are allowed everywhere and kept.',
  ),
);

const promptFile = v.pipe(
  v.looseObject({
    format: v.literal(promptFileFormat.format),
    version: v.literal(promptFileFormat.version),
    ...promptFileSchema.entries,
  }),
  v.title('DRPO Web prompt file'),
  v.description(
    'A found prompt and what is needed to use it: examples, decoding, stop strings, the model it was found for, and its verdict. `text` is `prompt` as the model reads it. Unknown keys are allowed everywhere and kept.',
  ),
);

function schemaText(id: string, schema: v.GenericSchema): string {
  const json = toJsonSchema(schema, { target: 'draft-2020-12', definitions });
  const used = usedDefinitions(json);
  const $defs = Object.fromEntries(
    Object.entries(descriptions)
      .filter(([name]) => used.has(name))
      .map(([name, description]) => [name, Object.assign({ description }, json.$defs?.[name])]),
  );
  const { $schema, ...rest } = json;
  return JSON.stringify({ $schema, $id: id, ...rest, $defs }, null, 2) + '\n';
}

/** The names under $defs that the schema reaches. */
function usedDefinitions(json: ReturnType<typeof toJsonSchema>): ReadonlySet<string> {
  const { $defs = {}, ...top } = json;
  const used = new Set<string>();
  const visit = (part: unknown) => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/\$defs\/(\w+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      visit($defs[name]);
    }
  };
  visit(top);
  return used;
}

/** The JSON Schemas of our files, by file name in public/schema. */
export function jsonSchemas(): Readonly<Record<string, string>> {
  return {
    'run-1.json': schemaText('run-1.json', runFile),
    'prompt-1.json': schemaText('prompt-1.json', promptFile),
  };
}

// npx tsx tools/schema.ts
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, text] of Object.entries(jsonSchemas())) {
    writeFileSync(fileURLToPath(new URL(`../public/schema/${name}`, import.meta.url)), text);
  }
}
