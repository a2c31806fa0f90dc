import { scaleLinear } from 'd3-scale';
import { mean } from '../../core/rating.ts';
import { candidateOf, type Run } from '../../core/run.ts';
import type { Numbers } from '../../view/numbers.ts';
import { scoreColumns, startScore, type Column, type Dot } from '../../view/score-columns.ts';
import { html, type Markup, type Piece } from './html.ts';

/** A level with the best prompt's spread: one standard deviation of its rewards over the level's queries to each side of their mean. */
export interface SpreadColumn extends Column {
  readonly spread: { readonly mean: number; readonly deviation: number } | null;
}

/** What the chart and the table of levels show. A level on which nothing was read has no dots. */
export function spreadColumns(run: Run): readonly SpreadColumn[] {
  return scoreColumns(run).map((column, i) => {
    const queries = run.levels[i]?.queries;
    const [best] = column.dots;
    return { ...column, spread: queries && best ? spreadOn(run, best.candidate, queries) : null };
  });
}

function spreadOn(run: Run, id: string, queries: readonly string[]): SpreadColumn['spread'] {
  const asked = new Set(queries);
  const attempts = candidateOf(run, id)?.attempts ?? [];
  const rewards = attempts.flatMap((a) =>
    a.split === 'train' && asked.has(a.query) ? (a.reward ?? []) : [],
  );
  if (rewards.length < 2) return null;
  const centre = mean(rewards);
  const squares = rewards.reduce((sum, r) => sum + (r - centre) ** 2, 0);
  return { mean: centre, deviation: Math.sqrt(squares / (rewards.length - 1)) };
}

const height = 280;
const edge = { top: 12, bottom: 28 };
const dotSize = 12;

/** More dots in a column say nothing. */
const mostDots = 100;

/** From here on columns are too narrow for dots side by side. */
const wideColumns = 12;

type Scale = (value: number) => number;

/** Scores level by level: every prompt a dot, the best joined by a line. The scale is part of 1 to 5, and at least one point of it. */
export function scoreChart(run: Run, columns: readonly SpreadColumn[], numbers: Numbers): Markup {
  const start = startScore(run);
  const scale = scaleLinear(rangeOf(columns, start), [height - edge.bottom, edge.top]);
  const y: Scale = (value) => scale(value);
  const ticks = scale.ticks(5);
  const x = (i: number) => `${(((i + 0.5) / columns.length) * 100).toFixed(2)}%`;
  return html`<figure class="scores" aria-hidden="true">
    <svg class="side" width="36" height="${height}">
      ${ticks.map(
        (tick) => html`<text x="28" y="${y(tick) + 4}">${shortScore(tick, numbers)}</text>`,
      )}
    </svg>
    <svg width="100%" height="${height}">
      ${ticks.map(
        (tick) => html`<line class="grid" x1="0" x2="100%" y1="${y(tick)}" y2="${y(tick)}" />`,
      )}
      ${
        start === null
          ? null
          : html`<line class="start" x1="0" x2="100%" y1="${y(start)}" y2="${y(start)}" />`
      }
      ${columns.map((column, i) => spreadMark(column, x(i), y))} ${bestLine(columns, x, y)}
      ${columns.map((column, i) => dots(column.dots, x(i), { y, wide: isWide(columns) }))}
      ${columns.map((column, i) => levelWords(column, i, { columns, x: x(i) }))}
    </svg>
  </figure>`;
}

function isWide(columns: readonly SpreadColumn[]): boolean {
  return columns.length <= wideColumns;
}

function rangeOf(columns: readonly SpreadColumn[], start: number | null): [number, number] {
  const spreads = columns.flatMap(({ spread: s }) =>
    s ? [s.mean - s.deviation, s.mean + s.deviation] : [],
  );
  const scores = columns.flatMap((c) => c.dots.map((d) => d.score));
  const all = [...scores, ...spreads, ...(start === null ? [] : [start])];
  // Below 1 only where a run counts unreadable ratings as 0.
  const floor = Math.min(1, ...scores) < 1 ? 0 : 1;
  const low = Math.max(floor, Math.floor(Math.min(5, ...all) * 2 - 0.2) / 2);
  const high = Math.min(5, Math.ceil(Math.max(1, ...all) * 2 + 0.2) / 2);
  if (high - low >= 1) return [low, high];
  return low >= 4 ? [high - 1, high] : [low, low + 1];
}

function spreadMark({ spread }: SpreadColumn, x: string, y: Scale): Piece {
  if (!spread) return null;
  const to = (value: number) => y(Math.min(5, Math.max(0, value)));
  const { mean: centre, deviation } = spread;
  return html`<line
    class="spread"
    x1="${x}"
    x2="${x}"
    y1="${to(centre - deviation)}"
    y2="${to(centre + deviation)}"
  />`;
}

function bestLine(
  columns: readonly SpreadColumn[],
  x: (i: number) => string,
  y: Scale,
): readonly Markup[] {
  const points = columns.flatMap(({ best }, i) => (best === null ? [] : [{ x: x(i), y: y(best) }]));
  return points.slice(1).flatMap((to, i) => {
    const from = points[i];
    return from
      ? [html`<line class="best" x1="${from.x}" x2="${to.x}" y1="${from.y}" y2="${to.y}" />`]
      : [];
  });
}

/** The best on top; those that would cover another step aside where there is room. */
function dots(
  all: readonly Dot[],
  x: string,
  { y, wide }: { readonly y: Scale; readonly wide: boolean },
): readonly Markup[] {
  const placed: { readonly aside: number; readonly y: number }[] = [];
  const marks = all.slice(0, mostDots).map((dot) => {
    const at = y(dot.score);
    const free = (aside: number) =>
      placed.every((p) => Math.hypot(p.aside - aside, p.y - at) >= dotSize);
    const aside = wide ? ([0, dotSize, -dotSize].find(free) ?? 0) : 0;
    placed.push({ aside, y: at });
    const size = dot.standing === 'selected' ? 6.5 : 4.5;
    return html`<circle
      class="${dot.standing}"
      cx="${x}"
      cy="${at}"
      r="${size}"
      transform="translate(${aside} 0)"
    />`;
  });
  return marks.toReversed();
}

/** Numbers under the levels; every second or third where they are many. */
function levelWords(
  { label }: SpreadColumn,
  i: number,
  { columns, x }: { readonly columns: readonly SpreadColumn[]; readonly x: string },
): Piece {
  const each = Math.ceil(columns.length / wideColumns);
  if (i % each !== 0) return null;
  return html`<text x="${x}" y="${height - 8}">${shortLabel(label)}</text>`;
}

/** Whole names would run into each other on a phone. */
function shortLabel(label: string): string {
  return label === 'Selection' ? 'Final' : label.replace('Level ', '');
}

function shortScore(value: number, numbers: Numbers): string {
  return Number.isInteger(value) ? numbers.whole(value) : numbers.score(value).replace(/0$/, '');
}
