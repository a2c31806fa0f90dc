import { throwIfAborted } from '../abort.ts';
import { md5Of, sha256Of } from '../download/hashes.ts';
import { deleteFile, findFile, putFile, type Label, type StoredFile } from './cache.ts';
import type { Wanted } from './wanted.ts';

/** A stored file that is what it should be. */
export interface Checked {
  readonly sha256: string;
  readonly bytes: ArrayBuffer;
}

/**
 * The stored file if it is whole and right: its size, the manifest's MD5, and the SHA-256 kept with it. One that another
 * page of this origin stored has none: it is taken if the rest fits, and gets one. Null where it is not there or was
 * wrong, and then it is removed.
 */
export async function checkStored(wanted: Wanted, signal?: AbortSignal): Promise<Checked | null> {
  throwIfAborted(signal);
  const found = await findFile(wanted.file);
  if (!found) return null;
  const bytes = await found.body.arrayBuffer().catch(() => null);
  const sha256 = bytes && (await digestIfRight(wanted, found, bytes));
  if (bytes && sha256 !== null) return { sha256, bytes };
  await deleteFile(wanted.file);
  return null;
}

async function digestIfRight(
  wanted: Wanted,
  found: StoredFile,
  bytes: ArrayBuffer,
): Promise<string | null> {
  if (wanted.sizeBytes !== null && wanted.sizeBytes !== bytes.byteLength) return null;
  const sha256 = await sha256Of(bytes);
  if (found.sha256 !== null && found.sha256 !== sha256) return null;
  // The MD5 kept with a file was compared when its SHA-256 was taken, and is of these bytes as surely as that is.
  const known = found.sha256 === null ? null : found.md5;
  if (wanted.md5 !== null && wanted.md5 !== (known ?? (await md5Of(found.body)))) return null;
  const label = labelFor(wanted, found);
  if (found.sha256 !== null && label.library === found.library) return sha256;
  try {
    wanted.check(new Uint8Array(bytes), true);
  } catch {
    return null;
  }
  return putFile(wanted.file, bytes, label);
}

/** What is to stand beside a file: a config names all libraries that its weights were loaded with. */
function labelFor({ label, md5 }: Wanted, found: StoredFile): Label & Pick<StoredFile, 'library'> {
  const libraries = new Set([...asList(found.library), ...asList(label.library)]);
  const library = libraries.size > 0 ? [...libraries].join(' ') : null;
  return { name: label.name ?? found.name, added: found.added, md5, library };
}

/** Addresses in one header: those of all libraries that weights were loaded with. */
export function asList(addresses: string | null | undefined): readonly string[] {
  return addresses ? addresses.split(' ') : [];
}
