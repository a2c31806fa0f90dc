import { hex } from './hashes.ts';

/** What a server's answer says of the bytes that follow. */
export interface Answer {
  /** Where in the file they begin; null where the range that was asked for does not exist. */
  readonly from: number | null;
  /** Bytes of the whole file; null where it is not told, or sent compressed: then the length is of something else. */
  readonly totalBytes: number | null;
  /**
   * What the server calls this version of the file: a strong ETag, else its date; null where there is neither, and bytes
   * of one answer can't be put behind bytes of another.
   */
  readonly version: string | null;
  /** Hex SHA-256 of the whole file, where the server named one. */
  readonly announced: string | null;
}

/** Reads the headers of an answer to a request for the bytes from `askedFrom` on. */
export function readAnswer({ status, headers }: Response, askedFrom: number): Answer {
  const announced = announcedIn(headers);
  if (status === 416) return { from: null, totalBytes: null, version: null, announced };
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '');
  // Hosts elsewhere may keep the range of their answer to themselves: what was asked for is what came.
  const from = status === 206 ? Number(range?.[1] ?? askedFrom) : 0;
  const length = Number(headers.get('content-length'));
  const isPlain = length > 0 && headers.get('content-encoding') === null;
  return {
    from,
    totalBytes: range ? Number(range[2]) : isPlain ? from + length : null,
    version: isPlain ? versionIn(headers) : null,
    announced,
  };
}

function versionIn(headers: Headers): string | null {
  const tag = headers.get('etag');
  // A weak tag promises the same meaning, not the same bytes.
  return tag !== null && !tag.startsWith('W/') ? tag : headers.get('last-modified');
}

/** The SHA-256 that headers name for the whole file: `Repr-Digest`, the older `Digest`, or Hugging Face's own. */
function announcedIn(headers: Headers): string | null {
  const structured = /sha-256=:([A-Za-z0-9+/=]{44}):/.exec(headers.get('repr-digest') ?? '');
  const older = /(?:^|,)\s*sha-256=([A-Za-z0-9+/=]{44})/i.exec(headers.get('digest') ?? '');
  const base64 = structured?.[1] ?? older?.[1];
  if (base64 !== undefined) return hex(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
  return /^"?([0-9a-f]{64})"?$/.exec(headers.get('x-linked-etag') ?? '')?.[1] ?? null;
}

/** What one sends to get the bytes from `from` up to, not including, `until`; nothing where the whole file is wanted. */
export function rangeHeaders(
  url: string,
  from: number,
  until: number | null,
  version: string | null,
): Readonly<Record<string, string>> {
  if (from === 0 && until === null) return {};
  const range = `bytes=${from}-${until === null ? '' : until - 1}`;
  // A host elsewhere would first be asked whether it takes If-Range, and Hugging Face's refuse: there the version in the
  // answer is compared instead.
  const isOurs = 'location' in globalThis && new URL(url).origin === globalThis.location.origin;
  return isOurs && version !== null ? { range, 'if-range': version } : { range };
}

/** The SHA-256 that Hugging Face keeps beside a large file, read from the pointer that its Git has in the file's place; else null. */
export async function announcedByPointer(
  url: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const { origin, pathname } = new URL(url);
  if (origin !== 'https://huggingface.co' || !pathname.includes('/resolve/')) return null;
  try {
    const raw = origin + pathname.replace('/resolve/', '/raw/');
    const response = await fetch(raw, signal ? { signal } : {});
    // A pointer has some 130 bytes. A file that Git holds itself comes whole here, and is not wanted.
    const isShort = Number(response.headers.get('content-length') ?? 0) < 1024;
    if (response.ok && isShort) return oidIn(await response.text());
    await response.body?.cancel();
  } catch {
    // The file is checked without it.
  }
  return null;
}

function oidIn(pointer: string): string | null {
  return /^oid sha256:([0-9a-f]{64})$/m.exec(pointer)?.[1] ?? null;
}
