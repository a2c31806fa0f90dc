import { DrpoError } from '../../core/errors.ts';
import { announcedByPointer } from './answers.ts';
import type { Patient } from './fetch-again.ts';
import { checkBeginning } from '../gguf.ts';
import { ggufParts, type PartStore } from './partial-downloads.ts';
import { receiveFile, type ReceivePhase } from './receive-file.ts';

export interface Download {
  readonly file: Blob;
  /** Hex. */
  readonly sha256: string;
}

export interface DownloadOptions extends Patient {
  /** Bytes here (stored by an earlier attempt, or come), and of how many if the server said so. */
  readonly onProgress?: (doneBytes: number, totalBytes: number | null, phase: ReceivePhase) => void;
  /** Where parts are kept as they come; this browser's storage if not given. */
  readonly parts?: PartStore | null;
  readonly partBytes?: number;
}

/**
 * Downloads a GGUF file, hashing it as it comes, and checks it against the SHA-256 that its host announces, if it does. It
 * goes on where it broke off, also in a later visit: its parts stay stored until `removeParts(url)`, to be called once the
 * file was taken over. Rejects with `network` (unreachable, refused, or broken off too often), `model-invalid` as soon as
 * the first bytes show that it is something else, or the signal's AbortError.
 */
export async function downloadGguf(url: string, options: DownloadOptions = {}): Promise<Download> {
  const { parts = ggufParts() } = options;
  const announced = announcedByPointer(url, options.signal);
  const order = {
    ...options,
    url,
    parts,
    keepsWhole: true,
    digest: 'sha256',
    checkBeginning,
  } as const;
  for (let attempt = 1; ; attempt++) {
    const { file, digest, announced: named } = await receiveFile(order);
    const sha256 = digest ?? '';
    const expected = named ?? (await announced);
    if (expected === null || expected === sha256) return { file, sha256 };
    await parts?.remove(await parts.list(url));
    if (attempt === 2) throw changedOnTheWay(url, expected, sha256);
  }
}

function changedOnTheWay(url: string, expected: string, sha256: string): DrpoError {
  return new DrpoError(
    'model-invalid',
    `What came from ${new URL(url).host} is not the file that it announced: the checksum begins with ${sha256.slice(0, 8)}, not ${expected.slice(0, 8)}, twice. Try another connection, or download the file yourself and open it from disk.`,
    `${url}\nannounced ${expected}\nreceived ${sha256}`,
  );
}
