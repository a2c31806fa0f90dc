import type { DrpoError } from '../core/errors.ts';
import type { LoadProgress } from '../llm/open.ts';
import type { ChosenModel } from './draft.svelte.ts';

/** A model as the list shows it. Sizes in MB of 2²⁰ bytes. */
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
  /** Its files are in this browser already. */
  readonly here: boolean;
  /** How much of a download that broke off is here, 0 to 1; null where there is none. */
  readonly partly: number | null;
  /** A person has named it, and can take it off the list. */
  readonly own: boolean;
  /** What runs it: web-llm on the graphics processor, llama.cpp from a GGUF file, or a server that a person named. */
  readonly engine: 'graphics' | 'gguf' | 'endpoint';
  /** The numbers that its weights are computed with, where that is a choice. */
  readonly precision: 'f16' | 'f32' | null;
  /** The same model in the other precision, where this machine runs it. */
  readonly sibling: ChosenModel | null;
}

/** A model whose files come into this browser, or failed to. */
export interface Transfer {
  readonly model: ChosenModel;
  readonly name: string;
  readonly progress: LoadProgress | null;
  /** Over the last seconds; null until it is known. */
  readonly mbPerSecond: number | null;
  readonly leftMs: number | null;
  /** Set once it has failed: what has come is kept, and it can be taken up again. */
  readonly error: DrpoError | null;
}

/** Something of a model that this browser keeps. `key` names it to the calls of `Models`. */
export interface StoredModel {
  readonly key: string;
  readonly name: string;
  readonly sizeMb: number;
  /** `part`: a download that broke off and goes on where it was. */
  readonly state: 'whole' | 'part';
  /** A moment such as 2026-01-31T12:00:00.000Z; null where it is not known. */
  readonly added: string | null;
}

/** What was found out about a model when it was loaded: how fast it is, and what is wrong with it, if anything. */
export interface Tried {
  readonly prefillPerSecond: number;
  readonly decodePerSecond: number;
  /** A sentence where the self-test failed; null where it passed. */
  readonly problem: string | null;
}

/** What was read of somebody's weights before anything large is downloaded. */
export interface CustomWeights {
  readonly name: string;
  readonly url: string;
  /** The address of a library that came with the weights; null where none did. */
  readonly libraryUrl: string | null;
  /** Ids of listed models whose library runs these weights, the best first; empty where none does. */
  readonly libraries: readonly string[];
  /** Why none does, with the values that differ. */
  readonly whyNot: string | null;
  /** The literal BOS token as its files say, empty where it has none. */
  readonly beginning: string;
  readonly form: 'chat' | 'text';
  readonly sizeMb: number | null;
}

/** What a server said when it was looked at. */
export interface EndpointFacts {
  /** Its base address, however it was typed. */
  readonly url: string;
  readonly models: readonly string[];
  readonly contextSize: number | null;
  /** Whether it gives probabilities of tokens; null where it must be tried. */
  readonly logprobs: boolean | null;
  readonly server: string | null;
}
