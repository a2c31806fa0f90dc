import { DrpoError } from '../core/errors.ts';

// The page's policy can be narrowed but never widened, so the hosts in use must be known before anything else happens:
// they are in localStorage, which can be read at once.
const storageKey = 'drpo-hosts';

/** Where web-llm's weights and libraries come from; their hosts redirect among themselves. */
const modelHosts = [
  'https://huggingface.co',
  'https://*.huggingface.co',
  'https://*.hf.co',
  'https://raw.githubusercontent.com',
];

/** Origins that a person has named, such as `https://example.org`. */
export function namedHosts(): readonly string[] {
  const stored = localStorage.getItem(storageKey);
  return stored === null ? [] : stored.split(' ').filter((text) => originOf(text) === text);
}

/** Whether the page may fetch from an address as it is now. */
export function isAllowed(url: URL): boolean {
  const known = [location.origin, ...modelHosts, ...namedHosts()];
  return known.some((origin) => {
    const wildcard = origin.replace('https://*.', '');
    return wildcard === origin
      ? url.origin === origin
      : url.protocol === 'https:' && url.port === '' && url.hostname.endsWith(`.${wildcard}`);
  });
}

/** Lets a host in from the next load of the page on. */
export function allowHost(url: URL): void {
  localStorage.setItem(storageKey, [...new Set([...namedHosts(), url.origin])].join(' '));
}

/**
 * A person's address of a model file. Throws `host-blocked` for what a browser would not fetch from here, with the way round.
 */
export function readAddress(text: string, page = location.protocol): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new DrpoError(
      'host-blocked',
      `“${text.slice(0, 80)}” is not a web address. It should look like https://example.org/model.gguf.`,
    );
  }
  if (isMixed(url, page)) {
    throw new DrpoError(
      'host-blocked',
      `${url.host} offers the file over plain http, which this page may not read. Use an https address, or download the file and drop it here.`,
    );
  }
  return url;
}

/** Whether the browser would block an address as mixed content: plain http from a secure page, but to this machine itself. */
function isMixed(url: URL, page = location.protocol): boolean {
  const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  return url.protocol === 'http:' && !loopback && page === 'https:';
}

/** Narrows the page's policy to the hosts in use. Must run before any worker starts: workers inherit it. */
export function narrowPolicy(): void {
  // Without a policy of its own (the development server) there is nothing to narrow.
  if (!document.querySelector('meta[http-equiv="Content-Security-Policy"]')) return;
  const meta = document.createElement('meta');
  meta.httpEquiv = 'Content-Security-Policy';
  meta.content = `connect-src ${["'self'", 'blob:', ...modelHosts, ...namedHosts()].join(' ')}`;
  document.head.append(meta);
}

function originOf(text: string): string | null {
  return URL.canParse(text) ? new URL(text).origin : null;
}
