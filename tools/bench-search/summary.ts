import { dice } from '../../src/core/random.ts';
import { mean } from '../../src/core/rating.ts';
import { quantile } from '../../src/core/statistics.ts';
import { sdOf, type Reached, type Repeat } from './repeat.ts';
import { authors, ours } from './strategies.ts';

/** What `--json` writes. Ratios are our mean regret over the authors' mean regret; the rates are shares of repeats. */
export interface Figures {
  readonly repeats: number;
  readonly regretRatioEqualBudget: number;
  readonly regretRatioThirdBudget: number;
  /** Of the repeats in which the search found another prompt than the start. */
  readonly intervalCoverage: number;
  readonly falseBetterRate: number;
}

interface Pair {
  readonly ours: number;
  readonly authors: number;
}

/** The figures of all repeats; at least one is needed. The authors have their whole budget in both ratios. */
export function figuresOf(repeats: readonly Repeat[]): Figures {
  const covered = repeats.flatMap((r) => r.covered ?? []);
  return {
    repeats: repeats.length,
    regretRatioEqualBudget: ratioOf(regretPairs(repeats, 'equalBudget')),
    regretRatioThirdBudget: ratioOf(regretPairs(repeats, 'thirdBudget')),
    intervalCoverage: mean(covered.map(Number)),
    falseBetterRate: mean(repeats.map((r) => Number(r.falseBetter))),
  };
}

function regretPairs(
  repeats: readonly Repeat[],
  at: 'equalBudget' | 'thirdBudget',
): readonly Pair[] {
  return repeats.map((r) => ({
    ours: r.best - reachedBy(r, ours.name)[at],
    authors: r.best - reachedBy(r, authors.name).equalBudget,
  }));
}

function reachedBy({ reached }: Repeat, name: string): Reached {
  const found = reached.find((r) => r.strategy === name);
  if (!found) throw new Error(`no strategy is called ${name}`);
  return found;
}

function ratioOf(pairs: readonly Pair[]): number {
  return mean(pairs.map((p) => p.ours)) / mean(pairs.map((p) => p.authors));
}

/** Mean with its 95 % interval, by the normal approximation over repeats. */
function meanText(values: readonly number[]): string {
  const half = (1.96 * sdOf(values)) / Math.sqrt(values.length);
  return `${mean(values).toFixed(3)} ± ${half.toFixed(3)}`;
}

/** A percentile bootstrap over repeats of a ratio of means, 95 %. */
function ratioInterval(pairs: readonly Pair[]): string {
  const roll = dice(20_241);
  const ratios = Array.from({ length: 1000 }, () =>
    ratioOf(pairs.map((p) => pairs[roll(pairs.length)] ?? p)),
  ).sort((a, b) => a - b);
  return `${quantile(ratios, 0.025).toFixed(3)} to ${quantile(ratios, 0.975).toFixed(3)}`;
}

/** A share with its 95 % interval after Wilson, which holds near 0 and 1. */
function shareText(values: readonly boolean[]): string {
  const n = values.length;
  if (n === 0) return 'none';
  const p = mean(values.map(Number));
  const z2 = 1.96 ** 2;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (1.96 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  const low = Math.max(0, centre - half);
  const high = Math.min(1, centre + half);
  return `${p.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}, n = ${String(n)})`;
}

/** The table of strategies and the bars, line by line. */
export function linesOf(repeats: readonly Repeat[]): readonly string[] {
  return [
    `${String(repeats.length)} repeats. Means with 95 % intervals (normal approximation over repeats); ratios with a bootstrap over repeats; shares after Wilson.`,
    `Worlds: start ${meanText(repeats.map((r) => r.start))}, best prompt ${meanText(repeats.map((r) => r.best))}.`,
    ...calibrationLines(repeats),
    '',
    ...table(repeats),
    '',
    ...barLines(repeats),
  ];
}

/** What the authors' beam leaves in these worlds beside what is known of their traces. */
function calibrationLines(repeats: readonly Repeat[]): readonly string[] {
  const below = repeats.map((r) => reachedBy(r, authors.name).atEnd < r.start - 1e-9);
  return [
    `Authors' traces here: share of 5s ${meanText(repeats.map((r) => r.shareOfFives))} (known: 0.67), level-to-level s.d. ${meanText(repeats.map((r) => r.levelSd))} (known: 0.96), runs that end below their start ${shareText(below)} (known of prompt optimization: about half).`,
  ];
}

function table(repeats: readonly Repeat[]): readonly string[] {
  const budget = mean(repeats.map((r) => r.budget));
  const names = repeats[0]?.reached.map((r) => r.strategy) ?? [];
  const head = ['strategy', 'budget', 'requests', 'true quality', 'regret'];
  const rows = names.flatMap((name) => {
    const all = repeats.map((r) => ({ ...reachedBy(r, name), best: r.best }));
    const row = (label: string, requests: number, at: 'thirdBudget' | 'equalBudget' | 'atEnd') => [
      name,
      label,
      requests.toFixed(0),
      meanText(all.map((r) => r[at])),
      meanText(all.map((r) => r.best - r[at])),
    ];
    return [
      row('a third', budget / 3, 'thirdBudget'),
      row("the authors'", budget, 'equalBudget'),
      row('its own', mean(all.map((r) => r.spent)), 'atEnd'),
    ];
  });
  const start = ['starting prompt', '', '0', ...startCells(repeats)];
  return [head, ...rows, start].map((cells) =>
    cells.map((cell, i) => cell.padEnd([24, 13, 9, 16, 16][i] ?? 0)).join(' '),
  );
}

function startCells(repeats: readonly Repeat[]): readonly string[] {
  return [meanText(repeats.map((r) => r.start)), meanText(repeats.map((r) => r.best - r.start))];
}

/** The bars of the bench, each with its figure and whether it is met. */
function barLines(repeats: readonly Repeat[]): readonly string[] {
  const figures = figuresOf(repeats);
  const { intervalCoverage: coverage, falseBetterRate, ...ratios } = figures;
  const line = (met: boolean, what: string) => `${met ? 'met   ' : 'missed'} ${what}`;
  return [
    line(
      ratios.regretRatioEqualBudget <= 0.5,
      `regret at the authors' budget over theirs ≤ 0.5: ${ratios.regretRatioEqualBudget.toFixed(3)} (${ratioInterval(regretPairs(repeats, 'equalBudget'))})`,
    ),
    line(
      ratios.regretRatioThirdBudget <= 1,
      `regret at a third of it over theirs ≤ 1: ${ratios.regretRatioThirdBudget.toFixed(3)} (${ratioInterval(regretPairs(repeats, 'thirdBudget'))})`,
    ),
    line(
      coverage >= 0.93 && coverage <= 0.97,
      `the verdict's interval covers the truth in 0.93 to 0.97: ${shareText(repeats.flatMap((r) => r.covered ?? []))}`,
    ),
    line(
      falseBetterRate <= 0.03,
      `"better" claimed where nothing is ≤ 0.03: ${shareText(repeats.map((r) => r.falseBetter))}`,
    ),
  ];
}
