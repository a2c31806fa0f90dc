import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { keepLimitBytes, type BuiltFile } from '../src/app/built-files.ts';

const source = fileURLToPath(new URL('../src/sw.ts', import.meta.url));
const fileName = 'sw.js';

/** Builds the service worker beside the page. It runs last: the files must be as they will be served. */
export function serviceWorker(): Plugin {
  let outDir = 'dist';
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved: (config) => {
      outDir = resolve(config.root, config.build.outDir);
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      handler: () => writeServiceWorker(outDir),
    },
  };
}

/** Writes `sw.js` into a folder of the built app: one script that knows every file of the folder and its content. */
export async function writeServiceWorker(folder: string): Promise<void> {
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { __BUILT_FILES__: JSON.stringify(listFiles(folder)) },
    build: {
      target: 'es2023',
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { input: source, output: { format: 'iife', entryFileNames: fileName } },
    },
  });
}

/** The files of a folder of the built app that a page may ask for, by path. */
export function listFiles(folder: string): readonly BuiltFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => ({ file, path: relative(folder, file).split(sep).join('/') }))
    .filter(({ path }) => isServed(path))
    .map(({ file, path }) => describeFile(path, readFileSync(file)))
    .filter(({ bytes }) => bytes <= keepLimitBytes)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Hosts keep their own settings beside the page (`_headers`, `CNAME`, `.nojekyll`), and give them to nobody. */
function isServed(path: string): boolean {
  const hidden = path.split('/').some((part) => part.startsWith('.'));
  return path !== fileName && !hidden && !['', '.map'].includes(extname(path));
}

function describeFile(path: string, content: Uint8Array): BuiltFile {
  const digest = createHash('sha256').update(content).digest('base64');
  return { path, bytes: content.byteLength, integrity: `sha256-${digest}` };
}
