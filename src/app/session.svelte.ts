import type { SearchEvent, Query } from '../core/events.ts';
import type { JournalEntry } from '../core/journal-entry.ts';
import type { LlmInfo, Purpose, Role } from '../core/llm.ts';
import type { Example } from '../core/events.ts';
import type { Prompt } from '../core/prompt.ts';
import { emptyRun, type Run } from '../core/run.ts';
import type { Settings } from '../core/settings.ts';
import type { Criterion } from '../core/criteria.ts';

export type SessionStatus =
  | 'empty'
  | 'loading'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'stopping'
  | 'finished'
  | 'stopped'
  | 'failed'
  | 'watching'
  | 'needs-file';
export interface Writing {
  readonly role: Role;
  readonly purpose: Purpose;
  readonly text: string;
}
export interface RoleCost {
  readonly requests: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly elapsedMs: number;
}
export interface Progress {
  readonly done: number;
  readonly planned: number;
  readonly fromJournal: number;
}
export interface LoadState {
  readonly phase: 'download' | 'load' | 'prepare';
  readonly doneMb: number;
  readonly totalMb: number | null;
}
export interface RunHead {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly settings: Settings;
  readonly models: Readonly<Record<Role, LlmInfo>>;
  readonly startingPrompt: Prompt;
  readonly handWritten: string | null;
  readonly criteria: readonly Criterion[];
  readonly data: {
    readonly train: readonly Query[];
    readonly select: readonly Query[];
    readonly test: readonly Query[];
    readonly examples: readonly Example[];
  };
}

/** The one reactive object that drives a run, or watches one that another tab drives. */
export class Session {
  status = $state<SessionStatus>('empty');
  head = $state.raw<RunHead | null>(null);
  run = $state.raw<Run>(emptyRun);
  events = $state.raw<readonly SearchEvent[]>([]);
  writing = $state.raw<Writing | null>(null);
  progress = $state.raw<Progress>({ done: 0, planned: 0, fromJournal: 0 });
  etaMs = $state<number | null>(null);
  elapsedMs = $state(0);
  cost = $state.raw<Partial<Record<Role, RoleCost>>>({});
  load = $state.raw<LoadState | null>(null);
  error = $state.raw<Error | null>(null);
  /** Whether a model is loaded, so that Result can answer a typed query. */
  canAnswer = $state(false);

  async pause(): Promise<void> {}
  async resume(): Promise<void> {}
  async stop(): Promise<void> {}
  /** The raw request and reply kept under a key. */
  async reply(_key: string): Promise<JournalEntry | undefined> {
    return undefined;
  }
  /** Loads this run's base model for trying prompts out. */
  async loadForTrial(): Promise<void> {}
  async tryOut(
    _prompt: Prompt | null,
    _examples: readonly Example[],
    _query: string,
    _onText: (text: string) => void,
    _signal: AbortSignal,
  ): Promise<{ text: string; cut: boolean }> {
    return { text: '', cut: false };
  }
}
