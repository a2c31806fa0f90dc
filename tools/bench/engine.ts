/**
 * npm run bench:engine -- [--model FILE|web-llm:ID …] [--json FILE] [--context TOKENS] [--size whole|short]
 * Runs a search's own requests on each engine in Chromium and prints one JSON line an engine: what was read over what had to
 * be read, and what the app adds to the engine's time. Without --model: a generated model of 50 M parameters, and those
 * of known test models that are there.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type BrowserContext, type Page } from 'playwright';
import { browserArgs, ensureBrowser } from '../browser.ts';
import { readGgufWeights } from '../serve-model/gguf-weights.ts';
import { cacheTokensOf } from './capacity.ts';
import { floorByText, floorByTokens, tokensOf, type Floor } from './floor.ts';
import type { Measured, Order } from './measured.ts';
import { writeBenchModel } from './model.ts';
import { figuresOf, lineOf, type Figures, type Line } from './report.ts';
import { servePage, type PageServer } from './serve.ts';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', multiple: true },
    json: { type: 'string' },
    context: { type: 'string', default: '2048' },
    size: { type: 'string' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'drpo-bench-'));

/** A profile of its own on disk: what Playwright opens otherwise keeps databases in memory, which is faster than life. */
async function openBrowser(withGpu: boolean): Promise<BrowserContext> {
  return chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: ensureBrowser(),
    args: withGpu
      ? [...browserArgs.filter((arg) => arg !== '--disable-gpu'), '--enable-unsafe-webgpu']
      : [...browserArgs],
  });
}

/** A page of its own for each measure, with an empty database. */
async function onFreshPage<T>(
  browser: BrowserContext,
  url: string,
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'info') console.error(message.text());
  });
  try {
    await page.goto(url);
    await page.waitForFunction(() => 'bench' in window);
    return await work(page);
  } finally {
    await page.close();
  }
}

async function benchModel(
  browser: BrowserContext,
  server: PageServer,
  model: string,
): Promise<Line | null> {
  const order = orderFor(server, model);
  if (order.source.type === 'web-llm') {
    const hasGpu = await onFreshPage(browser, server.url, (page) =>
      page.evaluate(() => window.bench.hasGpu()),
    );
    if (!hasGpu) {
      console.error(`${model}: not run: no WebGPU adapter.`);
      return null;
    }
  }
  console.error(`${model}: running the ${order.size} script …`);
  const measured = await onFreshPage(browser, server.url, (page) =>
    page.evaluate((o) => window.bench.measure(o), order),
  );
  const { floor, floorBy, cacheTokens } = await floorOf(model, measured);
  console.error(`${model}: ${measured.asked.length} requests; now the engine’s stock behaviour …`);
  const stock = await onFreshPage(browser, server.url, (page) =>
    page.evaluate((o) => window.bench.measureStock(o), { ...order, requests: floor.requests }),
  );
  return lineOf({ model: basename(model), measured, stock, floor, floorBy, cacheTokens });
}

// Larger models get the short script: the whole one would take them more than a few minutes.
const shortFromBytes = 20e6;

function orderFor(server: PageServer, model: string): Order {
  const contextSize = Number(options.context);
  const asked = options.size === 'whole' || options.size === 'short' ? options.size : null;
  if (model.startsWith('web-llm:')) {
    const source = { type: 'web-llm', id: model.slice('web-llm:'.length) } as const;
    return { source, contextSize, size: asked ?? 'whole' };
  }
  const size = asked ?? (statSync(model).size > shortFromBytes ? 'short' : 'whole');
  const source = { type: 'gguf', url: server.offer(model), name: basename(model) } as const;
  return { source, contextSize, size };
}

interface FloorFacts {
  readonly floor: Floor;
  readonly floorBy: 'tokens' | 'text';
  readonly cacheTokens: number;
}

async function floorOf(model: string, { asked, contextSize }: Measured): Promise<FloorFacts> {
  // web-llm holds one sequence of the context's length.
  if (model.startsWith('web-llm:')) {
    return {
      floor: await floorByText(asked, contextSize),
      floorBy: 'text',
      cacheTokens: contextSize,
    };
  }
  const file = readFileSync(model);
  const gguf = readGgufWeights(file);
  const cacheTokens = cacheTokensOf(gguf, file.byteLength, contextSize);
  const tokens = tokensOf(gguf);
  const floor = tokens
    ? await floorByTokens(asked, tokens, cacheTokens)
    : await floorByText(asked, cacheTokens);
  if (floor.disagreements > 0) {
    console.error(
      `${model}: for ${floor.disagreements} of ${asked.length} requests the engine counts other tokens than the bench, so its floor is only near.`,
    );
  }
  return { floor, floorBy: tokens ? 'tokens' : 'text', cacheTokens };
}

async function defaultModels(): Promise<readonly string[]> {
  const generated = join(folder, 'random-50m.gguf');
  await writeBenchModel(generated);
  const kept = ['public/models/pocket.gguf', '../shared/models/stories260K.gguf'];
  return [generated, ...kept.filter((path) => existsSync(path))];
}

async function main(): Promise<void> {
  const models = options.model ?? (await defaultModels());
  const server = await servePage(join(folder, 'page'));
  const browser = await openBrowser(models.some((model) => model.startsWith('web-llm:')));
  const engines: Record<string, Figures> = {};
  try {
    for (const model of models) {
      const line = await benchModel(browser, server, model);
      if (!line) continue;
      console.log(JSON.stringify(line));
      engines[`${line.engine}, ${line.model}`] = figuresOf(line);
    }
  } finally {
    await browser.close();
    await server.close();
  }
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ engines }, null, 2)}\n`);
  }
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
