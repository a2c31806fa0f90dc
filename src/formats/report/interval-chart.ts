import { scaleLinear } from 'd3-scale';
import type { Interval } from '../../core/verdict.ts';
import type { Numbers } from '../../view/numbers.ts';
import { html, type Markup, type Piece } from './html.ts';

/** A difference in points with its 95 % interval. */
export interface IntervalRow {
  readonly label: Piece;
  readonly difference: number;
  readonly interval: Interval;
  /** False where it does not count, whatever its interval says. */
  readonly counts: boolean;
}

/** Places in percent of the width, so that the chart fits any page and its words keep their size. */
type Place = (value: number) => string;

/** Differences on one scale around 0, a row each. Its numbers stand in the rows: it needs no table beside it. */
export function intervalChart(rows: readonly IntervalRow[], numbers: Numbers): Markup {
  const ends = rows.flatMap(({ interval: { low, high } }) => [Math.abs(low), Math.abs(high)]);
  const reach = Math.max(0.25, ...ends) * 1.08;
  const scale = scaleLinear([-reach, reach], [0, 100]);
  const ticks = scale.ticks(5);
  const x: Place = (value) => `${scale(value).toFixed(2)}%`;
  return html`<div class="intervals">
    ${rows.map((row) => intervalRow(row, { ticks, x, numbers }))}
    <div class="interval axis">
      <span></span>
      <svg width="100%" height="20" aria-hidden="true">
        ${ticks.map(
          (tick) => html`<text x="${x(tick)}" y="14">${axisWords(tick, ticks, numbers)}</text>`,
        )}
      </svg>
      <span></span>
    </div>
  </div>`;
}

function intervalRow(
  row: IntervalRow,
  axis: { readonly ticks: readonly number[]; readonly x: Place; readonly numbers: Numbers },
): Markup {
  const { ticks, x, numbers } = axis;
  const { low, high } = row.interval;
  const grid = ticks.map(
    (tick) =>
      html`<line
        class="${tick === 0 ? 'zero' : 'grid'}"
        x1="${x(tick)}"
        x2="${x(tick)}"
        y1="0"
        y2="36"
      />`,
  );
  const end = (value: number) => html`<line x1="${x(value)}" x2="${x(value)}" y1="12" y2="24" />`;
  return html`<div class="interval ${toneOf(row)}">
    <span class="label">${row.label}</span>
    <svg width="100%" height="36" aria-hidden="true">
      ${grid}
      <g class="mark">
        <line x1="${x(low)}" x2="${x(high)}" y1="18" y2="18" />
        ${end(low)}${end(high)}
        <circle cx="${x(row.difference)}" cy="18" r="5.5" />
      </g>
    </svg>
    <span class="value"
      ><strong>${numbers.signed(row.difference)}</strong>
      <span class="muted">${numbers.plain(low)} to ${numbers.plain(high)}</span></span
    >
  </div>`;
}

function toneOf({ interval, counts }: IntervalRow): string {
  if (!counts) return 'unsure';
  if (interval.low > 0) return 'good';
  return interval.high < 0 ? 'bad' : 'unsure';
}

/** A tick with as many decimals as its neighbours need, at most two. */
function axisWords(tick: number, ticks: readonly number[], numbers: Numbers): string {
  if (tick === 0) return '0';
  const whole = ticks.every((t) => Number.isInteger(t));
  const sign = tick > 0 ? '+' : '−';
  return whole ? sign + numbers.whole(Math.abs(tick)) : numbers.signed(tick);
}
