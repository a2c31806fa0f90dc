import { diffWordsWithSpace } from 'diff';
import { normalise, type Bullet, type Prompt } from '../core/prompt.ts';

/** A stretch of text that stayed, came or went. */
export interface WordChange {
  readonly type: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** What became of one line of a prompt. `words` covers the line before and after. */
export interface LineChange {
  readonly key: string;
  readonly type: 'same' | 'added' | 'removed' | 'changed';
  readonly words: readonly WordChange[];
}

export interface PromptChange {
  readonly opening: LineChange;
  readonly bullets: readonly LineChange[];
  readonly same: boolean;
}

/**
 * How `after` differs from `before`, bullet by bullet. Bullets match by id or by saying the same; what is left over is a
 * change where at least a third of the words are shared, else one went and another came.
 */
export function promptChange(before: Prompt, after: Prompt): PromptChange {
  const gone = new Set(before.bullets);
  const bullets: LineChange[] = [];
  for (const bullet of after.bullets) {
    const old = partnerOf(bullet, [...gone]);
    if (old) gone.delete(old);
    bullets.push(old ? lineChange(bullet.id, old.text, bullet.text) : whole(bullet, 'added'));
  }
  const removed = [...gone].map((bullet) => whole(bullet, 'removed'));
  const opening = lineChange('opening', before.opening, after.opening);
  const all = [...bullets, ...removed];
  return {
    opening,
    bullets: all,
    same: opening.type === 'same' && all.every((b) => b.type === 'same'),
  };
}

/** The words that stayed, came and went between two texts. */
export function wordChanges(before: string, after: string): readonly WordChange[] {
  return diffWordsWithSpace(before, after).map(({ value, added, removed }) => ({
    type: added ? 'added' : removed ? 'removed' : 'same',
    text: value,
  }));
}

function partnerOf(bullet: Bullet, from: readonly Bullet[]): Bullet | undefined {
  const said = normalise(bullet.text);
  return (
    from.find((b) => b.id === bullet.id) ??
    from.find((b) => normalise(b.text) === said) ??
    from.find((b) => likeness(b.text, bullet.text) >= 1 / 3)
  );
}

/** Shared words over all words of the two, 0 to 1. */
function likeness(a: string, b: string): number {
  const words = (text: string) => new Set(normalise(text).match(/[\p{L}\p{N}]+/gu));
  const [left, right] = [words(a), words(b)];
  const shared = [...left].filter((w) => right.has(w)).length;
  return shared / Math.max(1, left.size + right.size - shared);
}

function lineChange(key: string, before: string, after: string): LineChange {
  if (before === after) return { key, type: 'same', words: [{ type: 'same', text: after }] };
  return { key, type: 'changed', words: wordChanges(before, after) };
}

function whole(bullet: Bullet, type: 'added' | 'removed'): LineChange {
  return { key: `${type} ${bullet.id}`, type, words: [{ type, text: bullet.text }] };
}
