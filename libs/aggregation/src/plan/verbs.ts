import type { DeepReadonly, Method, Operation, OperationInfo } from '@frontage/core';
import type { ArgsMaybe } from '../model/arguments.js';
import type { AnyRef, Deep, DeepMaybe, MaybeMissing, Part, Ref } from '../model/references.js';
import type { ReadyProblem } from '../model/refusals.js';
import type { Problem, Refusal } from '../model/nodes.js';
import type { Schema } from '../model/schema.js';
import type {
  Alone,
  ArgsWhen,
  Changes,
  Condition,
  Conditional,
  EachOptions,
  MaybeMissingNode,
  Node,
  None,
  OptionalOptions,
  PresentNode,
  Reads,
  RequiredOptions,
  Resort,
  Text,
  Values,
  WriteOptions,
  Written,
} from './call-types.js';
import { makeCall, makeEach, type AnyCallOptions } from './node-makers.js';
import { makeRule, makeStep } from './step-makers.js';

/** A read that the screen requires: when it fails, the request ends with a problem. */
export function required<In, Out, E, M extends Method, Safe extends boolean = boolean>(
  operation: Operation<In, Out, E, M, Safe> & Alone<In, Reads<M, Safe, never>>,
): PresentNode<Out, 'read', Out>;
export function required<
  In,
  Out,
  E,
  M extends Method,
  H = None,
  W extends Condition = never,
  Safe extends boolean = boolean,
  Marked extends true = never,
>(
  operation: Operation<In, Out, E, M, Safe> & Reads<M, Safe, Marked>,
  args: NoInfer<ArgsWhen<In, W>>,
  options?: RequiredOptions<E, H, W, Marked>,
): Conditional<Out | Values<H>, 'read', Out, W>;
export function required(operation: OperationInfo, args: unknown = {}, options: AnyCallOptions = {}): never {
  return makeCall('required', required, operation, args, options);
}

/** A read that the screen does not require: when it fails, the part has its fallback or is missing. */
export function optional<In, Out, E, M extends Method, Safe extends boolean = boolean>(
  operation: Operation<In, Out, E, M, Safe> & Alone<In, Reads<M, Safe, never>>,
): MaybeMissingNode<Out, 'read', Out>;
export function optional<
  In,
  Out,
  E,
  M extends Method,
  H = None,
  F = never,
  Safe extends boolean = boolean,
  Marked extends true = never,
>(
  operation: Operation<In, Out, E, M, Safe> & Reads<M, Safe, Marked>,
  args: NoInfer<ArgsMaybe<In>>,
  options?: OptionalOptions<E, H, F, Marked>,
): Resort<Out | Values<H>, NoInfer<F>, Out>;
export function optional(operation: OperationInfo, args: unknown = {}, options: AnyCallOptions = {}): never {
  return makeCall('optional', optional, operation, args, options);
}

/**
 * A call that changes something. It is required, it is sent after the parts that it reads have arrived, and a sent write is never aborted:
 * when the deadline passes or the client leaves meanwhile, it continues until its own timeout. It is sent again after a failure only where
 * it carries the `Idempotency-Key` that its contract declares.
 */
export function write<In, Out, E, M extends Method, Safe extends boolean = boolean>(
  operation: Operation<In, Out, E, M, Safe> & Alone<In, Changes<M, Safe>>,
): PresentNode<Out, 'write', Out>;
export function write<
  In,
  Out,
  E,
  M extends Method,
  H = None,
  W extends Condition = never,
  F = never,
  Safe extends boolean = boolean,
>(
  operation: Operation<In, Out, E, M, Safe> & Changes<M, Safe>,
  args: NoInfer<ArgsWhen<In, W>>,
  options?: WriteOptions<Out, E, H, W, F>,
): Written<Out | Values<H>, NoInfer<F>, W, Out>;
export function write(operation: OperationInfo, args: unknown = {}, options: AnyCallOptions = {}): never {
  return makeCall('write', write, operation, args, options);
}

export type Items = Ref<readonly unknown[] | null | undefined> | MaybeMissing<readonly unknown[] | null | undefined>;
type ElementOf<A> = NonNullable<A> extends readonly (infer T)[] ? T : never;
/** Within an `each` its list is there; an item of a list of parts may be missing. */
type ItemSeen<T> = [T] extends [never] ? Deep<T> : [T] extends [Part<infer U>] ? DeepMaybe<U> : Deep<T>;
export type Item<I> =
  I extends Ref<infer A> ? ItemSeen<ElementOf<A>> : I extends MaybeMissing<infer A> ? ItemSeen<ElementOf<A>> : never;

/**
 * One call per item, several at a time, in the order of the items. A list that is null, undefined or missing has no items.
 *
 * - Reads: equal calls are made once. A `required` call inside fails the page, an `optional` call inside fails only its item; an item whose
 *   key is null is skipped.
 * - Writes: one per item, also for equal items, one after the other unless `concurrency` says otherwise. All are required; `undo`, `when`
 *   and `fallback` hold per item, and `writes` of a problem names each item by its index (`lines[2]`). A list longer than `maxCount` ends
 *   the request before anything is sent. An `Idempotency-Key` that does not depend on the item is derived for each item.
 * - Another `each` inside goes through a list in each item: `each(orders, (order) => each(order.parcels, (parcel) => ..., { maxCount: 5 }), { maxCount: 20 })`.
 *   The value is a list of lists; `concurrency` of the outer one holds for all calls.
 */
export function each<I extends Items, T, Out>(
  items: I,
  call: (item: Item<I>) => Node<T, 'read' | 'write' | 'each', Out>,
  options: EachOptions,
): I extends Ref<unknown> ? PresentNode<T[], 'each', Out> : MaybeMissingNode<T[], 'each', Out> {
  return makeEach(each, items, call, options);
}

type NeverMissing = 'this part is never missing: take it out of atLeastOne(...)';
/**
 * The request ends with a problem where all of these parts are missing, because they failed or because a condition ruled them out:
 * `atLeastOne([offers, banners], problem(503, 'nothing_to_show', 'Nothing can be shown now.'))`. It needs no name in the plan.
 * @param refusal the problem; without one it is 502 `GW_UPSTREAM_FAILED`
 */
export function atLeastOne<const P extends readonly [AnyRef, ...AnyRef[]]>(
  parts: P & { readonly [I in keyof P]: P[I] extends MaybeMissing<unknown> ? unknown : NeverMissing },
  refusal?: Refusal | ReadyProblem,
): void {
  makeRule(atLeastOne, parts, refusal);
}

/**
 * The arguments of a function of values: values, a {@link Part} where one may be missing, and the problems that it may end the request
 * with. All are read-only: other requests may hold the same objects.
 */
export type Seen<D> = {
  readonly [K in keyof D]: D[K] extends Ref<infer T>
    ? DeepReadonly<T>
    : D[K] extends MaybeMissing<infer T>
      ? Part<DeepReadonly<T>>
      : D[K] extends Problem
        ? D[K]
        : never;
};
type Codes<D> = { [K in keyof D]: D[K] extends Problem<infer C> ? C : never }[keyof D];
type NotListed<Code> = `name the problem ${Text<Code>} among the things that the step takes`;
type NotAsync = 'a step is not async: what waits is a call';
type Returned<R, C> =
  R extends Refusal<infer X> ? ([X] extends [C] ? R : NotListed<X>) : R extends PromiseLike<unknown> ? NotAsync : R;
type Deps = Readonly<Record<string, AnyRef | Problem>>;

/**
 * A pure computation between calls. It waits for the references in `deps`, and may end the request with the problems in `deps`. Give the
 * schema of its result where a view reads from it.
 */
export function step<D extends Deps, R>(
  deps: D,
  run: (seen: Seen<D>) => Returned<R, Codes<D>>,
): PresentNode<Exclude<R, Refusal>, 'step', never>;
export function step<T, D extends Deps, R extends DeepReadonly<T> | Refusal>(
  schema: Schema<T>,
  deps: D,
  run: (seen: Seen<D>) => Returned<R, Codes<D>>,
): PresentNode<T, 'step', never>;
export function step(
  first: Schema<unknown> | Deps,
  second: Deps | ((seen: never) => unknown),
  third?: (seen: never) => unknown,
): never {
  if (typeof second === 'function') return makeStep(step, undefined, first as Deps, second);
  if (third !== undefined && '~standard' in first) return makeStep(step, first as Schema<unknown>, second, third);
  throw new TypeError(
    'step(...) takes a schema (where a view reads from it), references and a function: step(schema, { orders }, ({ orders }) => ...)',
  );
}
