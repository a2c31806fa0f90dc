import { fewestChecked } from './check-size.ts';
import type { Planting } from './planted.ts';
import { plantings } from './planted.ts';
import { seedAt } from './random.ts';
import { mean, spread, type Rating } from './rating.ts';
import type { IntervalMethod } from './settings.ts';
import { pairedInterval } from './statistics.ts';
import type { Interval } from './verdict.ts';

/**
 * Whether the judge can be believed: mean ratings of the examples' own answers (`right`) and of spoiled ones put in their place
 * (`wrong`), over all pairs. `tells`: there are enough examples, and the interval of their mean differences lies above 0.
 */
export interface JudgeCheck {
  readonly right: number;
  readonly wrong: number;
  readonly pairs: number;
  readonly interval: Interval;
  readonly tells: boolean;
  /** What answers spoiled in several ways showed; absent where only answers of other examples were tried. */
  readonly planted?: PlantedCheck;
}

/** The check in detail. `notMade`: ways of spoiling for which no example was fit. `dropped`: criteria left out of the run for it. */
export interface PlantedCheck {
  readonly examples: number;
  readonly kinds: readonly KindCheck[];
  readonly notMade: readonly Planting[];
  readonly criteria: readonly CriterionCheck[];
  readonly dropped: readonly string[];
}

/** How often, 0 to 1, the good answer's reward was higher than that of one spoiled so; a tie counts half. */
export interface KindCheck {
  readonly kind: Planting;
  readonly pairs: number;
  readonly wins: number;
}

/** What the judge showed on one criterion. */
export interface CriterionCheck {
  readonly criterion: string;
  readonly pairs: number;
  /** How often the good answer won, 0 to 1, ties half, with a 95 % interval. */
  readonly wins: number;
  readonly interval: Interval;
  /** Whether the good one wins more often than chance; null where that isn't shown, but the pairs are too few for a fit judge to show it. */
  readonly tells: boolean | null;
  /** The share of ratings, 0 to 1, that are nearer to 5 than to 4. */
  readonly fives: number;
  /** Rating points for each 100 characters of answer, by least squares; null where all answers are about as long or few. */
  readonly lengthSlope: number | null;
  /** The judge's mean uncertainty, 0 to 2; null where ratings are written. */
  readonly spread: number | null;
  /** How far ratings move, on average and in points, when the criterion is said in other words; null where that was not tried. */
  readonly agreement: { readonly answers: number; readonly difference: number } | null;
}

/** An answer that the judge rated in the check; `kind` is null for the example's own. */
export interface CheckedAnswer {
  readonly example: string;
  readonly kind: Planting | null;
  readonly answer: string;
  readonly ratings: readonly Rating[];
  readonly reward: number;
  /** Its ratings with the criteria said in other words, where that was asked. */
  readonly reworded?: readonly Rating[];
}

/** Ratings this close are a tie: expected values differ in their last digits by the order of a sum. */
const tie = 1e-6;

/** A judge that rates the good answer higher this often is fit: fewer pairs than show that prove nothing against one. */
const fitShare = 0.9;

/** The standard normal's 97.5 % quantile. */
const z = 1.959964;

/**
 * The check from rewards of good and spoiled answers to the same queries. Pairs of one `example` share the good answer, so they
 * count as one difference, their mean; a pair without one stands for itself.
 */
export function checkJudge(
  pairs: readonly { readonly right: number; readonly wrong: number; readonly example?: string }[],
  seed: number,
  method: IntervalMethod = 'studentised',
): JudgeCheck {
  const byExample = grouped(pairs, (pair, i) => pair.example ?? `pair ${String(i)}`);
  const differences = byExample.map((group) => mean(group.map((p) => p.right - p.wrong)));
  const interval = pairedInterval(differences, seedAt(seed, 'judge-check'), method);
  return {
    right: pairs.length === 0 ? 0 : mean(pairs.map((p) => p.right)),
    wrong: pairs.length === 0 ? 0 : mean(pairs.map((p) => p.wrong)),
    pairs: pairs.length,
    interval,
    tells: differences.length >= fewestChecked && interval.low > 0,
  };
}

/** The check from answers as they were rated, in detail; `drop` says whether criteria that do not tell are left out. */
export function checkPlanted(
  answers: readonly CheckedAnswer[],
  { seed, drop }: { readonly seed: number; readonly drop: boolean },
): JudgeCheck {
  const pairs = pairsOf(answers);
  const rewards = pairs.map(({ good, bad }) => ({
    right: good.reward,
    wrong: bad.reward,
    example: good.example,
  }));
  const criteria = criteriaOf(answers).map((criterion) =>
    checkCriterion(criterion, answers, pairs),
  );
  const made = new Set(pairs.map((p) => p.kind));
  return {
    ...checkJudge(rewards, seed),
    planted: {
      examples: new Set(pairs.map((p) => p.good.example)).size,
      kinds: plantings.filter((kind) => made.has(kind)).map((kind) => checkKind(kind, pairs)),
      notMade: plantings.filter((kind) => !made.has(kind)),
      criteria,
      dropped: drop ? blind(criteria) : [],
    },
  };
}

/** Criteria on which the judge does not tell, as long as there is one on which it does. */
function blind(criteria: readonly CriterionCheck[]): readonly string[] {
  if (!criteria.some((c) => c.tells === true)) return [];
  return criteria.filter((c) => c.tells === false).map((c) => c.criterion);
}

interface Pair {
  readonly kind: Planting;
  readonly good: CheckedAnswer;
  readonly bad: CheckedAnswer;
}

function pairsOf(answers: readonly CheckedAnswer[]): readonly Pair[] {
  const own = new Map(answers.filter((a) => a.kind === null).map((a) => [a.example, a]));
  return answers.flatMap((bad) => {
    const good = own.get(bad.example);
    return bad.kind === null || !good ? [] : { kind: bad.kind, good, bad };
  });
}

function criteriaOf(answers: readonly CheckedAnswer[]): readonly string[] {
  return [...new Set(answers.flatMap((a) => a.ratings.map((r) => r.criterion)))];
}

function checkKind(kind: Planting, pairs: readonly Pair[]): KindCheck {
  const own = pairs.filter((p) => p.kind === kind);
  const wins = mean(own.map((p) => won(p.good.reward, p.bad.reward)));
  return { kind, pairs: own.length, wins };
}

/** 1 where the good one is higher, 0 where it is lower, ½ for a tie. */
function won(good: number, bad: number): number {
  if (Math.abs(good - bad) <= tie) return 0.5;
  return good > bad ? 1 : 0;
}

function checkCriterion(
  criterion: string,
  answers: readonly CheckedAnswer[],
  pairs: readonly Pair[],
): CriterionCheck {
  const ratingOf = (a: CheckedAnswer) => a.ratings.find((r) => r.criterion === criterion);
  const outcomes = pairs.flatMap(({ good, bad }) => {
    const [better, worse] = [ratingOf(good), ratingOf(bad)];
    return better && worse ? { example: good.example, win: won(better.score, worse.score) } : [];
  });
  const rated = answers.flatMap((answer) => {
    const rating = ratingOf(answer);
    return rating ? { answer, rating } : [];
  });
  const spreads = rated.flatMap(({ rating }) => spread(rating) ?? []);
  return {
    criterion,
    pairs: outcomes.length,
    ...chanceOf(outcomes),
    fives: mean(rated.map(({ rating }) => (rating.score >= 4.5 ? 1 : 0))),
    lengthSlope: leastSquaresSlope(
      rated.map(({ answer, rating }) => [answer.answer.length / 100, rating.score]),
    ),
    spread: spreads.length === 0 ? null : mean(spreads),
    agreement: agreementOn(criterion, rated),
  };
}

/**
 * The share of wins and whether it is above one half. Two pairs of one example share one of their two ratings, so their outcomes
 * are correlated by about one half: the design effect (Kish 1965) says how many pairs they are worth, and with that many
 * the interval is Wilson's (1927).
 */
function chanceOf(
  outcomes: readonly { readonly example: string; readonly win: number }[],
): Pick<CriterionCheck, 'wins' | 'interval' | 'tells'> {
  if (outcomes.length === 0) return { wins: 0.5, interval: { low: 0, high: 1 }, tells: null };
  const sizes = grouped(outcomes, (o) => o.example).map((group) => group.length);
  const mates = sizes.reduce((sum, m) => sum + m * m, 0) / outcomes.length - 1;
  const worth = outcomes.length / (1 + mates / 2);
  const wins = mean(outcomes.map((o) => o.win));
  const interval = shareInterval(wins, worth);
  if (interval.low > 0.5) return { wins, interval, tells: true };
  const wouldShow = shareInterval(fitShare, worth).low > 0.5;
  return { wins, interval, tells: wouldShow ? false : null };
}

/** Wilson's 95 % interval of a share of `n` cases; `n` need not be whole. */
export function shareInterval(share: number, n: number): Interval {
  const centre = share + (z * z) / (2 * n);
  const half = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return {
    low: Math.max(0, (centre - half) / scale),
    high: Math.min(1, (centre + half) / scale),
  };
}

/** The slope of the line through points (x, y) by least squares; null for fewer than three, or where all x are about the same. */
export function leastSquaresSlope(points: readonly (readonly [number, number])[]): number | null {
  if (points.length < 3) return null;
  const [x0, y0] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const square = points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
  const product = points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0);
  return square < 1e-9 ? null : product / square;
}

function agreementOn(
  criterion: string,
  rated: readonly { readonly answer: CheckedAnswer; readonly rating: Rating }[],
): CriterionCheck['agreement'] {
  const moved = rated.flatMap(({ answer, rating }) => {
    const again = answer.reworded?.find((r) => r.criterion === criterion);
    return again ? Math.abs(again.score - rating.score) : [];
  });
  return moved.length === 0 ? null : { answers: moved.length, difference: mean(moved) };
}

function grouped<T>(
  items: readonly T[],
  keyOf: (item: T, i: number) => string,
): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  items.forEach((item, i) => {
    const key = keyOf(item, i);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  });
  return [...groups.values()];
}
