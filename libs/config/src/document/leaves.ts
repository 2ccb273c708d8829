import type { ConfigNode, ScalarNode, SourcePosition } from './document.js';
import type { Path } from './tree.js';

/** A value of a policy that has none below it, such as one number, or a list of texts. */
export interface Leaf {
  readonly path: Path;
  readonly position: SourcePosition;
  readonly values: readonly ScalarNode[];
}

/** All values of a policy, in the order of its files. A list of plain values is one of them. */
export function leavesOf(node: ConfigNode, path: Path = []): readonly Leaf[] {
  switch (node.kind) {
    case 'scalar':
      return [{ path, position: node.position, values: [node] }];
    case 'list': {
      const scalars = node.items.filter((item) => item.kind === 'scalar');
      if (scalars.length === node.items.length) return [{ path, position: node.position, values: scalars }];
      return node.items.flatMap((item, index) => leavesOf(item, [...path, index]));
    }
    case 'mapping':
      return [...node.entries].flatMap(([key, { value }]) => leavesOf(value, [...path, key]));
  }
}
