import { createReadStream, statSync } from 'node:fs';
import { build, preview, type Plugin } from 'vite';

/** The bench's page and the models it may fetch, until it is closed. */
export interface PageServer {
  readonly url: string;
  /** The address of a file of this machine, for the page. */
  offer(path: string): string;
  close(): Promise<void>;
}

/** Builds a page (the bench's if none is given) as the app is built, and serves it isolated, as the app is from its second load on. */
export async function servePage(
  outDir: string,
  root = new URL('page', import.meta.url).pathname,
): Promise<PageServer> {
  const offered: string[] = [];
  const common = { root, configFile: false, base: './', logLevel: 'error' } as const;
  await build({
    ...common,
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 8000 },
  });
  const server = await preview({
    ...common,
    build: { outDir },
    plugins: [models(offered)],
    preview: {
      host: '127.0.0.1',
      port: 0,
      headers: {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      },
    },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('The bench’s server has no address.');
  return {
    url,
    offer: (path) => new URL(`models/${offered.push(path) - 1}`, url).href,
    close: () => server.close(),
  };
}

function models(offered: readonly string[]): Plugin {
  return {
    name: 'bench-models',
    configurePreviewServer({ middlewares }) {
      middlewares.use('/models/', (request, response, next) => {
        const path = offered[Number(request.url?.slice(1))];
        if (path === undefined) {
          next();
          return;
        }
        response.setHeader('content-length', statSync(path).size);
        createReadStream(path).pipe(response);
      });
    },
  };
}
