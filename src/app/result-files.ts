import type { SearchEvent } from '../core/events.ts';
import type { LlmInfo } from '../core/llm.ts';
import { profileFor } from '../core/profiles/index.ts';
import { promptText } from '../core/prompt.ts';
import { foldAll } from '../core/run.ts';
import { lineageOf } from '../formats/lineage.ts';
import { exportPromptFile, type PromptFileContent } from '../formats/prompt-file.ts';
import { exportRunFile, type RunFileContent, type RunResult } from '../formats/run-file.ts';
import type { RunRecord } from '../core/run-record.ts';
import type { RunContent } from '../store/records.ts';
import { foundCandidate, foundExamples, foundPrompt } from '../core/found.ts';

/** A stored run as a run file's text. Throws `file-too-large`. */
export function runFileText(content: RunContent, version: string): string {
  return exportRunFile(runFileOf(content, version));
}

/** What a stored run has found as a prompt file's text. */
export function promptFileText(content: RunContent): string {
  return exportPromptFile(promptFileOf(content));
}

/** A run as a file's content, with what came of it for readers of the file. */
export function runFileOf(content: RunContent, version: string): RunFileContent {
  return {
    created: new Date().toISOString(),
    app: { name: 'DRPO Web', version },
    result: resultOf(content.run, content.events),
    ...content,
  };
}

function resultOf(record: RunRecord, events: readonly SearchEvent[]): RunResult {
  const run = foldAll(events);
  const prompt = foundPrompt(run, record.startingPrompt);
  const id = foundCandidate(run);
  return {
    text: promptText(prompt),
    prompt,
    examples: record.settings.examples.count > 0 ? foundExamples(run, record.data.examples) : [],
    decoding: {
      temperature: record.settings.temperature.base,
      topP: 1,
      maxTokens: record.settings.answerTokens,
    },
    stop: stopsOf(record.models.base),
    evaluation: run.verdict,
    lineage: id === null ? null : lineageOf(events, id),
  };
}

function stopsOf(info: LlmInfo): readonly string[] {
  return profileFor(info).answer({ prompt: null, examples: [], query: '' }).stop;
}

/** What someone needs who wants to use the found prompt elsewhere. */
export function promptFileOf({ run: record, events }: RunContent): PromptFileContent {
  const { text, prompt, examples, decoding, stop, evaluation, lineage } = resultOf(record, events);
  const { id, revision, engine } = record.models.base;
  return {
    prompt,
    text,
    examples,
    decoding,
    stop,
    profile: profileFor(record.models.base).id,
    model: { id, revision, engine },
    seed: record.settings.seed,
    settings: record.settings,
    verdict: evaluation,
    lineage,
  };
}
