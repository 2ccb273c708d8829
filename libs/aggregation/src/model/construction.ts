import type { PartNode } from './nodes.js';

let building: PartNode[] | undefined;
let including: string | undefined;

/** Runs `build` within the plan under construction, and marks the nodes that it makes as included from the plan `name`. */
export function includeNodes<R>(name: string, build: () => R): R {
  const outer = including;
  including = name;
  try {
    return build();
  } finally {
    including = outer;
  }
}

/** The mark of the plan that a node was included with. */
export const inclusion = (): { readonly included?: string } => (including === undefined ? {} : { included: including });

/** Runs `build` and returns its result and every node that was made meanwhile. */
export function collectNodes<R>(build: () => R): { readonly result: R; readonly nodes: readonly PartNode[] } {
  const outer = building;
  const nodes: PartNode[] = [];
  building = nodes;
  try {
    return { result: build(), nodes };
  } finally {
    building = outer;
  }
}

/** Adds a node to the plan under construction. */
export function recordNode(node: PartNode, verb: string): void {
  if (building === undefined)
    throw new TypeError(`${verb}(...) at ${node.source} stands outside of plan(...): call it in the plan's function`);
  building.push(node);
}

/** True if a plan is under construction. */
export const isBuilding = (): boolean => building !== undefined;
