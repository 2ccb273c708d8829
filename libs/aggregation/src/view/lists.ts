import type { DeepReadonly } from '@frontage/core';
import type {
  Rendered,
  Checked,
  Element,
  EntryOf,
  ItemOf,
  Items,
  KeyOf,
  Like,
  Nil,
  Same,
  ValueOf,
} from './view-types.js';
import { reference, toExpression } from './view-reference.js';
import type { Expression } from './expressions.js';
import type { DeepMaybe, MaybeMissing, Ref } from '../model/references.js';

/** One element of the response per item of the list. An element that is `undefined` (`orOmit`) is left out. */
export function list<X extends Items, const R>(
  over: X,
  body: (item: ItemOf<X>, index: Ref<number>) => R & Checked<R>,
): Like<X, Exclude<Rendered<R>, undefined>[]> {
  const of = toExpression(over);
  const item: Expression = { kind: 'item', of, each: true };
  const index: Expression = { kind: 'index', of };
  return reference({
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
  return reference({ kind: 'take', of: toExpression(of), count });
}

/** The items for which a pure function of the named fields returns true. */
export function where<X extends Items, const K extends keyof Element<ValueOf<X>>>(
  of: X,
  keys: readonly K[],
  keep: (item: DeepReadonly<Pick<Element<ValueOf<X>>, K>>) => boolean,
): Same<X> {
  return reference({ kind: 'where', of: toExpression(of), keys: keys.map(String), keep });
}

/** The items by one field: numbers by size, texts by code unit (so ISO 8601 times sort as times). Equal items keep their order. */
export function sortBy<X extends Items, const K extends keyof Element<ValueOf<X>>>(
  of: X,
  key: K,
  order: 'ascending' | 'descending' = 'ascending',
): Same<X> {
  return reference({ kind: 'sort', of: toExpression(of), key: String(key), order });
}

/** The first item, or undefined for an empty list. */
export function first<X extends Items>(
  of: X,
): X extends Ref<unknown> ? EntryOf<X> : X extends MaybeMissing<infer A> ? DeepMaybe<Element<A> | undefined> : never {
  return reference({ kind: 'at', of: toExpression(of), key: { kind: 'literal', value: 0 } });
}

/** The number of items. */
export function count<X extends Items>(of: X): Like<X, number> {
  return reference({ kind: 'count', of: toExpression(of) });
}

/** A table from a field to its item, to be read with `at`. Of equal keys the last one counts. Built once per request. */
export function indexBy<X extends Ref<readonly unknown[]>, const K extends keyof Element<ValueOf<X>>>(
  of: X,
  key: K,
): Ref<ReadonlyMap<Element<ValueOf<X>>[K], Element<ValueOf<X>>>> {
  return reference({ kind: 'indexBy', of: toExpression(of), key: String(key) });
}

/** The entry of a table, a dictionary or a list; undefined where there is none. */
export function at<X extends Ref<unknown>>(of: X, key: Ref<KeyOf<X> | Nil> | KeyOf<X>): EntryOf<X> {
  return reference({ kind: 'at', of: toExpression(of), key: toExpression(key) });
}
