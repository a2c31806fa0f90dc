import { hierarchy, tree } from 'd3-hierarchy';
import { candidateOf, type Candidate, type Run } from '../core/run.ts';

/** A candidate's place: its lane (level), and its row, 0 at the top; rows may lie between whole numbers. */
export interface TreeNode {
  readonly candidate: Candidate;
  readonly lane: number;
  readonly row: number;
}

/** The line from a parent to a child, through every lane between them. */
export interface TreeEdge {
  readonly from: string;
  readonly to: string;
  readonly points: readonly (readonly [lane: number, row: number])[];
}

export interface TreeLayout {
  readonly nodes: readonly TreeNode[];
  readonly edges: readonly TreeEdge[];
  readonly lanes: number;
  readonly rows: number;
}

/** A candidate, or a stretch of edge in a lane that its child skips, so that nothing else is laid out there. */
interface Stop {
  readonly candidate: Candidate | null;
  readonly below: readonly Stop[];
}

/** Places every candidate in the lane of its level. Nothing overlaps, also where a parent is levels above its child. */
export function layoutTree(run: Run): TreeLayout {
  const first = run.candidates[0];
  if (!first) return { nodes: [], edges: [], lanes: 0, rows: 0 };
  const root = tree<Stop>()
    .nodeSize([1, 1])
    .separation(() => 1)(hierarchy(stopOf(run, first), (s) => s.below));
  const top = Math.min(...root.descendants().map((n) => n.x));
  const nodes: TreeNode[] = [];
  const edges: TreeEdge[] = [];
  for (const node of root.descendants()) {
    const { candidate } = node.data;
    if (!candidate) continue;
    nodes.push({ candidate, lane: node.y, row: node.x - top });
    const ancestors = node.ancestors();
    const up = ancestors.findIndex((n, i) => i > 0 && n.data.candidate !== null);
    const parent = ancestors[up]?.data.candidate;
    if (!parent) continue;
    const points = ancestors.slice(0, up + 1).map((n) => [n.y, n.x - top] as const);
    edges.push({ from: parent.id, to: candidate.id, points: points.toReversed() });
  }
  const lanes = Math.max(...nodes.map((n) => n.lane)) + 1;
  const rows = Math.max(...nodes.map((n) => n.row)) + 1;
  return { nodes: nodes.toSorted((a, b) => a.lane - b.lane || a.row - b.row), edges, lanes, rows };
}

function stopOf(run: Run, candidate: Candidate): Stop {
  const children = candidate.children.flatMap((id) => candidateOf(run, id) ?? []);
  return {
    candidate,
    below: children.map((child) => {
      let stop = stopOf(run, child);
      for (let lane = child.level - 1; lane > candidate.level; lane--) {
        stop = { candidate: null, below: [stop] };
      }
      return stop;
    }),
  };
}

/** Where an arrow key leads from a candidate: left to its parent, right to its first child, up and down in its lane. */
export function neighbour(layout: TreeLayout, from: string, key: string): string | null {
  const node = layout.nodes.find((n) => n.candidate.id === from);
  if (!node) return null;
  const lane = layout.nodes.filter((n) => n.lane === node.lane);
  const at = lane.indexOf(node);
  switch (key) {
    case 'ArrowLeft':
      return node.candidate.parent;
    case 'ArrowRight':
      return nearest(layout, node)?.candidate.id ?? null;
    case 'ArrowUp':
      return lane[at - 1]?.candidate.id ?? null;
    case 'ArrowDown':
      return lane[at + 1]?.candidate.id ?? null;
    case 'Home':
      return layout.nodes[0]?.candidate.id ?? null;
    case 'End':
      return layout.nodes.at(-1)?.candidate.id ?? null;
    default:
      return null;
  }
}

function nearest(layout: TreeLayout, node: TreeNode): TreeNode | undefined {
  return layout.nodes.find((n) => node.candidate.children.includes(n.candidate.id));
}
