import type { Content } from '../../core/llm.ts';
import type { Sizer } from '../fit.ts';
import type { GgufFacts } from '../gguf.ts';
import { controlToken } from '../vocabulary.ts';
import { promptOf, type Native } from './native.ts';

// A BOS token, and the space that some tokenizers put before a text; for each turn, whatever a template may add.
const textMargin = 4;
const turnMargin = 24;

/**
 * Counts tokens with an engine that has no call for it: a request that exceeds the context is refused, after tokenising and
 * before any other work, with its exact size. So the prompt is followed by a context's worth of control tokens,
 * each of which is one token wherever it stands, and these are taken off again. Some 15 ms for 2,048 tokens.
 */
export async function wllamaSizer(
  native: Native,
  facts: GgufFacts,
  contextSize: number,
): Promise<Sizer> {
  const filler = controlToken(facts.vocabulary);
  const measure = async (content: Content): Promise<number> => {
    const prompt = promptOf(padded(content, filler, contextSize));
    return (await native.countRefused(prompt)) - contextSize;
  };
  const empty = await measure({ type: 'text', parts: [] });
  // A vocabulary without such a token, or a tokenizer that does something else with it: bytes then stand for tokens.
  const exact = filler !== null && empty >= 0 && empty <= textMargin;
  const template =
    exact && facts.hasChatTemplate
      ? await measure({ type: 'chat', messages: [{ role: 'user', parts: [] }] })
      : 256;
  const atMost = (content: Content): number =>
    utf8Bytes(content) +
    (content.type === 'text' ? textMargin : template + turnMargin * content.messages.length);
  return {
    atMost,
    count: (content) => (exact ? measure(content) : Promise.resolve(atMost(content))),
  };
}

function padded(content: Content, filler: string | null, copies: number): Content {
  const padding = { text: (filler ?? ' ').repeat(copies) };
  if (content.type === 'text') return { ...content, parts: [...content.parts, padding] };
  const messages = content.messages.map((message, i) =>
    i < content.messages.length - 1 ? message : { ...message, parts: [...message.parts, padding] },
  );
  return { ...content, messages };
}

function utf8Bytes(content: Content): number {
  const parts =
    content.type === 'text' ? content.parts : content.messages.flatMap((message) => message.parts);
  return parts.reduce((sum, part) => sum + new TextEncoder().encode(part.text).length, 0);
}
