import { DrpoError } from '../core/errors.ts';

/** What this page's storage takes and may take, by the browser's estimate. */
export interface StorageEstimate {
  readonly usageBytes: number;
  readonly quotaBytes: number;
}

/** The browser's estimate, or null where it gives none (a page served over plain http, for one). */
export async function estimate(): Promise<StorageEstimate | null> {
  if (!('storage' in navigator)) return null;
  const { usage, quota } = await navigator.storage.estimate();
  return usage === undefined || quota === undefined
    ? null
    : { usageBytes: usage, quotaBytes: quota };
}

/** Asks that the browser not clear this page's storage by itself when the disk fills; false where it will not promise. */
export async function persist(): Promise<boolean> {
  return 'storage' in navigator && (await navigator.storage.persist());
}

/** Whether the browser has promised so. */
export async function isPersisted(): Promise<boolean> {
  return 'storage' in navigator && (await navigator.storage.persisted());
}

/** Whole megabytes, or gigabytes with one decimal. */
export function sizeText(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** The `storage-full` error with the sizes of the moment; `neededBytes` where it is known. */
export async function storageFull(neededBytes?: number, cause?: unknown): Promise<DrpoError> {
  const sizes = await estimate().catch(() => null);
  const need = neededBytes === undefined ? '' : `, and ${sizeText(neededBytes)} more are needed`;
  return new DrpoError(
    'storage-full',
    `The storage of this page is full: ${stateText(sizes)}${need}. Delete old runs or model files, or free space on the disk, then try again. Everything up to here is kept.`,
    describe(cause),
    { cause },
  );
}

/** Chromium's estimate may promise gigabytes that a full disk does not have: the quota is named only where it was reached. */
function stateText(sizes: StorageEstimate | null): string {
  if (!sizes) return 'the browser allows no more';
  const held = `it holds ${sizeText(sizes.usageBytes)}`;
  return sizes.usageBytes > 0.5 * sizes.quotaBytes
    ? `${held} of the ${sizeText(sizes.quotaBytes)} that the browser allows`
    : `${held}, more than that the browser or the disk does not allow`;
}

/**
 * What went wrong in the browser's storage as a DrpoError: `storage-full` with the sizes, else `storage-failed`.
 * A DrpoError is itself.
 */
export async function asStorageError(error: unknown): Promise<DrpoError> {
  if (error instanceof DrpoError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'QuotaExceededError') return storageFull(undefined, error);
  return new DrpoError('storage-failed', sentenceFor(name), describe(error), { cause: error });
}

function sentenceFor(name: string): string {
  switch (name) {
    case 'VersionError':
      return 'What is stored here was written by a newer DRPO Web than this page. Reload the page, and close its other tabs.';
    case 'InvalidStateError':
      return "The connection to this browser's storage was closed. Reload the page; everything up to here is kept.";
    case 'SecurityError':
      return 'The browser does not let this page store anything. Allow it site data (cookies), or leave the private window, then reload.';
    case 'ConstraintError':
      return 'Something is already stored under this name. Reload the page and try again.';
    case 'DataCloneError':
      return 'Something could not be stored as it is. Please report it, with the details.';
    default:
      return "This browser's storage failed. Reload the page; if it happens again, free space on the disk. Everything up to here is kept.";
  }
}

function describe(error: unknown): string | undefined {
  if (error === undefined || error === null) return undefined;
  return error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);
}
