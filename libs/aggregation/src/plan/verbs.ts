import type { DeepReadonly, Method, Operation, SafeMethod } from '@frontage/core';
import type { Args, ArgsMaybe } from '../model/arguments.js';
import type { AnyRef, Deep, DeepMaybe, MaybeMissing, Part, Ref } from '../model/references.js';
import type { ProblemMaker } from '../model/refusals.js';
import type { Problem, Refusal } from '../model/nodes.js';
import type { Schema } from '../model/schema.js';
import { makeCall, makeEach, makeStep } from './node-makers.js';
import type { LastGood } from './fallbacks.js';

declare const sees: unique symbol;

/** What a plan may return under a name: `T` is what the answer sees of it, `K` what kind of node it is, `Out` what an upstream sends. */
export interface Node<out T, out K extends NodeKind = NodeKind, out Out = unknown> {
  readonly [sees]: readonly [T, K, Out];
}
type NodeKind = 'read' | 'write' | 'each' | 'batch' | 'pages' | 'step' | 'included';
/** A node that always has a value in a page that is answered. */
export type PresentNode<T, K extends NodeKind, Out> = Node<T, K, Out> & Deep<T>;
/** A node that may be missing. */
export type MaybeMissingNode<T, K extends NodeKind, Out> = Node<Part<T>, K, Out> & DeepMaybe<T>;

type Reads<M> = [M] extends [SafeMethod] ? unknown : 'this operation changes something: call it with write(...)';
type Changes<M> = [M] extends [SafeMethod]
  ? 'this operation only reads: call it with required(...) or optional(...)'
  : unknown;

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

/** What a call and its fallback come to: only a value, or a call that has one, makes sure of it. */
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
  /** How long this call may take, at most; never longer than what is left of the plan's deadline. @default what is left */
  readonly timeoutMs?: number;
  /** Declared statuses that end the request with a problem of ours. */
  readonly refuseOn?: { readonly [S in keyof E]?: Refusal | ProblemMaker<string, readonly []> };
  /** Declared statuses that stand for a value, or for what a function makes of the declared body. */
  readonly onStatus?: OnStatus<E, H> & OnlyDeclared<E, NoInfer<H>>;
}

export interface OptionalOptions<E, H, F> extends CallOptions<E, H> {
  /**
   * Stands in when the call fails: a value, `lastGood({ maxAgeMs })`, or another `optional(...)`, which is made only then and has its
   * own fallback. The answer says in `_parts` what stands in.
   */
  readonly fallback?: F;
  /** Sent only where this is true; otherwise it is absent (or its fallback value), which is no error. */
  readonly when?: Condition;
}

export interface WriteOptions<Out, E, H> extends CallOptions<E, H> {
  /** How long this call may take, counted from when it is sent. A sent write is never aborted. @default the plan's deadline */
  readonly timeoutMs?: number;
  /** Sent only once these have ended, beside what the arguments refer to. */
  readonly after?: readonly Node<unknown>[];
  /**
   * The write that takes this one back, made of its result: sent when the request ends in a problem after this one was done. What
   * stays done in the end, or is unknown, is named in the problem `GW_INDETERMINATE`.
   */
  readonly undo?: (result: Deep<Out>) => Node<unknown, 'write'>;
}

export interface EachOptions {
  /** Calls are made for the first so many items; the others are named in `_parts` as `skipped`. 1 or more. */
  readonly maxCount: number;
  /** Calls in flight at a time, 1 or more. @default 16 */
  readonly concurrency?: number;
  /** Made only where this is true; otherwise there are no items, which is no error. */
  readonly when?: Condition;
}

/** A read that the screen cannot do without: when it fails, the request ends with a problem answer. */
export function required<In, Out, E, M extends Method, H = None>(
  operation: Operation<In, Out, E, M> & Reads<M>,
  args: NoInfer<Args<In>>,
  options: CallOptions<E, H> = {},
): PresentNode<Out | Values<H>, 'read', Out> {
  return makeCall('required', required, operation, args, options);
}

/** A read that the screen can do without: when it fails, its fallback stands in, or the part is missing. */
export function optional<In, Out, E, M extends Method, H = None, F = never>(
  operation: Operation<In, Out, E, M> & Reads<M>,
  args: NoInfer<ArgsMaybe<In>>,
  options: OptionalOptions<E, H, F> = {},
): Resort<Out | Values<H>, NoInfer<F>, Out> {
  return makeCall('optional', optional, operation, args, options);
}

/**
 * A call that changes something: required, sent once what it refers to has arrived, and never aborted once sent. When the deadline
 * passes or the client leaves meanwhile, it runs on to its own timeout. It is sent again after a failure only where it carries the
 * `Idempotency-Key` that its contract declares.
 */
export function write<In, Out, E, M extends Method, H = None>(
  operation: Operation<In, Out, E, M> & Changes<M>,
  args: NoInfer<Args<In>>,
  options: WriteOptions<Out, E, H> = {},
): PresentNode<Out | Values<H>, 'write', Out> {
  return makeCall('write', write, operation, args, options);
}

export type Items = Ref<readonly unknown[] | null | undefined> | MaybeMissing<readonly unknown[] | null | undefined>;
type ElementOf<A> = NonNullable<A> extends readonly (infer T)[] ? T : never;
export type Item<I> =
  I extends Ref<infer A> ? Deep<ElementOf<A>> : I extends MaybeMissing<infer A> ? DeepMaybe<ElementOf<A>> : never;

/**
 * One call per item, several at a time, in the order of the items; equal calls are made once. `required` inside fails the page,
 * `optional` inside fails that item only. A list that is null or undefined has no items.
 */
export function each<I extends Items, T, Out>(
  items: I,
  call: (item: Item<I>) => Node<T, 'read', Out>,
  options: EachOptions,
): I extends Ref<unknown> ? PresentNode<T[], 'each', Out> : MaybeMissingNode<T[], 'each', Out> {
  return makeEach(each, items, call, options);
}

/**
 * What a function of values sees: values, {@link Part}s of what may be missing, and the problems it may end the request with. None of
 * it can be changed: other requests may hold the same.
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
 * A pure computation between calls. It waits for the references, and may end the request with the problems, that stand in `deps`.
 * Give the schema of what it returns where an answer reads from it.
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
    'step(...) takes a schema (where an answer reads from it), references and a function: step(schema, { orders }, ({ orders }) => ...)',
  );
}
