import type { DeepReadonly, Method, Operation, OperationInfo, RemovingMethod, SafeMethod } from '@frontage/core';
import type { Args, ArgsMaybe } from '../model/arguments.js';
import type { AnyRef, Deep, DeepMaybe, MaybeMissing, Part, Ref } from '../model/references.js';
import type { ReadyProblem } from '../model/refusals.js';
import type { Problem, Refusal } from '../model/nodes.js';
import type { Schema } from '../model/schema.js';
import { makeCall, makeEach, makeStep, type AnyCallOptions } from './node-makers.js';
import type { LastGood } from './fallbacks.js';

declare const sees: unique symbol;

/** A node that a plan may return under a name. `T`: the value as a view sees it; `K`: the kind of node; `Out`: the upstream's response. */
export interface Node<out T, out K extends NodeKind = NodeKind, out Out = unknown> {
  readonly [sees]: readonly [T, K, Out];
}
type NodeKind = 'read' | 'write' | 'each' | 'batch' | 'pages' | 'step' | 'included';
/** A node that always has a value in a successful response. */
export type PresentNode<T, K extends NodeKind, Out> = Node<T, K, Out> & Deep<T>;
/** A node that may be missing. */
export type MaybeMissingNode<T, K extends NodeKind, Out> = Node<Part<T>, K, Out> & DeepMaybe<T>;

/** `Safe` is the mark of the operation, `Marked` that of the call. */
type Reads<M, Safe, Marked> = [M] extends [SafeMethod]
  ? unknown
  : IsMarked<Safe, Marked> extends true
    ? [M] extends [RemovingMethod]
      ? 'this operation removes something, which no mark makes safe: call it with write(...)'
      : unknown
    : 'this operation changes something: call it with write(...), or where it only reads, with { safe: true }';
type IsMarked<Safe, Marked> = [Marked] extends [never] ? ([Safe] extends [true] ? true : false) : true;
type Changes<M, Safe> = [M] extends [SafeMethod] ? OnlyReads : [Safe] extends [true] ? OnlyReads : unknown;
type OnlyReads = 'this operation only reads: call it with required(...) or optional(...)';

/** An operation that can be called without arguments, after what else is asked of it: two messages at once would become `never`. */
type Alone<In, Asked> = unknown extends Asked
  ? None extends In
    ? unknown
    : 'this operation has parameters: give them in a second argument, such as { path: { id: caller.subject } }'
  : Asked;

type Text<S> = `${S & (string | number)}`;
type NotDeclared<S> = `the contract declares no status ${Text<S>}`;
type ErrorBody<E, S> = Text<S> extends infer N extends keyof E ? E[N] : NotDeclared<S>;
type OnStatus<E, H> = { readonly [S in keyof H]: H[S] | ((body: DeepReadonly<ErrorBody<E, S>>) => H[S]) };
type OnlyDeclared<E, H> = { readonly [S in keyof H]: Text<S> extends keyof E ? unknown : NotDeclared<S> };
type ValueOf<V> = V extends (...args: never) => infer R ? R : V;
type Values<H> = ValueOf<H[keyof H]>;
type None = Record<never, never>;
/** A fallback that fits adds nothing: `[]` for a list of banners leaves it a list of banners. */
type Or<T, F> = [F] extends [T] ? T : T | F;

/** A call together with its fallback: it is always present only where the last fallback is a value. */
type Resort<V, F, Out> = [F] extends [never]
  ? MaybeMissingNode<V, 'read', Out>
  : [F] extends [LastGood<infer G>]
    ? Resort<V, G, Out>
    : [F] extends [Node<infer S, 'read'>]
      ? [S] extends [Part<infer X>]
        ? MaybeMissingNode<Or<V, X>, 'read', Out>
        : PresentNode<Or<V, S>, 'read', Out>
      : PresentNode<Or<V, F>, 'read', Out>;

/** A condition of a request; null and undefined count as false. */
export type Condition = Ref<boolean | null | undefined> | MaybeMissing<boolean | null | undefined>;

export interface CallOptions<E, H> {
  /** The timeout of this call in milliseconds; never longer than the rest of the plan's deadline. @default the rest of the deadline */
  readonly timeoutMs?: number;
  /**
   * Declared statuses that end the request with a problem of ours: a problem, or a function of a reference to the declared error body, which
   * gives the problem members with `withMembers(...)`.
   */
  readonly refuseOn?: { readonly [S in keyof E]?: Refusal | ReadyProblem | ((error: Deep<E[S]>) => Refusal) };
  /** Declared statuses that become a value, or the result of a function of the declared body. */
  readonly onStatus?: OnStatus<E, H> & OnlyDeclared<E, NoInfer<H>>;
}

export interface ReadOptions<E, H, Marked> extends CallOptions<E, H> {
  /**
   * The operation only reads, although its method says otherwise: a search or a batch get by POST. From then on it is a read like a GET:
   * retried, cached with its body in the key, aborted, no change in `writes`. A contract says it for all calls by `x-frontage-safe: true`,
   * policy by `operations.<id>.safe: true`. @default by the method and the contract
   */
  readonly safe?: Marked;
}

export interface OptionalOptions<E, H, F, Marked> extends ReadOptions<E, H, Marked> {
  /**
   * Used when the call fails: a value, `lastGood({ maxAgeMs })`, or another `optional(...)`, which is sent only then and has its own
   * fallback. `_parts` names the source of the value.
   */
  readonly fallback?: F;
  /** The call is sent only where this is true; otherwise the part is missing (or has its fallback value), which is no error. */
  readonly when?: Condition;
}

export interface WriteOptions<Out, E, H> extends CallOptions<E, H> {
  /** The timeout of this call in milliseconds, counted from when it is sent. A sent write is never aborted. @default the plan's deadline */
  readonly timeoutMs?: number;
  /** The call is sent only after these have ended, beside the parts that its arguments read. */
  readonly after?: readonly Node<unknown>[];
  /**
   * The write that takes this one back, made of its result. It is sent when the request ends in a problem after this write succeeded. The
   * problem `GW_INDETERMINATE` names the writes that stay done in the end, or whose state is unknown.
   */
  readonly undo?: (result: Deep<Out>) => Node<unknown, 'write'>;
}

export interface EachOptions {
  /** Calls are made only for the first items up to this number; `_parts` names the others as `skipped`. 1 or more. */
  readonly maxCount: number;
  /** Calls that run at the same time, 1 or more. @default 16 */
  readonly concurrency?: number;
  /** The calls are made only where this is true; otherwise there are no items, which is no error. */
  readonly when?: Condition;
}

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
  Safe extends boolean = boolean,
  Marked extends true = never,
>(
  operation: Operation<In, Out, E, M, Safe> & Reads<M, Safe, Marked>,
  args: NoInfer<Args<In>>,
  options?: ReadOptions<E, H, Marked>,
): PresentNode<Out | Values<H>, 'read', Out>;
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
export function write<In, Out, E, M extends Method, H = None, Safe extends boolean = boolean>(
  operation: Operation<In, Out, E, M, Safe> & Changes<M, Safe>,
  args: NoInfer<Args<In>>,
  options?: WriteOptions<Out, E, H>,
): PresentNode<Out | Values<H>, 'write', Out>;
export function write(operation: OperationInfo, args: unknown = {}, options: AnyCallOptions = {}): never {
  return makeCall('write', write, operation, args, options);
}

export type Items = Ref<readonly unknown[] | null | undefined> | MaybeMissing<readonly unknown[] | null | undefined>;
type ElementOf<A> = NonNullable<A> extends readonly (infer T)[] ? T : never;
export type Item<I> =
  I extends Ref<infer A> ? Deep<ElementOf<A>> : I extends MaybeMissing<infer A> ? DeepMaybe<ElementOf<A>> : never;

/**
 * One call per item, several at a time, in the order of the items; equal calls are made once. A `required` call inside fails the page, an
 * `optional` call inside fails only its item. A list that is null or undefined has no items.
 */
export function each<I extends Items, T, Out>(
  items: I,
  call: (item: Item<I>) => Node<T, 'read', Out>,
  options: EachOptions,
): I extends Ref<unknown> ? PresentNode<T[], 'each', Out> : MaybeMissingNode<T[], 'each', Out> {
  return makeEach(each, items, call, options);
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
