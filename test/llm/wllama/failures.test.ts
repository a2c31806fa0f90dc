import { expect, test } from 'vitest';
import {
  askFailure,
  Breakdown,
  endedFailure,
  EngineLog,
  isFatal,
  loadFailure,
} from '../../../src/llm/wllama/failures.ts';
import { saying } from '../requests.ts';

const trouble = { words: '', log: '', name: 'tiny.gguf' };

test.each([
  ['(ABORT) OOM', '', 'out-of-memory', /could not get the memory for tiny.gguf/],
  ['', 'std::bad_alloc', 'out-of-memory', /smaller context/],
  ['', 'alloc: failed to allocate buffer of size 99', 'out-of-memory', /smaller model/],
  ['WebAssembly.Memory(): could not allocate memory', '', 'out-of-memory', /memory/],
  ['Array buffer allocation failed', '', 'out-of-memory', /memory/],
  ['', 'cannot find tokenizer vocab in model file', 'tokenizer-missing', /no tokenizer/],
  ['', "unknown model architecture: 'next'", 'model-load-failed', /architecture \(“next”\)/],
  ['', "unknown pre-tokenizer type: 'next'", 'model-load-failed', /tokenizer \(“next”\)/],
  ['', 'chat template parsing error: x', 'model-load-failed', /its chat template/],
  ['it ended', '', 'model-load-failed', /the engine could not read it/],
])('a load that ends with “%s” “%s” is %s', (words, log, code, sentence) => {
  const error = loadFailure({ ...trouble, words, log });
  expect(error).toMatchObject({ code, message: saying(sentence) });
  expect(error.message).toContain('tiny.gguf');
});

test.each([
  ['memory access out of bounds', '', 'engine-failed', /failed: memory access out of bounds\. Ask/],
  ['', 'Cannot enlarge memory arrays', 'out-of-memory', /no memory left for tiny.gguf/],
  ['', 'ggml_webgpu: Device lost! Reason: 1', 'device-lost', /taken away from tiny.gguf/],
  ['Context size has been exceeded.', '', 'context-too-small', /longer than the context/],
  ['request (9 tokens) exceeds the available context size', '', 'context-too-small', /larger/],
])('a request that ends with “%s” “%s” is %s', (words, log, code, sentence) => {
  const error = askFailure({ ...trouble, words, log });
  expect(error).toMatchObject({ code, message: saying(sentence) });
});

function runtimeError(message: string): Error {
  return Object.assign(new Error(message), { name: 'RuntimeError' });
}

test('what ends the engine is told from what it survives', () => {
  const fatal = [
    runtimeError('(ABORT) native code called abort()'),
    runtimeError('unreachable'),
    new Breakdown('its worker could not be started'),
    'wllama has crashed, please reload the module',
  ];
  const survived = [
    runtimeError('Invalid typed array length: 1163217991'),
    new Error('Failed to initialize samplers'),
    new DOMException('enough', 'AbortError'),
  ];
  expect(fatal.map(isFatal)).toEqual(fatal.map(() => true));
  expect(survived.map(isFatal)).toEqual(survived.map(() => false));
});

test('an engine that ended says why, and that it must be loaded anew', () => {
  expect(endedFailure({ ...trouble, words: 'unreachable' })).toMatchObject({
    code: 'engine-failed',
    message: 'The engine of tiny.gguf broke down and must be loaded anew: unreachable.',
  });
  expect(endedFailure({ ...trouble, words: '(ABORT) OOM' }).code).toBe('out-of-memory');
});

test('the log keeps the last lines, and tells of a worker that could not start', () => {
  const crashes: string[] = [];
  const log = new EngineLog((words) => crashes.push(words));
  for (let i = 0; i < 50; i++) log.logger.warn('line', i);
  expect(log.text.split('\n').length).toBe(40);
  log.clear();
  log.logger.error(new Event('error'));
  expect(crashes).toEqual(['its worker could not be started']);
  expect(log.text).toBe('its worker could not be started');
});

test('where the weights went is what the engine says while it loads', () => {
  const log = new EngineLog(() => undefined);
  log.logger.debug('load_tensors:          CPU model buffer size =     0.46 MiB');
  log.logger.debug('load_tensors:   CPU_Mapped model buffer size =     0.46 MiB');
  expect(log.usesGraphics).toBe(false);
  log.logger.debug('load_tensors:       WebGPU model buffer size =   900.00 MiB');
  expect(log.usesGraphics).toBe(true);
});
