import type { SessionStatus } from './session.svelte.ts';

export interface RunRow {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly updated: string;
  readonly status: SessionStatus;
  readonly modelName: string;
  readonly preset: string;
  readonly requests: number;
  readonly outcome: 'better' | 'no-difference' | 'worse' | null;
  readonly difference: number | null;
}

/** The runs kept in this browser. */
export class Library {
  runs = $state.raw<readonly RunRow[]>([]);
  loaded = $state(false);

  async rename(_id: string, _name: string): Promise<void> {}
  async remove(_id: string): Promise<void> {}
  /** Reads a run file; returns what it holds without keeping it, for the person to confirm. */
  async preview(
    _file: File,
  ): Promise<{
    name: string;
    created: string;
    modelName: string;
    requests: number;
    keep: () => Promise<string>;
  }> {
    throw new Error('unbuilt');
  }
  async exportRun(_id: string): Promise<{ name: string; text: string }> {
    throw new Error('unbuilt');
  }
  async exportPrompt(_id: string): Promise<{ name: string; text: string }> {
    throw new Error('unbuilt');
  }
}
