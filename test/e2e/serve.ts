import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** A server that can be reached at `url` until it is closed. */
export interface FileServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves a folder under `base` as a plain static host does: no rewrites, no special headers. Each request is told of, and
 * answered once that has resolved.
 */
export async function serveFiles(
  folder: string,
  base: string,
  onRequest: (path: string) => Promise<void> = () => Promise.resolve(),
): Promise<FileServer> {
  return listen(
    createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      void onRequest(path).then(() => send(response, folder, base, path));
    }),
    base,
  );
}

function send(response: ServerResponse, folder: string, base: string, path: string): void {
  const name = path.endsWith('/') ? `${path}index.html` : path;
  const file = join(folder, normalize(name.slice(base.length - 1)));
  if (!path.startsWith(base) || !existsSync(file) || !statSync(file).isFile()) {
    response.writeHead(404).end('not found');
    return;
  }
  response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
  createReadStream(file).pipe(response);
}

/** Starts a server on a free port of this machine. */
export async function listen(server: Server, path: string): Promise<FileServer> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}${path}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
