import { scaleLinear } from 'd3-scale';
import { curveMonotoneX, line } from 'd3-shape';
import type { Column, Dot } from '../../view/score-columns.ts';

/** A dot with its place in pixels. `key` is unique in the chart: a candidate stands in several columns. */
export interface PlacedDot extends Dot {
  readonly key: string;
  readonly column: number;
  readonly x: number;
  readonly y: number;
}

export interface ScoreLayout {
  readonly width: number;
  readonly ticks: readonly { readonly value: number; readonly y: number }[];
  readonly columns: readonly { readonly key: string; readonly label: string; readonly x: number }[];
  readonly dots: readonly PlacedDot[];
  /** The path through the best of each decided level; empty below two levels. */
  readonly bestPath: string;
  readonly labels: readonly { readonly text: string; readonly value: number; readonly y: number }[];
  readonly startY: number | null;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  /** Columns to leave room for, so that the chart does not move as levels come. */
  readonly slots: number;
}

export const margin = { top: 14, right: 64, bottom: 30, left: 34 };
const narrowestColumn = 26;
const dotSize = 13;
const labelGap = 30;

/** Places columns, dots and lines. The axis shows at least one point of the 1–5 scale and never leaves it. */
export function layoutScores(
  columns: readonly Column[],
  start: number | null,
  frame: Frame,
): ScoreLayout {
  const slots = Math.max(frame.slots, columns.length, 1);
  const width = Math.max(frame.width, margin.left + margin.right + slots * narrowestColumn);
  const step = (width - margin.left - margin.right) / slots;
  const all = columns.flatMap((c) => c.dots.map((d) => d.score));
  const y = scaleLinear(zoom(start === null ? all : [...all, start]), [
    frame.height - margin.bottom,
    margin.top,
  ]);
  const placed = columns.map((c, i) => ({ ...c, x: margin.left + step * (i + 0.5) }));
  const best = placed.flatMap((c) =>
    c.best === null ? [] : [{ x: c.x, y: y(c.best), value: c.best }],
  );
  const path = line<{ x: number; y: number }>(
    (p) => p.x,
    (p) => p.y,
  ).curve(curveMonotoneX);
  return {
    width,
    ticks: y.ticks(4).map((value) => ({ value, y: y(value) })),
    columns: placed,
    dots: placed.flatMap((c, i) => dodged(c, i, y, step)),
    bestPath: best.length > 1 ? (path(best) ?? '') : '',
    labels: apart([
      ...(best.length > 0
        ? [{ text: 'Best', value: best.at(-1)?.value ?? 0, y: best.at(-1)?.y ?? 0 }]
        : []),
      ...(start === null ? [] : [{ text: 'Start', value: start, y: y(start) }]),
    ]),
    startY: start === null ? null : y(start),
  };
}

function zoom(scores: readonly number[]): [number, number] {
  if (scores.length === 0) return [1, 5];
  // Below 1 only where a run counts unreadable ratings as 0.
  const floor = Math.min(...scores) < 1 ? 0 : 1;
  const low = Math.max(floor, Math.floor((Math.min(...scores) - 0.15) * 2) / 2);
  const high = Math.min(5, Math.ceil((Math.max(...scores) + 0.15) * 2) / 2);
  if (high - low >= 1) return [low, high];
  return low >= 4 ? [high - 1, high] : [low, low + 1];
}

/** Moves dots of a column sideways until none covers another. */
function dodged(
  column: Column & { readonly x: number },
  at: number,
  y: (score: number) => number,
  step: number,
): readonly PlacedDot[] {
  const placed: PlacedDot[] = [];
  const reach = Math.max(0, step / 2 - dotSize / 2);
  for (const dot of column.dots) {
    const top = y(dot.score);
    const free = (x: number) => placed.every((p) => Math.hypot(p.x - x, p.y - top) >= dotSize);
    const shifts = [0, 1, -1, 2, -2, 3, -3]
      .map((n) => n * dotSize)
      .filter((s) => Math.abs(s) <= reach);
    const x = column.x + (shifts.find((s) => free(column.x + s)) ?? 0);
    placed.push({ ...dot, key: `${column.key} ${dot.candidate}`, column: at, x, y: top });
  }
  return placed;
}

/** Pushes two labels apart that would overlap. */
function apart<T extends { readonly y: number }>(labels: readonly T[]): readonly T[] {
  const [upper, lower] = labels.toSorted((a, b) => a.y - b.y);
  if (!upper || !lower || lower.y - upper.y >= labelGap) return labels;
  const middle = (upper.y + lower.y) / 2;
  return [
    { ...upper, y: middle - labelGap / 2 },
    { ...lower, y: middle + labelGap / 2 },
  ];
}

/** Where an arrow key leads from a dot: up and down in its column, left and right to the nearest score next door. */
export function dotBeside(dots: readonly PlacedDot[], from: string, key: string): string | null {
  const dot = dots.find((d) => d.key === from);
  if (!dot) return null;
  const inColumn = (column: number) => dots.filter((d) => d.column === column);
  const nearest = (column: number) =>
    inColumn(column).toSorted((a, b) => Math.abs(a.y - dot.y) - Math.abs(b.y - dot.y))[0];
  const own = inColumn(dot.column);
  const at = own.indexOf(dot);
  const next = {
    ArrowUp: () => own[at - 1],
    ArrowDown: () => own[at + 1],
    ArrowLeft: () => nearest(dot.column - 1),
    ArrowRight: () => nearest(dot.column + 1),
    Home: () => dots[0],
    End: () => dots.at(-1),
  }[key];
  return next?.()?.key ?? null;
}
