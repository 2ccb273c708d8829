/** A value as several requests may hold it at once: no member of it can be assigned, at any depth. */
export type DeepReadonly<T> = T extends Unchanged
  ? T
  : T extends ReadonlyMap<infer K, infer V>
    ? ReadonlyMap<DeepReadonly<K>, DeepReadonly<V>>
    : T extends ReadonlySet<infer V>
      ? ReadonlySet<DeepReadonly<V>>
      : unknown extends T
        ? T
        : { readonly [K in keyof T]: DeepReadonly<T[K]> };

/** Types without members that can be assigned. Bytes and dates have no read-only type: each request gets a copy of its own. */
type Unchanged =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | Date
  | RegExp
  | Error
  | ArrayBuffer
  | ArrayBufferView
  | ((...args: never) => unknown);
