import { normals } from './random.ts';
import { mean } from './rating.ts';

/** One rated answer, as far as the effects of lines go: the lines its prompt had beyond none, on which query, and its reward, 1 to 5. */
export interface Observation {
  /** Each line once, by a name that is the same wherever the line stands. */
  readonly lines: readonly string[];
  readonly query: string;
  readonly reward: number;
}

/**
 * What is believed before anything is measured, in points of reward. `shared`: how far the mean effect of all lines may lie from 0.
 * `line`: how far a line lies from that mean. `query`: how far the queries lie from each other. `noise`: what is left of one reward.
 */
const beliefs = { shared: 0.3, line: 0.3, query: 0.9, noise: 0.55 } as const;

/**
 * What one more doubling of the number of times that a line was proposed is believed to say of what it does, and how far that may be
 * wrong: optimizers agree on what helps more often than on what does not (self-consistency; Wang et al. 2023, arXiv 2203.11171). How
 * much one may go by them is learnt with the effects.
 */
const agreement = { expected: 0.35, deviation: 0.1, neutral: 1.5 } as const;

/** What lines do, after everything that was observed. A line that was never tried is believed to do what lines do on average. */
export interface LineEffects {
  /** Points of reward that a line adds, as expected. */
  readonly expected: ReadonlyMap<string, number>;
  /** One draw of what the lines may add, given all that is known (Thompson 1933): lines of which little is known vary most. */
  draw(seed: number): ReadonlyMap<string, number>;
  /** The expected reward of a prompt with these lines on a query, or on an average one; not cut off at 5. */
  rewardOf(lines: readonly string[], query?: string): number;
}

/**
 * What each line of all prompts adds to the reward, from every rated answer at once: reward = level + query + sum over lines, all normal, so
 * that what is believed of lines is shrunk towards their mean as far as the data are few (Bayesian linear regression; Lindley & Smith
 * 1972). `lines` are those to know of, tried or not. `proposed`: how often each was proposed, where that should count; lines that nobody
 * proposed are not judged by it. Takes time in (lines + queries)³.
 */
export function lineEffects(
  observations: readonly Observation[],
  lines: readonly string[],
  proposed: ReadonlyMap<string, number> = new Map(),
): LineEffects {
  const queries = [...new Set(observations.map((o) => o.query))];
  const placeOf = new Map<string, number>([
    ...lines.map((line, i) => [`line ${line}`, 1 + i] as const),
    ...queries.map((query, i) => [`query ${query}`, 1 + lines.length + i] as const),
  ]);
  const level = observations.length === 0 ? 0 : mean(observations.map((o) => o.reward));
  const system = startSystem(lines.length, queries.length);
  const agreed = 1 + lines.length + queries.length;
  for (const { lines: own, query, reward } of observations) {
    const places = [...own.map((line) => `line ${line}`), `query ${query}`];
    const known = places.flatMap((place) => placeOf.get(place) ?? []);
    const support = own.reduce((sum, line) => sum + supportOf(proposed.get(line)), 0);
    const terms = [
      [0, own.length] as const,
      ...known.map((place) => [place, 1] as const),
      [agreed, support] as const,
    ];
    observe(system, terms, reward - level);
  }
  const factor = choleskyOf(system.precision);
  const reduced = solveLower(factor, system.weighted);
  const believed = solveUpper(factor, reduced);
  const effectsIn = (state: readonly number[]) =>
    new Map(
      lines.map((line, i) => {
        const said = supportOf(proposed.get(line)) * (state[agreed] ?? 0);
        return [line, (state[0] ?? 0) + (state[1 + i] ?? 0) + said];
      }),
    );
  const expected = effectsIn(believed);
  return {
    expected,
    draw: (seed) => {
      const roll = normals(seed);
      return effectsIn(
        solveUpper(
          factor,
          reduced.map((value) => value + roll()),
        ),
      );
    },
    rewardOf: (own, query) =>
      own.reduce((sum, line) => sum + (expected.get(line) ?? 0), level) +
      (believed[placeOf.get(`query ${query ?? ''}`) ?? -1] ?? 0),
  };
}

/** How often a line was proposed, in doublings beyond what says nothing for or against it. */
function supportOf(times: number | undefined): number {
  return times === undefined ? 0 : Math.log2(1 + times) - agreement.neutral;
}

/** Normal equations: precision · state = weighted. State: shared effect, each line's own, each query's, what agreement says. */
interface System {
  readonly precision: Float64Array[];
  readonly weighted: number[];
}

function startSystem(lines: number, queries: number): System {
  const size = 2 + lines + queries;
  const deviations = [
    beliefs.shared,
    ...new Array<number>(lines).fill(beliefs.line),
    ...new Array<number>(queries).fill(beliefs.query),
    agreement.deviation,
  ];
  const precision = deviations.map((sd, i) => {
    const row = new Float64Array(size);
    row[i] = 1 / sd ** 2;
    return row;
  });
  const weighted = new Array<number>(size).fill(0);
  weighted[size - 1] = agreement.expected / agreement.deviation ** 2;
  return { precision, weighted };
}

function observe(
  { precision, weighted }: System,
  terms: readonly (readonly [number, number])[],
  value: number,
): void {
  const weight = 1 / beliefs.noise ** 2;
  for (const [i, a] of terms) {
    const row = precision[i];
    for (const [j, b] of terms) if (row) row[j] = (row[j] ?? 0) + a * b * weight;
    weighted[i] = (weighted[i] ?? 0) + a * value * weight;
  }
}

/** The lower triangle L with L Lᵀ = matrix, which must be positive definite. */
function choleskyOf(matrix: readonly Float64Array[]): readonly Float64Array[] {
  const lower = matrix.map((row) => Float64Array.from(row));
  lower.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      const other = lower[j];
      if (!other) continue;
      let sum = row[j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (row[k] ?? 0) * (other[k] ?? 0);
      row[j] = i === j ? Math.sqrt(sum) : sum / (other[j] ?? 1);
    }
  });
  return lower;
}

function solveLower(lower: readonly Float64Array[], right: readonly number[]): number[] {
  const solved = [...right];
  lower.forEach((row, i) => {
    let sum = solved[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= (row[k] ?? 0) * (solved[k] ?? 0);
    solved[i] = sum / (row[i] ?? 1);
  });
  return solved;
}

function solveUpper(lower: readonly Float64Array[], right: readonly number[]): number[] {
  const solved = [...right];
  for (let i = lower.length - 1; i >= 0; i--) {
    let sum = solved[i] ?? 0;
    for (let k = i + 1; k < lower.length; k++) sum -= (lower[k]?.[i] ?? 0) * (solved[k] ?? 0);
    solved[i] = sum / (lower[i]?.[i] ?? 1);
  }
  return solved;
}
