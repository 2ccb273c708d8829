import {
  fieldPathText,
  isOfHeaders,
  type Argument,
  type FieldPath,
  type ItemNode,
  type LocalNode,
  type PlanNode,
} from '../model/nodes.js';
import { listOfEach, mayBeMissing } from '../model/absence.js';
import type { PartHeaders } from '../model/node-traits.js';
import { derivedKey } from './equal-texts.js';
import { ItemFrame } from './item-frame.js';
import { valueIn } from './projected-document.js';
import { memberOf } from './own-member.js';

/** The values of one request: of the nodes by slot, and the input of the endpoint. */
export interface Values {
  readonly values: readonly unknown[];
  readonly input: unknown;
  /** The headers of responses, by slot, where their contracts declare some. */
  readonly headers?: ReadonlyMap<number, PartHeaders> | undefined;
}

/** Reads or builds a value of one request. Made at start. */
export type Fill = (from: Values, item: unknown) => unknown;

/** The slot of a node among the values of a request. */
export type SlotOf = (node: PlanNode) => number;

/**
 * The values that one call alone knows, the innermost first. With several, or where a key needs the index of an item, a fill gets an
 * `ItemFrame`; otherwise the value itself.
 */
export interface LocalScope {
  readonly nodes: readonly PlanNode[];
  readonly isFramed: boolean;
}

/** Outside of `each`, and in an `each` by itself. */
export const plainScope: LocalScope = { nodes: [], isFramed: false };

/** Compiles an argument: literals stay, field paths are read, objects and lists are built anew. */
export function compileFill(argument: Argument, slotOf: SlotOf, scope: LocalScope): Fill {
  switch (argument.kind) {
    case 'literal': {
      const { value } = argument;
      return () => value;
    }
    case 'reference':
      return compileRead(argument.field, slotOf, scope);
    case 'list': {
      const items = argument.items.map((item) => compileFill(item, slotOf, scope));
      return (from, item) => items.map((fill) => fill(from, item));
    }
    case 'object': {
      const keys = argument.members.map(([key]) => key);
      const fills = argument.members.map(([, member]) => compileFill(member, slotOf, scope));
      return (from, item) => {
        const made: Record<string, unknown> = {};
        for (let i = 0; i < keys.length; i++) {
          const value = fills[i]!(from, item);
          if (value !== undefined) made[keys[i]!] = value;
        }
        return made;
      };
    }
    case 'key': {
      const fills = argument.of.map((of) => compileFill(of, slotOf, scope));
      const { operation } = argument.ofItem ?? {};
      return (from, item) => {
        const values = fills.map((fill) => fill(from, item));
        if (operation === undefined) return derivedKey(values);
        return derivedKey([...values, operation, item instanceof ItemFrame ? item.at : '']);
      };
    }
  }
}

/** Compiles the read of a field path. A part that may be missing is present here: its readers are skipped otherwise. */
export function compileRead(field: FieldPath, slotOf: SlotOf, scope: LocalScope): Fill {
  const { node, path } = field;
  if (node.kind === 'input') return walk((from) => from.input, path);
  if (node.kind === 'local' && node.of !== undefined) return walk(madeValue(node, node.of, slotOf, scope), path);
  if (node.kind === 'item' && isOfHeaders(field)) return walk(headersOfItem(node, slotOf, scope), path.slice(1));
  if (node.kind === 'item' || node.kind === 'local') {
    const local = localIn(node, scope);
    return mayBeMissing(node) ? walk((from, item) => memberOf(local(from, item), 'value'), path) : walk(local, path);
  }
  const slot = slotOf(node);
  if (isOfHeaders(field)) return walk((from) => from.headers?.get(slot), path.slice(1));
  return mayBeMissing(node)
    ? walk((from) => valueIn(memberOf(from.values[slot], 'value')), path)
    : walk((from) => valueIn(from.values[slot]), path);
}

/** Makes a value of those that a combinator takes; undefined where they are not what their contract says. */
export type MakeValue = (seen: Readonly<Record<string, unknown>>) => unknown;
const makers = new WeakMap<LocalNode, MakeValue>();
/** Said before the calls are compiled that read the value. */
export const makeLocal = (node: LocalNode, make: MakeValue): void => void makers.set(node, make);

function madeValue(node: LocalNode, of: ReadonlyMap<string, FieldPath>, slotOf: SlotOf, scope: LocalScope): Fill {
  const reads = [...of].map(([name, field]) => [name, compileRead(field, slotOf, scope)] as const);
  return (from, item) => {
    const seen: Record<string, unknown> = {};
    for (const [name, read] of reads) seen[name] = read(from, item);
    return makers.get(node)?.(seen);
  };
}

/** The value of a local node as it is: a `Part` where it may be missing. */
export function localIn(node: PlanNode, { nodes, isFramed }: LocalScope): Fill {
  if (!isFramed) return (_, item) => item;
  const depth = nodes.indexOf(node);
  return (_, item) => {
    const frame = frameAt(depth, item);
    return frame instanceof ItemFrame ? frame.value : frame;
  };
}

function frameAt(depth: number, item: unknown): unknown {
  let frame = item;
  for (let up = 0; up < depth && frame instanceof ItemFrame; up++) frame = frame.outer;
  return frame;
}

/** The headers of the response that is an item: they stand at its place among those of the `each` that made it. */
function headersOfItem(node: ItemNode, slotOf: SlotOf, { nodes, isFramed }: LocalScope): Fill {
  const list = listOfEach(node.over);
  if (list === undefined || !isFramed)
    throw new TypeError(
      `headersOf(${fieldPathText({ node, path: [] })}) is known in the calls of an each(...) over that list alone: read headersOfCalls(...) of the part instead`,
    );
  const slot = slotOf(list.node);
  const depth = nodes.indexOf(node);
  return (from, item) => {
    const frame = frameAt(depth, item);
    if (!(frame instanceof ItemFrame)) return undefined;
    const indexes = frame.at.split('.').slice(-list.depth - 1);
    return indexes.reduce<unknown>(memberOf, from.headers?.get(slot));
  };
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
