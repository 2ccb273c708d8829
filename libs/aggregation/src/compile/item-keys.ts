import { mayBeMissing } from '../model/absence.js';
import { fieldPathsIn, readsOf } from '../model/arguments.js';
import {
  isOfHeaders,
  levelsOf,
  type Argument,
  type CallNode,
  type EachNode,
  type FallbackSource,
  type FieldPath,
  type PlanNode,
} from '../model/nodes.js';
import type { CompiledLevel } from '../run/compiled.js';
import { localIn, type LocalScope } from '../run/fill.js';

/**
 * The call of an item. A write gets an idempotency key of its own: an upstream answers a key that it knows with the response of before. So a
 * key that does not depend on the item is derived from it and from the index of the item.
 */
export function callPerItem(each: EachNode): CallNode {
  if (each.call.need !== 'write') return each.call;
  return keyed(each.call, new Set<PlanNode>(levelsOf(each).map(({ item }) => item)));
}

function keyed(call: CallNode, items: ReadonlySet<PlanNode>): CallNode {
  const { operation, args, undo, fallbackSources } = call;
  const name = operation.parameters?.find(isIdempotencyKey)?.name;
  const sources = fallbackSources.map((source): FallbackSource =>
    source.kind === 'call' ? { ...source, call: keyed(source.call, items) } : source,
  );
  return {
    ...call,
    args: name === undefined ? args : withKey(args, name, operation.id, items),
    fallbackSources: sources,
    ...(undo !== undefined && { undo: { ...undo, call: keyed(undo.call, new Set([...items, undo.result])) } }),
  };
}

const isIdempotencyKey = (parameter: { readonly in: string; readonly name: string }): boolean =>
  parameter.in === 'header' && parameter.name.toLowerCase() === 'idempotency-key';

function withKey(args: Argument, name: string, operation: string, items: ReadonlySet<PlanNode>): Argument {
  return inMember(args, 'header', (header) =>
    inMember(header, name, (key) => {
      const isOfItem = fieldPathsIn(key).some(({ node }) => items.has(node));
      return isOfItem ? key : { kind: 'key', of: [key], ofItem: { operation } };
    }),
  );
}

function inMember(argument: Argument, name: string, change: (member: Argument) => Argument): Argument {
  if (argument.kind === 'literal') {
    const { value } = argument;
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
      return argument;
    const members = Object.entries(value).map(([key, member]) => [key, { kind: 'literal', value: member }] as const);
    return inMember({ kind: 'object', members }, name, change);
  }
  if (argument.kind !== 'object') return argument;
  const members = argument.members.map(([key, member]) => [key, key === name ? change(member) : member] as const);
  return { kind: 'object', members };
}

/** The item that holds a list, where it may be missing. */
export function itemPartOf(over: FieldPath, scope: LocalScope): CompiledLevel['itemPart'] {
  const item = readsOf(over).find(({ node }) => node.kind === 'item' && mayBeMissing(node));
  return item && localIn(item.node, scope);
}

/** True for a header of the response that an item is. */
export const isOfItemHeaders = (field: FieldPath): boolean => field.node.kind === 'item' && isOfHeaders(field);

/** The calls that stand in for one that fails, in their order. */
export const fallbackCalls = ({ fallbackSources }: CallNode): readonly CallNode[] =>
  fallbackSources.flatMap((fallback) =>
    fallback.kind === 'call' ? [fallback.call, ...fallbackCalls(fallback.call)] : [],
  );
