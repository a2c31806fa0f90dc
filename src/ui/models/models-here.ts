import type { ChosenModel } from '../../app/draft.svelte.ts';
import type { Machine } from '../../app/machine.ts';
import type {
  CustomWeights,
  EndpointFacts,
  ModelRow,
  StoredModel,
  Transfer,
  Tried,
} from '../../app/model-rows.ts';
import type { PendingForm } from '../../app/models.svelte.ts';
import type { EndpointModel, MlcWeights } from '../../core/run-record.ts';

/** What this browser allows for storage, in MB of 2²⁰ bytes. */
export interface Room {
  readonly usedMb: number;
  readonly quotaMb: number;
  readonly persisted: boolean;
}

/** What the Models place shows and asks for: `Models` of the app, or a stand-in. Whatever rejects does so with a DrpoError. */
export interface ModelsHere {
  readonly device: Machine | null;
  readonly rows: readonly ModelRow[];
  readonly recommended: ModelRow | null;
  readonly recommendedWhy: string | null;
  readonly transfer: Transfer | null;
  readonly stored: readonly StoredModel[];
  readonly storage: Room | null;
  readonly tried: Readonly<Record<string, Tried>>;
  readonly reading: { readonly name: string; readonly done: number } | null;
  /** A form that goes on after the page was loaded again; set to null once it has been taken up. */
  pending: PendingForm | null;
  /** The checksum of what was downloaded from an address; null where nothing was. */
  readonly downloadedFrom: (url: string) => string | null;
  readonly download: (model: ChosenModel) => Promise<void>;
  readonly tryOut: (model: ChosenModel) => Promise<void>;
  readonly cancel: () => void;
  readonly clearTransfer: () => void;
  readonly addFile: (file: File) => Promise<ChosenModel>;
  readonly addFolder: (files: readonly File[]) => Promise<CustomWeights>;
  readonly addUrl: (text: string) => Promise<ChosenModel>;
  readonly inspectWeights: (address: string) => Promise<CustomWeights>;
  readonly addWeights: (weights: MlcWeights) => Promise<ChosenModel>;
  readonly lookAtServer: (address: string, key: string) => Promise<EndpointFacts>;
  readonly addServer: (model: EndpointModel, key: string, keep: boolean) => Promise<ChosenModel>;
  readonly keepFile: (sha256: string) => Promise<void>;
  readonly forget: (model: ChosenModel) => Promise<void>;
  readonly removeStored: (key: string) => Promise<void>;
  readonly removeAllStored: () => Promise<void>;
  /** The names of files that were not what they should be and are removed now. `onProgress`: 0 to 1. */
  readonly checkStored: (
    key: string,
    onProgress?: (done: number) => void,
  ) => Promise<readonly string[]>;
  readonly protect: () => Promise<boolean>;
}
