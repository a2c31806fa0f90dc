import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openEndpoint } from '../../../src/llm/endpoint/engine.ts';
import { endpointAddress, lookAtEndpoint } from '../../../src/llm/endpoint/look.ts';
import { serveModel } from '../../../tools/serve-model/server.ts';
import { saying } from '../requests.ts';
import { orderTo, weights } from './served.ts';

test.each([
  ['localhost:11434', 'http://localhost:11434/v1'],
  [' http://localhost:8080 ', 'http://localhost:8080/v1'],
  ['http://localhost:8080/v1/', 'http://localhost:8080/v1'],
  ['127.0.0.1:1234/v1/chat/completions', 'http://127.0.0.1:1234/v1'],
  ['http://0.0.0.0:8000', 'http://127.0.0.1:8000/v1'],
  ['http://[::1]:8000/v1', 'http://localhost:8000/v1'],
  ['http://localhost:11434/api/generate', 'http://localhost:11434/v1'],
  ['http://localhost:1234/api/v0', 'http://localhost:1234/v1'],
  ['192.168.1.20:8000', 'http://192.168.1.20:8000/v1'],
  ['studio.local:1234', 'http://studio.local:1234/v1'],
  ['gpubox:8000', 'http://gpubox:8000/v1'],
  ['api.openai.com', 'https://api.openai.com/v1'],
  ['https://openrouter.ai/api', 'https://openrouter.ai/api/v1'],
  ['https://api.groq.com/openai/v1/models', 'https://api.groq.com/openai/v1'],
  ['https://g.example/v1beta/openai/', 'https://g.example/v1beta/openai'],
  ['https://me:secret@h.example/v1?key=secret#x', 'https://h.example/v1'],
])('%s is understood as %s', (typed, meant) => {
  expect(endpointAddress(typed).href).toBe(meant);
  expect(endpointAddress(meant).href).toBe(meant);
});

test.each([[''], ['ftp://localhost/v1'], ['http://'], ['what is this']])(
  '“%s” is no address',
  (typed) => {
    expect(() => endpointAddress(typed)).toThrow('is not a web address');
  },
);

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A server that has these answers, by path, and 404 for the rest. Bodies as the servers' own documents show them. */
async function answering(answers: Readonly<Record<string, unknown>>): Promise<string> {
  const server = createServer((request, response) => {
    const body = answers[request.url ?? ''];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { error: { message: 'Not Found' } }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

const list = (...models: readonly object[]): object => ({ object: 'list', data: models });

const llamaCpp = {
  '/v1/models': list({
    id: 'qwen3.gguf',
    object: 'model',
    created: 1_750_000_000,
    owned_by: 'llamacpp',
    meta: { n_ctx_train: 40_960, n_params: 600_000_000, size: 639_446_688 },
  }),
  '/props': { build_info: 'b8681-abc', default_generation_settings: { n_ctx: 8192 } },
};
const vllm = {
  '/v1/models': list(
    { id: 'a', owned_by: 'vllm', root: '/models/a', max_model_len: 4096, created: 1 },
    { id: 'lora', owned_by: 'vllm', root: '/models/l', parent: 'a', max_model_len: null },
  ),
  '/version': { version: '0.11.0' },
};
const ollama = {
  '/v1/models': list({ id: 'llama3:8b', owned_by: 'library', created: 1_700_000_000 }),
  '/api/version': { version: '0.13.5' },
  '/api/tags': { models: [{ name: 'llama3:8b', digest: 'a2af6cc3' }] },
  '/api/ps': { models: [{ name: 'llama3:8b', context_length: 4096 }] },
};
const studio = {
  '/v1/models': list({ id: 'gemma', object: 'model', owned_by: 'organization_owner' }),
  '/api/v0/models': list({
    id: 'gemma',
    quantization: 'Q4_K_M',
    max_context_length: 32_768,
    loaded_context_length: 8192,
  }),
};
const router = { '/v1/models': list({ id: 'x/y', context_length: 131_072 }) };

test.each([
  ['llama.cpp', llamaCpp, ['qwen3.gguf'], 8192, true, 'llama.cpp b8681-abc'],
  ['vLLM', vllm, ['a', 'lora'], null, true, 'vLLM 0.11.0'],
  ['Ollama', ollama, ['llama3:8b'], 4096, null, 'Ollama 0.13.5'],
  ['LM Studio', studio, ['gemma'], 8192, null, 'LM Studio'],
  ['a hosted service', router, ['x/y'], 131_072, null, null],
  ['an Ollama that is empty', { '/v1/models': { data: null } }, [], null, null, null],
] as const)(
  '%s is told by what it answers',
  async (_name, answers, models, contextSize, logprobs, server) => {
    const url = await answering(answers);
    expect(await lookAtEndpoint(url, null)).toEqual({ models, contextSize, logprobs, server });
  },
);

test('what a server says of its weights is the revision, and no moment is', async () => {
  const reply = { choices: [{ message: { content: '1' }, finish_reason: 'length' }] };
  const revision = async (answers: object, model: string): Promise<readonly string[]> => {
    const url = await answering({ ...answers, '/v1/chat/completions': reply });
    const { info } = await openEndpoint(orderTo({ url }, { model, contextSize: 2048 }));
    return [info.engine, info.revision];
  };
  expect(await revision(llamaCpp, 'qwen3.gguf')).toEqual([
    'endpoint 1 (llama.cpp)',
    'b8681-abc, 639446688 bytes',
  ]);
  expect(await revision(vllm, 'a')).toEqual(['endpoint 1 (vLLM)', '/models/a']);
  expect(await revision(ollama, 'llama3:8b')).toEqual(['endpoint 1 (Ollama)', 'a2af6cc3']);
  expect(await revision(router, 'x/y')).toEqual(['endpoint 1', 'unknown']);
});

test('an Ollama that does not tell its context is named as one that cuts in silence', async () => {
  const url = await answering({
    ...ollama,
    '/api/ps': { models: [] },
    '/v1/chat/completions': { choices: [{ message: { content: '1' } }] },
  });
  const { info } = await openEndpoint(orderTo({ url }, { model: 'llama3:8b', contextSize: 2048 }));
  expect(info.notes).toContainEqual(saying('OLLAMA_CONTEXT_LENGTH=2048'));
});

test('a look tells a wrong key, a page, a redirect and nobody at all apart', async () => {
  const model = { model: weights, name: 'served' };
  const locked = await serveModel({ ...model, key: 'secret-key-of-it' });
  await expect(lookAtEndpoint(locked.url, null)).rejects.toMatchObject({
    code: 'endpoint-refused',
    message: saying('Enter the key'),
  });
  await expect(lookAtEndpoint(locked.url, 'wrong')).rejects.toMatchObject({
    code: 'endpoint-refused',
    message: saying('Check that the key is whole'),
  });
  expect(await lookAtEndpoint(locked.url, ' secret-key-of-it\n')).toMatchObject({
    models: ['served'],
    contextSize: 512,
  });
  await locked.close();
  await expect(lookAtEndpoint(locked.url, 'secret-key-of-it')).rejects.toMatchObject({
    code: 'network',
    details: saying('127.0.0.1'),
  });
  const page = await answering({ '/v1/models': '<!doctype html>' });
  await expect(lookAtEndpoint(page, null)).rejects.toMatchObject({ code: 'endpoint-failed' });
  const leaving = AbortSignal.abort(new DOMException('enough', 'AbortError'));
  await expect(lookAtEndpoint(page, null, leaving)).rejects.toMatchObject({ name: 'AbortError' });
});
