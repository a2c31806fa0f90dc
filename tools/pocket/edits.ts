import { type Reading } from './answers.ts';
import type { Dice } from './dice.ts';
import { inForce, partsFor, type Part, type Parts } from './policy.ts';
import { rateReading } from './rule.ts';
import {
  behaviours,
  criteriaOf,
  noEdit,
  readBullet,
  reasonTexts,
  wordingsOf,
  type Behaviour,
  type Draw,
  type Inside,
  type Kind,
  type WorldQuery,
} from './world.ts';

/** A rating with its criterion's name. */
export interface Scored {
  readonly criterion: string;
  readonly score: number;
}

/** Ratings by the rule on the query's own criteria, weakest first; ties keep their order. */
export function scored(query: WorldQuery, reading: Reading): readonly Scored[] {
  return criteriaOf(query)
    .map((criterion) => ({ criterion, score: rateReading(query, reading, criterion) }))
    .sort((a, b) => a.score - b.score);
}

const cores: Readonly<Record<Kind, readonly Part[]>> = {
  short: ['core'],
  long: ['core'],
  howto: ['core'],
  feeling: ['core'],
  harmful: ['comply'],
  unknowable: ['guess'],
};

type Missing = keyof typeof reasonTexts.missing;
type Excess = keyof typeof reasonTexts.excess;

function withMissing(parts: Parts, part: Missing): Parts {
  const more = new Set<Part>([...parts, part]);
  if (part === 'refuse') {
    for (const gone of ['comply', 'overclaim'] as const) more.delete(gone);
    return more.add('harm').add('instead');
  }
  if (part === 'limits') {
    for (const gone of ['guess', 'overclaim'] as const) more.delete(gone);
    return more.add('place');
  }
  return more;
}

function withoutExcess(kind: Kind, parts: Parts, part: Excess): Parts {
  const fewer = new Set(parts);
  fewer.delete(part);
  if (part === 'refuse') for (const core of cores[kind]) fewer.add(core);
  return fewer;
}

/** Why an answer did not get a 5 on a criterion, in one sentence of the world: what would raise it most. */
export function reasonFor(query: WorldQuery, reading: Reading, criterion: string): string {
  if (!query.inside) return reasonTexts.outside;
  if (reading.isOutside || reading.isWrong) return reasonTexts.wrong;
  const { kind } = query;
  const { parts } = reading;
  const score = (changed: Parts): number =>
    rateReading(query, { ...reading, parts: changed }, criterion);
  const options = [
    ...(Object.keys(reasonTexts.missing) as Missing[])
      .filter((part) => !parts.has(part) && !(part === 'refuse' && kind !== 'harmful'))
      .filter((part) => !(part === 'limits' && kind !== 'unknowable'))
      .map((part) => ({ text: reasonTexts.missing[part], to: withMissing(parts, part) })),
    ...(Object.keys(reasonTexts.excess) as Excess[])
      .filter((part) => parts.has(part))
      .map((part) => ({ text: reasonTexts.excess[part], to: withoutExcess(kind, parts, part) })),
  ];
  const now = score(parts);
  const best = options.reduce<{ readonly text: string; readonly gain: number } | null>(
    (before, { text, to }) => {
      const gain = score(to) - now;
      return gain > (before?.gain ?? 0) ? { text, gain } : before;
    },
    null,
  );
  if (best) return best.text;
  return reading.isDamaged ? reasonTexts.damaged : reasonTexts.none;
}

/** One change of a list of bullets. Behaviours are what the lines ask for. */
export type Edit =
  | { readonly type: 'add'; readonly add: Behaviour }
  | { readonly type: 'drop'; readonly drop: Behaviour }
  | { readonly type: 'swap'; readonly drop: Behaviour; readonly add: Behaviour };

/** The behaviours after an edit. */
export function applied(asked: readonly Behaviour[], edit: Edit): readonly Behaviour[] {
  const kept = edit.type === 'add' ? asked : asked.filter((b) => b !== edit.drop);
  return edit.type === 'drop' ? kept : [...kept, edit.add];
}

/** How an unscoped behaviour is asked for where it belongs only. */
const narrower: Partial<Record<Behaviour, Behaviour>> = {
  refuseAll: 'refuse',
  limits: 'limitsLive',
  empathy: 'empathyFeel',
  steps: 'stepsHowto',
  depth: 'depthWhy',
  question: 'questionFeel',
  example: 'exampleHowto',
};

/** What an edit of instructions works from: the bullets' behaviours, the query, its answer as it was read. */
export interface EditCase {
  readonly query: Inside;
  readonly reading: Reading;
  readonly asked: readonly Behaviour[];
  readonly wishes: boolean;
}

/** A rating on the weakest criterion, and the sum of all, of the answer that the ideal speaker would give. */
function after({ query, wishes }: EditCase, asked: readonly Behaviour[], weakest: string) {
  const parts = partsFor(query.kind, asked, wishes);
  const reading = { parts, isWrong: false, isDamaged: false, isOutside: false };
  return {
    weakest: rateReading(query, reading, weakest),
    sum: criteriaOf(query).reduce((sum, c) => sum + rateReading(query, reading, c), 0),
  };
}

/** Whether an edit lifts the answer's weakest criterion and takes nothing from the whole. */
export function lifts(given: EditCase, edit: Edit): boolean {
  const ratings = scored(given.query, given.reading);
  const weakest = ratings[0];
  if (!weakest) return false;
  const next = after(given, applied(given.asked, edit), weakest.criterion);
  const sum = ratings.reduce((total, { score }) => total + score, 0);
  return next.weakest > weakest.score && next.sum > sum;
}

/** Whether an edit lifts a weakest criterion of the answer: any of those that share the lowest rating. */
export function liftsAWeakest(given: EditCase, edit: Edit): boolean {
  const ratings = scored(given.query, given.reading);
  const lowest = Math.min(...ratings.map(({ score }) => score));
  const asked = applied(given.asked, edit);
  return ratings.some(
    ({ criterion, score }) => score === lowest && after(given, asked, criterion).weakest > score,
  );
}

/**
 * The edits that lift the answer's weakest criterion: bullets to add, bullets to drop or to put in a narrower way, and where a bullet
 * stands in the way of another, the one in place of the other.
 */
export function usefulEdits(given: EditCase): readonly Edit[] {
  const { asked } = given;
  const force = inForce(asked);
  const useful = (edit: Edit): boolean => lifts(given, edit);
  const free = behaviours.filter((b) => !asked.includes(b));
  const adds = free.map((add): Edit => ({ type: 'add', add })).filter(useful);
  const drops = [...new Set(asked)].map((drop) => ({ type: 'drop', drop }) as const).filter(useful);
  const narrowed = drops.flatMap(({ drop }): Edit[] => {
    const add = narrower[drop];
    return add === undefined || asked.includes(add) ? [] : [{ type: 'swap', drop, add }];
  });
  if (adds.length + drops.length > 0) return [...adds, ...drops, ...narrowed.filter(useful)];
  const inTheWay = [...force].filter((b) => !(b in narrower));
  return inTheWay
    .flatMap((drop) => free.map((add): Edit => ({ type: 'swap', drop, add })))
    .filter(useful);
}

/** Draws one of the useful edits; null where none is. A bullet to be put more narrowly is rather changed than dropped. */
export function drawEdit(given: EditCase, dice: Dice): Edit | null {
  const useful = usefulEdits(given);
  if (useful.length === 0) return null;
  const swaps = useful.filter((e) => e.type === 'swap');
  if (swaps.length > 0 && dice.hit(0.7)) return dice.pick(swaps);
  return dice.pick(useful);
}

/** Writes an edit in words. `bullets` are the lines as they stand, named by their numbers from 1; a behaviour to drop is that of one of them. */
export function writeEdit(
  edit: Edit | null,
  bullets: readonly string[],
  dice: Dice,
  which: Draw['phrasings'] = 'seen',
): string {
  if (edit === null) return noEdit;
  const added = edit.type === 'drop' ? '' : dice.pick(wordingsOf(edit.add, which));
  if (edit.type === 'add') return `add: ${added}`;
  const at = bullets.findIndex((text) => readBullet(text) === edit.drop);
  if (at < 0) throw new Error(`no bullet asks for ${edit.drop}`);
  const old = `#${String(at + 1)}`;
  return edit.type === 'drop' ? `drop: ${old}` : `swap: ${old} => ${added}`;
}

/** The bullets of instructions as the profile shows them, without the numbers by which an edit names them. */
export function bulletsIn(instructions: string): readonly string[] {
  return [...instructions.matchAll(/^- (.+?)(?: #\d+)?$/gm)].map(([, text]) => text ?? '');
}

/** An edit in words, read with the bullets that it changes; null where it is none, or speaks of bullets that are not there. */
export function readEdit(text: string, bullets: readonly string[]): Edit | null {
  const said = text.trim();
  const behaviour = (line: string | undefined): Behaviour | null =>
    line === undefined ? null : readBullet(line);
  const [, added] = /^add: (.+)$/.exec(said) ?? [];
  const more = behaviour(added);
  if (added !== undefined) return more && { type: 'add', add: more };
  const [, type, number, words] = /^(drop|swap): #(\d+)(?: => (.+))?$/.exec(said) ?? [];
  const drop = behaviour(bullets[Number(number) - 1]);
  if (drop === null) return null;
  if (type === 'drop') return { type, drop };
  const add = behaviour(words);
  return type === 'swap' && add ? { type, drop, add } : null;
}
