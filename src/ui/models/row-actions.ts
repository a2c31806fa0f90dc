import type { ChosenModel } from '../../app/draft.svelte.ts';
import { listedBase } from '../../app/model-list.ts';
import type { ModelRow, StoredModel } from '../../app/model-rows.ts';
import type { Role } from '../../core/llm.ts';
import type { ModelsHere } from './models-here.ts';

/** What a person may ask for at a row of the list. */
export interface RowActions {
  readonly download: (model: ChosenModel) => Promise<void>;
  readonly tryOut: (model: ChosenModel) => Promise<void>;
  readonly use: (model: ChosenModel, role: Role) => void;
  readonly keep: (sha256: string) => Promise<void>;
  readonly remove: (stored: StoredModel) => void;
  readonly forget: (model: ChosenModel) => Promise<void>;
}

/** What stands beside a row as its button: nothing for a model this machine can't run, unless its sibling can. */
export type MainAction = 'use' | 'download' | 'go-on' | 'use-sibling' | null;

export function mainAction(row: ModelRow): MainAction {
  if (row.whyNot !== null) return row.sibling ? 'use-sibling' : null;
  if (row.here || row.engine === 'endpoint') return 'use';
  return row.partly === null ? 'download' : 'go-on';
}

/** What this browser keeps of a row's model, if anything. */
export function storedOf(
  { model }: ModelRow,
  models: Pick<ModelsHere, 'stored' | 'downloadedFrom'>,
): StoredModel | null {
  const keys = storedKeys(model, models);
  return models.stored.find(({ key }) => keys.includes(key)) ?? null;
}

/** What is stored of a model may go by these names. */
function storedKeys(model: ChosenModel, models: Pick<ModelsHere, 'downloadedFrom'>) {
  switch (model.type) {
    case 'gguf-file':
      return [`file:${model.sha256}`];
    case 'gguf-url':
      return [`file:${models.downloadedFrom(model.url) ?? ''}`, `part:${model.url}`];
    case 'web-llm':
      return [`mlc:${listedBase(model.id)}`];
    case 'mlc':
      return [`mlc:${model.url}`];
    case 'built-in':
    case 'endpoint':
      return [];
  }
}

/** A file that was chosen in this tab and is gone with it; its checksum, else null. */
export function unkeptFile({ model }: ModelRow): string | null {
  return model.type === 'gguf-file' && !model.kept ? model.sha256 : null;
}

/** The numbers of the sibling's weights, in words. */
export function siblingText({ precision }: ModelRow): string {
  return precision === 'f16' ? '32-bit build' : '16-bit build';
}

/** What runs a row's model, and with which numbers. */
export function runsOn({ engine, precision }: ModelRow): string {
  switch (engine) {
    case 'graphics':
      return precision === null ? 'Graphics' : `Graphics, ${precision === 'f16' ? '16' : '32'}-bit`;
    case 'gguf':
      return 'Processor (GGUF)';
    case 'endpoint':
      return 'Server';
  }
}
