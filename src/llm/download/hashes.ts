import { createMD5 } from 'hash-wasm';
import { chunksOf } from './chunks.ts';

/** Hex SHA-256, by the browser's own code. Only where the page is served over https or from this computer. */
export async function sha256Of(bytes: ArrayBuffer): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** Hex MD5, which MLC's manifests name; read in pieces, so that a page can draw between them. */
export async function md5Of(blob: Blob): Promise<string> {
  const md5 = await createMD5();
  for await (const chunk of chunksOf(blob.stream())) md5.update(chunk);
  return md5.digest('hex');
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
