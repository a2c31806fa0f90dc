import type { RunRecord } from '../../src/core/run-record.ts';
import {
  joinParts,
  type Content,
  type LlmInfo,
  type LlmReply,
  type LlmRequest,
} from '../../src/core/llm.ts';
import { parsePrompt } from '../../src/core/prompt.ts';
import { profileFor } from '../../src/core/profiles/index.ts';
import { dice, seedAt, shuffled } from '../../src/core/random.ts';
import { runSearch } from '../../src/core/search.ts';
import { plainStart, presets, type Settings } from '../../src/core/settings.ts';
import {
  criteria,
  selectQueries,
  startingExamples,
  testQueries,
  trainQueries,
} from '../../src/data/index.ts';

/** `whole`: every phase of a run; `short`: for slow models, stage 1, two levels and a selection on few queries, with shorter replies. */
export type ScriptSize = 'whole' | 'short';

interface Numbers {
  readonly train: number;
  readonly select: number;
  readonly test: number;
  readonly examples: number;
  readonly depth: number;
  readonly queriesPerLevel: number;
  /** Token limits of answers and prompts. */
  readonly answerTokens: number;
  readonly promptTokens: number;
}

const numbers: Readonly<Record<ScriptSize, Numbers>> = {
  whole: {
    ...{ train: 12, select: 4, test: 4, examples: 8, depth: 2, queriesPerLevel: 3 },
    ...{ answerTokens: 160, promptTokens: 320 },
  },
  short: {
    ...{ train: 2, select: 2, test: 0, examples: 2, depth: 1, queriesPerLevel: 1 },
    ...{ answerTokens: 48, promptTokens: 96 },
  },
};

/** The run whose requests are the script: our own data and the quick preset, on fewer queries. */
export function benchRun(info: LlmInfo, size: ScriptSize): RunRecord {
  const { train, select, test, examples, depth, queriesPerLevel, ...limits } = numbers[size];
  const { quick } = presets;
  const settings: Settings = {
    ...quick,
    preset: 'custom',
    search: { ...quick.search, depth, extraDepth: 0, queriesPerLevel },
    evaluation: { ...quick.evaluation, selection: select, test },
    ...limits,
  };
  const source = { type: 'gguf-file', name: info.name, sha256: info.revision } as const;
  const now = new Date().toISOString();
  return {
    id: `bench-${size}`,
    name: 'Bench',
    created: now,
    updated: now,
    status: 'running',
    settings,
    models: { base: info, evaluator: info, optimizer: info },
    modelSources: { base: source, evaluator: source, optimizer: source },
    criteria,
    data: {
      train: trainQueries.slice(0, train),
      select: selectQueries.slice(0, select),
      test: testQueries.slice(0, test),
      examples: startingExamples.slice(0, examples),
    },
    startingPrompt: parsePrompt(plainStart),
    handWritten: null,
    summary: { verdict: null, candidates: 0, requests: 0, best: null, steps: 0 },
  };
}

/**
 * What the search is told in place of the model's own reply, so that every model gets the same requests: a pure function of
 * the request, of the length and form that a fair model's reply has. The real reply's cut and usage stay as they were.
 */
export function scriptedReply(request: LlmRequest, real: LlmReply): LlmReply {
  const roll = dice(seedAt(1, textOf(request.content), request.sampling.seed));
  switch (real.type) {
    case 'text':
      return { ...real, text: said(request, roll), finish: 'stop' };
    case 'choice': {
      const weights = real.probabilities.map(() => 1 + roll(1000));
      const sum = weights.reduce((a, b) => a + b, 0);
      return { ...real, probabilities: weights.map((w) => w / sum) };
    }
    case 'embedding':
      return real;
  }
}

type Roll = (below: number) => number;

function said({ purpose, content }: LlmRequest, roll: Roll): string {
  switch (purpose) {
    case 'choose-criteria':
      return shuffled(criteria, roll)
        .slice(0, 3 + roll(2))
        .map((c) => c.name)
        .join(', ');
    case 'rewrite':
      return rewritten(textOf(content), roll);
    case 'explain':
      return sentence(roll);
    case 'answer':
    case 'improve':
    case 'rate':
    case 'embed':
      return sentences(2 + roll(4), roll);
  }
}

/** The prompt that the request shows, with one more line. */
function rewritten(shown: string, roll: Roll): string {
  const lines = shown.split('\n');
  const from = lines.findLastIndex((line) => line.startsWith('You are'));
  const bullets = lines
    .slice(from + 1)
    .slice(
      0,
      lines.slice(from + 1).findIndex((line) => !line.startsWith('- ')),
    )
    .slice(-6);
  return [lines[from] ?? plainStart, ...bullets, `- ${sentence(roll)}`].join('\n');
}

// Sentences of our own answers and criteria: their words are those of the real thing.
const stock: readonly string[] = [
  ...startingExamples.flatMap((example) => example.answer.split(/(?<=[.!?]) /)),
  ...criteria.map((c) => c.high),
];

function sentence(roll: Roll): string {
  return stock[roll(stock.length)] ?? '';
}

function sentences(count: number, roll: Roll): string {
  return Array.from({ length: count }, () => sentence(roll)).join(' ');
}

function textOf(content: Content): string {
  return content.type === 'text'
    ? joinParts(content.parts)
    : content.messages.map((m) => joinParts(m.parts)).join('\n');
}

/** The script without a model: the texts of all requests, in order. */
export async function scriptTexts(form: LlmInfo['form'], size: ScriptSize): Promise<string[]> {
  const info: LlmInfo = {
    engine: 'none',
    id: 'none',
    revision: '',
    contextSize: 2048,
    name: 'none',
    form,
    canEmbed: false,
    concurrency: 1,
  };
  const texts: string[] = [];
  const llm = {
    info,
    ask: (request: LlmRequest): Promise<LlmReply> => {
      texts.push(textOf(request.content));
      return Promise.resolve(scriptedReply(request, emptyReply(request)));
    },
  };
  const { settings, data, startingPrompt } = benchRun(info, size);
  const profile = profileFor(info);
  const search = runSearch(
    { ...data, startingPrompt, handWritten: null },
    {
      llms: { base: llm, evaluator: llm, optimizer: llm },
      profiles: { base: profile, evaluator: profile, optimizer: profile },
      settings,
      criteria,
      steer: () => Promise.resolve({ type: 'go' }),
    },
  );
  // Its events are of no interest here.
  for await (const _ of search);
  return texts;
}

function emptyReply({ output }: LlmRequest): LlmReply {
  const base = {
    cut: [],
    usage: { promptTokens: 0, reusedTokens: 0, outputTokens: 0, elapsedMs: 0 },
  };
  switch (output.type) {
    case 'text':
      return { ...base, type: 'text', text: '', finish: 'stop' };
    case 'choice':
      return { ...base, type: 'choice', probabilities: output.choices.map(() => 1) };
    case 'embedding':
      return { ...base, type: 'embedding', vector: [1] };
  }
}
