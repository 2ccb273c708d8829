import type { MissingStatus } from '@frontage/core';
import type { ComputeWith, ListMistakes, MayBeAbsent } from './mistakes.js';
import { fieldPathText, type FieldPath } from './nodes.js';

declare const value: unique symbol;
declare const absent: unique symbol;

interface NotAValue {
  readonly 'a reference is not a value yet: compute with it in step({ ... }, (seen) => ...)': never;
}

/**
 * Makes a reference look like a promise to the compiler: `if (ref)` and `!ref` are flagged like a promise without `await`, and the result
 * of `await ref` says what to write instead. Nothing of it exists at run time.
 */
interface NotYetAValue {
  /** A reference is not a value: compute with it in `step(...)` or, in a view, in `compute(...)`. */
  then(use: (value: NotAValue) => unknown): never;
}

/** A field of a response that will exist later. It is not the value: compute with it in `step`. */
export interface Ref<out T> extends NotYetAValue {
  readonly [value]: T;
}

/** A field of a response that may be missing: pass it to `optional(...)`, or read it as a {@link Part} in `step`. */
export interface MaybeMissing<out T> extends NotYetAValue {
  readonly [absent]: T;
}

export type AnyRef = Ref<unknown> | MaybeMissing<unknown>;

/** A part that may be missing, as a function of values sees it: the value, or the reason why there is none. */
export type Part<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly status: MissingStatus };

/** Types whose members get no references. */
export type Leaf =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | Date
  | readonly unknown[]
  | ReadonlyMap<never, unknown>
  | ReadonlySet<never>
  | ((...args: never) => unknown);
type Some<T> = Exclude<T, null | undefined>;

/** Words for what values of this type have and references do not. */
type Mistakes<V> = [V] extends [readonly unknown[]]
  ? ListMistakes
  : [V] extends [string]
    ? ComputeWith<'text, when, compute, step'>
    : [V] extends [number | bigint | boolean]
      ? ComputeWith<'when, test, compute, step'>
      : unknown;
type ListMistakesOf<V> = [V] extends [readonly unknown[]] ? ListMistakes : unknown;
/** A list that may be absent is read like another one. */
type AbsentMistakes<V> = [V] extends [readonly unknown[]]
  ? ListMistakes
  : MayBeAbsent<'it may be null or undefined: write orElse(value, other), or give it a value in step({ value }, ({ value }) => value ?? ...)'>;

/** Members of a reference are references; below an optional or nullable member everything is `| undefined`. */
export type Deep<T> = [Some<T>] extends [Leaf]
  ? [T] extends [Some<T>]
    ? Ref<T> & Mistakes<T>
    : Ref<T> & AbsentMistakes<Some<T>>
  : Ref<T> &
      ([T] extends [Some<T>]
        ? { readonly [K in keyof T]-?: Deep<T[K]> }
        : { readonly [K in keyof Some<T>]-?: Deep<Some<T>[K] | undefined> });

/** The same for a part that may be missing. */
export type DeepMaybe<T> = [Some<T>] extends [Leaf]
  ? MaybeMissing<T> & ListMistakesOf<Some<T>>
  : MaybeMissing<T> &
      ([T] extends [Some<T>]
        ? { readonly [K in keyof T]-?: DeepMaybe<T[K]> }
        : { readonly [K in keyof Some<T>]-?: DeepMaybe<Some<T>[K] | undefined> });

/** The field path of each reference, kept outside of it so that a response may have a member of any name. */
const fieldPaths = new WeakMap<object, FieldPath>();

/** The field path of a reference; undefined for everything else. */
export function fieldPathOf(x: unknown): FieldPath | undefined {
  return (typeof x === 'object' && x !== null) || typeof x === 'function' ? fieldPaths.get(x) : undefined;
}

/** A reference to `field`. Reading a member gives the reference to that member; every use as a value is refused with its path. */
export function referTo(field: FieldPath): object {
  const refuse = (instead: string, of = field): never => {
    throw new TypeError(`${fieldPathText(of)} is a reference, not a value yet: ${instead}`);
  };
  // A response may have a member `then`. An `await` reads it, too, and calls it: only the call is refused.
  const owner = { node: field.node, path: field.path.slice(0, -1) };
  const awaited = (): never => refuse('it needs no await, what refers to it waits by itself', owner);
  const target: object = field.path.at(-1) === 'then' ? awaited : Object.freeze({});
  const reference = new Proxy(target, {
    get(_, key) {
      if (key === Symbol.toPrimitive)
        return () =>
          refuse(
            'compute with it in step({ ... }, (seen) => ...), or in a view with text`...`, when(...), test(...) or compute(...)',
          );
      if (key === Symbol.iterator) return () => refuse('ask per item with each(...), or go through it in step(...)');
      return typeof key === 'symbol' ? undefined : referTo({ node: field.node, path: [...field.path, key] });
    },
    has: (_, key) => refuse(`look for '${String(key)}' in step({ ... }, (seen) => ...)`),
    ownKeys: () => refuse('its members cannot be spread or listed: name the ones you need'),
    set: () => refuse('nothing can be assigned to it'),
  });
  fieldPaths.set(reference, field);
  return reference;
}
