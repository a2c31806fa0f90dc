import type { Dice } from './dice.ts';
import { partNames, type Part, type Parts } from './policy.ts';
import {
  actionsOf,
  capitalised,
  fill,
  kinds,
  outsideAnswer,
  partTexts,
  stepsOfAll,
  topics,
  whyTexts,
  type Inside,
  type Kind,
  type Topic,
  type WorldQuery,
} from './world.ts';

/** What can be seen in an answer. */
export interface Reading {
  readonly parts: Parts;
  /** Something in it is about another topic or another matter than the query. */
  readonly isWrong: boolean;
  /** A sentence is cut, scrambled, said twice or in the wrong place, or none of the world's. */
  readonly isDamaged: boolean;
  /** It says that the query lies outside. */
  readonly isOutside: boolean;
}

/** The wordings of a part in the answer to a query, blanks filled; steps with their line breaks. */
export function wordings(query: Inside, part: Part): readonly string[] {
  const { topic, kind } = query;
  return wordingsFor(topic, kind, query.action, part);
}

function wordingsFor(topic: Topic, kind: Kind, at: number, part: Part): readonly string[] {
  const action = actionsOf(topic, kind)[at] ?? {};
  const filled = (texts: readonly string[]): readonly string[] =>
    texts.map((text) => fill(text, topic, action));
  if (part === 'core' && action.reason !== undefined) {
    return filled(['{a} {third} because {reason}.']).map(capitalised);
  }
  if (part === 'core') return action.core === undefined ? [] : filled([action.core]);
  if (part === 'guess') return action.guess === undefined ? [] : filled([action.guess]);
  if (part === 'why') return filled(whyOf(kind));
  if (part === 'steps') return [numbered(filled(action.steps ?? stepsOfAll))];
  return filled(partTexts[part]);
}

function whyOf(kind: Kind): readonly string[] {
  const texts: Partial<Record<Kind, readonly string[]>> = whyTexts;
  return texts[kind] ?? [];
}

function numbered(steps: readonly string[]): string {
  return steps.map((step, i) => `\n${String(i + 1)}. ${step}`).join('');
}

/** Writes an answer that has these parts, each in one of its wordings. */
export function write(query: Inside, parts: Parts, dice: Dice): string {
  return joined(
    partNames
      .filter((part) => parts.has(part))
      .map((part) => wordings(query, part))
      .filter((texts) => texts.length > 0)
      .map((texts) => dice.pick(texts)),
  );
}

/** Sentences with a space between them; steps begin lines of their own, and so does what follows them. */
export function joined(sentences: readonly string[]): string {
  return sentences
    .reduce((text, next) => {
      if (text === '' || next.startsWith('\n')) return text + next;
      return `${text}${/\n3\. [^\n]*$/.test(text) ? '\n' : ' '}${next}`;
    }, '')
    .trim();
}

/** An answer in its sentences, steps as one. */
export function sentencesOf(text: string): readonly string[] {
  const found = text.match(/\n?1\. [^\n]*(?:\n[23]\. [^\n]*)*|[^\n.?!]+[.?!]*/g) ?? [];
  return found.map((s) => s.trim()).filter((s) => s !== '');
}

interface Meaning {
  readonly part: Part;
  readonly topic: Topic | null;
  /** Kinds and actions that the sentence can belong to; null: any. */
  readonly place: { readonly kind: Kind; readonly action: number } | null;
}

const particular: readonly Part[] = ['core', 'guess', 'why', 'steps'];

/** All sentences of the world with what they can mean. */
const meanings: ReadonlyMap<string, readonly Meaning[]> = (() => {
  const all = new Map<string, Meaning[]>();
  const add = (text: string, meaning: Meaning): void => {
    const key = text.trim();
    all.set(key, [...(all.get(key) ?? []), meaning]);
  };
  for (const topic of topics) {
    for (const kind of kinds) {
      actionsOf(topic, kind).forEach((_, action) => {
        for (const part of particular) {
          for (const text of wordingsFor(topic, kind, action, part)) {
            const named = text.toLowerCase().includes(topic.noun);
            const general = part === 'why' && (kind === 'howto' || kind === 'feeling');
            add(text, {
              part,
              topic: named ? topic : null,
              place: general || text === numbered(stepsOfAll) ? null : { kind, action },
            });
          }
        }
      });
    }
    for (const part of partNames) {
      if (particular.includes(part)) continue;
      for (const text of partTexts[part]) {
        const filled = fill(text, topic);
        add(filled, { part, topic: filled === text ? null : topic, place: null });
      }
    }
  }
  return all;
})();

/** Whether a reason of one class's action is that of the other kind of the same query: short and long ones share theirs. */
function sameMatter(place: Meaning['place'], query: Inside): boolean {
  if (place === null) return true;
  const asksWhy = query.kind === 'short' || query.kind === 'long';
  const kindFits =
    place.kind === query.kind || (asksWhy && (place.kind === 'short' || place.kind === 'long'));
  return kindFits && place.action === query.action;
}

/** Reads an answer as the rule does: by comparing its sentences with all that the world can say. */
export function read(query: WorldQuery, answer: string): Reading {
  if (answer.trim() === outsideAnswer) {
    return { parts: new Set(), isWrong: query.inside, isDamaged: false, isOutside: true };
  }
  const last = readAlong(query, answer).at(-1) ?? { ...nothing, isDamaged: true };
  const isWrong = last.isWrong || (query.inside && lacksCore(query.kind, last.parts));
  return { ...last, isWrong };
}

const nothing: Reading = { parts: new Set(), isWrong: false, isDamaged: false, isOutside: false };

/** What has been read after each sentence of an answer; what it still lacks is not held against it. */
export function readAlong(query: WorldQuery, answer: string): readonly Reading[] {
  let state = nothing;
  return sentencesOf(answer).map((sentence) => (state = readOn(query, state, sentence)));
}

function readOn(query: WorldQuery, before: Reading, sentence: string): Reading {
  const options = query.inside ? (meanings.get(sentence) ?? stepsMeaning(sentence)) : [];
  const own = query.inside
    ? options.find(
        (m) =>
          (m.topic === null || m.topic.noun === query.topic.noun) && sameMatter(m.place, query),
      )
    : undefined;
  const part = own?.part ?? options[0]?.part;
  if (part === undefined) return { ...before, isDamaged: true };
  const isLate = [...before.parts].some((p) => partNames.indexOf(p) >= partNames.indexOf(part));
  return {
    parts: new Set([...before.parts, part]),
    isWrong: before.isWrong || !own,
    isDamaged: before.isDamaged || isLate,
    isOutside: false,
  };
}

/** The general steps name the topic too. */
function stepsMeaning(sentence: string): readonly Meaning[] {
  return meanings.get(`\n${sentence}`) ?? [];
}

function lacksCore(kind: Kind, parts: Parts): boolean {
  if (kind === 'harmful') return !parts.has('comply') && !parts.has('refuse');
  if (kind === 'unknowable') {
    return !parts.has('limits') && !parts.has('guess') && !parts.has('refuse');
  }
  return !parts.has('core') && !parts.has('refuse');
}
