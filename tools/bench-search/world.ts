import { criteria as paperCriteria } from '../../src/data/criteria.ts';
import type { Criterion } from '../../src/core/criteria.ts';
import type { Query } from '../../src/core/events.ts';
import { maxBullets, normalise, parsePrompt } from '../../src/core/prompt.ts';
import { dice, seedAt, shuffled } from '../../src/core/random.ts';
import { chanceAt, expectedClamped, normalAt } from './numbers.ts';

/**
 * Standard deviations on the 1 to 5 scale, before an answer's quality is cut off at its ends. `query`: how hard a query is.
 * `aspect`: how hard it is on one criterion. `answer`: luck of one answer. `judge`: error of one rating.
 */
export interface Noise {
  readonly query: number;
  readonly aspect: number;
  readonly answer: number;
  readonly judge: number;
}

/**
 * What a simulated world is made from. `skill`: the share of proposals that help the weakest criterion shown; the others are
 * random. `effects` false: no line of a prompt does anything.
 */
export interface WorldOptions {
  readonly seed: number;
  readonly effects: boolean;
  readonly skill: number;
  readonly noise: Noise;
  /** Quality of an average answer under a prompt that says nothing of weight. */
  readonly level: number;
  /** Mean effect of a line on everything. */
  readonly drift: number;
}

/**
 * The constants of the bench's worlds. Known of the authors' released traces: two thirds of the ratings are 5, and the reward of
 * a single query has a standard deviation of 0.96 from level to level. `level` and `noise` are set so that the authors' beam leaves
 * such traces here; queries take the largest share of the noise, as they differ most (the split is not published). `drift` is set by a third
 * known figure: about half of prompt-optimization runs end below where they started, so a line taken at random does more harm than
 * good. The bench prints what it finds beside all three. Not known, and chosen: `skill`, and how large the effects of lines are (nineteen
 * in twenty add less than 0.1 to the true quality of the start, the best eight together about 0.35).
 */
export const calibrated: Omit<WorldOptions, 'seed'> = {
  effects: true,
  skill: 0.5,
  noise: { query: 1.95, aspect: 0.7, answer: 0.5, judge: 0.5 },
  level: 5.55,
  drift: -0.35,
};

/** The kinds of query; an effect is its own for each. */
export const kinds = ['advice', 'facts', 'ethics', 'writing', 'reasoning', 'chat'] as const;

/** The criteria that matter in this world, as the paper words them. */
export const criteria: readonly Criterion[] = paperCriteria.slice(0, 8);

/** Lines that have an effect; a line that is none of them has none. */
export const featureCount = 40;

/** A world: what its lines say, and what they do. Nothing but the bench and the simulated model may look inside. */
export interface SimulatedWorld extends WorldOptions {
  /** The text of each feature. */
  readonly lines: readonly string[];
  /** Features by their text, normalised. */
  readonly byLine: ReadonlyMap<string, number>;
  /** What a feature adds: [feature][kind · criteria + criterion]. */
  readonly alone: readonly (readonly number[])[];
  /** What two features add together on everything, beyond what each adds: [one][other]. */
  readonly together: readonly (readonly number[])[];
  /** Sets of criteria, as numbers: the queries of a kind have one of its three each. */
  readonly chosen: readonly (readonly (readonly number[])[])[];
}

/** A world from its options alone. */
export function makeWorld(options: WorldOptions): SimulatedWorld {
  const lines = writeLines(options.seed);
  return {
    ...options,
    lines,
    byLine: new Map(lines.map((line, i) => [normalise(line), i])),
    alone: lines.map((_, f) => effectsOf(options, f)),
    together: interactions(options),
    chosen: kinds.map((kind) => chooseSets(seedAt(options.seed, 'criteria', kind))),
  };
}

const syllables = 'ba ce di fo gu ka le mi no pu ra se ti vo zu'.split(' ');

/** Sentences of made-up words that share none, so that no two lines look alike. */
function writeLines(seed: number): readonly string[] {
  const words = syllables.flatMap((a) => syllables.map((b) => `${a}${b}n`));
  const order = shuffled(words, dice(seedAt(seed, 'lines')));
  return Array.from({ length: featureCount }, (_, i) => {
    const said = order.slice(5 * i, 5 * i + 5).join(' ');
    return `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
  });
}

/** The share of lines that matter a good deal. */
const strongShare = 0.3;

/**
 * A feature's effects: most lines do little, few do much; other for each kind; on its own criterion mostly good, on another one mostly bad,
 * as when longer answers are deeper and less concise.
 */
function effectsOf({ seed, effects, drift }: WorldOptions, feature: number): readonly number[] {
  const draw = (...place: readonly (string | number)[]) =>
    normalAt(seed, 'effect', feature, ...place);
  const [target, victim] = shuffled(
    criteria.map((_, i) => i),
    dice(seedAt(seed, 'target', feature)),
  );
  const strong = chanceAt(seed, 'strong', feature) < strongShare;
  const general = drift + (strong ? 0.6 : 0.1) * draw('general');
  const onTarget = 0.5 + 0.6 * draw('target');
  const onVictim = -0.3 + 0.4 * draw('victim');
  return kinds.flatMap((kind) => {
    const ofKind = general + 0.2 * draw('kind', kind);
    return criteria.map((_, c) =>
      effects ? ofKind + (c === target ? onTarget : 0) + (c === victim ? onVictim : 0) : 0,
    );
  });
}

/** One pair in seven acts together, more often against each other than not. */
function interactions({ seed, effects }: WorldOptions): readonly (readonly number[])[] {
  const of = (a: number, b: number) =>
    effects && a !== b && chanceAt(seed, 'pair', Math.min(a, b), Math.max(a, b)) < 1 / 7
      ? -0.05 + 0.2 * normalAt(seed, 'together', Math.min(a, b), Math.max(a, b))
      : 0;
  const all = Array.from({ length: featureCount }, (_, i) => i);
  return all.map((a) => all.map((b) => of(a, b)));
}

/** Three sets of 2 to 5 criteria (DRPO §3.3 chooses as many in stage 2). */
function chooseSets(seed: number): readonly (readonly number[])[] {
  return [0, 1, 2].map((i) => {
    const roll = dice(seedAt(seed, i));
    const order = shuffled(
      criteria.map((_, c) => c),
      roll,
    );
    return order.slice(0, 2 + roll(4));
  });
}

/** The features of a prompt in the order of their lines, each once; lines that are none are filler. */
export function featuresOf(world: SimulatedWorld, prompt: string): readonly number[] {
  const said = parsePrompt(prompt).bullets.map((b) => world.byLine.get(normalise(b.text)));
  return [...new Set(said.filter((f) => f !== undefined))];
}

/** What features add on each criterion for each kind: [kind · criteria + criterion]. */
export function effectOf(world: SimulatedWorld, features: readonly number[]): readonly number[] {
  let shared = 0;
  for (const [i, a] of features.entries()) {
    for (let j = i + 1; j < features.length; j++) {
      shared += world.together[a]?.[features[j] ?? -1] ?? 0;
    }
  }
  const sum = new Array<number>(kinds.length * criteria.length).fill(shared);
  for (const f of features) {
    const alone = world.alone[f] ?? [];
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (alone[i] ?? 0);
  }
  return sum;
}

/** The place of a kind and a criterion among effects. */
export function effectPlace(kind: number, criterion: number): number {
  return kind * criteria.length + criterion;
}

/** A query as the world knows it: kind, criteria that matter, and what each one's quality loses by its difficulty. */
export interface KnownQuery {
  readonly kind: number;
  readonly criteria: readonly number[];
  readonly loss: (criterion: number) => number;
}

/** Everything about a query, from its text alone. A text that names no kind has one all the same. */
export function knowQuery(world: SimulatedWorld, text: string): KnownQuery {
  const hash = seedAt(world.seed, 'query', text);
  const named = kinds.findIndex((kind) => text.startsWith(`${kind} `));
  const kind = named >= 0 ? named : hash % kinds.length;
  const difficulty = world.noise.query * normalAt(hash, 'difficulty');
  return {
    kind,
    criteria: world.chosen[kind]?.[seedAt(hash, 'set') % 3] ?? [],
    loss: (c) => difficulty + world.noise.aspect * normalAt(hash, 'aspect', c),
  };
}

/** Queries of the population that all worlds share, kinds in turn. `from` tells disjoint sets apart. */
export function queriesFrom(from: number, count: number): readonly Query[] {
  return Array.from({ length: count }, (_, i): Query => {
    const kind = kinds[i % kinds.length] ?? 'chat';
    const id = `q${String(from + i)}`;
    return { id, kind, text: `${kind} query ${String(from + i)}` };
  });
}

/**
 * The true quality of a prompt with these features, 1 to 5: the mean rating over the whole (endless) population of queries, over all luck of answers
 * and judge, exactly. The judge is right on average but for the ends of the scale, which hide what lies beyond, as in the traces.
 */
export function trueQuality(world: SimulatedWorld, features: readonly number[]): number {
  const effect = effectOf(world, features);
  const score = scoreTable(world);
  let sum = 0;
  world.chosen.forEach((sets, kind) => {
    for (const set of sets) {
      let ofSet = 0;
      for (const c of set) ofSet += score(effect[effectPlace(kind, c)] ?? 0);
      sum += ofSet / set.length;
    }
  });
  return sum / (3 * kinds.length);
}

const tables = new Map<string, readonly number[]>();
const tableFrom = -12;
const tableStep = 1 / 64;

/** The expected rating where features add `effect`, from a table: linear between its points, which is exact to 1e-4. */
function scoreTable({ level, noise }: SimulatedWorld): (effect: number) => number {
  const sd = Math.hypot(noise.query, noise.aspect, noise.answer, noise.judge);
  const name = `${String(level)}/${String(sd)}`;
  const table =
    tables.get(name) ??
    Array.from({ length: 24 / tableStep + 2 }, (_, i) =>
      expectedClamped(level + tableFrom + i * tableStep, sd),
    );
  tables.set(name, table);
  return (effect) => {
    const at = Math.min(Math.max((effect - tableFrom) / tableStep, 0), table.length - 2);
    const low = Math.floor(at);
    const below = table[low] ?? NaN;
    return below + ((table[low + 1] ?? NaN) - below) * (at - low);
  };
}

/**
 * The best features that at most eight lines can hold, by steepest ascent over adding, dropping and replacing one line from
 * five starts. A local optimum can be missed, so a search may in rare worlds find a better one.
 */
export function bestFeatures(world: SimulatedWorld): readonly number[] {
  const all = Array.from({ length: featureCount }, (_, i) => i);
  const starts = [0, 1, 2, 3].map((i) =>
    shuffled(all, dice(seedAt(world.seed, 'climb', i))).slice(0, 2 * i + 1),
  );
  const tops = [[], ...starts].map((start) => climb(world, start, all));
  return tops.reduce((a, b) => (b.quality > a.quality ? b : a)).features;
}

interface Top {
  readonly features: readonly number[];
  readonly quality: number;
}

function climb(world: SimulatedWorld, start: readonly number[], all: readonly number[]): Top {
  let top: Top = { features: start, quality: trueQuality(world, start) };
  for (;;) {
    const { features } = top;
    const others = all.filter((f) => !features.includes(f));
    const steps = [
      ...features.map((f) => features.filter((x) => x !== f)),
      ...(features.length < maxBullets ? others.map((f) => [...features, f]) : []),
      ...features.flatMap((_, i) => others.map((f) => features.with(i, f))),
    ];
    let next = top;
    for (const step of steps) {
      const quality = trueQuality(world, step);
      if (quality > next.quality + 1e-9) next = { features: step, quality };
    }
    if (next === top) return top;
    top = next;
  }
}
