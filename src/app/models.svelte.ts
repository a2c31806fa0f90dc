import type { ChosenModel } from './draft.svelte.ts';

export interface ModelRow {
  readonly model: ChosenModel;
  readonly name: string;
  readonly kind: 'instruct' | 'base' | 'unknown';
  readonly sizeMb: number | null;
  readonly memoryMb: number | null;
  readonly licence: string | null;
  readonly note: string | null;
  /** Why this machine can't run it, in a sentence that says what would work; null if it can. */
  readonly whyNot: string | null;
  /** Its file is in this browser already. */
  readonly here: boolean;
}
export interface DeviceFacts {
  readonly webgpu: boolean;
  readonly fallback: boolean;
  readonly shaderF16: boolean;
  readonly adapterName: string;
  readonly threads: number;
}

/** The models a person can choose from, and what this machine is able to run. */
export class Models {
  device = $state.raw<DeviceFacts | null>(null);
  rows = $state.raw<readonly ModelRow[]>([]);
  files = $state.raw<
    readonly { readonly sha256: string; readonly name: string; readonly sizeBytes: number }[]
  >([]);
  storage = $state.raw<{ usedMb: number; quotaMb: number; persisted: boolean } | null>(null);
  /** A file being read or hashed, 0 to 1. */
  reading = $state<{ name: string; done: number } | null>(null);

  /** A dropped or picked file: checked, hashed, offered as a row. Rejects with a DrpoError that leaves everything as it was. */
  async addFile(_file: File): Promise<ChosenModel> {
    throw new Error('unbuilt');
  }
  /** Keeps a dropped file in the browser's private file system, so that Resume finds it. */
  async keepFile(_sha256: string): Promise<void> {}
  async forgetFile(_sha256: string): Promise<void> {}
  /** Checks an address of a GGUF file. May have to reload the page once to allow a new host. */
  async addUrl(_url: string): Promise<ChosenModel> {
    throw new Error('unbuilt');
  }
}
