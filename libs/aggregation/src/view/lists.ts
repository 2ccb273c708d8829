import type { DeepReadonly } from '@frontage/core';
import type {
  ComparableIn,
  ConditionOf,
  Joined,
  KeyIn,
  KeysIn,
  ListIn,
  ListsIn,
  NumberIn,
  ValuesIn,
} from './join-types.js';
import type { Checked, Element, EntryOf, ItemOf, Items, Like, Nil, Rendered, Same, ValueOf } from './view-types.js';
import { made, reference, toExpression } from './view-reference.js';
import type { Expression, IndexExpression, ItemExpression } from './expressions.js';
import type { DeepMaybe, MaybeMissing, Ref } from '../model/references.js';
import { keyOfItem } from './joins.js';

/** One element of the response per item of the list. An element that is `undefined` (`orOmit`) is left out. */
export function list<X extends Items, const R>(
  over: X,
  body: (item: ItemOf<X>, index: Ref<number>) => R & Checked<R>,
): Like<X, Exclude<Rendered<R>, undefined>[]> {
  const of = toExpression(over);
  const index: IndexExpression = { kind: 'index', of };
  const item: ItemExpression = { kind: 'item', of, each: true, index };
  return made(list, {
    kind: 'list',
    over: of,
    item,
    index,
    body: toExpression(body(reference(item), reference(index))),
  });
}

/**
 * The first items.
 * @param count 0 or more
 */
export function take<X extends Items>(of: X, count: number): Same<X> {
  if (!Number.isInteger(count) || count < 0)
    throw new TypeError(`take(..., ${count}): the count is a whole number of at least 0`);
  return made(take, { kind: 'take', of: toExpression(of), count });
}

/**
 * The items for which a condition over references is true, or a pure function of the named fields. A condition may read the item, the item
 * of the list around it, and other parts. With `equal` it is a join, which looks each key up in a table that is built once.
 *
 * @example
 *   list(customers.items, (customer) => ({
 *     name: customer.name,
 *     contracts: where(contracts.items, (contract) => equal(contract.customerId, customer.id)),
 *   }));
 *   where(orders.items, (order) => test({ total: order.total, least: query.least }, ({ total, least }) => total >= least));
 *   where(orders.items, ['status'], ({ status }) => status === 'PAID');
 */
export function where<X extends Items, const R>(of: X, keep: (item: ItemOf<X>) => R & ConditionOf<R>): Same<X>;
export function where<X extends Items, const K extends keyof Element<ValueOf<X>>>(
  of: X,
  keys: readonly K[],
  keep: (item: DeepReadonly<Pick<Element<ValueOf<X>>, K>>) => boolean,
): Same<X>;
export function where(
  list: Items,
  first: readonly PropertyKey[] | ((item: never) => unknown),
  keep: (item: never) => boolean = () => false,
): never {
  const of = toExpression(list);
  if (typeof first !== 'function') return made(where, { kind: 'where', of, keys: first.map(String), keep });
  const item: ItemExpression = { kind: 'item', of, each: true };
  return made(where, { kind: 'filter', over: of, item, condition: toExpression(first(reference<never>(item))) });
}

/** The items by one field: numbers by size, texts by code unit (so ISO 8601 times sort as times). Equal items keep their order. */
export function sortBy<X extends Items, const K extends keyof Element<ValueOf<X>>>(
  of: X,
  key: K,
  order: 'ascending' | 'descending' = 'ascending',
): Same<X> {
  return made(sortBy, { kind: 'sort', of: toExpression(of), key: String(key), order });
}

/** The first item, or undefined for an empty list. */
export function first<X extends Items>(
  of: X,
): X extends Ref<unknown> ? EntryOf<X> : X extends MaybeMissing<infer A> ? DeepMaybe<Element<A> | undefined> : never {
  return made(first, { kind: 'at', of: toExpression(of), key: { kind: 'literal', value: 0 } });
}

/** The number of items. */
export function count<X extends Items>(of: X): Like<X, number> {
  return made(count, { kind: 'count', of: toExpression(of) });
}

/**
 * The items of several lists, one list after the other. A list that is null adds nothing; of a part that may be missing, say what to add
 * instead: `concat(orElse(offers.items, []), news.items)`.
 *
 * @example
 *   concat(open.items, closed.items);
 */
export function concat<const L extends readonly unknown[]>(
  ...lists: L & { readonly [I in keyof L]: ListIn<L[I]> }
): Joined<L> {
  return made(concat, { kind: 'concat', lists: lists.map(toExpression) });
}

/**
 * The items of the lists in a list, in their order. A list that is null adds nothing.
 *
 * @example
 *   flatten(list(customers.items, (customer) => customer.contracts));
 */
export function flatten<X extends Items>(of: X & ListsIn<X>): Like<X, Element<NonNullable<Element<ValueOf<X>>>>[]> {
  return made(flatten, { kind: 'flatten', of: toExpression(of) });
}

/**
 * Each value once, in the order of the first ones; or one item per key. Items whose key is null or missing all stay.
 *
 * @example
 *   distinct(list(orders.items, (order) => order.currency));
 *   distinct(products.items, 'categoryId');
 */
export function distinct<X extends Items>(of: X & KeysIn<X>): Same<X>;
export function distinct<X extends Items>(
  of: X,
  key: (item: ItemOf<X>) => Ref<string | number | boolean | Nil>,
): Same<X>;
export function distinct<X extends Items, const K extends keyof Element<ValueOf<X>>>(
  of: X,
  key: K & KeyIn<Element<ValueOf<X>>, NoInfer<K>>,
): Same<X>;
export function distinct(list: Items, key?: PropertyKey | ((item: never) => unknown)): never {
  const of = toExpression(list);
  return made(distinct, { kind: 'distinct', of, ...(key !== undefined && { by: keyOfItem(of, key) }) });
}

/**
 * The sum of numbers, 0 for an empty list. Decimals are added as they are written: 0.1 and 0.2 are 0.3. Null and missing numbers add
 * nothing. A sum of whole numbers that a double cannot hold makes its part a contract violation.
 *
 * @example
 *   sum(cart.lines, 'amount');
 *   sum(list(orders.items, (order) => order.price.amount));
 */
export function sum<X extends Items>(of: X & ValuesIn<X, number>): Like<X, number>;
export function sum<X extends Items, const K extends keyof Element<ValueOf<X>>>(
  of: X,
  key: K & NumberIn<Element<ValueOf<X>>, NoInfer<K>>,
): Like<X, number>;
export function sum(list: Items, key?: PropertyKey): never {
  return fold('sum', list, key);
}

/**
 * The smallest value: numbers by size, texts by code unit (so ISO 8601 times compare as times). Undefined where there is none.
 *
 * @example
 *   orNull(min(offers.items, 'price'));
 */
export function min<X extends Items>(
  of: X & ValuesIn<X, number | string>,
): Like<X, ComparableValue<Element<ValueOf<X>>>>;
export function min<X extends Items, const K extends keyof Element<ValueOf<X>>>(
  of: X,
  key: K & ComparableIn<Element<ValueOf<X>>, NoInfer<K>>,
): Like<X, ComparableValue<Element<ValueOf<X>>[K]>>;
export function min(list: Items, key?: PropertyKey): never {
  return fold('min', list, key);
}

/**
 * The largest value: numbers by size, texts by code unit (so ISO 8601 times compare as times). Undefined where there is none.
 *
 * @example
 *   orNull(max(list(orders.items, (order) => order.createdAt)));
 */
export function max<X extends Items>(
  of: X & ValuesIn<X, number | string>,
): Like<X, ComparableValue<Element<ValueOf<X>>>>;
export function max<X extends Items, const K extends keyof Element<ValueOf<X>>>(
  of: X,
  key: K & ComparableIn<Element<ValueOf<X>>, NoInfer<K>>,
): Like<X, ComparableValue<Element<ValueOf<X>>[K]>>;
export function max(list: Items, key?: PropertyKey): never {
  return fold('max', list, key);
}

type ComparableValue<T> = NonNullable<T> | undefined;

const folds = { sum, min, max };

function fold(kind: 'sum' | 'min' | 'max', items: Items, key: PropertyKey | undefined): never {
  const over = toExpression(items);
  if (key === undefined) return made(folds[kind], { kind, of: over });
  const { item, key: body } = keyOfItem(over, key);
  const index: Expression & { readonly kind: 'index' } = { kind: 'index', of: over };
  return made(folds[kind], { kind, of: { kind: 'list', over, item, index, body } });
}
