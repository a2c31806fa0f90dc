import { expect, test } from 'vitest';
import { contextsIn, halvedContexts, withContexts } from '../../src/app/contexts.ts';
import type { EndpointModel, RunRecord } from '../../src/core/run-record.ts';
import { aRun } from './builders.ts';

const small = { type: 'web-llm', id: 'small' } as const;
const server: EndpointModel = {
  type: 'endpoint',
  url: 'http://localhost:8080/v1',
  model: 'large',
  api: 'chat',
  contextSize: 8192,
  concurrency: 4,
};

function loaded(change: Partial<RunRecord> = {}, contextSize = 2048): RunRecord {
  const run = aRun(change, small);
  return withContexts(run, { base: contextSize, evaluator: contextSize, optimizer: contextSize });
}

test('a model that failed in one role has half the context in all its roles', () => {
  expect(halvedContexts(loaded(), 'evaluator')).toEqual({
    base: 1024,
    evaluator: 1024,
    optimizer: 1024,
  });
  const split = loaded({ modelSources: { base: small, evaluator: server, optimizer: small } });
  expect(halvedContexts(split, 'base')).toEqual({ base: 1024, evaluator: 2048, optimizer: 1024 });
});

test('a context too small to be halved, and that of a server, stay as they are', () => {
  expect(halvedContexts(loaded({}, 1000), 'base')).toBeNull();
  const split = loaded({ modelSources: { base: small, evaluator: server, optimizer: small } });
  expect(halvedContexts(split, 'evaluator')).toBeNull();
});

test('the last change of contexts counts, and a stop after it changes nothing', () => {
  const at = (tokens: number) => ({ base: tokens, evaluator: tokens, optimizer: tokens });
  expect(contextsIn([])).toBeNull();
  expect(
    contextsIn([
      { point: 1, steer: { type: 'context', contextSizes: at(1024) } },
      { point: 4, steer: { type: 'context', contextSizes: at(512) } },
      { point: 9, steer: { type: 'stop' } },
    ]),
  ).toEqual(at(512));
});
