import type { LoadOrder, WorkerEvent } from '../boundary.ts';
import { downloadGguf } from '../download/gguf.ts';
import { serve } from '../serve.ts';
import { openWllama } from './engine.ts';

serve(async ({ source, contextSize, gpu, wasmUrl }, emit) => {
  const load = (file: Blob, name: string, sha256: string): ReturnType<typeof openWllama> =>
    openWllama({ file, name, sha256, contextSize, gpu, wasmUrl, emit });
  switch (source.type) {
    case 'gguf-file':
      return load(source.file, source.name, source.sha256);
    case 'gguf-url': {
      const { file, sha256 } = await download(source.url, emit);
      emit({ type: 'file', file, sha256 });
      return load(file, nameIn(source.url), sha256);
    }
    case 'web-llm':
    case 'mlc':
    case 'endpoint':
      throw new Error(`A model of type ${source.type} is not a GGUF model.`);
  }
}, bring);

/** Downloads a file, and gives it to the page. */
async function bring({ source }: LoadOrder, emit: (event: WorkerEvent) => void): Promise<void> {
  if (source.type !== 'gguf-url') throw new Error(`A ${source.type} is not to be downloaded.`);
  const { file, sha256 } = await download(source.url, emit);
  emit({ type: 'file', file, sha256 });
}

async function download(
  url: string,
  emit: (event: WorkerEvent) => void,
): ReturnType<typeof downloadGguf> {
  let said = 0;
  return downloadGguf(url, {
    onProgress: (doneBytes, totalBytes, phase) => {
      const isNews = doneBytes === totalBytes || phase === 'retry';
      if (!isNews && performance.now() - said < 100) return;
      said = performance.now();
      const totalMb = totalBytes === null ? null : totalBytes / 1e6;
      emit({ type: 'progress', progress: { phase, doneMb: doneBytes / 1e6, totalMb } });
    },
  });
}

/** The last part of the address, as a file would be named. */
function nameIn(url: string): string {
  const { pathname, host } = new URL(url);
  return decodeURIComponent(pathname.split('/').at(-1) ?? '') || host;
}
