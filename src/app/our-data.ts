import type { Criterion } from '../core/criteria.ts';
import type { Example } from '../core/events.ts';
import type { PlantedTexts } from '../core/planted.ts';
import type { Splits } from '../core/plan.ts';
import { plainStart, type PresetName } from '../core/settings.ts';
import type { PocketWorld } from '../data/pocket.ts';
import { pocket } from '../llm/built-in.ts';
import type { ChosenModel } from './draft.svelte.ts';

/** What the app brings: queries, examples, criteria and the hand-written prompt, and the built-in model's own world. */
export interface OurData {
  readonly queries: Splits;
  readonly examples: readonly Example[];
  readonly criteria: readonly Criterion[];
  readonly handWritten: string;
  /** The words for spoiling answers in the judge check. */
  readonly planted: PlantedTexts;
  readonly world: PocketWorld;
}

/** Whose queries or examples a run takes: the built-in model's own, the app's usual ones, or a person's. */
export type Whose = 'world' | 'ours' | 'own';

/** The model that is chosen on a first visit. */
export const firstModel: ChosenModel = { type: 'built-in', id: pocket.id };

/** What a model is offered to begin with, for whoever chooses nothing else. */
export interface Beginning {
  readonly preset: PresetName;
  readonly start: string;
  readonly handWritten: string;
}

/** The world that a base model knows, if it is the built-in one: it knows nothing else. */
export function worldOf(base: ChosenModel | null, { world }: OurData): PocketWorld | null {
  return base?.type === 'built-in' && base.id === pocket.id ? world : null;
}

/** What a run on this world begins with; on any other model where there is none. */
export function beginningOf(world: PocketWorld | null, { handWritten }: OurData): Beginning {
  return world
    ? { preset: 'demo', start: world.start, handWritten: world.handWritten }
    : { preset: 'quick', start: plainStart, handWritten };
}

/** The queries without those that a person has left out, by id. */
export function picked({ train, select, test }: Splits, leftOut: ReadonlySet<string>): Splits {
  const rest = (queries: Splits['train']) => queries.filter(({ id }) => !leftOut.has(id));
  return { train: rest(train), select: rest(select), test: rest(test) };
}
