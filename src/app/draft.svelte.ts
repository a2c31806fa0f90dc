import type { Criterion } from '../core/criteria.ts';
import { parsePrompt, type Prompt } from '../core/prompt.ts';
import { plainStart, presets, type Settings } from '../core/settings.ts';

/** Where a model comes from, as a run keeps it. */
export type ChosenModel =
  | {
      readonly type: 'gguf-file';
      readonly name: string;
      readonly sha256: string;
      readonly sizeMb: number;
      readonly kept: boolean;
    }
  | { readonly type: 'gguf-url'; readonly url: string }
  | { readonly type: 'web-llm'; readonly id: string };

export interface OwnQueries {
  readonly name: string;
  readonly queries: readonly string[];
  readonly columns: readonly string[];
  readonly column: string | null;
  readonly skipped: number;
}
export interface CriterionChoice extends Criterion {
  readonly on: boolean;
  readonly own: boolean;
}
export interface Estimate {
  readonly requests: number;
  readonly answers: number;
  readonly minutes: number | null;
}

/** What a person is setting up on the Start place; kept in the browser as they go. */
export class Draft {
  name = $state('');
  models = $state.raw<{
    base: ChosenModel | null;
    evaluator: ChosenModel | null;
    optimizer: ChosenModel | null;
  }>({ base: null, evaluator: null, optimizer: null });
  settings = $state.raw<Settings>(presets.quick);
  prompt = $state.raw<Prompt>(parsePrompt(plainStart));
  criteria = $state.raw<readonly CriterionChoice[]>([]);
  /** Null: the app's own data. */
  ownQueries = $state.raw<OwnQueries | null>(null);
  ownExamples = $state.raw<{
    readonly name: string;
    readonly count: number;
    readonly skipped: number;
  } | null>(null);
  /** Why Start cannot be pressed yet, in a sentence; null if it can. */
  blocked = $state<string | null>('Choose a model first.');
  estimate = $state.raw<Estimate>({ requests: 0, answers: 0, minutes: null });

  usePreset(_name: 'quick' | 'standard' | 'paper'): void {}
  /** A problem with the text of the prompt or a setting throws a DrpoError. */
  setPromptText(_text: string): void {}
  setBulletLocked(_id: string, _locked: boolean): void {}
  setOpeningLocked(_locked: boolean): void {}
  setCriterion(_index: number, _criterion: CriterionChoice): void {}
  addCriterion(): void {}
  removeCriterion(_index: number): void {}
  async readQueries(_file: File, _column?: string): Promise<void> {}
  async readExamples(_file: File): Promise<void> {}
  useOurQueries(): void {}
  useOurExamples(): void {}
}
