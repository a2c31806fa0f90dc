import type { Criterion } from './criteria.ts';
import type { Example, Query, Steer } from './events.ts';
import type { LlmInfo, Role } from './llm.ts';
import type { PlantedTexts } from './planted.ts';
import type { Prompt } from './prompt.ts';
import type { Settings } from './settings.ts';
import type { Verdict } from './verdict.ts';

/** How a run stands. `running` with no tab that holds its drive lock means that the tab was closed or died. */
export type RunStatus = 'running' | 'paused' | 'finished' | 'stopped' | 'failed';

/**
 * Weights in MLC's format that web-llm does not list, run by the library of a listed model of their shape (`library`, its id), or
 * by one that came with them (`libraryUrl`). `url` is absolute and ends in a slash; `beginning` is the literal text of the BOS token, which web-llm puts before no text by itself.
 */
export interface MlcWeights {
  readonly type: 'mlc';
  readonly name: string;
  readonly url: string;
  readonly library: string;
  readonly libraryUrl?: string;
  readonly beginning: string;
  readonly form: 'chat' | 'text';
}

/**
 * A server that speaks OpenAI's protocol. `url` is its base, such as `http://localhost:8080/v1`; `contextSize` in tokens;
 * `concurrency`: requests under way at once. Its key is never part of this.
 */
export interface EndpointModel {
  readonly type: 'endpoint';
  readonly url: string;
  readonly model: string;
  readonly api: 'chat' | 'completions';
  readonly contextSize: number;
  readonly concurrency: number;
}

/**
 * How a model can be had again: a file once chosen from this disk, one from the net, one that comes with the app, one that
 * web-llm knows by id, weights for one of its libraries, or a server.
 */
export type ModelSource =
  | { readonly type: 'gguf-file'; readonly name: string; readonly sha256: string }
  | { readonly type: 'gguf-url'; readonly url: string }
  | { readonly type: 'built-in'; readonly id: string }
  | { readonly type: 'web-llm'; readonly id: string }
  | MlcWeights
  | EndpointModel;

/** What a list of runs shows. `best` is the highest aggregate so far, 1 to 5. */
export interface RunSummary {
  readonly verdict: Verdict | null;
  readonly candidates: number;
  readonly requests: number;
  readonly best: number | null;
  readonly steps: number;
}

/** What goes into a run, and how it stands. `created` and `updated` are moments such as 2026-01-31T12:00:00.000Z. */
export interface RunRecord {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly updated: string;
  readonly status: RunStatus;
  readonly settings: Settings;
  readonly models: Readonly<Record<Role, LlmInfo>>;
  readonly modelSources: Readonly<Record<Role, ModelSource>>;
  readonly criteria: readonly Criterion[];
  /** The words for spoiling answers in the judge check, kept so that the run can be run again; absent where it needs none. */
  readonly planted?: PlantedTexts;
  readonly data: {
    readonly train: readonly Query[];
    readonly select: readonly Query[];
    readonly test: readonly Query[];
    readonly examples: readonly Example[];
  };
  readonly startingPrompt: Prompt;
  readonly handWritten: string | null;
  readonly summary: RunSummary;
  /** Why it failed; only with that status. */
  readonly error?: { readonly code?: string; readonly message: string };
}

/** What was asked of a run at a numbered point. */
export interface NumberedSteer {
  readonly point: number;
  readonly steer: Steer;
}
