import { mayBeMissing, type Argument, type FieldPath, type PlanNode } from '../model/nodes.js';
import { valueIn } from './projected-document.js';
import { memberOf } from './own-member.js';

/** The values of one request: of the nodes by slot, and the input of the endpoint. */
export interface Values {
  readonly values: readonly unknown[];
  readonly input: unknown;
}

/** Reads or builds a value of one request. Made at start. */
export type Fill = (from: Values, item: unknown) => unknown;

/** The slot of a node among the values of a request. */
export type SlotOf = (node: PlanNode) => number;

/** Compiles an argument: literals stay, field paths are read, objects and lists are built anew. */
export function compileFill(argument: Argument, slotOf: SlotOf): Fill {
  switch (argument.kind) {
    case 'literal': {
      const { value } = argument;
      return () => value;
    }
    case 'reference':
      return compileRead(argument.field, slotOf);
    case 'list': {
      const items = argument.items.map((item) => compileFill(item, slotOf));
      return (from, item) => items.map((fill) => fill(from, item));
    }
    case 'object': {
      const keys = argument.members.map(([key]) => key);
      const fills = argument.members.map(([, member]) => compileFill(member, slotOf));
      return (from, item) => {
        const made: Record<string, unknown> = {};
        for (let i = 0; i < keys.length; i++) {
          const value = fills[i]!(from, item);
          if (value !== undefined) made[keys[i]!] = value;
        }
        return made;
      };
    }
  }
}

/** Compiles the read of a field path. A part that may be missing is present here: its readers are skipped otherwise. */
export function compileRead(field: FieldPath, slotOf: SlotOf): Fill {
  const { node, path } = field;
  if (node.kind === 'input') return walk((from) => from.input, path);
  if (node.kind === 'item' || node.kind === 'local') return walk((_, item) => item, path);
  const slot = slotOf(node);
  return mayBeMissing(node)
    ? walk((from) => valueIn(memberOf(from.values[slot], 'value')), path)
    : walk((from) => valueIn(from.values[slot]), path);
}

function walk(root: Fill, path: readonly string[]): Fill {
  const [first, second] = path;
  if (first === undefined) return root;
  if (second === undefined) return (from, item) => memberOf(root(from, item), first);
  if (path.length === 2) return (from, item) => memberOf(memberOf(root(from, item), first), second);
  return (from, item) => {
    let value = root(from, item);
    for (const key of path) value = memberOf(value, key);
    return value;
  };
}
