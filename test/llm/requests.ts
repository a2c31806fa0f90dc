import { expect } from 'vitest';
import type { Content, LlmInfo, LlmRequest, Output, Part, Sampling } from '../../src/core/llm.ts';

export const aModel: LlmInfo = {
  engine: 'test',
  id: 'model',
  revision: '1',
  contextSize: 512,
  name: 'Model',
  form: 'text',
  canEmbed: false,
  concurrency: 1,
};

export const text = (...parts: readonly (string | Part)[]): Content => ({
  type: 'text',
  parts: parts.map((part) => (typeof part === 'string' ? { text: part } : part)),
});

export const chat = (...turns: readonly string[]): Content => ({
  type: 'chat',
  messages: turns.map((turn, i) => ({
    role: i % 2 === 0 ? 'user' : 'assistant',
    parts: [{ text: turn }],
  })),
});

export const words = (maxTokens: number, ...stop: readonly string[]): Output => ({
  type: 'text',
  maxTokens,
  stop,
});

export const digits: Output = { type: 'choice', choices: ['1', '2', '3', '4', '5'] };

interface Ask {
  readonly model?: LlmInfo;
  readonly content?: Content;
  readonly output?: Output;
  readonly sampling?: Partial<Sampling>;
}

export function aRequest(ask: Ask = {}): LlmRequest {
  const { engine, id, revision, contextSize } = ask.model ?? aModel;
  return {
    role: 'base',
    purpose: 'answer',
    model: { engine, id, revision, contextSize },
    content: ask.content ?? text('Once upon a time'),
    output: ask.output ?? words(16),
    sampling: { temperature: 1, topP: 0.95, seed: 1_234_567, ...ask.sampling },
  };
}

/** Matches a sentence that has these words. */
export function saying(words: string | RegExp): unknown {
  return expect.stringMatching(words);
}
