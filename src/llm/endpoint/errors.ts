import { DrpoError, type ErrorCode } from '../../core/errors.ts';
import { isLoopback, isNearby } from './address.ts';
import { isAboutContext, isAboutMoney, type CallFailed, type Server } from './http.ts';

/** What was asked of a server: of which model, and what models there are as far as it said. */
export interface EndpointOccasion {
  readonly model?: string;
  readonly models?: readonly string[];
}

/** A failed request as an error with a code, and a sentence that names the remedy. Never holds the key. */
export async function endpointError(
  { reason, url }: CallFailed,
  server: Server,
  occasion: EndpointOccasion = {},
): Promise<DrpoError> {
  const { host } = new URL(server.base);
  const error = (code: ErrorCode, sentence: string): DrpoError =>
    new DrpoError(code, sentence, `${url}: ${reason.words}`);
  switch (reason.type) {
    case 'status': {
      if (isAboutContext(reason)) return error(...contextRefused(host, reason.words));
      const details = `${url}: ${String(reason.status)} ${reason.code} ${reason.words}`.trim();
      return new DrpoError(...refused(host, reason, occasion, server.key !== null), details);
    }
    case 'timeout':
      return error(
        'endpoint-failed',
        `${host} did not answer in time (given up ${reason.words}). It may be busy with other requests: ask it fewer at once, or take a smaller model there.`,
      );
    case 'redirect':
      return error(
        'endpoint-failed',
        `${host} sends requests on to another address${reason.words ? ` (${reason.words.split('?')[0] ?? ''})` : ''}. Enter the address it sends them to; often it is the same with https.`,
      );
    case 'malformed':
      return error(
        'endpoint-failed',
        `${host} answered with something else than the OpenAI protocol has${/^\s*</.test(reason.words) ? ' (a web page)' : ''}. Check the address: it usually ends in /v1.`,
      );
    case 'network':
      return error(...(await unreachable(server)));
  }
}

type Verdict = readonly [ErrorCode, string];

function contextRefused(host: string, words: string): Verdict {
  return [
    'context-too-small',
    `${host} refused a request as too long for its model’s context, even shortened (“${words.slice(0, 160)}”). Start the server with a larger context, or enter the size that it has.`,
  ];
}

function refused(
  host: string,
  { status, code, words }: Extract<CallFailed['reason'], { type: 'status' }>,
  { model, models = [] }: EndpointOccasion,
  hasKey: boolean,
): Verdict {
  if (isAboutMoney({ type: 'status', status, code, words, retryAfterMs: null })) {
    return [
      'endpoint-refused',
      `${host} says that the account behind this key has no credit left.`,
    ];
  }
  if (status === 401 || status === 403) {
    const remedy = hasKey
      ? 'Check that the key is whole, and that it may use this model.'
      : 'Enter the key that it gave you.';
    return ['endpoint-refused', `${host} refused the key (${String(status)}). ${remedy}`];
  }
  const missing =
    status === 404 || /model_not_found|model .*(does not exist|not found)/i.test(words);
  if (missing && model !== undefined && models.length > 0 && !models.includes(model)) {
    const some = models.slice(0, 8).join(', ');
    return [
      'model-missing',
      `${host} has no model called ${model}. It has: ${some}${models.length > 8 ? ' …' : ''}.`,
    ];
  }
  if (status === 404 || status === 405) {
    return [
      'endpoint-failed',
      `${host} does not know this call (${String(status)}). Check the address, and whether the model is asked in chats or in completions there.`,
    ];
  }
  if (status === 429) {
    return [
      'endpoint-failed',
      `${host} was asked too often and refused five times (429). Ask it fewer requests at once, or go on later: nothing is lost.`,
    ];
  }
  return status >= 500
    ? [
        'endpoint-failed',
        `${host} failed (${String(status)}) and kept failing. See what the server itself says; go on once it answers: nothing is lost.`,
      ]
    : [
        'endpoint-failed',
        `${host} did not accept the request (${String(status)}): “${words.slice(0, 200)}”.`,
      ];
}

/** Why a browser says no more than "failed to fetch". Asks the server once more, in a way that needs no permission of it. */
async function unreachable(server: Server): Promise<Verdict> {
  const url = new URL(server.base);
  const page = pageOrigin();
  if (page?.protocol === 'https:' && url.protocol === 'http:' && !isLoopback(url)) {
    return ['host-blocked', mixedContent(url)];
  }
  const probe = await knock(url);
  if (probe === 'forbidden') {
    return [
      'host-blocked',
      `This page may only reach the hosts that you named to it, and ${url.host} is not among them. Add the server again under Models: the page then reloads to let it in.`,
    ];
  }
  if (page && !isLoopback(page) && isNearby(url) && (await isWithheld(url))) {
    const what = isLoopback(url) ? 'programs on this computer' : 'your local network';
    return [
      'host-blocked',
      `The browser asks before a page may reach ${what}, and this page has not been allowed to reach ${url.host}. Allow it when asked, or under the icon left of the address (“Local network access”), and try again.`,
    ];
  }
  if (probe === 'open' && page) return ['endpoint-refused', closedToPages(url, page)];
  // An isolated page may not look at a server that does not let it: silence then has two meanings.
  const isolated = page && globalThis.crossOriginIsolated ? ` ${closedToPages(url, page)}` : '';
  return [
    'network',
    `${url.host} could not be reached. Check that the server runs and that the address is right.${isolated && ` If it does: ${isolated.trim()}`}`,
  ];
}

function mixedContent(url: URL): string {
  const nearby = isNearby(url) ? ', open this app itself over http,' : '';
  return `This page came over https, and a browser does not let such a page use plain http but on this computer itself (localhost). Give ${url.host} an https address${nearby} or bring it to localhost through a tunnel (ssh -L).`;
}

/** How a server is told to answer pages of this origin, by the port that each kind usually has. */
function closedToPages(url: URL, page: URL): string {
  const ways: readonly (readonly [port: string, way: string])[] = [
    ['11434', `start Ollama with OLLAMA_ORIGINS=${page.origin}`],
    ['1234', 'switch on “Enable CORS” in LM Studio’s server settings'],
    ['8000', `start vLLM with --allowed-origins '["${page.origin}"]'`],
    ['8080', `start llama.cpp’s server with --cors-origins ${page.origin}`],
  ];
  const known = ways.find(([port]) => port === url.port)?.[1];
  const all = ways.map(([, way]) => way).join('; ');
  const way = known ?? `allow the origin ${page.origin} there: ${all}`;
  return `${url.host} does not answer pages of other sites (CORS): ${way}.`;
}

/** Where the page came from; null outside a browser. A worker of ours starts from a blob and has its page's origin. */
function pageOrigin(): URL | null {
  const origin: unknown = Reflect.get(globalThis, 'origin');
  return typeof origin === 'string' && URL.canParse(origin) ? new URL(origin) : null;
}

const knockMs = 5000;

/**
 * Whether anything answers at an address (`open`), nothing does (`silent`), or the page's own policy stands before it (`forbidden`). What is answered
 * cannot be seen this way. No key is sent.
 */
async function knock(url: URL): Promise<'open' | 'silent' | 'forbidden'> {
  const news = { forbidden: false };
  const hear = (event: Event): void => {
    const blocked: unknown = Reflect.get(event, 'blockedURI');
    news.forbidden ||= typeof blocked === 'string' && blocked.startsWith(url.origin);
  };
  const listens = typeof globalThis.addEventListener === 'function';
  const target: EventTarget | null =
    typeof document === 'undefined' ? (listens ? globalThis : null) : document;
  target?.addEventListener('securitypolicyviolation', hear);
  try {
    await fetch(`${url.href}/models`, {
      mode: 'no-cors',
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(knockMs),
    });
    return 'open';
  } catch {
    // The report of a violation comes as an event of its own.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return news.forbidden ? 'forbidden' : 'silent';
  } finally {
    target?.removeEventListener('securitypolicyviolation', hear);
  }
}

/** Whether the browser has a permission for such addresses and it was not given. False where there is no such thing. */
async function isWithheld(url: URL): Promise<boolean> {
  const names = [isLoopback(url) ? 'loopback-network' : 'local-network', 'local-network-access'];
  for (const name of names) {
    try {
      // Newer than the compiler's list of permissions.
      const { state } = await navigator.permissions.query({ name: name as PermissionName });
      return state !== 'granted';
    } catch {
      continue;
    }
  }
  return false;
}
