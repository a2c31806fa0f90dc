import { fit, type Sizer } from '../../src/llm/fit.ts';
import { joinParts, type Content, type LlmRequest } from '../../src/core/llm.ts';
import type { Gguf } from '../serve-model/gguf-weights.ts';
import { readTokenizer } from '../serve-model/tokenizer.ts';
import type { Asked } from './measured.ts';
import { RadixTree } from './radix.ts';

/** Turns a content into the tokens that the engine reads. */
export type Tokens = (content: Content) => readonly number[];

/** The requests as the engine saw them, and what a perfect prefix cache would have had to read of them. */
export interface Floor {
  readonly requests: readonly LlmRequest[];
  readonly tokens: number;
  /** Requests whose size in tokens the engine tells otherwise: 0, or the floor is only near. */
  readonly disagreements: number;
}

/**
 * How a GGUF file's prompts become tokens, learnt from the file alone; null where it has another kind of tokenizer, or a
 * chat template that is not one of ours.
 */
export function tokensOf(gguf: Gguf): Tokens | null {
  if (gguf.text('tokenizer.ggml.model') !== 'llama') return null;
  const tokenizer = readTokenizer(gguf);
  const template = gguf.text('tokenizer.chat_template');
  const write = templates[template];
  if (template !== '' && !write) return null;
  return (content) => {
    if (content.type === 'text') return tokenizer.encode(joinParts(content.parts));
    if (!write) throw new Error('This model knows no chat turns.');
    const turns = content.messages.map(({ role, parts }) => ({ role, text: joinParts(parts) }));
    return tokenizer.encode(write(turns));
  };
}

interface Turn {
  readonly role: string;
  readonly text: string;
}

/** Chat templates of the models that the bench knows, each with what it does. */
const templates: Readonly<Record<string, (turns: readonly Turn[]) => string>> = {
  ['{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}' +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}']: (turns) =>
    turns.map(({ role, text }) => `<|im_start|>${role}\n${text}<|im_end|>\n`).join('') +
    '<|im_start|>assistant\n',
  "{% for m in messages %}{{ m.content }}{% if m.role == 'user' %} {% endif %}{% endfor %}": (
    turns,
  ) => turns.map(({ role, text }) => (role === 'user' ? `${text} ` : text)).join(''),
  '{% for m in messages %}{{ m.content }}{% endfor %}': (turns) =>
    turns.map(({ text }) => text).join(''),
};

/** The floor by the model's own tokens, with a cache of `capacity` of them. */
export async function floorByTokens(
  asked: readonly Asked[],
  tokens: Tokens,
  capacity: number,
): Promise<Floor> {
  const tree = new RadixTree(capacity);
  const requests = await Promise.all(asked.map(asSent));
  const prompts = requests.map(({ content }) => tokens(content));
  return {
    requests,
    tokens: prompts.reduce((sum, prompt) => sum + tree.add(prompt), 0),
    disagreements: prompts.filter((p, i) => p.length !== asked[i]?.usage.promptTokens).length,
  };
}

/**
 * The floor where the tokenizer is not known: shared beginnings are measured in characters, and each prompt's are worth
 * its share of the tokens that the engine counted. `capacity` is in tokens as well.
 */
export async function floorByText(asked: readonly Asked[], capacity: number): Promise<Floor> {
  const requests = await Promise.all(asked.map(asSent));
  const texts = requests.map(({ content }) => textOf(content));
  const allChars = texts.reduce((sum, text) => sum + text.length, 0);
  const allTokens = asked.reduce((sum, { usage }) => sum + usage.promptTokens, 0);
  const tree = new RadixTree((capacity * allChars) / Math.max(1, allTokens));
  const tokens = texts.reduce((sum, text, i) => {
    const codes = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
    const perChar = (asked[i]?.usage.promptTokens ?? 0) / Math.max(1, text.length);
    return sum + tree.add(codes) * perChar;
  }, 0);
  return { requests, tokens, disagreements: 0 };
}

const mark = ' … ';

/**
 * The request with what the engine cut from it taken out: cutting again until as many characters are gone gives the same,
 * as what is given up only grows with the depth. Throws if it does not.
 */
async function asSent({ request, cut }: Asked): Promise<LlmRequest> {
  const removed = cut.reduce((sum, { removedChars }) => sum + removedChars, 0);
  const chars = (content: Content): number => textOf(content).replaceAll(mark, '').length;
  const space = { contextSize: chars(request.content) - removed, room: 0 };
  const sizer: Sizer = { atMost: chars, count: (content) => Promise.resolve(chars(content)) };
  const sent = await fit(request.content, space, sizer);
  if (JSON.stringify(sent.cut) !== JSON.stringify(cut)) {
    throw new Error(`A cut could not be made again: ${JSON.stringify(cut)}`);
  }
  return { ...request, content: sent.content };
}

function textOf(content: Content): string {
  const parts =
    content.type === 'text' ? content.parts : content.messages.flatMap((message) => message.parts);
  return joinParts(parts);
}
