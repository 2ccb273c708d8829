import type { Part } from '../model/references.js';

/** Stands for a value whose part is missing, until something says what is there instead. Never leaves the evaluation. */
export const ABSENT = Symbol('absent');

/** What one evaluation reads and writes. */
export interface EvaluationScope {
  /** One per part, in the order of the plan. */
  readonly values: readonly unknown[];
  readonly input: Readonly<Record<string, unknown>>;
  /** What the bodies of lists and the like are looking at. */
  readonly slots: unknown[];
  /** Takes an unreadable part for missing, and gives what stands in; undefined where the page cannot do without it. */
  repair(error: BadPayload): { readonly value: unknown } | undefined;
}

/** Where a value comes from, as known at start: whose fault it is when it is not what the contract says. */
export interface Origin {
  /** Position of the part in the plan; undefined for what is not of an upstream. */
  readonly part: number | undefined;
  /** The slot that holds the part of the item in hand, where the part is an `each` whose items may be missing. */
  readonly itemSlot: number | undefined;
  /** Path of the reference. */
  readonly path: string;
}

/**
 * An upstream answered with something that its contract rules out where the answer looks. Thrown out of the middle of an evaluation and
 * caught once, at its top: what is exceptional costs the usual case nothing, and no function of a screen ever sees such a value.
 */
export class BadPayload extends Error {
  readonly part: number;
  /** The part of the item, where one item of an `each` is at fault. */
  readonly item: unknown;

  constructor(part: number, item: unknown, message: string) {
    super(message);
    this.name = 'BadPayload';
    this.part = part;
    this.item = item;
  }
}

/**
 * Ends the evaluation.
 * @throws BadPayload where an upstream is at fault, Error where our own code is (a `compute` that returned something else than it said)
 */
export function reject(scope: EvaluationScope, origin: Origin, complaint: string): never {
  const message = `${origin.path}: ${complaint}`;
  if (origin.part === undefined) throw new Error(message);
  throw new BadPayload(origin.part, origin.itemSlot === undefined ? undefined : scope.slots[origin.itemSlot], message);
}

/** What was found, for logs: its kind, and never its text. */
export function found(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is null';
  return Array.isArray(value) ? 'is a list' : `is of type ${typeof value}`;
}

export const isPart = (x: unknown): x is Part<unknown> => typeof x === 'object' && x !== null && 'ok' in x;
export const isObject = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);
/** Names that every object has: read them only where an object has one of its own. */
export const isInherited = (key: string): boolean => key in Object.prototype;
export const ownMember = (of: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(of, key) ? of[key] : undefined;

/** The value of a part that may be missing. */
export const open = (part: unknown): unknown => (isPart(part) && part.ok ? part.value : ABSENT);
