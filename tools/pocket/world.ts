import behaviourData from './world/behaviours.json' with { type: 'json' };
import outsideData from './world/outside.json' with { type: 'json' };
import data from './world/world.json' with { type: 'json' };
import type { Criterion } from '../../src/core/criteria.ts';
import type { Dice } from './dice.ts';

/**
 * What a query is: a short or a long answer to why something is so, a task, a feeling, a request to do harm, a question that nobody
 * can answer from here, or something the world does not hold.
 */
export type Kind = 'short' | 'long' | 'howto' | 'feeling' | 'harmful' | 'unknowable';

export const kinds: readonly Kind[] = [
  'short',
  'long',
  'howto',
  'feeling',
  'harmful',
  'unknowable',
];

/** What the answers and queries of one kind say about a topic, with blanks for its noun. */
export interface Action {
  readonly base?: string;
  readonly third?: string;
  readonly reason?: string;
  readonly deeper?: string;
  readonly do?: string;
  readonly event?: string;
  readonly what?: string;
  readonly core?: string;
  readonly guess?: string;
  readonly steps?: readonly string[];
}

/** A noun of the world and the class whose actions go with it. */
export interface Topic {
  readonly noun: string;
  readonly class: ClassName;
}

type ClassName = keyof typeof data.classes;

/** A query inside the world. */
export interface Inside {
  readonly inside: true;
  readonly text: string;
  readonly kind: Kind;
  readonly topic: Topic;
  /** Place of its action among those of its class and kind. */
  readonly action: number;
  readonly isHeldOutPhrasing: boolean;
}

/** A query that the world does not hold. */
export interface Outside {
  readonly inside: false;
  readonly text: string;
}

export type WorldQuery = Inside | Outside;

const classes: Readonly<Record<ClassName, (typeof data.classes)[ClassName]>> = data.classes;

/** All nouns, class by class. */
export const topics: readonly Topic[] = (Object.keys(classes) as ClassName[]).flatMap((name) =>
  classes[name].topics.split(' ').map((noun) => ({ noun, class: name })),
);

/** The names of the criteria that the world rates by. */
export const criteriaNames: readonly string[] = data.criteria;

/** A criterion as a profile is given it: the model knows what its name means. */
export function criterionOf(name: string): Criterion {
  return { name, definition: '', low: '', high: '' };
}

/** The actions of a class for a kind of query. */
export function actionsOf(topic: Topic, kind: Kind): readonly Action[] {
  const own = classes[topic.class];
  switch (kind) {
    case 'short':
    case 'long':
      return own.why;
    case 'howto':
      return own.howto;
    case 'feeling':
      return own.feeling;
    case 'harmful':
      return own.harmful;
    case 'unknowable':
      return own.unknowable;
  }
}

/** What a topic's class puts into its answers: a harmless way, and where to look. */
function classWords(topic: Topic): { readonly instead: string; readonly place: string } {
  return classes[topic.class];
}

/** The query's criteria, the same for all queries of its kind; one for what lies outside. */
export function criteriaOf(query: WorldQuery): readonly string[] {
  return query.inside ? data.kinds[query.kind].criteria : ['Limitations'];
}

/** Fills the blanks of a text: {n} noun, {a} noun with its article, and those of the action. */
export function fill(text: string, topic: Topic, action: Action = {}): string {
  const { noun } = topic;
  const values: Record<string, string | undefined> = {
    n: noun,
    a: `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`,
    base: action.base,
    third: action.third,
    reason: action.reason,
    deeper: action.deeper,
    do: action.do,
    event: action.event,
    Event: action.event && capitalised(action.event),
    what: action.what,
    ...classWords(topic),
  };
  const once = text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
  return /\{\w+\}/.test(once) ? fill(once, topic, action) : once;
}

/** A text with its first letter as a capital. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The query of a kind about a topic, in one of the kind's phrasings (those held out come last). */
export function insideQuery(topic: Topic, kind: Kind, action: number, phrasing: number): Inside {
  const { phrasings, heldOut } = data.kinds[kind];
  const template = [...phrasings, ...heldOut][phrasing];
  const what = actionsOf(topic, kind)[action];
  if (template === undefined || !what) throw new Error(`no such query: ${kind} ${topic.noun}`);
  return {
    inside: true,
    text: fill(template, topic, what),
    kind,
    topic,
    action,
    isHeldOutPhrasing: phrasing >= phrasings.length,
  };
}

/** How many phrasings a kind has, those held out among them. */
export function phrasingCount(kind: Kind): number {
  const { phrasings, heldOut } = data.kinds[kind];
  return phrasings.length + heldOut.length;
}

/** Which queries are drawn: phrasings and pairs of topic and kind that training sees, or those it never sees. */
export interface Draw {
  readonly phrasings: 'seen' | 'held-out';
  readonly pairs: 'seen' | 'held-out';
}

const seen: Draw = { phrasings: 'seen', pairs: 'seen' };

/** Draws a query inside the world, all kinds alike. */
export function drawInside(dice: Dice, draw: Draw = seen, kind?: Kind): Inside {
  for (;;) {
    const topic = dice.pick(topics);
    const own = kind ?? dice.pick(kinds);
    if (isHeldOutPair(topic, own) !== (draw.pairs === 'held-out')) continue;
    const { phrasings, heldOut } = data.kinds[own];
    const phrasing =
      draw.phrasings === 'seen'
        ? dice.below(phrasings.length)
        : phrasings.length + dice.below(heldOut.length);
    return insideQuery(topic, own, dice.below(actionsOf(topic, own).length), phrasing);
  }
}

/** Pairs of topic and kind that no training document holds: every noun is met in other kinds, every kind with other nouns. */
export function isHeldOutPair(topic: Topic, kind: Kind): boolean {
  return (topics.indexOf(topic) * 5 + kinds.indexOf(kind) * 7) % 23 === 0;
}

const nouns = new Set(topics.map((topic) => topic.noun));
const namesNoTopic = (text: string): boolean =>
  !text
    .toLowerCase()
    .split(/[^a-z]+/)
    .some((word) => nouns.has(word) || nouns.has(word.replace(/s$/, '')));

const outside = {
  seen: {
    templates: outsideData.templates,
    subjects: outsideData.subjects.filter(namesNoTopic),
    whole: outsideData.whole.filter(namesNoTopic),
  },
  'held-out': {
    templates: outsideData.heldOutTemplates,
    subjects: outsideData.heldOutSubjects.filter(namesNoTopic),
    whole: outsideData.heldOutWhole.filter(namesNoTopic),
  },
};

/**
 * Draws a query from outside: a whole one, a subject in a sentence of its own or in one that the world has too, so that only the words
 * tell.
 */
export function drawOutside(dice: Dice, which: Draw['phrasings'] = 'seen'): Outside {
  const { templates, subjects, whole } = outside[which];
  const draw = dice.below(10);
  if (draw < 3) return { inside: false, text: dice.pick(whole) };
  if (draw < 6) {
    return { inside: false, text: dice.pick(templates).replace('{x}', dice.pick(subjects)) };
  }
  return { inside: false, text: estranged(dice, dice.pick(subjects)) };
}

/** A query of the world with another word in its noun's place; now and then no word at all but letters. */
function estranged(dice: Dice, subject: string): string {
  const query = drawInside(dice);
  const word = dice.below(4) === 0 ? dice.word() : subject.replace(/^(?:the|a|an) /, '');
  return query.text.replace(new RegExp(`\\b${query.topic.noun}\\b`), word);
}

/** A behaviour that instructions can ask for. */
export type Behaviour = keyof typeof behaviourData;

export const behaviours = Object.keys(behaviourData) as readonly Behaviour[];

const wordings: ReadonlyMap<Behaviour, readonly string[]> = new Map(
  behaviours.map((name) => [
    name,
    [...new Set(behaviourData[name].patterns.flatMap((slots) => combined(slots)))].sort(),
  ]),
);

function combined(slots: readonly (readonly string[])[]): readonly string[] {
  const texts = slots.reduce<readonly string[]>(
    (before, slot) => before.flatMap((text) => slot.map((word) => `${text} ${word}`.trim())),
    [''],
  );
  return texts.map((text) => `${capitalised(text)}.`);
}

const behaviourOf: ReadonlyMap<string, Behaviour> = new Map(
  [...wordings].flatMap(([name, texts]) => texts.map((text) => [text, name] as const)),
);

/** All wordings of a behaviour that training sees, or those it never sees (every sixth). */
export function wordingsOf(name: Behaviour, which: Draw['phrasings']): readonly string[] {
  const all = wordings.get(name) ?? [];
  return all.filter((_, i) => (i % 6 === 3) === (which === 'held-out'));
}

/** What a bullet asks for; null where it is none of the world's wordings. */
export function readBullet(text: string): Behaviour | null {
  return behaviourOf.get(text.trim()) ?? null;
}

export const {
  openings,
  parts: partTexts,
  why: whyTexts,
  stepsOfAll,
  outside: outsideAnswer,
} = data;
export const { reasons: reasonTexts, noEdit, about } = data;
