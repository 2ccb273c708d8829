import type { PartHeaders } from '../../model/node-traits.js';
import type { Part } from '../../model/references.js';

/** Marks the value of a missing part, until `orElse` or the like replaces it. It never leaves the evaluation. */
export const ABSENT = Symbol('absent');

/** The values that one evaluation reads and writes. */
export interface EvaluationScope {
  /** One per part, in the order of the plan. */
  readonly values: readonly unknown[];
  readonly input: Readonly<Record<string, unknown>>;
  /** The declared headers of responses, by index of the part. */
  readonly headers?: ReadonlyMap<number, PartHeaders> | undefined;
  /** The current values of items, indexes and tables. */
  readonly slots: unknown[];
  /** Treats an unreadable part as missing, and gives its fallback; undefined where the part is required. */
  repair(error: BadPayload): { readonly value: unknown } | undefined;
}

/** The origin of a value, known at start: the part to name where the value violates its contract. */
export interface Origin {
  /** Index of the part in the plan; undefined for a value that comes from no upstream. */
  readonly part: number | undefined;
  /** The slot of the current item's part, where the items of an `each` may be missing. */
  readonly itemSlot: number | undefined;
  /** Path of the reference. */
  readonly path: string;
  /** Finds the part of a value that comes from one of several. */
  readonly trace?: (scope: EvaluationScope) => Pick<Origin, 'part' | 'itemSlot'>;
}

/**
 * A response violates its contract in a field that the view reads. It is thrown from inside an evaluation and caught once, at the top, so
 * that the usual case has no cost and no function of a screen gets such a value.
 */
export class BadPayload extends Error {
  readonly part: number;
  /** The part of the item, where one item of an `each` is the cause. */
  readonly item: unknown;

  constructor(part: number, item: unknown, message: string) {
    super(message);
    this.name = 'BadPayload';
    this.part = part;
    this.item = item;
  }
}

/** A value that belongs to no part of the view is not what its contract says, or a function of the screen has a bug. */
export class UnplacedViolation extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnplacedViolation';
  }
}

/**
 * Ends the evaluation.
 * @throws BadPayload for a contract violation, UnplacedViolation where no part is to blame (a `compute` whose result does not fit its schema)
 */
export function reject(scope: EvaluationScope, origin: Origin, warning: string): never {
  const message = `${origin.path}: ${warning}`;
  const { part, itemSlot } = origin.trace?.(scope) ?? origin;
  if (part === undefined) throw new UnplacedViolation(message);
  throw new BadPayload(part, itemSlot === undefined ? undefined : scope.slots[itemSlot], message);
}

/** The kind of a value, for logs: never its text. */
export function found(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is null';
  return Array.isArray(value) ? 'is a list' : `is of type ${typeof value}`;
}

export const isPart = (x: unknown): x is Part<unknown> => typeof x === 'object' && x !== null && 'ok' in x;
export const isObject = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);
/** Names that every object inherits: they are read only as own members. */
export const isInherited = (key: string): boolean => key in Object.prototype;
export const ownMember = (of: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(of, key) ? of[key] : undefined;

/** The value of a part that may be missing. */
export const open = (part: unknown): unknown => (isPart(part) && part.ok ? part.value : ABSENT);
