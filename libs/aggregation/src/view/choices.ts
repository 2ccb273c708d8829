import type {
  Rendered,
  Checked,
  NilOf,
  OnlyOf,
  Nil,
  Scalar,
  TagValues,
  UntaggedOf,
  ValueOf,
  VariantOf,
} from './view-types.js';
import { made, reference, toExpression } from './view-reference.js';
import type { ByKindExpression, Expression, ItemExpression } from './expressions.js';
import type { Ref } from '../model/references.js';

/** One expression or the other. Without the other, the member is left out where the condition does not hold. */
export function when<const A>(condition: Ref<boolean>, then: A & Checked<A>): Ref<Rendered<A> | undefined>;
export function when<const A, const B>(
  condition: Ref<boolean>,
  then: A & Checked<A>,
  otherwise: B & Checked<B>,
): Ref<Rendered<A> | Rendered<B>>;
export function when(condition: Ref<boolean>, then: unknown, otherwise?: unknown): Ref<never> {
  return made(when, {
    kind: 'when',
    condition: toExpression(condition),
    consequent: toExpression(then),
    alternate: toExpression(otherwise),
  });
}

/**
 * One value of ours for each value of the contract. Without `other`, a value that the contract does not declare fails its part: a response
 * never holds a value that its schema does not name.
 */
export function mapEnum<T extends string, const M extends { readonly [K in T]: Scalar }>(
  of: Ref<T>,
  map: M & OnlyOf<T, NoInfer<M>>,
): Ref<M[keyof M]>;
export function mapEnum<T extends string, const M extends { readonly [K in T]?: Scalar }, const O extends Scalar>(
  of: Ref<T | Nil>,
  map: M & OnlyOf<T, NoInfer<M>>,
  other: O,
): Ref<M[keyof M] | O>;
export function mapEnum(
  of: Ref<unknown>,
  map: Readonly<Record<string, Scalar>>,
  ...other: readonly Scalar[]
): Ref<never> {
  return made(mapEnum, { kind: 'enum', of: toExpression(of), map: new Map(Object.entries(map)), other });
}

/**
 * One body per variant of a union that the contract distinguishes by a tag. Without `other`, a kind that the contract does not declare
 * fails its part. With it, `other` is the body of such a kind and of those without a body: it sees the members that all variants have,
 * without the tag, whose value no schema would name.
 */
export function byKind<
  X extends Ref<unknown>,
  const G extends keyof ValueOf<X>,
  const R extends { readonly [V in TagValues<X, G>]: unknown },
>(
  of: X,
  tag: G,
  cases: { readonly [V in keyof R]: (variant: VariantOf<X, G, V>) => R[V] & Checked<R[V]> },
): Ref<Rendered<R[keyof R]> | NilOf<X>>;
export function byKind<
  X extends Ref<unknown>,
  const G extends keyof ValueOf<X>,
  const R extends { readonly [V in TagValues<X, G>]?: unknown },
  const O,
>(
  of: X,
  tag: G,
  cases: { readonly [V in keyof R]: (variant: VariantOf<X, G, V>) => R[V] & Checked<R[V]> } & OnlyOf<
    TagValues<X, G>,
    NoInfer<R>
  >,
  other: (value: UntaggedOf<X, G>) => O & Checked<O>,
): Ref<Rendered<R[keyof R]> | Rendered<O> | NilOf<X>>;
export function byKind(
  of: Ref<unknown>,
  tag: PropertyKey,
  cases: Readonly<Record<string, (variant: never) => unknown>>,
  other?: (value: never) => unknown,
): Ref<never> {
  const over = toExpression(of);
  const key = String(tag);
  return made(byKind, {
    kind: 'byKind',
    of: over,
    tag: key,
    cases: Object.entries(cases).map(([value, body]) => {
      const item: Expression = { kind: 'item', of: over, each: false, variant: { tag: key, value } };
      return { value, item, body: toExpression(body(reference<never>(item))) };
    }),
    ...(other !== undefined && { other: bodyOfOthers(over, other) }),
  });
}

function bodyOfOthers(of: Expression, body: (value: never) => unknown): NonNullable<ByKindExpression['other']> {
  const item: ItemExpression = { kind: 'item', of, each: false };
  return { item, body: toExpression(body(reference<never>(item))) };
}
