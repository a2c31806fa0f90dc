import type { Run } from '../../core/run.ts';
import { candidateName } from '../../view/standing.ts';
import { layoutTree } from '../../view/tree-layout.ts';
import { html, type Markup } from './html.ts';

const rowHeight = 22;
const mostNodes = 200;

/** Every prompt under the one it was made from, a level a lane, with the way to the found one drawn out; null for one prompt or too many. */
export function treeChart(run: Run, path: readonly string[]): Markup | null {
  const { nodes, edges, lanes, rows } = layoutTree(run);
  if (nodes.length < 2 || nodes.length > mostNodes) return null;
  const onPath = new Set(path);
  const x = (lane: number) => `${(((lane + 0.5) / lanes) * 100).toFixed(2)}%`;
  const y = (row: number) => (row + 1) * rowHeight;
  const lines = edges.flatMap(({ from, to, points }) =>
    points.slice(1).map(([lane, row], i) => {
      const [lane0, row0] = points[i] ?? [lane, row];
      const kind = onPath.has(from) && onPath.has(to) ? 'way' : 'edge';
      return {
        kind,
        mark: html`<line
          class="${kind}"
          x1="${x(lane0)}"
          x2="${x(lane)}"
          y1="${y(row0)}"
          y2="${y(row)}"
        />`,
      };
    }),
  );
  const marks = nodes.map(({ candidate: { id }, lane, row }) =>
    onPath.has(id)
      ? html`<circle class="way" cx="${x(lane)}" cy="${y(row)}" r="6" /><text
            x="${x(lane)}"
            y="${y(row) - 10}"
          >
            ${candidateName(id)}
          </text>`
      : html`<circle class="node" cx="${x(lane)}" cy="${y(row)}" r="3.5" />`,
  );
  // What is drawn later lies on top.
  const sorted = lines.toSorted((a, b) => Number(a.kind === 'way') - Number(b.kind === 'way'));
  return html`<figure class="tree" aria-hidden="true">
    <svg width="100%" height="${(rows + 1) * rowHeight}">${sorted.map((l) => l.mark)} ${marks}</svg>
  </figure>`;
}
