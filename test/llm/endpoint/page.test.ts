import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from 'playwright';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { browserArgs, findBrowser } from '../../../tools/browser.ts';
import {
  serveModel,
  type ServedModel,
  type ServeOptions,
} from '../../../tools/serve-model/server.ts';
import { aRequest, chat, saying, words } from '../requests.ts';
import { orderTo, served, weights } from './served.ts';

// What a page can and cannot reach is the browser's doing: a real one, with our module as the development server gives it.
let vite: ViteDevServer;
let pages: { readonly url: string; close(): void };
const models: ServedModel[] = [];
const browsers: Browser[] = [];

beforeAll(async () => {
  vite = await createServer({
    configFile: false,
    logLevel: 'silent',
    server: { middlewareMode: true, hmr: false, watch: null, allowedHosts: true },
    appType: 'custom',
    optimizeDeps: { noDiscovery: true },
  });
  const http = createHttp((request, response) => {
    const url = new URL(request.url ?? '/', 'http://page');
    if (url.pathname !== '/page') {
      vite.middlewares(request, response);
      return;
    }
    const policy = url.searchParams.get('policy');
    const meta = policy
      ? `<meta http-equiv="Content-Security-Policy" content="connect-src ${policy}">`
      : '';
    const isolation = {
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    };
    const headers = {
      'content-type': 'text/html',
      ...(url.searchParams.has('isolated') && isolation),
    };
    response.writeHead(200, headers).end(`<!doctype html>${meta}`);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  pages = {
    url: `http://127.0.0.1:${port}/page`,
    close: () => {
      http.close();
      http.closeAllConnections();
    },
  };
});
afterEach(async () => {
  for (const browser of browsers.splice(0)) await browser.close();
  for (const model of models.splice(0)) await model.close();
});
afterAll(async () => {
  pages.close();
  await vite.close();
});

async function serve(options: Partial<ServeOptions> = {}): Promise<ServedModel> {
  const model = await serveModel({ model: weights, name: 'served', ...options });
  models.push(model);
  return model;
}

interface Visit {
  readonly policy?: string;
  readonly flags?: readonly string[];
  readonly permissions?: readonly string[];
  /** Whether to look from a worker that starts as ours do. */
  readonly inWorker?: boolean;
  /** Under which name the page is, and whether over https. */
  readonly host?: string;
  readonly https?: boolean;
  /** Whether the page is isolated from others, as threads need it. */
  readonly isolated?: boolean;
}

/** Looks at a server from a page: what it says, or the error's code and sentence. */
async function lookFrom(visit: Visit, server: string, key: string | null = null): Promise<unknown> {
  const page = await visitPage(visit);
  const module = new URL('/src/llm/endpoint/look.ts', page.url()).href;
  // As text: what runs there must not pass through this side's compiler.
  const look = `import(${JSON.stringify(module)})
    .then((m) => m.lookAtEndpoint(${JSON.stringify(server)}, ${JSON.stringify(key)}))
    .catch(({ code, message, details }) => ({ code, message, details }))`;
  const script = JSON.stringify(`${look}.then((said) => postMessage(said))`);
  const started = `new Promise((resolve) => {
    const code = new Blob([${script}], { type: 'text/javascript' });
    const worker = new Worker(URL.createObjectURL(code), { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve(message);
  })`;
  return page.evaluate(visit.inWorker ? started : look);
}

async function visitPage(visit: Visit): Promise<Page> {
  const executablePath = findBrowser();
  const browser = await chromium.launch({
    args: [...browserArgs, ...(visit.flags ?? [])],
    ...(executablePath !== null && { executablePath }),
  });
  browsers.push(browser);
  const context = await browser.newContext();
  if (visit.permissions) await context.grantPermissions([...visit.permissions]);
  const page = await context.newPage();
  const address = new URL(pages.url);
  address.hostname = visit.host ?? address.hostname;
  address.searchParams.set('policy', visit.policy ?? '');
  if (visit.isolated) address.searchParams.set('isolated', '');
  if (visit.https) {
    address.protocol = 'https:';
    await page.route(`${address.origin}/**`, async (route) => {
      const { pathname, search } = new URL(route.request().url());
      const here = new URL(pathname + search, pages.url).href;
      await route.fulfill({ response: await route.fetch({ url: here }) });
    });
  }
  await page.goto(address.href);
  return page;
}

const blocked = "'self'";

test.each([[false], [true]])(
  'a server that lets pages in is seen (from a worker: %s)',
  async (inWorker) => {
    const { url } = await serve({ key: 'a-key' });
    expect(await lookFrom({ inWorker }, url, 'a-key')).toMatchObject({ models: ['served'] });
  },
);

test.each([[false], [true]])(
  'a host that the page’s policy does not name is told as such (from a worker: %s)',
  async (inWorker) => {
    const { url, requests } = await serve();
    expect(await lookFrom({ policy: blocked, inWorker }, url)).toMatchObject({
      code: 'host-blocked',
      message: saying(`${new URL(url).host} is not among them`),
    });
    expect(requests).toEqual([]);
  },
);

test.each([[false], [true]])(
  'a server that is there but closed to pages is told with its setting (from a worker: %s)',
  async (inWorker) => {
    const { url } = await serve({ cors: false });
    expect(await lookFrom({ inWorker }, url, 'a-secret-key')).toMatchObject({
      code: 'endpoint-refused',
      message: saying(
        /CORS.*OLLAMA_ORIGINS=http:\/\/127\.0\.0\.1:\d+;.*“Enable CORS”.*--allowed-origins/,
      ),
    });
    expect(models[0]?.requests.every((seen) => seen.authorization === undefined)).toBe(true);
  },
);

test('a server that is not there is told as such', async () => {
  const model = await serve();
  const { url } = model;
  await model.close();
  expect(await lookFrom({}, url)).toMatchObject({
    code: 'network',
    message: saying('could not be reached'),
  });
});

// The page as it comes from a site, of which the browser thinks that it is on the internet.
const site = 'app.example';
const asSite = (): Pick<Visit, 'flags' | 'host'> => {
  const { port } = new URL(pages.url);
  const flags = [
    `--host-resolver-rules=MAP ${site} 127.0.0.1, MAP models.example 127.0.0.1`,
    `--ip-address-space-overrides=127.0.0.1:${port}=public`,
    `--unsafely-treat-insecure-origin-as-secure=http://${site}:${port}`,
  ];
  return { flags, host: site };
};

test.each([[false], [true]])(
  'a browser that asks before a page reaches this computer is named (from a worker: %s)',
  async (inWorker) => {
    const { url, requests } = await serve();
    expect(await lookFrom({ ...asSite(), inWorker }, url)).toMatchObject({
      code: 'host-blocked',
      message: saying(/programs on this computer.*Local network access/),
    });
    expect(requests).toEqual([]);
  },
);

test('once the person has let the page in, it reaches this computer', async () => {
  const { url } = await serve();
  const visit = { ...asSite(), permissions: ['local-network-access'] };
  expect(await lookFrom(visit, url)).toMatchObject({ models: ['served'] });
});

test('plain http from a page that came over https is told as such, and this computer is excepted', async () => {
  const { url, requests } = await serve();
  const elsewhere = url.replace('127.0.0.1', 'models.example');
  const visit = { ...asSite(), https: true, permissions: ['local-network-access'] };
  expect(await lookFrom(visit, elsewhere)).toMatchObject({
    code: 'host-blocked',
    message: saying(/came over https.*models\.example.*https address.*ssh -L/),
  });
  expect(requests).toEqual([]);
  expect(await lookFrom(visit, url)).toMatchObject({ models: ['served'] });
});

test('an isolated page reaches open servers, and of a silent one it says both that may be', async () => {
  const [there, closed] = [await serve(), await serve({ cors: false })];
  expect(await lookFrom({ isolated: true }, there.url)).toMatchObject({ models: ['served'] });
  expect(await lookFrom({ isolated: true }, closed.url)).toMatchObject({
    code: 'network',
    message: saying(/could not be reached.*If it does.*CORS/),
  });
});

test('a model of a server is opened in a worker of the page, and answers as it does here', async () => {
  const { llm, server } = await served({ key: 'a-key' }, { key: 'a-key' });
  models.push(server);
  const request = aRequest({ content: chat('Once upon a time'), output: words(16) });
  const { usage: _, ...reply } = await llm.ask(request);
  const order = { ...orderTo(server, { key: 'a-key' }), type: 'endpoint', patience: undefined };
  const page = await visitPage({});
  const there: unknown = await page.evaluate(`import('/src/llm/open.ts').then(async (m) => {
    const model = await m.openModel(${JSON.stringify(order)});
    const heard = [];
    const reply = await model.llm.ask(${JSON.stringify(request)}, { onText: (t) => heard.push(t) });
    const leaving = new AbortController();
    const asked = model.llm.ask(${JSON.stringify(request)}, { signal: leaving.signal });
    leaving.abort();
    const aborted = await asked.catch((error) => error.name);
    model.close();
    return { info: model.llm.info, reply, heard: heard.length > 0, aborted };
  })`);
  expect(there).toMatchObject({ info: llm.info, reply, heard: true, aborted: 'AbortError' });
});
