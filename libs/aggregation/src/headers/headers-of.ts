import type { Method, Operation } from '@frontage/core';
import { headersKey, nodeText, type CallNode, type PlanNode } from '../model/nodes.js';
import { fieldPathOf, referTo, type AnyRef, type Deep, type DeepMaybe, type Ref } from '../model/references.js';
import { reference, toExpression } from '../view/view-reference.js';

type Headers<H> = unknown extends H ? { readonly 'the contract declares no headers for this operation': never } : H;

/**
 * The headers that the contract declares for the successes of a call, by its names, in a plan and in a view: arguments of later calls,
 * conditions, members of the response. They are missing where the part is; a part whose value comes from a fallback has none.
 *
 * ```ts
 * const page = required(orders.listOrders, { query });
 * const total = headersOf(page, orders.listOrders)['X-Total-Count'];
 * ```
 * @param operation the operation that the part calls: it types the headers
 * @throws {TypeError} for a part that is not one call of this operation
 */
export function headersOf<P extends AnyRef, H>(
  part: P,
  operation: Operation<unknown, unknown, unknown, Method, boolean, H>,
): P extends Ref<unknown> ? Deep<Headers<H>> : DeepMaybe<Headers<H>> {
  const field = fieldPathOf(part);
  if (field !== undefined) {
    checkCall(field.node, field.path, operation);
    // The types of a reference are phantoms: here it takes the type of the declared headers.
    return referTo({ node: field.node, path: [headersKey] }) as never;
  }
  const of = toExpression(part);
  if (of.kind !== 'part') return refuse('a value', operation.id);
  checkCall(of.node, [], operation);
  return reference({ kind: 'headers', of, operation });
}

function checkCall(node: PlanNode, path: readonly string[], { id, contract }: CallNode['operation']): void {
  if (node.kind !== 'call' || path.length > 0) return refuse(nodeText(node), id);
  const { operation } = node;
  if (operation.id !== id || operation.contract.upstream !== contract.upstream)
    throw new TypeError(
      `headersOf(${nodeText(node)}, ${id}): the part calls ${operation.id}: write headersOf(${nodeText(node)}, ${operation.id})`,
    );
}

const refuse = (what: string, id: string): never => {
  throw new TypeError(
    `headersOf(${what}, ${id}) takes a part that is one call: what required, optional or write returned, and not a member of it`,
  );
};
