import type { Comparable, KeyIn, KeyValue, Present } from './join-types.js';
import type { AnyReference, EntryOf, Groups, ItemOf, Items, KeyOf, Element, Nil, ValueOf } from './view-types.js';
import { made, reference, toExpression } from './view-reference.js';
import type { Expression, ItemExpression } from './expressions.js';
import type { Ref } from '../model/references.js';

/**
 * Joins of lists by a key. A key is a string, a number or a boolean. Two keys are equal where they have the same type and the same value:
 * `1` and `'1'` are two keys, texts are compared by code unit. A key that is null or missing is equal to nothing, not to another one that
 * is missing either. A number that a double cannot hold is a contract violation of its part, unless policy has such numbers passed on as
 * texts (`bigNumbers: text`); then they are compared by their digits. Names such as `__proto__` are keys like any other.
 */
type KeyGiver<X> = (item: ItemOf<X>) => Ref<string | number | boolean | Nil>;

/**
 * A table from a key to its item, to be read with `at`. Of equal keys the last item counts. Built once per request.
 *
 * @param key name of a member of the items, or a function that gives the key of an item
 * @example
 *   const storeById = indexBy(stores.items, 'id');
 *   list(orders.items, (order) => ({ id: order.id, store: orNull(at(storeById, order.storeId).name) }));
 */
export function indexBy<X extends Items, const R extends Ref<string | number | boolean | Nil>>(
  of: X & Present<X>,
  key: (item: ItemOf<X>) => R,
): Ref<ReadonlyMap<KeyValue<R>, Element<ValueOf<X>>>>;
export function indexBy<X extends Items, const K extends keyof Element<ValueOf<X>>>(
  of: X & Present<X>,
  key: K & KeyIn<Element<ValueOf<X>>, NoInfer<K>>,
): Ref<ReadonlyMap<NonNullable<Element<ValueOf<X>>[K]>, Element<ValueOf<X>>>>;
export function indexBy(of: Items, key: PropertyKey | KeyGiver<never>): never {
  return table('indexBy', of, key);
}

/**
 * A table from a key to the list of its items, in their order, to be read with `at`: one to many. A key without items has the empty list.
 * Built once per request; of a list that is null it is empty.
 *
 * @param key name of a member of the items, or a function that gives the key of an item
 * @example
 *   const contractsOf = groupBy(contracts.items, 'customerId');
 *   list(customers.items, (customer) => ({
 *     name: customer.name,
 *     contracts: list(at(contractsOf, customer.id), (contract) => pick(contract, 'id', 'state')),
 *   }));
 */
export function groupBy<X extends Items, const R extends Ref<string | number | boolean | Nil>>(
  of: X & Present<X>,
  key: (item: ItemOf<X>) => R,
): Ref<Groups<KeyValue<R>, Element<ValueOf<X>>>>;
export function groupBy<X extends Items, const K extends keyof Element<ValueOf<X>>>(
  of: X & Present<X>,
  key: K & KeyIn<Element<ValueOf<X>>, NoInfer<K>>,
): Ref<Groups<NonNullable<Element<ValueOf<X>>[K]>, Element<ValueOf<X>>>>;
export function groupBy(of: Items, key: PropertyKey | KeyGiver<never>): never {
  return table('groupBy', of, key);
}

function table(kind: 'indexBy' | 'groupBy', list: Items, key: PropertyKey | KeyGiver<never>): never {
  const of = toExpression(list);
  return reference({ kind, of, ...keyOfItem(of, key) });
}

/** The item of a list, and its member, or the value that a function makes of it. */
export function keyOfItem(
  of: Expression,
  key: PropertyKey | ((item: never) => unknown),
): { readonly item: ItemExpression; readonly key: Expression } {
  const item: ItemExpression = { kind: 'item', of, each: true };
  if (typeof key === 'function') return { item, key: toExpression(key(reference<never>(item))) };
  return { item, key: { kind: 'field', of: item, key: String(key) } };
}

/**
 * The entry of a table, a dictionary or a list; undefined where there is none. Of a table of `groupBy`: the list of a key, which is empty
 * where there is none.
 */
export function at<X extends AnyReference>(of: X, key: Ref<KeyOf<X> | Nil> | KeyOf<X>): EntryOf<X> {
  return made(at, { kind: 'at', of: toExpression(of), key: toExpression(key) });
}

/**
 * True if two keys are the same, for `where`, `when`, or as a member of the response. A key that is null or missing is equal to nothing.
 *
 * @example
 *   where(contracts.items, (contract) => equal(contract.customerId, customer.id));
 *   when(equal(order.status, 'PAID'), { paidAt: order.paidAt });
 */
export function equal<const A extends Ref<string | number | boolean | Nil>, const B>(
  left: A,
  right: B & Comparable<A, B>,
): Ref<boolean> {
  return made(equal, { kind: 'equal', left: toExpression(left), right: toExpression(right) });
}
