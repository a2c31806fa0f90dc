import { createSHA256 } from 'hash-wasm';
import { chunksOf } from './chunks.ts';

// Asked with a file; says bytes done as it goes, and the digest at the end.
addEventListener('message', ({ data }: MessageEvent<Blob>) => {
  void hash(data);
});

async function hash(file: Blob): Promise<void> {
  const sha256 = await createSHA256();
  let doneBytes = 0;
  for await (const chunk of chunksOf(file.stream())) {
    sha256.update(chunk);
    doneBytes += chunk.byteLength;
    postMessage(doneBytes);
  }
  postMessage(sha256.digest('hex'));
}
