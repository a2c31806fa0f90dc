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
 * 1972). `lines` are those to know of, tried or not. Takes time in (lines + queries)³.
 */
export function lineEffects(
  observations: readonly Observation[],
  lines: readonly string[],
): LineEffects {
  const queries = [...new Set(observations.map((o) => o.query))];
  const placeOf = new Map<string, number>([
    ...lines.map((line, i) => [`line ${line}`, 1 + i] as const),
    ...queries.map((query, i) => [`query ${query}`, 1 + lines.length + i] as const),
  ]);
  const level = observations.length === 0 ? 0 : mean(observations.map((o) => o.reward));
  const system = startSystem(lines.length, queries.length);
  for (const { lines: own, query, reward } of observations) {
    const places = [...own.map((line) => `line ${line}`), `query ${query}`];
    const known = places.flatMap((place) => placeOf.get(place) ?? []);
    observe(system, { shared: own.length, places: known, value: reward - level });
  }
  const factor = choleskyOf(system.precision);
  const reduced = solveLower(factor, system.weighted);
  const believed = solveUpper(factor, reduced);
  const effectsIn = (state: readonly number[]) =>
    new Map(lines.map((line, i) => [line, (state[0] ?? 0) + (state[1 + i] ?? 0)]));
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

/** Normal equations: precision · state = weighted. State: shared effect, each line's own, each query's. */
interface System {
  readonly precision: Float64Array[];
  readonly weighted: number[];
}

function startSystem(lines: number, queries: number): System {
  const size = 1 + lines + queries;
  const deviations = [
    beliefs.shared,
    ...new Array<number>(lines).fill(beliefs.line),
    ...new Array<number>(queries).fill(beliefs.query),
  ];
  const precision = deviations.map((sd, i) => {
    const row = new Float64Array(size);
    row[i] = 1 / sd ** 2;
    return row;
  });
  return { precision, weighted: new Array<number>(size).fill(0) };
}

function observe(
  { precision, weighted }: System,
  seen: { readonly shared: number; readonly places: readonly number[]; readonly value: number },
): void {
  const terms = [[0, seen.shared] as const, ...seen.places.map((place) => [place, 1] as const)];
  const weight = 1 / beliefs.noise ** 2;
  for (const [i, a] of terms) {
    const row = precision[i];
    for (const [j, b] of terms) if (row) row[j] = (row[j] ?? 0) + a * b * weight;
    weighted[i] = (weighted[i] ?? 0) + a * seen.value * weight;
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
