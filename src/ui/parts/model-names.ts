import type { ChosenModel } from '../../app/draft.svelte.ts';
import { modelKey } from '../../app/model-key.ts';
import type { ModelRow } from '../../app/model-rows.ts';
import { sizeText } from './format.ts';

/** The row of the list that offers this model, if one does. */
export function rowOf<R extends Pick<ModelRow, 'model'>>(
  model: ChosenModel,
  rows: readonly R[],
): R | undefined {
  const key = modelKey(model);
  return rows.find((row) => modelKey(row.model) === key);
}

/** What to call a model on screen: its row's name, or the last part of where it comes from. */
export function modelName(
  model: ChosenModel,
  rows: readonly Pick<ModelRow, 'model' | 'name'>[],
): string {
  const row = rowOf(model, rows);
  if (row) return row.name;
  switch (model.type) {
    case 'gguf-file':
      return model.name;
    case 'gguf-url':
      return model.url.split('/').at(-1) ?? model.url;
    case 'built-in':
    case 'web-llm':
      return model.id;
    case 'mlc':
      return model.name;
    case 'endpoint':
      return model.model;
  }
}

/** Size, memory and licence of a row, in one line. */
export function modelFacts(
  row: Pick<ModelRow, 'sizeMb' | 'memoryMb' | 'licence' | 'here'>,
): string {
  const facts = [
    row.sizeMb !== null && (row.here ? sizeText(row.sizeMb) : `${sizeText(row.sizeMb)} download`),
    row.memoryMb !== null && `needs ${sizeText(row.memoryMb)} of memory`,
    row.licence,
  ];
  return facts.filter(Boolean).join(' · ');
}

/** Why a model whose files are at hand needs no download. */
export function hereWords({ model }: Pick<ModelRow, 'model'>): string {
  return model.type === 'built-in' ? 'Comes with the app' : 'Here already';
}
