import { DrpoError } from '../../core/errors.ts';

/**
 * The address of the folder with the weights, from what people paste: a repository's name or page on Hugging Face, any
 * page or file in it, or a folder elsewhere. Ends in `/resolve/…/`. Throws `host-blocked` for what a browser would not
 * fetch from here.
 */
export function readMlcAddress(text: string): string {
  const pasted = text.trim();
  const isName = /^[\w.-]+\/[\w.-]+$/.test(pasted) && !/^(localhost|[\w-]+\.\w+)\//.test(pasted);
  const full = isName
    ? `https://huggingface.co/${pasted}`
    : /^[\w-]+(\.[\w-]+)+\//.test(pasted)
      ? `https://${pasted}`
      : pasted;
  const url = URL.canParse(full) ? new URL(full) : null;
  if (!url || !/^https?:$/.test(url.protocol)) throw notAnAddress(pasted);
  const isLoopback = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isLoopback) throw plainHttp(url);
  return isHub(url) ? hubFolder(url) : otherFolder(url);
}

function isHub({ hostname }: URL): boolean {
  return /^(www\.)?(huggingface\.co|hf\.co)$/.test(hostname);
}

function hubFolder(url: URL): string {
  const [owner, repository, kind, revision = 'main', ...path] = url.pathname
    .split('/')
    .filter((part) => part !== '');
  if (owner === undefined || repository === undefined) throw notAnAddress(url.href);
  const isInside = kind !== undefined && /^(tree|blob|resolve|raw)$/.test(kind);
  // A page of a file shows the file's name last, and a folder's page the folder's.
  const folders = isInside ? path.filter((part, i) => i < path.length - 1 || !isFile(part)) : [];
  const inside = folders.map((part) => `${part}/`).join('');
  return `https://huggingface.co/${owner}/${repository}/resolve/${isInside ? revision : 'main'}/${inside}`;
}

function otherFolder(url: URL): string {
  const parts = url.pathname.split('/');
  const folder = isFile(parts.at(-1) ?? '') ? parts.slice(0, -1).join('/') : url.pathname;
  const path = folder.endsWith('/') ? folder : `${folder}/`;
  // web-llm puts this behind every address that has it not.
  return url.origin + (/\/resolve\/.+\//.test(path) ? path : `${path}resolve/main/`);
}

function isFile(name: string): boolean {
  return /\.(json|bin|model|md|txt|wasm)$/.test(name);
}

function notAnAddress(text: string): DrpoError {
  return new DrpoError(
    'host-blocked',
    `“${text.slice(0, 80)}” is not the address of a model. It should look like https://huggingface.co/mlc-ai/Qwen2.5-0.5B-Instruct-q4f16_1-MLC.`,
  );
}

function plainHttp(url: URL): DrpoError {
  return new DrpoError(
    'host-blocked',
    `${url.host} offers the files over plain http, which this page may not read. Use an https address, or download the folder and choose it here.`,
  );
}
