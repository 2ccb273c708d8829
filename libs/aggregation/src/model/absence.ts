import { levelsOf, type EachNode, type FieldPath, type PlanNode } from './nodes.js';

/** True if the value can be missing in a successful response. Then every reader must say what to do. */
export function mayBeMissing(node: PlanNode): boolean {
  switch (node.kind) {
    case 'call':
      return (node.need === 'optional' || node.when !== undefined) && node.fallbackValue === undefined;
    case 'each':
      return mayBeMissing(node.over.node);
    case 'item': {
      // A list that is missing itself has no items.
      const list = listOfEach(node.over);
      return list !== undefined && itemsMayBeMissing(list.node, list.depth);
    }
    case 'pages':
      return mayBeMissing(node.call);
    case 'local':
      return [...(node.of?.values() ?? [])].some((field) => mayBeMissing(field.node));
    default:
      return false;
  }
}

/** True if the value can be missing because of a failure, and not by a condition alone. */
export function mayFail(node: PlanNode): boolean {
  if (!mayBeMissing(node)) return false;
  switch (node.kind) {
    case 'call':
      return node.need === 'optional';
    case 'each':
      return mayFail(node.over.node);
    case 'item': {
      const list = listOfEach(node.over);
      return list !== undefined && mayFail(itemOf(list.node, list.depth));
    }
    default:
      return true;
  }
}

/** True if items of the lists of that depth may be missing: the calls of the innermost lists, the inner lists of the others. */
export const itemsMayBeMissing = (node: EachNode, depth: number): boolean => mayBeMissing(itemOf(node, depth));

/** The node that decides whether an item of the lists of that depth is there. */
const itemOf = (node: EachNode, depth: number): PlanNode => levelsOf(node)[depth + 1]?.over.node ?? node.call;

/** The `each` whose list this is, or a list in its items, by depth. */
export function listOfEach({ node, path }: FieldPath): { readonly node: EachNode; readonly depth: number } | undefined {
  if (path.length > 0) return undefined;
  if (node.kind === 'each') return { node, depth: 0 };
  const around = node.kind === 'item' ? listOfEach(node.over) : undefined;
  return around !== undefined && around.depth + 1 < levelsOf(around.node).length
    ? { node: around.node, depth: around.depth + 1 }
    : undefined;
}
