import type { Llm } from '../../../../src/core/llm.ts';
import { hashFile, openModel } from '../../../../src/llm/open.ts';
import { Dice } from '../../dice.ts';
import { allQueries } from '../../find-query.ts';
import type { Editing } from '../../ideal.ts';
import { behaviours, type Behaviour } from '../../world.ts';
import { Speaker } from '../ask.ts';
import {
  editing,
  explaining,
  following,
  improving,
  judging,
  keepingScope,
  reading,
  recognising,
  scoped,
} from '../roles.ts';
import { search, type Searched } from '../searches.ts';

/** What the driver calls in this page, after `open`. Counts are of cases; `seed` decides which. */
export interface Evaluation {
  open(url: string): Promise<void>;
  search(seed: number, editing: Editing): Promise<Searched>;
  judging(pairs: 'seen' | 'held-out', seed: number, count: number): ReturnType<typeof judging>;
  reading(seed: number, count: number): ReturnType<typeof reading>;
  following(behaviour: Behaviour, seed: number, count: number): ReturnType<typeof following>;
  keepingScope(behaviour: Behaviour, seed: number, count: number): ReturnType<typeof keepingScope>;
  editing(seed: number, count: number): ReturnType<typeof editing>;
  improving(seed: number, count: number): ReturnType<typeof improving>;
  recognising(seed: number, count: number): ReturnType<typeof recognising>;
  explaining(seed: number, count: number): ReturnType<typeof explaining>;
  readonly behaviours: readonly Behaviour[];
  readonly scoped: readonly Behaviour[];
}

declare global {
  interface Window {
    evaluation: Evaluation;
  }
}

const contextSize = 1024;
const queries = allQueries();
let opened: Llm | null = null;

function llm(): Llm {
  if (!opened) throw new Error('no model is open');
  return opened;
}

const speaker = (): Speaker => new Speaker(llm());

window.evaluation = {
  behaviours,
  scoped,
  async open(url) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${String(response.status)}`);
    const file = await response.blob();
    const sha256 = await hashFile(file);
    const source = { type: 'gguf-file', file, name: 'pocket.gguf', sha256 } as const;
    opened = (await openModel(source, { contextSize })).llm;
  },
  search: (seed, kind) => search(llm(), queries, seed, kind),
  judging: (pairs, seed, count) =>
    judging(speaker(), new Dice(seed), { phrasings: 'held-out', pairs }, count),
  reading: (seed, count) => reading(speaker(), new Dice(seed), count),
  following: (b, seed, count) => following(speaker(), new Dice(seed), b, count),
  keepingScope: (b, seed, count) => keepingScope(speaker(), new Dice(seed), b, count),
  editing: (seed, count) => editing(speaker(), new Dice(seed), count),
  improving: (seed, count) => improving(speaker(), new Dice(seed), count),
  recognising: (seed, count) => recognising(speaker(), new Dice(seed), count),
  explaining: (seed, count) => explaining(speaker(), new Dice(seed), count),
};
