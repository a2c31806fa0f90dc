import type { ChosenModel } from '../../app/draft.svelte.ts';
import type { ModelRow } from '../../app/models.svelte.ts';
import { counted, sizeText } from '../parts/format.ts';

/** A text that two choices share only if they are the same model. */
export function modelKey(model: ChosenModel): string {
  switch (model.type) {
    case 'gguf-file':
      return `file:${model.sha256}`;
    case 'gguf-url':
      return `url:${model.url}`;
    case 'web-llm':
      return `web-llm:${model.id}`;
    case 'mlc':
      return `mlc:${model.url}`;
    case 'endpoint':
      return `endpoint:${model.url}#${model.model}`;
  }
}

/** What to call a model on screen: its row's name, or the last part of where it comes from. */
export function modelName(model: ChosenModel, rows: readonly ModelRow[]): string {
  const row = rowOf(model, rows);
  if (row) return row.name;
  switch (model.type) {
    case 'gguf-file':
      return model.name;
    case 'gguf-url':
      return model.url.split('/').at(-1) ?? model.url;
    case 'web-llm':
      return model.id;
    case 'mlc':
      return model.name;
    case 'endpoint':
      return model.model;
  }
}

/** The row of the list that offers this model, if one does. */
export function rowOf(model: ChosenModel, rows: readonly ModelRow[]): ModelRow | undefined {
  const key = modelKey(model);
  return rows.find((row) => modelKey(row.model) === key);
}

/** Size, memory and licence of a row, in one line. */
export function modelFacts(row: ModelRow): string {
  const facts = [
    row.sizeMb !== null && (row.here ? sizeText(row.sizeMb) : `${sizeText(row.sizeMb)} download`),
    row.memoryMb !== null && `needs ${sizeText(row.memoryMb)} of memory`,
    row.licence,
  ];
  return facts.filter(Boolean).join(' · ');
}

export interface ModelGroup {
  readonly id: string;
  readonly title: string;
  readonly teaches: string;
  readonly rows: readonly ModelRow[];
}

/** The list in the order a person looks: what is here already, what follows instructions, what does not yet. Runnable first. */
export function modelGroups(rows: readonly ModelRow[]): readonly ModelGroup[] {
  const sorted = [...rows].sort((a, b) => Number(a.whyNot !== null) - Number(b.whyNot !== null));
  const elsewhere = sorted.filter((row) => !row.here);
  const groups: readonly ModelGroup[] = [
    {
      id: 'here',
      title: 'In this browser',
      teaches: 'Nothing to download.',
      rows: sorted.filter((row) => row.here),
    },
    {
      id: 'instruct',
      title: 'Instruction-tuned',
      teaches: 'Already trained to follow instructions. They judge best: start with one of these.',
      rows: elsewhere.filter((row) => row.kind !== 'base'),
    },
    {
      id: 'base',
      title: 'Base models',
      teaches: 'Not trained to follow instructions. They have the most to gain, and judge worse.',
      rows: elsewhere.filter((row) => row.kind === 'base'),
    },
  ];
  return groups.filter((group) => group.rows.length > 0);
}

/** "3 of 12 models run on this machine." */
export function runnableText(rows: readonly ModelRow[]): string {
  const runnable = rows.filter((row) => row.whyNot === null).length;
  return `${String(runnable)} of ${counted(rows.length, 'model')} can run on this machine.`;
}
