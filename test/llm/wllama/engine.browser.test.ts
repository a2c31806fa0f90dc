import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Llm, LlmReply, LlmRequest } from '../../../src/core/llm.ts';
import { probeDevice } from '../../../src/llm/device.ts';
import { hashFile, openModel, type LoadProgress, type OpenModel } from '../../../src/llm/open.ts';
import { randomModel } from '../../../tools/gguf/random-model.ts';
import { writeGguf } from '../../../tools/gguf/write-gguf.ts';
import { aRequest, chat, digits, saying, text, words } from '../requests.ts';

const weights = new Blob([randomModel()]);
const chatWeights = new Blob([randomModel({ chatTemplate: true })]);

const open = (file: Blob, contextSize?: number): Promise<OpenModel> =>
  openModel(
    { type: 'gguf-file', file, name: 'random.gguf', sha256: 'of the file' },
    contextSize === undefined ? {} : { contextSize },
  );

let model: OpenModel;
let chatModel: OpenModel;
beforeAll(async () => {
  [model, chatModel] = await Promise.all([open(weights, 512), open(chatWeights, 512)]);
});
afterAll(() => {
  model.close();
  chatModel.close();
});

const sentence = 'The quick brown fox jumps over the lazy dog. ';
const embedding = { type: 'embedding' } as const;

/** A mixture as a search asks it: shared beginnings, several lengths, text and choices. */
const mixture: readonly LlmRequest[] = Array.from({ length: 12 }, (_, i) =>
  aRequest({
    content: text(sentence.repeat(1 + (i % 3) * 2), `Question ${i % 4}:`),
    output: i % 2 === 0 ? words(12) : digits,
    sampling: { seed: 1000 + 7919 * i, topP: i % 3 === 0 ? 1 : 0.9 },
  }),
);

/** Replies by their place in the mixture, asked in the given order, without what may differ. */
async function replies(llm: Llm, order: readonly number[]): Promise<readonly unknown[]> {
  const said = new Map<number, unknown>();
  for (const i of order) {
    const request = mixture[i];
    if (request) said.set(i, essence(await llm.ask(request)));
  }
  return mixture.map((_, i) => said.get(i));
}

function essence({ usage, ...reply }: LlmReply): unknown {
  return { ...reply, promptTokens: usage.promptTokens, outputTokens: usage.outputTokens };
}

const forward = mixture.map((_, i) => i);

test('the prompt profile that a file names reaches the page', async () => {
  const named = await open(new Blob([randomModel({ profile: 'pocket' })]), 512);
  expect(named.llm.info.profile).toBe('pocket');
  named.close();
});

test('a file says what it is', () => {
  expect(model.llm.info).toEqual({
    engine: 'wllama 3.8.1',
    id: 'random.gguf',
    revision: 'of the file',
    contextSize: 512,
    name: 'random-2x64',
    form: 'text',
    canEmbed: true,
    concurrency: 1,
    notes: ['Runs on one processor thread.'],
  });
  expect(chatModel.llm.info.form).toBe('chat');
});

test('equal requests get equal replies: cold, warm, in another order, between embeddings, from a new instance', async () => {
  const { llm } = model;
  const first = await replies(llm, forward);
  expect(await replies(llm, forward.toReversed())).toEqual(first);
  await llm.ask(aRequest({ content: text(sentence), output: embedding }));
  expect(await replies(llm, [5, 3, 11, 0, 8, 1, 10, 2, 9, 4, 7, 6])).toEqual(first);
  const other = await open(weights, 512);
  expect(await replies(other.llm, forward.toReversed())).toEqual(first);
  other.close();
});

test('what was read is counted, also where a list or a text breaks off in half a character', async () => {
  const ask = async (beginning: string, output: LlmRequest['output']): Promise<LlmReply> =>
    model.llm.ask(aRequest({ content: text(beginning, sentence.repeat(3)), output }));
  const fresh = await ask('# A prompt that nobody has asked yet. ', digits);
  // Characters are tokens, and one stands before them. Nothing but that one was known, and each further pass reads one again.
  expect(fresh.usage.promptTokens).toBe(1 + 38 + 3 * 45);
  expect(fresh.usage.reusedTokens).toBeLessThanOrEqual(1);
  const known = await ask('# A prompt that nobody has asked yet. ', digits);
  const reread = known.usage.promptTokens - known.usage.reusedTokens;
  expect(reread).toBeGreaterThanOrEqual(1);
  expect(reread).toBeLessThanOrEqual(3);
  for (let seed = 1; seed < 12; seed++) {
    const content = text(`Number ${seed}: `);
    const sampling = { seed, temperature: 2, topP: 1 };
    const { usage } = await model.llm.ask(aRequest({ content, output: words(30), sampling }));
    expect(usage.promptTokens).toBe(1 + `Number ${seed}: `.length);
    expect(usage.outputTokens).toBeGreaterThan(0);
    expect(usage.outputTokens).toBeLessThanOrEqual(30);
  }
});

test('a chat choice is that of the text its template writes', async () => {
  const { llm } = chatModel;
  const written = '<|im_start|>user\nRate this.<|im_end|>\n<|im_start|>assistant\n';
  const asChat = await llm.ask(aRequest({ content: chat('Rate this.'), output: digits }));
  const asText = await llm.ask(aRequest({ content: text(written), output: digits }));
  expect(essence(asChat)).toEqual(essence(asText));
});

test('a chat reply is that of the text its template writes', async () => {
  const { llm } = chatModel;
  const written = '<|im_start|>user\nHello.<|im_end|>\n<|im_start|>assistant\n';
  const asChat = await llm.ask(aRequest({ content: chat('Hello.'), output: words(20) }));
  const asText = await llm.ask(aRequest({ content: text(written), output: words(20) }));
  expect(essence(asChat)).toEqual(essence(asText));
});

test('a choice of several tokens, and a chat without a template, are refused with a remedy', async () => {
  const several = { type: 'choice', choices: ['yes', 'no'] } as const;
  await expect(model.llm.ask(aRequest({ output: several }))).rejects.toMatchObject({
    code: 'settings-invalid',
    message: saying('no single token for “yes”'),
  });
  await expect(model.llm.ask(aRequest({ content: chat('Hi') }))).rejects.toMatchObject({
    code: 'settings-invalid',
  });
});

test('nonsense is a reply: no bytes that a model writes are an exception', async () => {
  for (let i = 0; i < 25; i++) {
    for (const { llm } of [model, chatModel]) {
      const sampling = { seed: 1 + i * 104_729, temperature: 2, topP: 1 };
      const reply = await llm.ask(aRequest({ output: words(50), sampling }));
      expect(textOf(reply).isWellFormed()).toBe(true);
    }
  }
});

test('an abort rejects with the signal’s error, and the next reply is what it would have been', async () => {
  const request = aRequest({ output: words(20), content: text('After: ') });
  const before = essence(await model.llm.ask(request));
  const leaving = new AbortController();
  const { signal } = leaving;
  const stopped = new DOMException('enough', 'AbortError');
  const long = aRequest({ output: words(400), content: text(sentence) });
  const onText = (): void => leaving.abort(stopped);
  const asks = [model.llm.ask(long, { signal, onText }), model.llm.ask(long, { signal })];
  const rejected = { status: 'rejected', reason: stopped };
  expect(await Promise.allSettled(asks)).toEqual([rejected, rejected]);
  await expect(model.llm.ask(long, { signal })).rejects.toBe(stopped);
  expect(essence(await model.llm.ask(request))).toEqual(before);
});

test.each([['text'], ['chat']])(
  'a %s that exceeds the context is cut, says so, and leaves room',
  async (form) => {
    const drop = { order: 1, how: 'middle', what: 'query' } as const;
    const part = { text: sentence.repeat(40), drop };
    const { llm } = form === 'chat' ? chatModel : model;
    const reply = await llm.ask(
      aRequest({
        content:
          form === 'chat'
            ? { type: 'chat', messages: [{ role: 'user', parts: [part] }] }
            : text('Answer: ', part),
        output: words(100),
      }),
    );
    expect(reply.cut).toMatchObject([{ what: 'query', ofChars: part.text.length }]);
    expect(reply.usage.promptTokens + 100).toBeLessThanOrEqual(511);
    expect(reply.usage.promptTokens + 100).toBeGreaterThan(505);
  },
);

test('a request for a smaller context than the model has is cut to that', async () => {
  const drop = { order: 1, how: 'middle', what: 'query' } as const;
  const info = { ...model.llm.info, contextSize: 128 };
  const content = text({ text: sentence.repeat(5), drop });
  const reply = await model.llm.ask(aRequest({ model: info, content, output: words(20) }));
  expect(reply.cut).toMatchObject([{ what: 'query' }]);
  expect(reply.usage.promptTokens).toBeGreaterThan(100);
  expect(reply.usage.promptTokens).toBeLessThanOrEqual(107);
});

test('what exactly fits is not cut: the engine is asked for the number of tokens', async () => {
  const drop = { order: 1, how: 'whole', what: 'euros' } as const;
  const ask = (euros: number): Promise<LlmReply> =>
    chatModel.llm.ask(
      aRequest({ content: text({ text: 'a'.repeat(euros), drop }), output: words(10) }),
    );
  expect(await ask(500)).toMatchObject({ cut: [], usage: { promptTokens: 501 } });
  expect(await ask(501)).toMatchObject({ cut: [{ what: 'euros', removedChars: 501 }] });
});

test('a text of any length has one unit vector, the same each time', async () => {
  const ask = async (content: string): Promise<readonly number[]> => {
    const reply = await model.llm.ask(aRequest({ content: text(content), output: embedding }));
    return reply.type === 'embedding' ? reply.vector : [];
  };
  for (const content of ['Hello', sentence.repeat(30)]) {
    const vector = await ask(content);
    expect(vector.length).toBe(64);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    expect(await ask(content)).toEqual(vector);
  }
});

test('speed is measured', async () => {
  const speed = await model.measure();
  expect(speed.prefillPerSecond).toBeGreaterThan(1);
  expect(speed.decodePerSecond).toBeGreaterThan(1);
});

test('a closed model rejects what is pending and what comes later', async () => {
  const short = await open(weights, 256);
  const asked = short.llm.ask(aRequest({ output: words(200) }));
  short.close();
  await expect(asked).rejects.toMatchObject({ code: 'model-missing' });
  await expect(short.llm.ask(aRequest())).rejects.toMatchObject({ code: 'model-missing' });
});

const strange = writeGguf(
  {
    'general.architecture': { type: 'string', value: 'nonesuch' },
    'tokenizer.ggml.model': { type: 'string', value: 'llama' },
    'tokenizer.ggml.tokens': { type: 'strings', value: ['a'] },
  },
  [],
);

test.each([
  ['a web page', new Blob(['<!doctype html><p>Sign in']), 'model-invalid', /web page/],
  ['a truncated file', weights.slice(0, 300_000), 'model-invalid', /missing/],
  ['an unknown architecture', new Blob([strange]), 'model-load-failed', /“nonesuch”/],
] as const)('%s is refused with a sentence', async (_name, file, code, sentence) => {
  const error: unknown = await open(file).catch((e: unknown) => e);
  expect(error).toMatchObject({ code, message: saying(sentence) });
});

test('a model from an address is downloaded, hashed, handed over and loaded', async () => {
  const url = URL.createObjectURL(weights);
  const phases = new Set<LoadProgress['phase']>();
  const kept: [number, string][] = [];
  const opened = await openModel(
    { type: 'gguf-url', url },
    {
      contextSize: 256,
      onProgress: ({ phase }) => phases.add(phase),
      onFile: (file, sha256) => Promise.resolve(void kept.push([file.size, sha256])),
    },
  );
  const sha256 = await hashFile(weights);
  expect(kept).toEqual([[weights.size, sha256]]);
  expect(opened.llm.info.revision).toBe(sha256);
  expect([...phases]).toEqual(['download', 'load']);
  opened.close();
  URL.revokeObjectURL(url);
});

test('an address that nobody answers, and a page, are told apart', async () => {
  const nobody = openModel({ type: 'gguf-url', url: 'http://127.0.0.1:9/model.gguf' });
  await expect(nobody).rejects.toMatchObject({ code: 'network' });
  const page = openModel({ type: 'gguf-url', url: new URL('/', location.href).href });
  await expect(page).rejects.toMatchObject({ code: 'model-invalid' });
});

test('a load can be aborted', async () => {
  const leaving = new AbortController();
  const opening = openModel(
    { type: 'gguf-file', file: weights, name: 'random.gguf', sha256: '' },
    { signal: leaving.signal, onProgress: () => leaving.abort() },
  );
  await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
});

test('a web-llm model is refused before its download where there is no WebGPU', async () => {
  expect(await probeDevice()).toMatchObject({ webgpu: false, fallback: false });
  const opening = openModel({ type: 'web-llm', id: 'SmolLM2-360M-Instruct-q4f32_1-MLC' });
  await expect(opening).rejects.toMatchObject({
    code: 'no-webgpu',
    message: saying('A GGUF file runs without it'),
  });
});

test('a hash is that of the whole file, told as it goes, and can be aborted', async () => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await weights.arrayBuffer()));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const done: number[] = [];
  expect(await hashFile(weights, (bytes) => done.push(bytes))).toBe(hex);
  expect(done.at(-1)).toBe(weights.size);
  const leaving = new AbortController();
  const hashing = hashFile(weights, () => leaving.abort(), leaving.signal);
  await expect(hashing).rejects.toMatchObject({ name: 'AbortError' });
});

function textOf(reply: LlmReply): string {
  return reply.type === 'text' ? reply.text : '';
}

// A model that was really trained, if one lies in a folder beside this repository's.
const stories = Object.values(
  import.meta.glob<string>('../../../../*/models/stories260K.gguf', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
)[0];

test.skipIf(!stories)('a trained model tells a story, the same warm and cold', async () => {
  const file = await (await fetch(stories ?? '')).blob();
  const opened = await open(file);
  const story = aRequest({ output: words(40), sampling: { temperature: 0, topP: 1 } });
  const told = textOf(await opened.llm.ask(story));
  expect(told).toMatch(/^, there was a little girl named Lily/);
  const cold = await replies(opened.llm, forward);
  expect(await replies(opened.llm, forward.toReversed())).toEqual(cold);
  opened.close();
});
