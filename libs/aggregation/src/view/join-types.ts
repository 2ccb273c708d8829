import type { Deep, DeepMaybe, MaybeMissing, Part, Ref } from '../model/references.js';
import type { Element, Items, Nil, Rendered, ValueOf } from './view-types.js';

/** The types of joins, folds and merged objects. A refusal is spelled as the expected type, so that the compiler prints it in words. */
type Key = string | number | boolean;
interface Refused<Why> {
  readonly 'this cannot stand here': Why;
}

/** The result of a condition, or the reason why it is none. */
export type ConditionOf<R> = [R] extends [Ref<boolean | Nil>]
  ? unknown
  : R extends boolean
    ? Refused<'a reference is not a value yet: write equal(a, b), or test({ a, b }, ({ a, b }) => ...) to compare'>
    : Refused<'a condition is equal(a, b), test({ ... }, (values) => ...) or a reference to a boolean'>;

/** A list that can be made a table: null is an empty one. */
export type Present<X> =
  X extends MaybeMissing<unknown>
    ? 'this part may be missing: wrap it in orElse(items, [])'
    : [Element<ValueOf<X>>] extends [never]
      ? unknown
      : [Element<ValueOf<X>>] extends [Part<unknown>]
        ? 'items of this list may be missing: write list(items, (item) => orNull(item))'
        : unknown;

/** A member that can be a key. */
export type KeyIn<T, K extends keyof T> = [NonNullable<T[K]>] extends [Key]
  ? unknown
  : Refused<'a key is a string, a number or a boolean: name such a member, or write (item) => item.member.id'>;
/** The value of a key where it is present. */
export type KeyValue<R> = R extends Ref<infer T> ? NonNullable<T> : never;
/** A list whose items are keys themselves. */
export type KeysIn<X> = [NonNullable<Element<ValueOf<X>>>] extends [Key]
  ? unknown
  : Refused<"name the member that tells the items apart: distinct(items, 'id')">;

type Wide<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : never;
/** A value that may be equal to another one. */
export type Comparable<A, B> =
  B extends MaybeMissing<unknown>
    ? 'this part may be missing: wrap it in orElse(..., other), orNull(...) or orOmit(...)'
    : B extends boolean
      ? Refused<'a bare true or false may be a comparison of references: write fixed(true)'>
      : [Rendered<B>] extends [Key | Nil]
        ? [NonNullable<Rendered<A>> & NonNullable<Rendered<B>>] extends [never]
          ? [Wide<NonNullable<Rendered<A>>> & Wide<NonNullable<Rendered<B>>>] extends [never]
            ? Refused<'these two have different types, so they are never equal'>
            : Refused<'the contracts say that these two have no value in common'>
          : unknown
        : Refused<'only strings, numbers and booleans are compared: name a member'>;

/** A member that can be added. */
export type NumberIn<T, K extends keyof T> = [NonNullable<T[K]>] extends [number]
  ? unknown
  : Refused<'only numbers are added: name a member that is a number'>;
/** A member that can be compared. */
export type ComparableIn<T, K extends keyof T> = [NonNullable<T[K]>] extends [number | string]
  ? unknown
  : Refused<'only numbers and texts are compared: name such a member'>;
/** A list of values of a kind. */
export type ValuesIn<X, V> = [NonNullable<Element<ValueOf<X>>>] extends [V]
  ? unknown
  : [V] extends [number]
    ? Refused<"only numbers are added: sum(items, 'amount') or sum(list(items, (item) => item.price.amount))">
    : Refused<"only numbers and texts are compared: min(items, 'price') or min(list(items, (item) => item.price.amount))">;

/** A list of lists. */
export type ListsIn<X> = [NonNullable<Element<ValueOf<X>>>] extends [readonly unknown[]]
  ? unknown
  : Refused<'the items of this list are no lists: write flatten(list(items, (item) => item.list))'>;

/** One of the lists of `concat`. */
export type ListIn<X> = X extends Items
  ? [Element<ValueOf<X>>] extends [never]
    ? unknown
    : [Element<ValueOf<X>>] extends [Part<unknown>]
      ? 'items of this list may be missing: write list(items, (item) => orNull(item))'
      : unknown
  : X extends readonly unknown[]
    ? unknown
    : 'this is no list';
type ItemIn<X> =
  X extends Ref<infer A>
    ? Element<NonNullable<A>>
    : X extends MaybeMissing<infer A>
      ? Element<NonNullable<A>>
      : Element<Rendered<X>>;
/** Missing where one of its parts is missing. */
export type Joined<L extends readonly unknown[]> = [Extract<L[number], MaybeMissing<unknown>>] extends [never]
  ? Ref<ItemIn<L[number]>[]>
  : MaybeMissing<ItemIn<L[number]>[]>;

type Flat<T> = { [K in keyof T]: T[K] };
type KeysOfAll<T> = T extends unknown ? keyof T : never;
type Without<T, K extends PropertyKey> = T extends Nil ? T : T extends unknown ? Flat<Omit<T, K>> : never;
/** The members of an object of one kind, to be spread; otherwise a reference to the smaller object. */
export type OmittedFrom<X, K extends PropertyKey> =
  X extends Ref<infer T>
    ? [Extract<T, Nil>] extends [never]
      ? [KeysOfAll<T>] extends [keyof T]
        ? { readonly [P in Exclude<keyof T, K> & keyof X]: X[P] }
        : Ref<Without<T, K>>
      : Ref<Without<T, K>>
    : X extends MaybeMissing<infer T>
      ? MaybeMissing<Without<T, K>>
      : never;

/** One of the objects of `merge`. */
export type Mergeable<X> = [NonNullable<Rendered<X>>] extends [readonly unknown[] | Key]
  ? 'this is no object: merge(...) takes objects'
  : unknown;
type OptionalKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];
type NonEmpty<T> = T extends Nil ? never : [keyof T] extends [never] ? never : T;
/** Null and the empty object add nothing, so each of the members of the others may be missing. */
type Adds<T> = [T] extends [NonEmpty<T>]
  ? T
  : [NonEmpty<T>] extends [never]
    ? Record<never, never>
    : Partial<NonEmpty<T>>;
type Over<A, B> = A extends unknown
  ? B extends unknown
    ? Flat<
        Omit<A, keyof B> &
          Omit<B, OptionalKeys<B> & keyof A> & {
            [K in OptionalKeys<B> & keyof A & keyof B]: A[K] | Exclude<B[K], undefined>;
          }
      >
    : never
  : never;
type MergedValue<P extends readonly unknown[], A = unknown> = P extends readonly [infer X, ...infer Rest]
  ? MergedValue<Rest, unknown extends A ? Adds<Rendered<X>> : Over<A, Adds<Rendered<X>>>>
  : A;
/** Missing where one of its parts is missing. */
export type Merged<P extends readonly unknown[]> = [Extract<P[number], MaybeMissing<unknown>>] extends [never]
  ? Deep<MergedValue<P>>
  : DeepMaybe<MergedValue<P>>;
