import { callSite } from '../model/call-site.js';
import { oneRead, positive, readWhen, recorded, typed } from './node-makers.js';
import { type BatchNode, type ItemNode, type KeySource, type LocalNode } from '../model/nodes.js';
import { inclusion } from '../model/construction.js';
import { fieldPathOf, referTo, type MaybeMissing, type Part, type Ref } from '../model/references.js';
import type { Condition, Node, PresentNode } from './call-types.js';
import type { Item, Items } from './verbs.js';

declare const key: unique symbol;

type Nil = null | undefined;
type Key = string | number;

/** Keys that stand in the items of a list. */
export interface Keys<out K> {
  readonly [key]: K;
}
/** The source of keys: a list of them, or `keys(list, (item) => item.id)`. A value that is null, undefined or missing has no keys. */
export type KeysFrom<K> = Ref<readonly (K | Nil)[] | Nil> | MaybeMissing<readonly (K | Nil)[] | Nil> | Keys<K>;

type Unpart<T> = [T] extends [Part<infer V>] ? V : T;
/**
 * The members of a response that hold a list. For `unknown` any name: the compiler assumes that type until it has looked into the function
 * that makes the call.
 */
export type ListMember<Out> = unknown extends Out
  ? PropertyKey
  : Out extends readonly unknown[]
    ? never
    : { [P in keyof Out]-?: NonNullable<Out[P]> extends readonly unknown[] ? P : never }[keyof Out];
type ListOf<V, I> = unknown extends V
  ? unknown
  : [I] extends [never]
    ? V
    : V extends unknown
      ? NonNullable<V[I & keyof V]>
      : never;
type ElementOf<L> = unknown extends L ? unknown : L extends readonly (infer R)[] ? R : never;
/** An item of the list in a response. */
export type RowOf<T, I> = ElementOf<ListOf<Unpart<T>, I>>;
/** The members of a row that hold a key of this type. */
type KeyMember<Row, K> = unknown extends Row
  ? PropertyKey
  : {
      [P in keyof Row]-?: [K] extends [NonNullable<Row[P]>] ? P : [NonNullable<Row[P]>] extends [K] ? P : never;
    }[keyof Row];

export interface BatchOptions<I, B> {
  /** The member of a row that holds its key. */
  readonly by: B;
  /** The member of the response that holds the rows. @default the response is the list */
  readonly items?: I;
  /** Keys per call, 1 or more. */
  readonly size: number;
  /** Only the first keys up to this number are asked for; `_parts` names the others as `skipped`. 1 or more. */
  readonly maxCount: number;
  /** Calls that run at the same time, 1 or more. @default 4 */
  readonly concurrency?: number;
  /** The calls are made only where this is true; otherwise the table is empty, which is no error. */
  readonly when?: Condition;
}

const sources = new WeakMap<object, KeySource>();

/** The keys in the items of a list: `keys(orders.items, (order) => order.id)`; nest `keys` for lists in lists. */
export function keys<I extends Items, K extends Key>(
  items: I,
  key: (item: Item<I>) => Ref<K | Nil> | MaybeMissing<K | Nil> | Keys<K>,
): Keys<K> {
  const list = fieldPathOf(items);
  const source = callSite(keys);
  if (list === undefined) throw new TypeError(`keys(...) at ${source} goes over references: give it a list`);
  const item: ItemNode = { kind: 'item', over: list };
  const made: object = key(typed(referTo({ node: item, path: [] })));
  const of = fieldPathOf(made) ?? sources.get(made);
  if (of === undefined) throw new TypeError(`keys(...) at ${source} needs the key of an item: (item) => item.id`);
  const found: object = {};
  sources.set(found, { list, inner: { item, of } });
  return typed(found);
}

/**
 * A bulk call for many keys. Each key is asked for once, `size` keys per call, several calls at a time. The value is a table from key to
 * row, read with `at(stock, order.sku)`. A key that the upstream does not know has no row. A `required` call inside fails the page; an
 * `optional` call inside fails only its own keys, which `_parts` then names.
 */
export function batch<
  K extends Key,
  T,
  Out,
  const B extends KeyMember<RowOf<Out, I>, K>,
  I extends ListMember<Out> = never,
>(
  from: KeysFrom<K> | readonly KeysFrom<K>[],
  call: (keys: Ref<K[]>) => Node<T, 'read', Out>,
  options: BatchOptions<I, B>,
): PresentNode<ReadonlyMap<K, RowOf<T, I>>, 'batch', Out> {
  const source = callSite(batch);
  const what = `batch(...) at ${source}`;
  const { size, maxCount, concurrency } = options;
  positive(size, `size of ${what}`);
  positive(maxCount, `maxCount of ${what}`);
  positive(concurrency, `concurrency of ${what}`);
  const list: readonly object[] = Array.isArray(from) ? from : [from];
  const from_ = list.map((one): KeySource => {
    const field = fieldPathOf(one);
    const found = field === undefined ? sources.get(one) : { list: field };
    if (found === undefined)
      throw new TypeError(
        `${what} takes keys from references: a list of keys, or keys(orders.items, (order) => order.id)`,
      );
    return found;
  });
  const chunk: LocalNode = { kind: 'local', text: `the keys of ${what}` };
  const node: BatchNode = {
    kind: 'batch',
    keys: from_,
    chunk,
    call: oneRead(call(typed(referTo({ node: chunk, path: [] }))), what, 'chunk of keys'),
    by: String(options.by),
    ...(options.items !== undefined && { items: String(options.items) }),
    size,
    maxCount,
    concurrency: concurrency ?? 4,
    ...readWhen(options.when, what),
    source,
    ...inclusion(),
  };
  return recorded(node, 'batch');
}
