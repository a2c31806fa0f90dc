import { DrpoError } from '../core/errors.ts';
import { joinParts, type Content, type Cut, type Part } from '../core/llm.ts';

/** How an engine learns the size of a content in tokens, with everything that its template adds. */
export interface Sizer {
  /** A number it surely does not exceed, learnt without asking the engine. */
  atMost(content: Content): number;
  count(content: Content): Promise<number>;
}

/** Tokens: what the model can hold, and how much of it the reply may need. */
export interface Space {
  readonly contextSize: number;
  readonly room: number;
}

export interface Fitted {
  readonly content: Content;
  readonly cut: readonly Cut[];
}

const mark = ' … ';

// What is left of a shortened part at least: less would not say what it was about.
const leastKeptChars = 40;

/**
 * The content, cut until it leaves `room` in the context: parts go in ascending order of their `drop`, those of one order
 * together, and a part that gives up its middle gives up no more than needed. Depends on nothing but its arguments.
 * Rejects with `context-too-small` when nothing is left to give up.
 */
export async function fit(content: Content, space: Space, sizer: Sizer): Promise<Fitted> {
  const limit = space.contextSize - space.room;
  const fits = async (candidate: Content): Promise<boolean> =>
    !(candidate.type === 'chat' && candidate.messages.length === 0) &&
    (sizer.atMost(candidate) <= limit || (await sizer.count(candidate)) <= limit);

  if (await fits(content)) return { content, cut: [] };
  const parts = partsOf(content);
  for (const order of ordersOf(parts)) {
    const give = (keptChars: number): Content => withParts(content, { order, keptChars });
    if (!(await fits(give(leastKeptChars)))) continue;
    const keptChars = await mostThatFits(longestMiddle(parts, order), (n) => fits(give(n)));
    return { content: give(keptChars), cut: cutsOf(parts, { order, keptChars }) };
  }
  throw await tooLong(content, space, sizer);
}

/** How much is given up: everything below `order`, and of the parts of that order all but `keptChars` (those that keep any). */
interface Depth {
  readonly order: number;
  readonly keptChars: number;
}

function partsOf(content: Content): readonly Part[] {
  return content.type === 'text' ? content.parts : content.messages.flatMap((m) => m.parts);
}

function ordersOf(parts: readonly Part[]): readonly number[] {
  const orders = new Set(parts.flatMap((part) => (part.drop ? [part.drop.order] : [])));
  return [...orders].sort((a, b) => a - b);
}

function longestMiddle(parts: readonly Part[], order: number): number {
  const lengths = parts
    .filter(({ drop }) => drop?.order === order && drop.how === 'middle')
    .map((part) => part.text.length);
  return Math.max(leastKeptChars, ...lengths);
}

/** The largest number up to `most` that fits, given that `leastKeptChars` does. */
async function mostThatFits(
  most: number,
  fits: (keptChars: number) => Promise<boolean>,
): Promise<number> {
  let low = leastKeptChars;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (await fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What stays of a part, as its beginning and its end; null where all of it does. */
function kept(part: Part, depth: Depth): readonly [string, string] | null {
  if (!part.drop || part.drop.order > depth.order) return null;
  if (part.drop.how === 'whole') return ['', ''];
  const chars = part.drop.order < depth.order ? leastKeptChars : depth.keptChars;
  if (part.text.length <= chars + mark.length) return null;
  const head = Math.ceil(chars / 2);
  const tail = part.text.length - (chars - head);
  return [
    part.text.slice(0, splitsPair(part.text, head) ? head - 1 : head),
    part.text.slice(splitsPair(part.text, tail) ? tail + 1 : tail),
  ];
}

/** Whether cutting at this place would leave half a character. */
function splitsPair(text: string, at: number): boolean {
  return /^[\udc00-\udfff]/.test(text.slice(at, at + 1));
}

function shortened(part: Part, depth: Depth): readonly Part[] {
  const ends = kept(part, depth);
  if (!ends) return [part];
  if (part.drop?.how === 'whole') return [];
  return [{ ...part, text: ends.join(mark) }];
}

function withParts(content: Content, depth: Depth): Content {
  if (content.type === 'text') {
    return { ...content, parts: content.parts.flatMap((part) => shortened(part, depth)) };
  }
  const messages = content.messages.flatMap((message) => {
    const parts = message.parts.flatMap((part) => shortened(part, depth));
    const emptied = parts.length < message.parts.length && parts.every(({ text }) => text === '');
    return emptied ? [] : [{ ...message, parts }];
  });
  return { ...content, messages };
}

/** What was given up, in the order of the content; parts of one name are one cut. */
function cutsOf(parts: readonly Part[], depth: Depth): readonly Cut[] {
  const cuts = new Map<string, Cut>();
  for (const part of parts) {
    const ends = kept(part, depth);
    if (!ends || !part.drop) continue;
    const { what } = part.drop;
    const ofChars = part.text.length;
    const removedChars = ofChars - ends.join('').length;
    const former = cuts.get(what) ?? { what, removedChars: 0, ofChars: 0 };
    cuts.set(what, {
      what,
      removedChars: former.removedChars + removedChars,
      ofChars: former.ofChars + ofChars,
    });
  }
  return [...cuts.values()].filter((cut) => cut.removedChars > 0);
}

async function tooLong(content: Content, space: Space, sizer: Sizer): Promise<DrpoError> {
  const lowest = withParts(content, { order: Infinity, keptChars: leastKeptChars });
  const tokens = await sizer.count(lowest);
  return new DrpoError(
    'context-too-small',
    `Even shortened as far as it goes, this request has ${tokens} tokens and its reply may take ${space.room}; ` +
      `the model's context holds ${space.contextSize}. Load the model with a larger context, or shorten the prompt, the query or the reply limit.`,
    joinParts(partsOf(lowest)),
  );
}
