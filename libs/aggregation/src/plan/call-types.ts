import type { CallerConditions } from '@frontage/context';
import type { DeepReadonly, RemovingMethod, SafeMethod } from '@frontage/core';
import type { Args, ArgsMaybe } from '../model/arguments.js';
import type { Refusal } from '../model/nodes.js';
import type { Deep, DeepMaybe, MaybeMissing, Part, Ref } from '../model/references.js';
import type { ReadyProblem } from '../model/refusals.js';
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
export type Reads<M, Safe, Marked> = [M] extends [SafeMethod]
  ? unknown
  : IsMarked<Safe, Marked> extends true
    ? [M] extends [RemovingMethod]
      ? 'this operation removes something, which no mark makes safe: call it with write(...)'
      : unknown
    : 'this operation changes something: call it with write(...), or where it only reads, with { safe: true }';
type IsMarked<Safe, Marked> = [Marked] extends [never] ? ([Safe] extends [true] ? true : false) : true;
export type Changes<M, Safe> = [M] extends [SafeMethod] ? OnlyReads : [Safe] extends [true] ? OnlyReads : unknown;
type OnlyReads = 'this operation only reads: call it with required(...) or optional(...)';

/** An operation that can be called without arguments, after what else is asked of it: two messages at once would become `never`. */
export type Alone<In, Asked> = unknown extends Asked
  ? None extends In
    ? unknown
    : 'this operation has parameters: give them in a second argument, such as { path: { id: caller.subject } }'
  : Asked;

export type Text<S> = `${S & (string | number)}`;
type NotDeclared<S> = `the contract declares no status ${Text<S>}`;
type ErrorBody<E, S> = Text<S> extends infer N extends keyof E ? E[N] : NotDeclared<S>;
type OnStatus<E, H> = { readonly [S in keyof H]: H[S] | ((body: DeepReadonly<ErrorBody<E, S>>) => H[S]) };
type OnlyDeclared<E, H> = { readonly [S in keyof H]: Text<S> extends keyof E ? unknown : NotDeclared<S> };
type ValueOf<V> = V extends (...args: never) => infer R ? R : V;
export type Values<H> = ValueOf<H[keyof H]>;
export type None = Record<never, never>;
/** A fallback that fits adds nothing: `[]` for a list of banners leaves it a list of banners. */
type Or<T, F> = [F] extends [T] ? T : T | F;

/** A call together with its fallback: it is always present only where the last fallback is a value. */
export type Resort<V, F, Out> = [F] extends [never]
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

/** The arguments of a call that is required, and of one that is required under a condition. */
export type ArgsWhen<In, W> = [W] extends [never] ? Args<In> : ArgsMaybe<In>;
/** Under a condition a part may be missing. */
export type Conditional<V, K extends NodeKind, Out, W> = [W] extends [never]
  ? PresentNode<V, K, Out>
  : MaybeMissingNode<V, K, Out>;
/** A write together with its fallback. */
export type Written<V, F, W, Out> = [F] extends [never]
  ? Conditional<V, 'write', Out, W>
  : [F] extends [Node<infer S, 'write'>]
    ? Conditional<Or<V, S>, 'write', Out, W>
    : PresentNode<Or<V, F>, 'write', Out>;

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
  /**
   * The callers that it is sent for, beside the rule of the route: `{ scope: 'offers:read' }`. For another caller an optional call is not
   * sent, and its part is missing as `forbidden`; a required one ends the request before anything is sent, with 403, or with the challenge
   * for another login (RFC 9470).
   */
  readonly access?: CallerConditions;
  /**
   * The call is sent only after these have ended, with any outcome, beside the parts that its arguments read: a read that must see what a
   * write has changed, `required(carts.getCart, {...}, { after: [added] })`. Such an operation is better not cached.
   */
  readonly after?: readonly Node<unknown>[];
}

export interface ReadOptions<E, H, Marked> extends CallOptions<E, H> {
  /**
   * The operation only reads, although its method says otherwise: a search or a batch get by POST. From then on it is a read like a GET:
   * retried, cached with its body in the key, aborted, no change in `writes`. A contract says it for all calls by `x-frontage-safe: true`,
   * policy by `operations.<id>.safe: true`. @default by the method and the contract
   */
  readonly safe?: Marked;
}

export interface RequiredOptions<E, H, W, Marked> extends ReadOptions<E, H, Marked> {
  /**
   * The call is sent only where this is true, and is required then; otherwise the part is missing, which is no error. Its arguments may
   * refer to parts that a condition rules out, too.
   */
  readonly when?: W;
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

export interface WriteOptions<Out, E, H, W, F> extends CallOptions<E, H> {
  /** The timeout of this call in milliseconds, counted from when it is sent. A sent write is never aborted. @default the plan's deadline */
  readonly timeoutMs?: number;
  /** The call is sent only where this is true; otherwise the part is missing (or has its fallback value), which is no error. */
  readonly when?: W;
  /**
   * Used when the write fails: a value, which makes the write dispensable, or another `write(...)`. The other one is sent only where the
   * first was certainly not made; where that is unknown, the request ends in a problem. `_parts` names the source of the value.
   */
  readonly fallback?: F;
  /**
   * Tags whose cached responses are invalid once this write has ended: `['cart:{caller}', 'stock:{body.sku}']`. `{caller}` and `{tenant}` are
   * those of the request, other placeholders are parameters of the operation and members of its body. Policy gives operations their tags; the
   * start fails for a tag that no cached operation has.
   */
  readonly invalidates?: readonly string[];
  /**
   * The write that takes this one back, made of its result. It is sent when the request ends in a problem after this write succeeded. The
   * problem `GW_INDETERMINATE` names the writes that stay done in the end, or whose state is unknown.
   */
  readonly undo?: (result: Deep<Out>) => Node<unknown, 'write'>;
}

export interface EachOptions {
  /** Calls are made only for the first items up to this number; `_parts` names the others as `skipped`. 1 or more. */
  readonly maxCount: number;
  /** Calls that run at the same time, 1 or more. @default 16, for writes 1 */
  readonly concurrency?: number;
  /** The calls are made only where this is true; otherwise there are no items, which is no error. */
  readonly when?: Condition;
}
