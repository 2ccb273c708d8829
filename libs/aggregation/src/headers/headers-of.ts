import type { Method, Operation } from '@frontage/core';
import { listOfEach } from '../model/absence.js';
import {
  callOf,
  fieldPathText,
  headersKey,
  levelsOf,
  type CallNode,
  type FieldPath,
  type PartNode,
} from '../model/nodes.js';
import { markHeadersRead } from '../model/node-traits.js';
import { fieldPathOf, referTo, type AnyRef, type Deep, type DeepMaybe, type Ref } from '../model/references.js';
import { expressionText } from '../view/expression-reading.js';
import type { Expression, PartExpression } from '../view/expressions.js';
import { reference, toExpression } from '../view/view-reference.js';

type Headers<H> = unknown extends H ? { readonly 'the contract declares no headers for this operation': never } : H;
/** An entry of a list may not be there, although the operation always has a response. */
type OfEntry<V, Out, H> = [V] extends [undefined]
  ? H
  : undefined extends V
    ? undefined extends Out
      ? H
      : H | undefined
    : H;
type AnyOperation<Out, H> = Operation<unknown, Out, unknown, Method, boolean, H>;

/**
 * The headers that the contract declares for the successes of a call, by its names, in a plan and in a view: arguments of later calls,
 * conditions, members of the response. They are missing where the part is; a part whose value comes from a fallback has none. Of an `each`,
 * they are those of one item: `list(parcels, (parcel) => headersOf(parcel, shipping.getParcel).ETag)`.
 *
 * ```ts
 * const page = required(orders.listOrders, { query });
 * const total = headersOf(page, orders.listOrders)['X-Total-Count'];
 * ```
 * @param part what `required`, `optional` or `write` returned, or an item of what `each` returned
 * @param operation the operation that the part calls: it types the headers
 * @throws {TypeError} for anything else, and where the place of an item is not known any more
 */
export function headersOf<P extends AnyRef, Out, H>(
  part: P,
  operation: AnyOperation<Out, H>,
): P extends Ref<infer V> ? Deep<OfEntry<V, Out, Headers<H>>> : DeepMaybe<Headers<H>> {
  const field = fieldPathOf(part);
  if (field !== undefined) {
    const text = fieldPathText(field);
    const call = callWithHeaders(field);
    if (call === undefined) return refuse(text, operation.id);
    checkOperation(call, text, operation);
    // The types of a reference are phantoms: here it takes the type of the declared headers.
    return referTo({ node: field.node, path: [headersKey] }) as never;
  }
  const of = toExpression(part);
  const text = expressionText(of);
  const found = placeOf(of);
  if (found === undefined) return refuse(text, operation.id);
  const { node } = found.part;
  const depth = node.kind === 'each' ? levelsOf(node).length : 0;
  if ((node.kind !== 'call' && node.kind !== 'each') || found.place.length !== depth) return refuse(text, operation.id);
  checkOperation(node, text, operation);
  markHeadersRead(node);
  return reference({ kind: 'headers', of, ...found });
}

/**
 * The headers of all calls of a part, as a list: one entry for each item of an `each`, each chunk of keys of a `batch`, each page of
 * `pages`, in their order. An entry is null where the call was not made, failed, or has a fallback. For an `each` within an `each` it is a
 * list of lists.
 *
 * ```ts
 * const all = pages((page) => required(orders.listOrders, { query: { page } }), { next: 'next', maxPages: 9, maxItems: 900 });
 * const total = first(headersOfCalls(all, orders.listOrders))['X-Total-Count'];
 * ```
 * @throws {TypeError} for anything but such a part, and for another operation
 */
export function headersOfCalls<P extends AnyRef, H>(
  part: P,
  operation: AnyOperation<unknown, H>,
): P extends Ref<unknown> ? Deep<readonly (Headers<H> | null)[]> : DeepMaybe<readonly (Headers<H> | null)[]> {
  const field = fieldPathOf(part);
  const of = field === undefined ? toExpression(part) : undefined;
  const text = field === undefined ? (of === undefined ? '' : expressionText(of)) : fieldPathText(field);
  const node = field?.path.length === 0 ? field.node : of?.kind === 'part' ? of.node : undefined;
  if (node?.kind !== 'each' && node?.kind !== 'batch' && node?.kind !== 'pages')
    throw new TypeError(
      `headersOfCalls(${text}, ${operation.id}) takes a part with several calls: what each, batch or pages returned. Of one call or one item, write headersOf(${text}, ${operation.id})`,
    );
  checkOperation(node, text, operation);
  markHeadersRead(node);
  // As above.
  if (of === undefined) return referTo({ node, path: [headersKey] }) as never;
  return of.kind === 'part' ? reference({ kind: 'headers', of, part: of, place: [] }) : refuse(text, operation.id);
}

/** The call whose response a value of a plan is. */
function callWithHeaders({ node, path }: FieldPath): PartNode | undefined {
  if (path.length > 0) return undefined;
  if (node.kind === 'call') return node;
  const list = node.kind === 'item' ? listOfEach(node.over) : undefined;
  if (list === undefined || list.depth + 1 !== levelsOf(list.node).length) return undefined;
  markHeadersRead(list.node);
  return list.node;
}

interface Place {
  readonly part: PartExpression;
  readonly place: readonly Expression[];
}

/** The way from a part to a value in it, by index; undefined where the index is not known, or where it is another value. */
function placeOf(e: Expression): Place | undefined {
  switch (e.kind) {
    case 'part':
      return { part: e, place: [] };
    case 'item':
      if (!e.each) return placeOf(e.of);
      return e.index && below(e.of, e.index);
    case 'at':
      return below(e.of, e.key);
    case 'take':
    case 'named':
    case 'otherwise':
      return placeOf(e.of);
    default:
      return undefined;
  }
}

function below(list: Expression, index: Expression): Place | undefined {
  const found = placeOf(list);
  return found && { part: found.part, place: [...found.place, index] };
}

function checkOperation(node: PartNode, text: string, { id, contract }: CallNode['operation']): void {
  const operation = callOf(node)?.operation;
  if (operation === undefined) return refuse(text, id);
  if (operation.id !== id || operation.contract.upstream !== contract.upstream)
    throw new TypeError(
      `headersOf(${text}, ${id}): the part calls ${operation.id}: write headersOf(${text}, ${operation.id})`,
    );
}

const refuse = (what: string, id: string): never => {
  throw new TypeError(
    `headersOf(${what}, ${id}) takes one response: what required, optional or write returned, or an item of what each returned, within list(...) over that part, and not behind where, sortBy or distinct. For all calls of a part, write headersOfCalls(...)`,
  );
};
