import type { ModelSource } from '../core/run-record.ts';
import { builtInModel } from '../llm/built-in.ts';
import type { KeptModel } from '../store/records.ts';
import type { ChosenModel } from './draft.svelte.ts';

/** A text that two choices share only if they are the same model. */
export function modelKey(model: ModelSource): string {
  switch (model.type) {
    case 'gguf-file':
      return `file:${model.sha256}`;
    case 'gguf-url':
      return `url:${model.url}`;
    case 'built-in':
      return `built-in:${model.id}`;
    case 'web-llm':
      return `web-llm:${model.id}`;
    case 'mlc':
      return `mlc:${model.url}`;
    case 'endpoint':
      return `endpoint:${model.url}#${model.model}`;
  }
}

/** A chosen file as a choice: `kept` where this browser has it. */
export function fileChoice(
  { name, size }: { readonly name: string; readonly size: number },
  sha256: string,
  kept: readonly KeptModel[],
): ChosenModel & { readonly type: 'gguf-file' } {
  return {
    type: 'gguf-file',
    name,
    sha256,
    sizeMb: size / 2 ** 20,
    kept: kept.some((file) => file.sha256 === sha256),
  };
}

/** A file name for a model from the web. */
export function fileNameOf(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last) || 'model.gguf';
  } catch {
    // A lone percent sign, which an address may have.
    return last;
  }
}

/** What to call a model, or a run with it. */
export function displayName(model: ChosenModel): string {
  switch (model.type) {
    case 'gguf-file':
      return model.name.replace(/\.gguf$/i, '');
    case 'gguf-url':
      return fileNameOf(model.url).replace(/\.gguf$/i, '');
    case 'built-in':
      return builtInModel(model.id)?.name ?? model.id;
    case 'web-llm':
      return model.id.replace(/-MLC.*$/, '');
    case 'mlc':
      return model.name;
    case 'endpoint':
      return model.model;
  }
}

/** MB of 10⁶ bytes, in which downloads count, as MB of 2²⁰, which the screens show. */
export function binaryMb(decimalMb: number): number {
  return (decimalMb * 1e6) / 2 ** 20;
}
