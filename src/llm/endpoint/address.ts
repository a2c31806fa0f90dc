import { DrpoError } from '../../core/errors.ts';

/**
 * The base address that a person means by what they typed or pasted, such as `http://localhost:8080/v1`, of `localhost:8080`,
 * `http://localhost:8080/` or `http://localhost:8080/v1/chat/completions`; no slash ends it. What may be secret in it (a name, a query) is
 * dropped. Throws `settings-invalid` for what is no web address.
 */
export function endpointAddress(text: string): URL {
  const typed = text.trim();
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `${usualScheme(typed)}${typed}`;
  const url = URL.canParse(whole) ? new URL(whole) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new DrpoError(
      'settings-invalid',
      `“${typed.slice(0, 80)}” is not a web address. A server's looks like http://localhost:8080/v1 or https://api.example.org/v1.`,
    );
  }
  // Servers print the addresses that they listen on, which no browser can open.
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.hostname === '[::]' || url.hostname === '[::1]') url.hostname = 'localhost';
  return new URL(`${url.origin}${versioned(url)}`);
}

function usualScheme(typed: string): string {
  const host = typed.split(/[/:]/)[0] ?? '';
  return isNearbyName(host) || !host.includes('.') ? 'http://' : 'https://';
}

const calls = /\/(chat\/completions|completions|models|embeddings|responses)$/;

/** The path up to the calls: with a version, which people leave out. */
function versioned(url: URL): string {
  const path = url.pathname.replace(/\/+$/, '').replace(calls, '');
  // Ollama's and LM Studio's own interfaces live there; the one we speak is beside them.
  if (isNearby(url) && /^\/api(\/|$)/.test(path)) return '/v1';
  return /\/v\d+[a-z]*(\/|$)/.test(path) ? path : `${path}/v1`;
}

/** Whether an address is on this computer itself. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Whether an address is on this computer or in its own network. */
export function isNearby(url: URL): boolean {
  return isLoopback(url) || isNearbyName(url.hostname);
}

function isNearbyName(name: string): boolean {
  return /^(localhost|0\.0\.0\.0|127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|\[(::|f[cde]))|\.(local|lan|localhost|internal)$/i.test(
    name,
  );
}
