import { makeBullet, maxBullets, normalise, promptText, type Prompt } from '../prompt.ts';

/** The prompt with the bullet of this number (from 1) edited; as it is where that is locked; null where there is none. */
export function edited(
  prompt: Prompt,
  bullets: readonly string[],
  number: number,
  edit: (at: number) => readonly string[],
): string | null {
  const bullet = prompt.bullets[number - 1];
  if (!bullet) return null;
  return written(prompt, bullet.locked ? bullets : edit(number - 1));
}

/** Whether a line has words, and ones that no bullet says yet. */
export function isNew(said: string, bullets: readonly string[]): boolean {
  return /\p{L}{2}/u.test(said) && !bullets.some((b) => normalise(b) === normalise(said));
}

/** A prompt's text with other bullets, in the layout of `promptText`. */
export function written(prompt: Prompt, bullets: readonly string[]): string {
  const origin = { type: 'start' } as const;
  const opening = prompt.opening.trim();
  const made = bullets.map((text, i) => makeBullet(String(i), text, origin));
  return promptText({ ...prompt, opening, bullets: made }).replace(/^\n/, '');
}

const mark = /^[\s>*•#–-]*(?:\d{1,2}[.)]\s+)?\**/;
const change =
  /^(add|replace|sharpen|merge|drop)\b\**[ \t]*#?([\d #,&]*|\d+[ \t]+and[ \t]+#?\d+)[ \t]*(?:lines?[ \t]*)?\**(?:[:=]+\**[ \t]*(.*))?$/i;

/** More than a line of a prompt has: a model that rambles has not written an instruction. */
const maxLineChars = 400;

/**
 * Changes of single lines, one on each line of a reply: "Add: text", "Replace 2: text", "Merge 1 and 3: text", "Drop 2". Returns the text of the
 * prompt that each of them alone makes; lines that are no change, or one of a bullet that is locked or not there, are passed over.
 */
export function readEditLines(text: string, prompt: Prompt): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [, verb = '', numbers = '', said = ''] = change.exec(line.replace(mark, '').trim()) ?? [];
    const made = changed(prompt, verb.toLowerCase(), placesIn(numbers), unquoted(said));
    return made ?? [];
  });
}

function placesIn(numbers: string): readonly number[] {
  return [...numbers.matchAll(/\d+/g)].map(([number]) => Number(number) - 1);
}

function unquoted(said: string): string {
  return said
    .replace(/\*\*/g, '')
    .trim()
    .replace(/^["“]([^"“”]*)["”]$/, '$1')
    .trim();
}

function changed(
  prompt: Prompt,
  verb: string,
  places: readonly number[],
  said: string,
): string | null {
  const lines = prompt.bullets.map((bullet) => bullet.text.trim());
  if (places.some((at) => prompt.bullets[at]?.locked !== false)) return null;
  const [first, second] = places;
  if (verb === 'drop')
    return first === undefined ? null : written(prompt, lines.toSpliced(first, 1));
  if (!isNew(said, lines) || said.length > maxLineChars) return null;
  if (verb === 'add') return lines.length >= maxBullets ? null : written(prompt, [...lines, said]);
  if (first === undefined || verb === '') return null;
  const replaced = lines.with(first, said);
  if (verb !== 'merge') return written(prompt, replaced);
  if (second === undefined || second === first) return null;
  return written(prompt, replaced.toSpliced(second, 1));
}
