import type { PlanNode } from '../../model/state.js';

export interface PlacedNode {
  readonly node: PlanNode;
  readonly x: number;
  readonly y: number;
}

export interface PlanLayout {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly { readonly from: PlacedNode; readonly to: PlacedNode }[];
  readonly width: number;
  readonly height: number;
}

export const boxWidth = 262;
export const boxHeight = 54;
const columnGap = 70;
const rowGap = 16;
const margin = 2;

/** Nodes in columns: each stands one column after the last of those that it waits for, near the middle of them. */
export function planLayout(nodes: readonly PlanNode[]): PlanLayout {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const columns = new Map<string, number>();
  const columnOf = (node: PlanNode): number => {
    const known = columns.get(node.name);
    if (known !== undefined) return known;
    const before = node.after.flatMap((name) => byName.get(name) ?? []).map(columnOf);
    const column = Math.max(-1, ...before) + 1;
    columns.set(node.name, column);
    return column;
  };
  for (const node of nodes) columnOf(node);
  const placed = new Map<string, PlacedNode>();
  const count = Math.max(0, ...columns.values()) + 1;
  let height = 0;
  for (let column = 0; column < count; column++) {
    const wanted = nodes
      .filter((node) => columns.get(node.name) === column)
      .map((node) => ({ node, y: middleOf(node, placed) }))
      .toSorted((one, other) => one.y - other.y);
    let next = margin;
    for (const { node, y } of wanted) {
      const at = Math.max(next, Number.isFinite(y) ? y : next);
      placed.set(node.name, { node, x: margin + column * (boxWidth + columnGap), y: at });
      next = at + boxHeight + rowGap;
    }
    height = Math.max(height, next - rowGap);
  }
  const edges = [...placed.values()].flatMap((to) =>
    to.node.after.flatMap((name) => {
      const from = placed.get(name);
      return from === undefined ? [] : [{ from, to }];
    }),
  );
  const width = count * (boxWidth + columnGap) - columnGap + 2 * margin;
  return { nodes: [...placed.values()], edges, width, height: height + margin };
}

/** The mean height of the nodes that one waits for; no number for one that waits for none. */
function middleOf(node: PlanNode, placed: ReadonlyMap<string, PlacedNode>): number {
  const before = node.after.flatMap((name) => placed.get(name)?.y ?? []);
  return before.length === 0 ? Number.NEGATIVE_INFINITY : before.reduce((sum, y) => sum + y, 0) / before.length;
}
