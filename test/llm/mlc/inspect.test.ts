import { expect, test } from 'vitest';
import { DrpoError } from '../../../src/core/errors.ts';
import { readMlcAddress } from '../../../src/llm/mlc/address.ts';
import { inspectMlc, type InspectedMlc } from '../../../src/llm/mlc/inspect.ts';
import { aConfig } from './fake-weights.ts';
import { saying } from '../requests.ts';

const address = 'https://huggingface.co/me/My-Qwen-base-q4f16_1-MLC';
const base = `${address}/resolve/main/`;
const listed = [
  'Qwen2.5-0.5B-Instruct-q4f16_1-MLC',
  'Llama-3.2-1B-Instruct-q4f16_1-MLC',
  'My-Qwen-Instruct-q4f16_1-MLC',
  'Qwen2.5-0.5B-Instruct-q4f32_1-MLC',
].map((id) => ({
  id,
  configUrl: `https://huggingface.co/mlc-ai/${id}/resolve/main/mlc-chat-config.json`,
}));

const llama = {
  ...aConfig({ model_type: 'llama' }),
  model_config: { ...(aConfig().model_config as object), hidden_size: 2048, vocab_size: 128_256 },
};

const manifest = { records: [{ dataPath: 'params_shard_0.bin', nbytes: 3_000_000 }] };

/** What lies at which address; anything else is answered with 404. */
type Files = Readonly<Record<string, unknown>>;

function filesOf(files: Files): Files {
  return {
    [`${base}mlc-chat-config.json`]: aConfig(),
    [`${base}tensor-cache.json`]: manifest,
    [listed[0]?.configUrl ?? '']: aConfig(),
    [listed[1]?.configUrl ?? '']: llama,
    [listed[2]?.configUrl ?? '']: aConfig(),
    ...files,
  };
}

function inspect(files: Files = {}, asked: string[] = []): Promise<InspectedMlc> {
  const all = filesOf(files);
  return inspectMlc(address, listed, (url) => {
    asked.push(url);
    const file = all[url];
    if (file !== undefined) return Promise.resolve(JSON.stringify(file));
    const cause = { status: 404 };
    return Promise.reject(new DrpoError('network', 'not there', url, { cause }));
  });
}

test('weights are told by their small files, with the libraries that run them, the likeliest first', async () => {
  const asked: string[] = [];
  expect(await inspect({}, asked)).toMatchObject({
    name: 'My-Qwen-base-q4f16_1-MLC',
    url: base,
    libraries: ['My-Qwen-Instruct-q4f16_1-MLC', 'Qwen2.5-0.5B-Instruct-q4f16_1-MLC'],
    whyNot: null,
    beginning: '',
    form: 'chat',
    sizeMb: 3,
  });
  // Nothing large, and no library of another quantisation.
  expect(asked.filter((url) => !url.endsWith('.json'))).toEqual([]);
  expect(asked).not.toContain(listed[3]?.configUrl);
});

test('where no library fits, the nearest is named with both values', async () => {
  const config = {
    ...aConfig(),
    model_config: {
      ...(aConfig().model_config as object),
      hidden_size: 1024,
      num_hidden_layers: 28,
    },
  };
  const { libraries, whyNot } = await inspect({ [`${base}mlc-chat-config.json`]: config });
  expect(libraries).toEqual([]);
  expect(whyNot).toMatch(
    /hidden_size is 1024 here and 896 there, num_hidden_layers is 28 here and 24/,
  );
});

test('another quantisation and another architecture are named', async () => {
  const at = `${base}mlc-chat-config.json`;
  const quantised = await inspect({ [at]: aConfig({ quantization: 'q3f16_0' }) });
  expect(quantised.whyNot).toMatch(/quantised as q3f16_0.*q4f16_1, q4f32_1/);
  const { whyNot } = await inspect({ [at]: aConfig({ model_type: 'mamba2' }) });
  expect(whyNot).toMatch(/architecture is mamba2 here and qwen2 there/);
});

test('an older list of files will do; none will not', async () => {
  const older = {
    [`${base}tensor-cache.json`]: undefined,
    [`${base}ndarray-cache.json`]: manifest,
  };
  expect(await inspect(older)).toMatchObject({ sizeMb: 3 });
  await expect(inspect({ [`${base}tensor-cache.json`]: undefined })).rejects.toMatchObject({
    code: 'network',
  });
});

test('what answers with no config of the kind is refused', async () => {
  const at = `${base}mlc-chat-config.json`;
  await expect(inspect({ [at]: { hidden_size: 5 } })).rejects.toMatchObject({
    code: 'model-invalid',
  });
  await expect(inspect({ [at]: aConfig({ tokenizer_files: [] }) })).rejects.toMatchObject({
    code: 'tokenizer-missing',
  });
});

test('where no listed config can be had, that is no verdict', async () => {
  const gone = Object.fromEntries(listed.map(({ configUrl }) => [configUrl, undefined]));
  await expect(inspect(gone)).rejects.toMatchObject({ code: 'network' });
});

test.each([
  ['LM', 'text'],
  ['raw', 'text'],
  ['chatml', 'chat'],
] as const)('weights with the template %s are asked as %s', async (name, form) => {
  const config = aConfig({ conv_template: { name } });
  expect(await inspect({ [`${base}mlc-chat-config.json`]: config })).toMatchObject({ form });
});

const template = (id: string): object => ({
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
});
const plain = { type: 'TemplateProcessing', single: [{ Sequence: { id: 'A', type_id: 0 } }] };

test.each([
  ['says so', { bos_token: '<s>', add_bos_token: true }, null, '<s>'],
  ['says so of an object', { bos_token: { content: '<bos>' }, add_bos_token: true }, null, '<bos>'],
  ['says no', { bos_token: '<|im_start|>', add_bos_token: false }, template('<s>'), ''],
  ['has no such token', { bos_token: null }, template('<s>'), ''],
  [
    'leaves it to the last of several steps',
    { bos_token: '<|begin_of_text|>' },
    { type: 'Sequence', processors: [{ type: 'ByteLevel' }, template('<|begin_of_text|>')] },
    '<|begin_of_text|>',
  ],
  ['leaves it to a step that adds none', { bos_token: '<|endoftext|>' }, plain, ''],
  ['leaves it to no step', { bos_token: '<|endoftext|>' }, null, ''],
])('the token before a text, where the tokenizer %s', async (_name, config, step, beginning) => {
  const files = {
    [`${base}tokenizer_config.json`]: config,
    [`${base}tokenizer.json`]: { post_processor: step },
  };
  expect(await inspect(files)).toMatchObject({ beginning });
});

test('a SentencePiece tokenizer alone begins with <s>', async () => {
  const config = aConfig({ model_type: 'llama', tokenizer_files: ['tokenizer.model'] });
  expect(await inspect({ [`${base}mlc-chat-config.json`]: config })).toMatchObject({
    beginning: '<s>',
  });
});

test.each([
  ['https://huggingface.co/mlc-ai/X-MLC', 'https://huggingface.co/mlc-ai/X-MLC/resolve/main/'],
  ['https://huggingface.co/mlc-ai/X-MLC/', 'https://huggingface.co/mlc-ai/X-MLC/resolve/main/'],
  ['https://huggingface.co/a/X/tree/main', 'https://huggingface.co/a/X/resolve/main/'],
  ['https://huggingface.co/a/X/tree/v2/sub', 'https://huggingface.co/a/X/resolve/v2/sub/'],
  ['https://huggingface.co/a/X/resolve/main/', 'https://huggingface.co/a/X/resolve/main/'],
  ['https://huggingface.co/a/X/resolve/main', 'https://huggingface.co/a/X/resolve/main/'],
  [
    'https://huggingface.co/a/X/blob/main/mlc-chat-config.json',
    'https://huggingface.co/a/X/resolve/main/',
  ],
  [
    'https://huggingface.co/a/X/tree/main?not-for-all-audiences=true#top',
    'https://huggingface.co/a/X/resolve/main/',
  ],
  ['https://hf.co/a/X', 'https://huggingface.co/a/X/resolve/main/'],
  ['huggingface.co/a/X', 'https://huggingface.co/a/X/resolve/main/'],
  [' mlc-ai/Qwen2.5-0.5B-MLC ', 'https://huggingface.co/mlc-ai/Qwen2.5-0.5B-MLC/resolve/main/'],
  ['https://example.org/models/x', 'https://example.org/models/x/resolve/main/'],
  ['https://example.org/x/resolve/main/', 'https://example.org/x/resolve/main/'],
  ['https://example.org/x/resolve/main/tensor-cache.json', 'https://example.org/x/resolve/main/'],
  ['http://localhost:8000/x/', 'http://localhost:8000/x/resolve/main/'],
])('%s is the folder %s', (text, folder) => {
  expect(readMlcAddress(text)).toBe(folder);
});

test.each([
  ['', /is not the address/],
  ['a model', /is not the address/],
  ['https://huggingface.co/', /is not the address/],
  ['ftp://example.org/x', /is not the address/],
  ['javascript:alert(1)', /is not the address/],
  ['http://example.org/x', /plain http/],
])('“%s” is refused', (text, sentence) => {
  expect(() => readMlcAddress(text)).toThrow(
    expect.objectContaining({ code: 'host-blocked', message: saying(sentence) }),
  );
});
