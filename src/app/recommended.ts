import type { Device } from '../llm/device.ts';
import { recommend } from '../llm/recommend.ts';
import { modelKey } from './model-key.ts';
import type { ModelRow } from './model-rows.ts';

/** The row to begin with on this machine, null where none will do, and why, in a sentence or two. */
export interface Recommended {
  readonly row: ModelRow | null;
  readonly why: string;
}

/** What to recommend of these rows; `freeMb` of storage in MB of 2²⁰ bytes, null where the browser does not tell. */
export function recommended(
  rows: readonly ModelRow[],
  device: Device,
  freeMb: number | null,
): Recommended {
  const here = rows.flatMap(({ model, here }) => {
    if (!here) return [];
    if (model.type === 'web-llm') return [model.id];
    return model.type === 'gguf-url' ? [model.url] : [];
  });
  const room = { freeMb: freeMb && (freeMb * 2 ** 20) / 1e6, here: new Set(here) };
  const { model, why } = recommend(device, room);
  const key = model && modelKey(model);
  const row = rows.find((one) => modelKey(one.model) === key);
  return { row: row ?? null, why };
}
