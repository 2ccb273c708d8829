import type { DeepReadonly } from '@frontage/core';
import type { Mergeable, Merged, OmittedFrom } from './join-types.js';
import type {
  Rendered,
  AnyReference,
  Checked,
  Like,
  Or,
  Picked,
  Scalar,
  SeenByFunction,
  ValueOf,
} from './view-types.js';
import {
  dependencies,
  made,
  pickedMembers,
  plannedMembers,
  reference,
  spreadable,
  toExpression,
} from './view-reference.js';
import type { Expression } from './expressions.js';
import { isBuilding } from '../model/construction.js';
import { fieldPathOf, type Deep, type Ref } from '../model/references.js';
import type { Schema } from '../model/schema.js';

/**
 * The named fields. For an object that is always present the result has them as members, which can be spread; for an object that may be
 * null or missing the result is a reference to the smaller object.
 */
export function pick<X extends AnyReference, const K extends keyof ValueOf<X>>(
  of: X,
  ...keys: readonly K[]
): Picked<X, K> {
  // Within a plan they are members of an argument: `{ body: pick(cart, 'id', 'note') }`.
  const planned = isBuilding() ? fieldPathOf(of) : undefined;
  return planned === undefined
    ? pickedMembers(toExpression(of), keys.map(String))
    : plannedMembers(planned, keys.map(String));
}

/**
 * All members that the contract declares. For an object that is always present they can be spread among other members; for one that may be
 * null or missing, and for one of several kinds, the result is a reference to the object.
 *
 * @example
 *   screen(orderPlan, ({ order, store }) => ({ ...all(order), store: orNull(store.name) }));
 */
export function all<X extends AnyReference>(of: X): OmittedFrom<X, never> {
  return omit(of);
}

/**
 * All members that the contract declares, but these. The result is like the one of {@link all}.
 *
 * @example
 *   screen(userPlan, ({ user }) => ({ ...omit(user, 'taxNumber', 'notes'), greeting: text`Hello ${user.name}` }));
 */
export function omit<X extends AnyReference, const K extends keyof ValueOf<X>>(
  of: X,
  ...keys: readonly K[]
): OmittedFrom<X, K> {
  return spreadable({ kind: 'omit', of: toExpression(of), keys: keys.map(String) });
}

/**
 * One object of the members of several; of equal names the last one counts. A member that is missing replaces nothing. An object that is
 * null adds nothing; of a part that may be missing, say what to add instead: `merge(product, orElse(stock, {}))`.
 *
 * @example
 *   screen(productPlan, ({ product, price }) => merge(product, price, { currency: 'EUR' }));
 */
export function merge<const P extends readonly unknown[]>(
  ...parts: P & { readonly [I in keyof P]: Mergeable<P[I]> }
): Merged<P> {
  return made(merge, { kind: 'merge', parts: parts.map(toExpression) });
}

/** The body where there is a value; null, undefined and a missing part stay as they are. */
export function within<X extends AnyReference, const R>(
  of: X,
  body: (value: Deep<ValueOf<X>>) => R & Checked<R>,
): Like<X, Rendered<R>> {
  const over = toExpression(of);
  const item: Expression = { kind: 'item', of: over, each: false };
  return made(within, { kind: 'within', over, item, body: toExpression(body(reference(item))) });
}

/**
 * The value, or something else where it is missing, null or undefined. Members of both can be read.
 *
 * @example
 *   orElse(stock, { state: 'unknown' }).state;
 */
export function orElse<const X, const F>(
  of: X,
  other: F & Checked<F>,
): Deep<Or<NonNullable<Rendered<X>>, Rendered<F>>> {
  return made(orElse, { kind: 'otherwise', of: toExpression(of), other: toExpression(other) });
}

/** The value, or null where it is missing or undefined. */
export function orNull<const X>(of: X): Ref<Exclude<Rendered<X>, undefined> | null> {
  return made(orNull, { kind: 'otherwise', of: toExpression(of), other: { kind: 'literal', value: null } });
}

/** The value, or no member at all where it is missing, null or undefined. */
export function orOmit<const X>(of: X): Ref<NonNullable<Rendered<X>> | undefined> {
  return made(orOmit, { kind: 'otherwise', of: toExpression(of), other: { kind: 'literal', value: undefined } });
}

/**
 * The result of a pure function of values, with the schema of that result. The function runs once per request. Members beyond the schema
 * are not sent.
 */
export function compute<V, D extends Record<string, AnyReference>>(
  schema: Schema<V>,
  of: D,
  run: (seen: SeenByFunction<D>) => NoInfer<DeepReadonly<V>>,
): Ref<V> {
  return made(compute, { kind: 'compute', schema, dependencies: dependencies(of), run });
}

/** A condition over values, for `when` or as a member of the response. */
export function test<D extends Record<string, AnyReference>>(
  of: D,
  run: (seen: SeenByFunction<D>) => boolean,
): Ref<boolean> {
  return made(test, { kind: 'compute', dependencies: dependencies(of), run });
}

/**
 * A template string over references. A list is its items with commas between them. In a plan it may also be made of the item of an `each` or
 * of the keys of a `batch`: then it is an argument of that call.
 *
 * @example
 *   each(users, (user) => required(search.find, { query: { q: text`owner:${user.id}` } }), { maxCount: 20 });
 */
export function text(
  strings: TemplateStringsArray,
  ...values: readonly (Ref<string | number | readonly (string | number)[]> | string | number)[]
): Ref<string> {
  return made(text, {
    kind: 'text',
    strings: [...strings],
    values: values.map(toExpression),
    ...(isBuilding() && { isWhole: true }),
  });
}

/** A constant. A bare `false` is refused, because it looks the same as a comparison of references. */
export function fixed<const V extends Scalar>(value: V): Ref<V> {
  return reference({ kind: 'literal', value });
}

/**
 * Gives an object of the response a name in the OpenAPI document, so that generated clients get a type of that name.
 * @throws TypeError at start where the name is not one that OpenAPI allows for components
 */
export function named<const R>(name: string, of: R & Checked<R>): Ref<Rendered<R>> {
  if (!/^[\w.-]+$/.test(name)) {
    throw new TypeError(
      `named('${name}', ...): a name holds letters, digits, '.', '_' and '-' only (OpenAPI 3.1 section 4.8.7)`,
    );
  }
  return reference({ kind: 'named', name, of: toExpression(of) });
}
