/** Where a line of a prompt came from. `criterion` is the weakest one of the attempt that called for it. */
export type Origin =
  | { readonly type: 'start' }
  | { readonly type: 'person' }
  | {
      readonly type: 'proposal';
      readonly parent: string;
      readonly query: string;
      readonly criterion: string | null;
    };

/**
 * One instruction of a prompt. `lead` is what stands before its text (line break, indent, marker), kept so that a person's
 * own text comes back letter for letter. A locked bullet is in every prompt that descends from this one.
 */
export interface Bullet {
  readonly id: string;
  readonly text: string;
  readonly lead: string;
  readonly locked: boolean;
  readonly origin: Origin;
}

/** A system prompt: an opening and any number of bullets. Proposals keep to `maxBullets`; a person's own may have more. */
export interface Prompt {
  readonly opening: string;
  /** A locked opening is kept word for word by every proposal. */
  readonly openingLocked: boolean;
  readonly bullets: readonly Bullet[];
}

/** Proposals keep to this many bullets (DESIGN; the authors ask their optimizer for about as many). */
export const maxBullets = 8;

const bulletLine = /(?:^|\r?\n)[ \t]*(?:[-*•–]|\d{1,2}[.)])[ \t]+(?=\S)/g;

/** Reads text as an opening and bullets. Lossless: `promptText(parsePrompt(text))` is `text`, whatever it is. */
export function parsePrompt(
  text: string,
  idPrefix = 'start',
  origin: Origin = { type: 'start' },
): Prompt {
  const leads = [...text.matchAll(bulletLine)];
  const bullets = leads.map((lead, i): Bullet => {
    const from = lead.index + lead[0].length;
    const to = leads[i + 1]?.index ?? text.length;
    return {
      id: `${idPrefix}.${String(i)}`,
      text: text.slice(from, to),
      lead: lead[0],
      locked: false,
      origin,
    };
  });
  return { opening: text.slice(0, leads[0]?.index ?? text.length), openingLocked: false, bullets };
}

/** The prompt as the model reads it. */
export function promptText(prompt: Prompt): string {
  return prompt.opening + prompt.bullets.map((b) => b.lead + b.text).join('');
}

/** A bullet in the app's own layout: on a line of its own, after a dash. */
export function makeBullet(id: string, text: string, origin: Origin): Bullet {
  return { id, text, lead: '\n- ', locked: false, origin };
}

/** Case, spacing, quotes and end punctuation do not make two lines different. */
export function normalise(line: string): string {
  return line
    .toLowerCase()
    .replace(/["'“”‘’`*_]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/[\s.;,:!]+$/, '')
    .trim();
}

/** True if the two say the same to a reader: same opening and same bullets in the same order, up to `normalise`. */
export function samePrompt(a: Prompt, b: Prompt): boolean {
  const lines = (p: Prompt) => [p.opening, ...p.bullets.map((x) => x.text)].map(normalise);
  return lines(a).join('\n') === lines(b).join('\n');
}

/** Lines that share this share of their words say nearly the same. */
const nearly = 0.75;

/** True if two lines are made of nearly the same words, whatever their order (Jaccard's index of their sets of words). */
export function nearlySame(a: string, b: string): boolean {
  const [one, other] = [wordsOf(a), wordsOf(b)];
  if (one.size === 0 || other.size === 0) return normalise(a) === normalise(b);
  const shared = [...one].filter((word) => other.has(word)).length;
  return shared / (one.size + other.size - shared) >= nearly;
}

function wordsOf(line: string): ReadonlySet<string> {
  return new Set(normalise(line).match(/[\p{L}\p{N}]+/gu) ?? []);
}
