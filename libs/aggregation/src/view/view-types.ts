import type { DeepReadonly } from '@frontage/core';
import type { ListMistakes, NotAValueYet } from '../model/mistakes.js';
import type { Deep, DeepMaybe, MaybeMissing, Part, Ref } from '../model/references.js';

/**
 * The types of views: a reference as a screen sees it, the rendered value of an expression, and the expressions that a view must not hold.
 * A refusal is spelled as the expected type, so that the compiler prints it in words.
 */
export type Nil = null | undefined;
export type Scalar = string | number | boolean | Nil;
export type AnyReference = Ref<unknown> | MaybeMissing<unknown>;
type NotJson = Date | bigint | symbol | ((...args: never) => unknown);

/** A value of the plan as a screen sees it: an optional part, or an item of an `each` of optional calls, may be missing. */
export type Seen<T> = [T] extends [Part<infer U>] ? DeepMaybe<U> : Deep<T>;

/** The value of an expression in the response. */
export type Rendered<R> =
  R extends Ref<infer T>
    ? T
    : R extends MaybeMissing<infer T>
      ? T
      : R extends Scalar
        ? R
        : R extends readonly unknown[]
          ? { -readonly [I in keyof R]: Rendered<R[I]> }
          : Members<{ -readonly [K in keyof R]: Rendered<R[K]> }>;

type MayBeOmitted<A> = { [K in keyof A]-?: undefined extends A[K] ? K : never }[keyof A];
/** A member that may be `undefined` is then left out: it is optional in the response. */
type Members<A> = [MayBeOmitted<A>] extends [never]
  ? A
  : { [K in Exclude<keyof A, MayBeOmitted<A>>]: A[K] } & {
        [K in MayBeOmitted<A>]?: Exclude<A[K], undefined>;
      } extends infer O
    ? { [K in keyof O]: O[K] }
    : never;

/** For scalars: a text beside a literal would make the whole object `never`, and the message would be lost. */
interface NotAllowedInView<Why> {
  readonly 'this cannot stand in a view': Why;
}
/** Members that a view must not hold, each with the reason as its expected type. */
export type Checked<R> =
  R extends Ref<infer T>
    ? CheckedValue<R, T>
    : R extends MaybeMissing<unknown>
      ? 'this part may be missing: wrap it in orElse(..., other), orNull(...) or orOmit(...)'
      : R extends NotAValueYet<infer Why>
        ? Why
        : R extends boolean
          ? NotAllowedInView<'a bare true or false may be a comparison of references: write fixed(false), or test(...) to compare'>
          : R extends Scalar
            ? unknown
            : R extends PromiseLike<unknown>
              ? 'a view is described once, at start: the callback cannot be async'
              : R extends NotJson
                ? 'not JSON: make it a text or a number with compute(...)'
                : { readonly [K in keyof R]: Checked<R[K]> };

type CheckedValue<R, T> = [T] extends [Nil]
  ? unknown
  : [NonNullable<T>] extends [ReadonlyMap<unknown, unknown>]
    ? 'a Map is not JSON: read it with at(map, key)'
    : [NonNullable<T>] extends [NotJson]
      ? 'not JSON: make it a text or a number with compute(...)'
      : true extends HoldsParts<Element<NonNullable<T>>>
        ? 'items of this list may be missing: write list(items, (item) => orNull(item))'
        : Spread<R, T>;
/** True if the items of a list are parts, or the items of its lists are. */
type HoldsParts<E> = [E] extends [never] ? false : [E] extends [Part<unknown>] ? true : IsPart<Element<E>>;
type IsPart<E> = [E] extends [never] ? false : [E] extends [Part<unknown>] ? true : false;
type KeysOfAll<T> = T extends unknown ? keyof T : never;
/** A spread reference carries its brand to the object around it, beside members that the brand does not know. */
type Spread<R, T> = [Exclude<keyof R & string, KeysOfAll<NonNullable<T>> | keyof ListMistakes | 'then'>] extends [never]
  ? unknown
  : 'a reference cannot be spread: name its members with pick(...), and use within(...) where it may be null';

/** A value that is a list where it is present. */
export type Items = Ref<readonly unknown[] | Nil> | MaybeMissing<readonly unknown[] | Nil>;
export type Element<A> = A extends readonly (infer T)[] ? T : never;
export type ItemOf<X> =
  X extends Ref<infer A> ? Seen<Element<A>> : X extends MaybeMissing<infer A> ? Seen<Element<A>> : never;
/** The value where it is present. */
export type ValueOf<X> =
  X extends Ref<infer T> ? NonNullable<T> : X extends MaybeMissing<infer T> ? NonNullable<T> : never;
/** As present as X is: null stays null, undefined stays undefined, missing stays missing. */
export type Like<X, A> =
  X extends Ref<infer T>
    ? Ref<A | Extract<T, Nil>>
    : X extends MaybeMissing<infer T>
      ? MaybeMissing<A | Extract<T, Nil>>
      : never;
export type Same<X> = X extends Ref<infer T> ? Ref<T> : X extends MaybeMissing<infer T> ? MaybeMissing<T> : never;
type Flat<T> = { [K in keyof T]: T[K] };
type PickedValue<T, K extends PropertyKey> = Flat<Pick<NonNullable<T>, K & keyof NonNullable<T>>> | Extract<T, Nil>;
/**
 * For an object that is always present its members, to be spread; for one that may be null or missing a reference to the smaller object.
 */
export type Picked<X, K extends PropertyKey> =
  X extends Ref<infer T>
    ? [Extract<T, Nil>] extends [never]
      ? { readonly [P in K & keyof X]: X[P] }
      : Ref<PickedValue<T, K>>
    : X extends MaybeMissing<infer T>
      ? MaybeMissing<PickedValue<T, K>>
      : never;
/**
 * `T
 * F`, printed as `T` where F adds nothing.
 */
export type Or<T, F> = F extends T ? T : T | F;
/** The arguments of a function over references: values, and a `Part` where one may be missing. Other requests may hold the same objects. */
export type SeenByFunction<D> = {
  readonly [K in keyof D]: D[K] extends Ref<infer T>
    ? DeepReadonly<T>
    : D[K] extends MaybeMissing<infer T>
      ? Part<DeepReadonly<T>>
      : never;
};

interface NoSuchValue<K> {
  readonly 'the contract has no such value': K;
}
export type OnlyOf<T, M> = { readonly [K in keyof M]: K extends T ? unknown : NoSuchValue<K> };
/** The values of a tag over all variants of a union. */
export type TagValues<X, G extends PropertyKey> =
  ValueOf<X> extends infer U ? (U extends unknown ? Extract<TagOf<U, G>, string> : never) : never;
type TagOf<U, G> = G extends keyof U ? U[G] : never;
/** The variant for one value of the tag; several values may mean the same variant. */
export type VariantOf<X, G extends PropertyKey, V> = Deep<
  ValueOf<X> extends infer U ? (U extends unknown ? HasValue<U, NonNullable<TagOf<U, G>>, V> : never) : never
>;
type HasValue<U, W, V> = string extends W ? (string extends V ? U : never) : V extends W ? U : never;
/** The members that a value of any kind has, without the tag. */
export type UntaggedOf<X, G extends PropertyKey> = Deep<
  ValueOf<X> extends infer U ? (U extends unknown ? Omit<U, G> : never) : never
>;
export type NilOf<X> = X extends Ref<infer T> ? Extract<T, Nil> : never;

declare const grouped: unique symbol;
/** A table of lists: a key that is not in it has the empty list. */
export interface Groups<out K, out V> extends ReadonlyMap<K & {}, readonly V[]> {
  readonly [grouped]: readonly [K, V];
}

type Indexed<C> =
  C extends ReadonlyMap<unknown, infer V>
    ? V
    : C extends readonly (infer V)[]
      ? V
      : C extends { readonly [key: string]: infer V }
        ? V
        : never;
export type KeyOf<X> =
  ValueOf<X> extends ReadonlyMap<infer K, unknown> ? K : ValueOf<X> extends readonly unknown[] ? number : string;
export type EntryOf<X> =
  ValueOf<X> extends Groups<unknown, infer V>
    ? Deep<readonly V[]>
    : [Indexed<ValueOf<X>>] extends [Part<infer U>]
      ? DeepMaybe<U>
      : X extends MaybeMissing<unknown>
        ? DeepMaybe<Indexed<ValueOf<X>> | undefined>
        : Deep<Indexed<ValueOf<X>> | undefined>;
