import { fieldPathsIn } from '../model/arguments.js';
import { areHeadersRead } from '../model/node-traits.js';
import type { Argument, BatchNode, PlanNode } from '../model/nodes.js';

/** The place of the keys and of the rows of a bulk call. */
export interface RowsOfCall {
  /** The way to the list of keys in the arguments: `['query', 'sku']`, `['body', 'filter', 'ids']`. */
  readonly at: readonly string[];
  /** The member of a row that holds its key. */
  readonly by: string;
  /** The member of the response that holds the rows. Absent: the response is the list. */
  readonly items?: string;
}

/**
 * Undefined where a response is more than its rows, because its headers are read; or where the keys do not stand in one place of the arguments
 * as the list that they are.
 */
export function rowsOfCall(node: BatchNode): RowsOfCall | undefined {
  const { chunk, call, by, items } = node;
  if (areHeadersRead(node) || fieldPathsIn(call.args).filter((field) => field.node === chunk).length !== 1)
    return undefined;
  const at = wayTo(chunk, call.args);
  return at && at.length > 0 ? { at, by, ...(items !== undefined && { items }) } : undefined;
}

function wayTo(list: PlanNode, argument: Argument): readonly string[] | undefined {
  if (argument.kind === 'reference')
    return argument.field.node === list && argument.field.path.length === 0 ? [] : undefined;
  if (argument.kind !== 'object') return undefined;
  for (const [name, member] of argument.members) {
    const rest = wayTo(list, member);
    if (rest !== undefined) return [name, ...rest];
  }
  return undefined;
}
