import type { SearchEvent } from '../../src/core/events.ts';
import type { JournalEntry } from '../../src/core/journal-entry.ts';
import type { LlmInfo } from '../../src/core/llm.ts';
import { parsePrompt, promptText } from '../../src/core/prompt.ts';
import { presets } from '../../src/core/settings.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { lineageOf } from '../../src/formats/lineage.ts';
import type { PromptFileContent } from '../../src/formats/prompt-file.ts';
import type { RunRecord } from '../../src/core/run-record.ts';
import type { RunFileContent, RunResult } from '../../src/formats/run-file.ts';

const model: LlmInfo = {
  engine: 'scripted',
  id: 'tiny',
  revision: 'r1',
  contextSize: 512,
  name: 'Tiny',
  form: 'chat',
  canEmbed: false,
  concurrency: 1,
};

const start = parsePrompt('You are a helpful assistant.\n- Be brief.');
const found = parsePrompt('You are a helpful assistant.\n- Be kind and clear.', 'p1', {
  type: 'proposal',
  parent: 'p0',
  query: 'q1',
  criterion: 'Clarity',
});

const verdict: Verdict = {
  outcome: 'better',
  why: 'measured',
  arms: [{ arm: 'found', mean: 4.25, readable: 1, queries: 1, answerChars: 12 }],
  comparisons: [],
};

const events: readonly SearchEvent[] = [
  { type: 'phase', phase: 'search' },
  {
    type: 'candidate',
    candidate: { id: 'p0', parent: null, level: 0, prompt: start, query: null, replies: [] },
  },
  {
    type: 'candidate',
    candidate: { id: 'p1', parent: 'p0', level: 1, prompt: found, query: 'q1', replies: ['k1'] },
  },
  { type: 'verdict', verdict },
  { type: 'ended', how: 'finished' },
];

/** A reply to a request that has `text` as its system prompt. */
export function makeEntry(key: string, text = promptText(start)): JournalEntry {
  return {
    key,
    request: {
      role: 'base',
      purpose: 'answer',
      model: { engine: 'scripted', id: 'tiny', revision: 'r1', contextSize: 512 },
      content: {
        type: 'chat',
        messages: [
          { role: 'system', parts: [{ text }] },
          { role: 'user', parts: [{ text: `What is ${key}?` }] },
        ],
      },
      output: { type: 'text', maxTokens: 20, stop: ['\n'] },
      sampling: { temperature: 0, topP: 1, seed: 7 },
    },
    reply: {
      type: 'text',
      text: `This is ${key}.`,
      finish: 'stop',
      cut: [],
      usage: { promptTokens: 9, reusedTokens: 4, outputTokens: 5, elapsedMs: 1.5 },
    },
  };
}

/** A finished run with the id `id`. */
export function makeRun(id = 'run-1'): RunRecord {
  const source = { type: 'gguf-file', name: 'tiny.gguf', sha256: 'abc' } as const;
  return {
    id,
    name: 'My run',
    created: '2026-01-31T12:00:00.000Z',
    updated: '2026-01-31T12:30:00.000Z',
    status: 'finished',
    settings: presets.quick,
    models: { base: model, evaluator: model, optimizer: model },
    modelSources: { base: source, evaluator: source, optimizer: source },
    criteria: [{ name: 'Clarity', definition: 'Is it clear?', low: 'Muddled', high: 'Clear' }],
    data: {
      train: [{ id: 'q1', text: 'What is rain?', kind: 'science' }],
      select: [],
      test: [{ id: 'q2', text: 'What is snow?', kind: 'science' }],
      examples: [{ id: 'e1', query: 'What is fog?', answer: 'A cloud on the ground.' }],
    },
    startingPrompt: start,
    handWritten: 'Answer well.',
    summary: { verdict, candidates: 2, requests: 1, best: 4.25, steps: 1 },
  };
}

const result: RunResult = {
  text: promptText(found),
  prompt: found,
  examples: [{ id: 'e1', query: 'What is fog?', answer: 'A cloud on the ground.' }],
  decoding: { temperature: 0, topP: 1, maxTokens: 160 },
  stop: [],
  evaluation: verdict,
  lineage: lineageOf(events, 'p1'),
};

/** A whole small run as a file holds it. */
export function makeRunFile(id = 'run-1'): RunFileContent {
  return {
    created: '2026-02-01T08:00:00.000Z',
    app: { name: 'DRPO Web', version: '0.1.0' },
    run: makeRun(id),
    result,
    events,
    steers: [{ point: 0, steer: { type: 'go' } }],
    journal: [makeEntry('k1')],
  };
}

/** What a deployer takes from that run. */
export function makePromptFile(): PromptFileContent {
  return {
    prompt: found,
    text: promptText(found),
    examples: result.examples,
    decoding: result.decoding,
    stop: [],
    profile: 'chat',
    model: { id: 'tiny', revision: 'r1', engine: 'scripted' },
    seed: 1,
    settings: presets.quick,
    verdict,
    lineage: result.lineage,
  };
}
