import type { Example, Query } from '../core/events.ts';
import world from './pocket.json' with { type: 'json' };

/** What the built-in model knows about, as a run needs it. Written by `npm run pocket:data`. */
export interface PocketWorld {
  /** What its world is about, as the end of a sentence. */
  readonly about: string;
  /** Its questions by what a run uses them for; none is in two. */
  readonly queries: Readonly<Record<'train' | 'select' | 'test', readonly Query[]>>;
  readonly examples: readonly Example[];
  /** The prompt to begin with, and what a careful person would write by hand. */
  readonly start: string;
  readonly handWritten: string;
}

/** The world of the built-in model. */
export const pocketWorld: PocketWorld = world;
