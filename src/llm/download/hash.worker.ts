import { createSHA256 } from 'hash-wasm';
import { chunksOf } from './chunks.ts';

/** What the worker says: bytes done as it goes, then the hex digest or what went wrong. */
export type HashNews =
  | { readonly type: 'done'; readonly bytes: number }
  | { readonly type: 'digest'; readonly sha256: string }
  | { readonly type: 'failed'; readonly details: string };

const say = (news: HashNews): void => postMessage(news);

addEventListener('message', ({ data }: MessageEvent<Blob>) => {
  // A rejection that nobody handles would not reach the page.
  hash(data).catch((error: unknown) => say({ type: 'failed', details: String(error) }));
});

async function hash(file: Blob): Promise<void> {
  const sha256 = await createSHA256();
  let bytes = 0;
  for await (const chunk of chunksOf(file.stream())) {
    sha256.update(chunk);
    bytes += chunk.byteLength;
    say({ type: 'done', bytes });
  }
  say({ type: 'digest', sha256: sha256.digest('hex') });
}
