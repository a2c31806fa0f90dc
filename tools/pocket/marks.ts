import { partNames, type Parts } from './policy.ts';
import { read, readAlong, sentencesOf, type Reading } from './answers.ts';
import type { Document } from './documents.ts';
import { bulletsIn } from './edits.ts';
import { allQueries } from './find-query.ts';
import { behaviours, kinds, readBullet, type WorldQuery } from './world.ts';

/**
 * What a reader has understood at a place of a document. Training asks it of the middle layers of the model, by a head of its own that is
 * thrown away afterwards: so they learn to read before the last ones learn to rate, to answer and to edit.
 */
export interface Mark {
  /** How many characters of the document's text have been read. */
  readonly at: number;
  readonly group: MarkGroup;
  /** A bit for each name of the group. */
  readonly bits: number;
}

/** What is understood: of a bullet what it asks for, of a query its kind, of an answer what it holds so far and what it will hold. */
export const markGroups = {
  bullet: behaviours,
  kind: [...kinds, 'outside'],
  read: [...partNames, 'wrong', 'damaged', 'outside'],
  plan: partNames,
} as const satisfies Record<string, readonly string[]>;

export type MarkGroup = keyof typeof markGroups;

const known = allQueries();

/** The marks of a document, in their order. */
export function marksOf(document: Document): readonly Mark[] {
  const text = document.map((stretch) => stretch.text).join('');
  const said = saidFrom(document);
  let query: WorldQuery = { inside: false, text: '' };
  let bullets: readonly string[] = [];
  return [...text.matchAll(/# (Instructions|Query|Answer|Edit)\n/g)].flatMap(
    ({ 0: header, 1: name, index }): readonly Mark[] => {
      const from = index + header.length;
      const end = text.indexOf('\n\n# ', from);
      const section = text.slice(from, end < 0 ? undefined : end);
      if (name === 'Instructions') {
        bullets = bulletsIn(section);
        return bulletMarks(section, from);
      }
      if (name === 'Edit') return editMarks(section, from, bullets);
      if (name === 'Answer') return answerMarks(query, section, from, said.has(from));
      query = known.get(section) ?? { inside: false, text: section };
      const kind = query.inside ? kinds.indexOf(query.kind) : kinds.length;
      return [{ at: from + section.length, group: 'kind', bits: 1 << kind }];
    },
  );
}

/** Where the model begins to speak. */
function saidFrom(document: Document): ReadonlySet<number> {
  let at = 0;
  const starts = new Set<number>();
  for (const { type, text } of document) {
    if (type === 'said') starts.add(at);
    at += text.length;
  }
  return starts;
}

function bulletMarks(section: string, from: number): readonly Mark[] {
  return [...section.matchAll(/^- (.+?)(?: #\d+)?$/gm)].flatMap(
    ({ 0: line, 1: bullet = '', index }) => {
      const behaviour = readBullet(bullet);
      const bits = behaviour === null ? 0 : 1 << behaviours.indexOf(behaviour);
      return bits === 0 ? [] : [{ at: from + index + line.length, group: 'bullet' as const, bits }];
    },
  );
}

/** What the bullet asks for that an edit names, at the places from which it is looked for: so it is known there as at the bullet. */
function editMarks(edit: string, from: number, bullets: readonly string[]): readonly Mark[] {
  const [, type = '', number] = /^(drop: |swap: )#(\d+)/.exec(edit) ?? [];
  const behaviour = readBullet(bullets[Number(number) - 1] ?? '');
  if (behaviour === null) return [];
  return [0, type.length, type.length + '#'.length].map((at) => ({
    at: from + at,
    group: 'bullet' as const,
    bits: 1 << behaviours.indexOf(behaviour),
  }));
}

/** After each sentence what was read so far, and past the end the whole answer's reading; before it, if the model speaks, its parts. */
function answerMarks(
  query: WorldQuery,
  answer: string,
  from: number,
  isSaid: boolean,
): readonly Mark[] {
  const whole = read(query, answer);
  const marks: Mark[] = [];
  if (isSaid && query.inside) marks.push({ at: from, group: 'plan', bits: partBits(whole.parts) });
  if (query.inside && !whole.isOutside) {
    const states = readAlong(query, answer);
    let at = 0;
    sentencesOf(answer).forEach((sentence, i) => {
      at = answer.indexOf(sentence, at) + sentence.length;
      const state = states[i];
      if (state) marks.push({ at: from + at, group: 'read', bits: readingBits(state) });
    });
  }
  if (!isSaid) {
    const past = from + answer.length + '\n\n'.length;
    marks.push({ at: past, group: 'read', bits: readingBits(whole) });
  }
  return marks;
}

function partBits(parts: Parts): number {
  return partNames.reduce((bits, part, i) => (parts.has(part) ? bits | (1 << i) : bits), 0);
}

function readingBits({ parts, isWrong, isDamaged, isOutside }: Reading): number {
  return [isWrong, isDamaged, isOutside].reduce(
    (bits, flag, i) => (flag ? bits | (1 << (partNames.length + i)) : bits),
    partBits(parts),
  );
}
