import { afterEach, expect, test, vi } from 'vitest';
import { DrpoError } from '../../../src/core/errors.ts';
import type { LlmReply, LlmRequest } from '../../../src/core/llm.ts';
import type { EndpointOrder } from '../../../src/llm/endpoint/engine.ts';
import { openEndpoint } from '../../../src/llm/endpoint/engine.ts';
import type { Fault, Seen, ServeOptions } from '../../../tools/serve-model/server.ts';
import { aRequest, chat, digits, saying, text, words } from '../requests.ts';
import { hasty, isTrained, orderTo, served, type Served } from './served.ts';

const open: Served[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(
  options: Partial<ServeOptions> = {},
  order: Partial<EndpointOrder> = {},
): Promise<Served> {
  const started = await served(options, order);
  open.push(started);
  return started;
}

const said = (content = chat('Once upon a time'), output = words(12)): LlmRequest =>
  aRequest({ content, output });

const textOf = (reply: LlmReply): string => (reply.type === 'text' ? reply.text : '');

const failing = async (asked: Promise<unknown>): Promise<DrpoError> => {
  const error: unknown = await asked.catch((e: unknown) => e);
  if (error instanceof DrpoError) return error;
  throw new Error(`expected a DrpoError, got ${String(error)}`);
};

const answer = (status: number, body: unknown, headers = {}): Fault => ({
  type: 'answer',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers,
});

/** Fails the first `times` texts that are asked for once `on` is set. */
function failingTexts(fault: Fault): {
  times: number;
  fault: (seen: Seen) => Fault | null;
} {
  const plan = {
    times: 0,
    fault: ({ path }: Seen): Fault | null =>
      path.endsWith('completions') && plan.times-- > 0 ? fault : null,
  };
  return plan;
}

test('an endpoint says what it is, and what it was found to lack', async () => {
  const { llm } = await start({}, { contextSize: 9000, concurrency: 900 });
  expect(llm.info).toMatchObject({
    engine: 'endpoint 1',
    id: 'served',
    name: 'served',
    contextSize: 512,
    form: 'chat',
    canEmbed: true,
    concurrency: 64,
  });
  expect(llm.info.revision).toMatch(/^[0-9a-f]{64}$/);
  expect(llm.info.notes).toEqual([
    saying('holds 512 tokens, fewer than the 9000 named'),
    saying('several requests at once'),
  ]);
  const { llm: plain } = await start(
    { mostLogprobs: 0, without: ['embeddings', 'tokenize'] },
    { concurrency: 1, api: 'completions' },
  );
  expect(plain.info).toMatchObject({ form: 'text', canEmbed: false, concurrency: 1 });
  expect(plain.info.notes).toEqual([saying('each rating is one digit')]);
});

test('what is in the wrong form is refused before it is sent', async () => {
  const { llm, server } = await start();
  const before = server.requests.length;
  expect(await failing(llm.ask(said(text('Once'))))).toMatchObject({ code: 'settings-invalid' });
  expect(server.requests.length).toBe(before);
});

test('a streamed text is the one that comes whole, also with more stops than servers take', async () => {
  const { llm } = await start();
  const whole = textOf(await llm.ask(said()));
  const heard: string[] = [];
  const onText = (heardText: string): number => heard.push(heardText);
  expect(textOf(await llm.ask(said(), { onText }))).toBe(whole);
  expect(heard.length).toBeGreaterThan(2);
  const never = ['§1', '§2', '§3', '§4'];
  const stop = whole.slice(6, 8);
  const said5 = said(chat('Once upon a time'), words(12, ...never, stop));
  heard.length = 0;
  const stopped = await llm.ask(said5, { onText });
  expect(stopped).toMatchObject({ text: whole.slice(0, whole.indexOf(stop)), finish: 'stop' });
  expect(heard.every((part) => textOf(stopped).startsWith(part))).toBe(true);
  expect(await llm.ask(said5)).toMatchObject({ text: textOf(stopped), finish: 'stop' });
});

test('a server without probabilities is asked to write a digit, and one is read from what it writes', async () => {
  const reply = (content: string): Fault =>
    answer(200, { choices: [{ message: { content }, finish_reason: 'stop' }] });
  let content = '1';
  const { llm } = await start({
    fault: ({ path }) => (path.endsWith('chat/completions') ? reply(content) : null),
  });
  expect(llm.info.notes).toContainEqual(saying('each rating is one digit'));
  const choose = async (): Promise<unknown> => {
    const { usage: _, ...rest } = await llm.ask(said(chat('Rate: '), digits));
    return rest;
  };
  const one = (place: number): unknown => ({
    type: 'choice',
    probabilities: [1, 2, 3, 4, 5].map((n) => (n === place ? 1 : 0)),
    cut: [],
  });
  expect(await choose()).toEqual(one(1));
  content = 'Rating: **4**/5';
  expect(await choose()).toEqual(one(4));
  content = 'In 1999 I was';
  expect(await choose()).toEqual({
    type: 'choice',
    probabilities: [0.2, 0.2, 0.2, 0.2, 0.2],
    lostMass: 1,
    cut: [],
  });
});

test('choices that the list hardly has are all alike, and all of their mass is lost', async () => {
  const { llm } = await start({ mostLogprobs: 5 });
  const choices = ['|', '~'];
  const reply = await llm.ask(said(chat('Once upon a time'), { type: 'choice', choices }));
  expect(reply).toMatchObject({ probabilities: [0.5, 0.5], lostMass: 1 });
});

test('as many requests as the person set are under way at once, and no more', async () => {
  const { llm, server } = await start({}, { concurrency: 3 });
  const asked = Array.from({ length: 8 }, (_, i) => llm.ask(said(chat(`Number ${i}`))));
  await Promise.all(asked);
  expect(server.mostAtOnce()).toBe(3);
});

test.each([
  [429, { 'retry-after': '0' }],
  [429, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }],
  [500, {}],
  [502, {}],
  [503, {}],
  [504, {}],
])(
  'a passing %i is asked again, and the reply is what it would have been',
  async (status, headers) => {
    const plan = failingTexts(answer(status, { error: { message: 'later' } }, headers));
    const { llm } = await start({ fault: plan.fault });
    const before = textOf(await llm.ask(said()));
    plan.times = 2;
    expect(textOf(await llm.ask(said()))).toBe(before);
  },
);

test('a broken stream and a connection that is cut are asked again', async () => {
  const plan = failingTexts({ type: 'break' });
  const { llm } = await start({ fault: plan.fault });
  const before = textOf(await llm.ask(said()));
  plan.times = 1;
  expect(textOf(await llm.ask(said(), { onText: () => undefined }))).toBe(before);
  plan.times = 1;
  expect(textOf(await llm.ask(said()))).toBe(before);
});

test('the wait that a server asks for is kept, and an abort ends it at once', async () => {
  const plan = failingTexts(answer(429, {}, { 'retry-after': '50' }));
  const { llm } = await start({ fault: plan.fault });
  plan.times = 1;
  const leaving = new AbortController();
  const asked = llm.ask(said(), { signal: leaving.signal }).catch((e: unknown) => e);
  await vi.waitFor(() => expect(plan.times).toBe(0), 5000);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const stopped = new DOMException('enough', 'AbortError');
  leaving.abort(stopped);
  expect(await asked).toBe(stopped);
});

test.each([
  [
    'keeps failing',
    answer(500, { error: { message: 'CUDA error' } }),
    'endpoint-failed',
    /500.*nothing is lost/,
  ],
  ['keeps refusing', answer(429, 'slow down'), 'endpoint-failed', /fewer requests at once/],
  [
    'is out of credit',
    answer(429, { error: { message: 'x', code: 'insufficient_quota' } }),
    'endpoint-refused',
    /no credit/,
  ],
  ['refuses the key', answer(401, { error: 'nope' }), 'endpoint-refused', /Enter the key/],
  [
    'answers with a page',
    answer(200, '<!doctype html><p>Hello'),
    'endpoint-failed',
    /a web page.*\/v1/,
  ],
  [
    'answers with other JSON',
    answer(200, { result: 'hello' }),
    'endpoint-failed',
    /something else/,
  ],
  [
    'refuses what it was asked',
    answer(400, { detail: 'bad temperature' }),
    'endpoint-failed',
    /“bad temperature”/,
  ],
  ['lacks the call', answer(404, 'Not Found'), 'endpoint-failed', /does not know this call/],
  [
    'sends on',
    answer(308, '', { location: 'https://elsewhere.example/v1' }),
    'endpoint-failed',
    /elsewhere/,
  ],
] as const)('a server that %s gets its sentence', async (_name, fault, code, sentence) => {
  const plan = failingTexts(fault);
  const { llm } = await start({ fault: plan.fault });
  plan.times = 100;
  expect(await failing(llm.ask(said()))).toMatchObject({ code, message: saying(sentence) });
  plan.times = 0;
  expect(textOf(await llm.ask(said()))).not.toBe('');
});

test('a server that hangs is asked twice, then given up with the time; meanwhile the engine is heard of', async () => {
  const heard: string[] = [];
  const plan = failingTexts({ type: 'stall' });
  const patience = { ...hasty, requestMs: 2000 };
  const emit: EndpointOrder['emit'] = ({ type }) => heard.push(type);
  const { llm, server } = await start({ fault: plan.fault }, { emit, patience });
  plan.times = 100;
  heard.length = 0;
  const before = server.requests.length;
  const error = await failing(llm.ask(said()));
  expect(error).toMatchObject({ code: 'endpoint-failed', message: saying('after 2 s') });
  expect(server.requests.length - before).toBe(2);
  expect(heard.length).toBeGreaterThan(5);
  expect(new Set(heard)).toEqual(new Set(['alive']));
  const then = heard.length;
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(heard.length).toBe(then);
});

test('a model that is not there is told from those that are', async () => {
  const { server } = await start();
  const error = await failing(openEndpoint(orderTo(server, { model: 'gpt' })));
  expect(error).toMatchObject({
    code: 'model-missing',
    message: saying(/called gpt.*has: served/),
  });
});

test('a server that is gone is named', async () => {
  const { llm, server } = await start();
  await server.close();
  const { host } = new URL(server.url);
  const error = await failing(llm.ask(said()));
  expect(error).toMatchObject({ code: 'network', message: saying(`${host} could not be reached`) });
});

const key = 'sk-very+secret/key==';
const everythingOf = (error: DrpoError): string =>
  JSON.stringify([error.message, error.details, error.stack, String(error.cause), error]);

test('the key is in the header, and in nothing that anybody sees, even where the server repeats it', async () => {
  const echo = [key, encodeURIComponent(key), btoa(key), `Bearer ${key}`].join(' ');
  const faults: readonly Fault[] = [
    answer(401, { error: { message: `Incorrect API key provided: ${echo}`, code: key } }),
    answer(500, `<html>${echo}</html>`),
    answer(400, { detail: echo }),
    answer(200, `not JSON ${echo}`),
    answer(307, '', { location: `https://elsewhere.example/?key=${key}` }),
  ];
  for (const fault of faults) {
    const plan = failingTexts(fault);
    const { llm, server } = await start({ key, fault: plan.fault }, { key });
    expect(server.requests.every((seen) => seen.authorization === `Bearer ${key}`)).toBe(true);
    expect(JSON.stringify(llm.info)).not.toContain(key);
    plan.times = 100;
    const everything = everythingOf(await failing(llm.ask(said())));
    for (const spelt of [key, encodeURIComponent(key), btoa(key)]) {
      expect(everything).not.toContain(spelt);
    }
  }
});

test('a reply that repeats the key is kept without it, streamed or not', async () => {
  const content = `The key is ${key}.`;
  let streams = false;
  const { llm } = await start(
    {
      fault: ({ path }) => {
        if (!path.endsWith('chat/completions')) return null;
        const piece = (words: string): unknown => ({ choices: [{ delta: { content: words } }] });
        const events = [piece('The key is '), piece(key.slice(0, 5)), piece(`${key.slice(5)}.`)];
        const end = { choices: [{ delta: {}, finish_reason: 'stop' }] };
        const body = [...events, end].map((data) => `data: ${JSON.stringify(data)}\n\n`).join('');
        return streams
          ? answer(200, body, { 'content-type': 'text/event-stream' })
          : answer(200, { choices: [{ message: { content }, finish_reason: 'stop' }] });
      },
    },
    { key },
  );
  const clean = { text: 'The key is [key].', finish: 'stop' };
  expect(await llm.ask(said())).toMatchObject(clean);
  streams = true;
  const heard: string[] = [];
  expect(await llm.ask(said(), { onText: (t) => heard.push(t) })).toMatchObject(clean);
  expect(heard.some((t) => t.includes(key))).toBe(false);
});

test('a key that no header can hold is refused without being quoted', async () => {
  for (const wrong of ['sk-1234\nX-Other: 5678', 'schlüssel-1234', 'two words 1234']) {
    const error = await failing(openEndpoint(orderTo({ url: 'localhost:1' }, { key: wrong })));
    expect(error.code).toBe('endpoint-refused');
    expect(everythingOf(error)).not.toContain('1234');
  }
});

test('a server that takes neither seeds nor many probabilities is asked without them', async () => {
  const refuses = (seen: Seen): Fault | null => {
    if (!seen.path.endsWith('completions')) return null;
    if (seen.body.includes('"seed"')) return answer(422, { detail: 'extra field: seed' });
    if (!seen.body.includes('max_completion_tokens') && seen.body.includes('max_tokens')) {
      return answer(400, { error: { message: 'Use max_completion_tokens instead.' } });
    }
    if (/"top_logprobs":(200|20)\b/.test(seen.body)) return answer(400, 'too many');
    return answer(200, {
      choices: [
        {
          message: { content: '1' },
          finish_reason: 'length',
          logprobs: { content: [{ top_logprobs: [{ token: ' 1', logprob: -0.5 }] }] },
        },
      ],
    });
  };
  const { llm, server } = await start({ fault: refuses });
  expect(llm.info.notes).toContainEqual(saying('takes no seed'));
  await llm.ask(said(chat('Rate: '), digits));
  const { body } = server.requests.at(-1) ?? { body: '' };
  expect(JSON.parse(body)).toEqual({
    model: 'served',
    messages: [{ role: 'user', content: 'Rate: ' }],
    max_completion_tokens: 1,
    temperature: 1,
    top_p: 1,
    logprobs: true,
    top_logprobs: 5,
  });
});

test.each([[true], [false]])(
  'a prompt is cut alike each time where the server holds less than was said (counts: %s)',
  async (counts) => {
    const small = { contextSize: 300, without: counts ? [] : (['tokenize'] as const) };
    // The list of models tells the size; a server that has none leaves it to the person.
    const fault = ({ path }: Seen): Fault | null =>
      path === '/v1/models' ? answer(404, '') : null;
    const { llm } = await start({ ...small, fault }, { contextSize: 480 });
    expect(llm.info.contextSize).toBe(480);
    const drop = { order: 1, how: 'middle', what: 'the story' } as const;
    const story = { text: 'once there was a little dog. '.repeat(60), drop };
    const content = { type: 'chat', messages: [{ role: 'user', parts: [story] }] } as const;
    const reply = await llm.ask(said(content, words(8)));
    expect(reply.cut).toMatchObject([{ what: 'the story', ofChars: story.text.length }]);
    expect(reply.usage.promptTokens).toBeLessThanOrEqual(292);
    const { usage: _, ...rest } = await llm.ask(said(content, words(8)));
    expect(reply).toMatchObject(rest);
    const whole = {
      type: 'chat',
      messages: [{ role: 'user', parts: [{ text: story.text }] }],
    } as const;
    expect(await failing(llm.ask(said(whole)))).toMatchObject({ code: 'context-too-small' });
  },
);

test('an embedding of a long text is the mean of its halves, and no text is cut', async () => {
  const { llm } = await start();
  const embed = async (what: string): Promise<readonly number[]> => {
    const reply = await llm.ask(aRequest({ content: text(what), output: { type: 'embedding' } }));
    expect(reply.cut).toEqual([]);
    return reply.type === 'embedding' ? reply.vector : [];
  };
  const near = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
  const long = await embed('The dog ran to the park. '.repeat(80));
  expect(near(long, long)).toBeCloseTo(1, 9);
  const short = await embed('The dog ran to the park.');
  expect(short.length).toBeGreaterThan(8);
  if (isTrained) expect(near(long, short)).toBeGreaterThan(0.8);
  expect(near(short, await embed('Why?'))).toBeLessThan(0.999);
});
