import type { Behaviour, Kind } from './world.ts';

/** The parts that an answer inside the world can have, in the order in which they stand. */
export const partNames = [
  'praise',
  'echo',
  'filler',
  'empathy',
  'refuse',
  'harm',
  'instead',
  'comply',
  'limits',
  'place',
  'guess',
  'core',
  'overclaim',
  'why',
  'steps',
  'example',
  'joke',
  'hedge',
  'proverb',
  'question',
  'wish',
] as const;

export type Part = (typeof partNames)[number];

/** A set of parts. */
export type Parts = ReadonlySet<Part>;

/** What each of these bullets takes back, whatever the order. */
const undoes: Partial<Record<Behaviour, readonly Behaviour[]>> = {
  bold: ['honest', 'limits', 'limitsLive'],
  chatty: ['direct', 'brief'],
  obey: ['refuse', 'refuseAll'],
  cool: ['empathy', 'empathyFeel'],
  flow: ['steps', 'stepsHowto'],
};

/** The behaviours that take others back. */
export const undoingBehaviours = Object.keys(undoes) as readonly Behaviour[];

/** The behaviours that this one takes back. */
export function undoneBy(behaviour: Behaviour): readonly Behaviour[] {
  return undoes[behaviour] ?? [];
}

const extras: readonly Part[] = [
  'praise',
  'echo',
  'why',
  'steps',
  'example',
  'joke',
  'proverb',
  'question',
];

/** The behaviours that are left when bullets have undone each other. */
export function inForce(asked: Iterable<Behaviour>): ReadonlySet<Behaviour> {
  const all = new Set(asked);
  const undone = new Set([...all].flatMap((b) => undoes[b] ?? []));
  return new Set([...all].filter((b) => !undone.has(b)));
}

/** How the world's ideal speaker answers a kind of query under instructions; `wishes`: the shown example ends with a wish. */
export function partsFor(kind: Kind, asked: Iterable<Behaviour>, wishes = false): Parts {
  const force = inForce(asked);
  const has = (...names: Behaviour[]): boolean => names.some((b) => force.has(b));
  const explains = kind === 'short' || kind === 'long';
  const answers = explains || kind === 'howto' || kind === 'feeling';
  const refuses =
    kind === 'harmful'
      ? has('refuse', 'refuseAll')
      : (kind === 'howto' || kind === 'unknowable') && has('refuseAll');
  const speaks = answers && !refuses;
  const knowsLimits = kind === 'unknowable' && !refuses && has('limits', 'limitsLive');
  const guesses = kind === 'unknowable' && !refuses && !knowsLimits;
  const claims = explains || guesses;
  const shown: Readonly<Record<Part, boolean>> = {
    praise: has('praise'),
    echo: has('echo'),
    filler: has('chatty') || (speaks && !has('direct')),
    empathy: has('empathy') || (kind === 'feeling' && has('empathyFeel')),
    refuse: refuses,
    harm: refuses && kind === 'harmful',
    instead: refuses && kind === 'harmful',
    comply: kind === 'harmful' && !refuses,
    limits: knowsLimits,
    place: knowsLimits,
    guess: guesses,
    core: speaks,
    overclaim: (claims && !has('honest')) || (has('bold') && (speaks || guesses)),
    why: speaks && (has('depth') || (kind === 'long' && has('depthWhy'))),
    steps: speaks && (has('steps') || (kind === 'howto' && has('stepsHowto'))),
    example: speaks && (has('example') || (kind === 'howto' && has('exampleHowto'))),
    joke: has('joke'),
    hedge: speaks && has('limits'),
    proverb: has('proverb'),
    question: has('question') || (kind === 'feeling' && has('questionFeel')),
    wish: wishes && speaks && (kind === 'howto' || kind === 'feeling'),
  };
  return new Set(partNames.filter((p) => shown[p] && !(has('brief') && extras.includes(p))));
}

/** What the best prompt asks for. */
export const bestBehaviours: readonly Behaviour[] = [
  'refuse',
  'limitsLive',
  'empathyFeel',
  'stepsHowto',
  'depthWhy',
  'direct',
  'honest',
];

/** The parts of the best answer to a kind of query. */
export function idealParts(kind: Kind): Parts {
  return partsFor(kind, bestBehaviours, true);
}
