import { builtInModels, type BuiltInModel } from '../llm/built-in.ts';
import { ggufPresets } from '../llm/gguf-presets.ts';
import { DrpoError } from '../core/errors.ts';
import type { ModelSource } from '../core/run-record.ts';
import { whyNot, whyNotTogether, type Device, type GgufSize } from '../llm/device.ts';
import type { StoredMlc } from '../llm/mlc/stored.ts';
import type { StoredPart } from '../llm/download/partial-downloads.ts';
import {
  listedFor,
  otherPrecision,
  webLlmModels,
  type ListedModel,
} from '../llm/web-llm/models.ts';
import type { KeptModel } from '../store/records.ts';
import type { ChosenModel } from './draft.svelte.ts';
import { binaryMb, fileChoice, fileNameOf, modelKey } from './model-key.ts';
import type { ModelRow } from './model-rows.ts';

/** A file that was chosen in this tab: kept in memory by reference, in the browser if the person agrees. */
export interface ChosenFile {
  readonly file: File;
  readonly sha256: string;
  readonly kind: ModelRow['kind'];
  readonly licence: string | null;
}

/** A model that a person has named: an address, weights for a listed library, or a server. */
export type OwnModel = Exclude<ChosenModel, { type: 'gguf-file' | 'built-in' | 'web-llm' }>;

/** Everything that the list of models follows from. */
export interface KnownModels {
  readonly device: Device | null;
  readonly chosen: ReadonlyMap<string, ChosenFile>;
  readonly kept: readonly KeptModel[];
  readonly own: readonly OwnModel[];
  readonly weights: readonly StoredMlc[];
  readonly parts: readonly StoredPart[];
  /** Checksums of what was downloaded, by address. */
  readonly downloads: Readonly<Record<string, string>>;
}

type Plain = Omit<ModelRow, 'model' | 'name' | 'engine'>;

const plain: Plain = {
  kind: 'unknown',
  sizeMb: null,
  memoryMb: null,
  licence: null,
  note: null,
  whyNot: null,
  here: false,
  partly: null,
  own: false,
  precision: null,
  sibling: null,
};

/** All models that can be chosen: what comes with the app, a person's own, then web-llm's, then files on the net. Each once. */
export function modelRows(known: KnownModels): readonly ModelRow[] {
  const rows = [
    ...builtInModels.map(builtInRow),
    ...fileRows(known),
    ...known.own.map((model) => ownRow(model, known)),
    ...(known.device ? listedRows(known, known.device) : []),
    ...presetRows(known),
  ];
  const seen = new Set<string>();
  return rows.filter(({ model }) => {
    const key = modelKey(model);
    const first = !seen.has(key);
    seen.add(key);
    return first;
  });
}

/** Where the weights of a model of web-llm's list are downloaded from. */
export function listedBase(id: string): string {
  return `https://huggingface.co/mlc-ai/${id}/resolve/main/`;
}

function builtInRow({ id, sizeMb, name, memoryMb, licence, note }: BuiltInModel): ModelRow {
  const facts = { name, sizeMb: binaryMb(sizeMb), memoryMb, licence, note };
  return { ...plain, ...facts, model: { type: 'built-in', id }, here: true, engine: 'gguf' };
}

function fileRows({ chosen, kept, downloads }: KnownModels): readonly ModelRow[] {
  // What came from an address stands there as its own row.
  const fromNet = new Set(Object.values(downloads));
  const mine = [...chosen.values()].filter(({ sha256 }) => !fromNet.has(sha256));
  const rows = mine.map(({ file, sha256, kind, licence }): ModelRow => {
    const model = fileChoice(file, sha256, kept);
    const { name, sizeMb } = model;
    const own = !model.kept;
    return { ...plain, own, model, name, sizeMb, kind, licence, here: true, engine: 'gguf' };
  });
  const others = kept.filter(({ sha256 }) => !chosen.has(sha256) && !fromNet.has(sha256));
  return [
    ...rows,
    ...others.map(({ name, sha256, sizeBytes }): ModelRow => {
      const model = fileChoice({ name, size: sizeBytes }, sha256, kept);
      const { sizeMb } = model;
      return { ...plain, model, name, sizeMb, here: true, engine: 'gguf' };
    }),
  ];
}

function ownRow(model: OwnModel, known: KnownModels): ModelRow {
  switch (model.type) {
    case 'gguf-url':
      return urlRow(model, fileNameOf(model.url), known, {
        note: new URL(model.url).host,
        own: true,
      });
    case 'mlc': {
      const weights = known.weights.find(({ base }) => base === model.url);
      return {
        ...plain,
        model,
        name: model.name,
        own: true,
        kind: model.form === 'chat' ? 'instruct' : 'base',
        sizeMb: weights ? binaryMb(weights.sizeMb) : null,
        note: `Runs on the library of ${model.library}.`,
        ...stateOf(weights),
        engine: 'graphics',
      };
    }
    case 'endpoint':
      return {
        ...plain,
        own: true,
        model,
        name: model.model,
        note: `On the server at ${new URL(model.url).host}: what is asked leaves this machine's browser.`,
        engine: 'endpoint',
      };
  }
}

function urlRow(
  model: ChosenModel & { readonly type: 'gguf-url' },
  name: string,
  { kept, downloads, parts }: KnownModels,
  more: Partial<Plain>,
): ModelRow {
  const sha256 = downloads[model.url];
  const file = kept.find((one) => one.sha256 === sha256);
  const part = parts.find(({ url }) => url === model.url);
  const sizeMb = file ? file.sizeBytes / 2 ** 20 : (more.sizeMb ?? null);
  return {
    ...plain,
    ...more,
    model,
    name,
    sizeMb,
    here: file !== undefined,
    partly: part && !file ? part.doneBytes / part.totalBytes : null,
    engine: 'gguf',
  };
}

function presetRows(known: KnownModels): readonly ModelRow[] {
  return ggufPresets.map(({ name, url, kind, sizeMb, memoryMb, licence, note }) => {
    const size = binaryMb(sizeMb);
    const reason = known.device && whyNot({ name, sizeMb: size, memoryMb }, known.device);
    return urlRow({ type: 'gguf-url', url }, name, known, {
      kind,
      sizeMb: size,
      memoryMb,
      licence,
      note: note ?? null,
      whyNot: reason?.message ?? null,
    });
  });
}

/** One row for each model: in the build that suits this machine, half precision where it can. */
function listedRows({ weights }: KnownModels, device: Device): readonly ModelRow[] {
  return listedFor(device).map((listed) => {
    const stored = weights.find(({ base }) => base === listedBase(listed.id));
    const reason = whyNot(listed, device);
    return {
      ...plain,
      model: { type: 'web-llm', id: listed.id },
      name: listed.name,
      kind: listed.kind,
      sizeMb: binaryMb(listed.sizeMb),
      memoryMb: listed.memoryMb,
      licence: listed.licence,
      note: listed.note ?? null,
      whyNot: reason?.message ?? null,
      ...stateOf(stored),
      engine: 'graphics',
      precision: listed.needsF16 ? 'f16' : 'f32',
      sibling: siblingOf(listed, device),
    };
  });
}

/** Whether weights are here, or how much of them is. */
function stateOf(weights: StoredMlc | undefined): Pick<ModelRow, 'here' | 'partly'> {
  const whole = weights?.state === 'whole';
  return { here: whole, partly: whole ? null : (weights?.share ?? null) };
}

/**
 * Why these models can't be in memory at the same time; null where nothing known speaks against it. One that plays several
 * roles counts once, a server not at all.
 */
export function togetherProblem(
  sources: readonly ModelSource[],
  rows: readonly ModelRow[],
  device: Device,
): DrpoError | null {
  const distinct = new Map(sources.map((source) => [modelKey(source), source]));
  const sizes = [...distinct.values()].flatMap((source) => sizeOf(source, rows) ?? []);
  return sizes.length < 2 ? null : whyNotTogether(sizes, device);
}

function sizeOf(source: ModelSource, rows: readonly ModelRow[]): ListedModel | GgufSize | null {
  if (source.type === 'endpoint') return null;
  if (source.type === 'web-llm' || source.type === 'mlc') {
    const id = source.type === 'mlc' ? source.library : source.id;
    return webLlmModels.find((listed) => listed.id === id) ?? null;
  }
  const row = rows.find(({ model }) => modelKey(model) === modelKey(source));
  if (row?.sizeMb == null) return null;
  const { name, sizeMb, memoryMb } = row;
  return { name, sizeMb, ...(memoryMb !== null && { memoryMb }) };
}

function siblingOf(listed: ListedModel, device: Device): ChosenModel | null {
  const other = otherPrecision(listed);
  return other && !whyNot(other, device) ? { type: 'web-llm', id: other.id } : null;
}

export { recommended } from './recommended.ts';
