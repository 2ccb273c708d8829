import type { DeepReadonly } from '@frontage/core';
import type { Argument, FieldPath } from './nodes.js';
import { fieldPathOf, type Leaf, type MaybeMissing, type Ref } from './references.js';

/**
 * An argument: a literal, or a reference, at any depth of plain objects and lists. It is only read, so that the value of a step, which is
 * read-only, can be sent.
 */
export type Arg<T> = T | Ref<DeepReadonly<T>> | (T extends Whole ? never : { [K in keyof T]: Arg<T[K]> });
/** Types that take no references within. A list is mapped to a list. */
type Whole = Exclude<Leaf, readonly unknown[]>;
/** The same for calls that may be skipped: their references may be missing, null or undefined. */
export type ArgMaybe<T> =
  | T
  | Ref<DeepReadonly<T> | Absent<T>>
  | MaybeMissing<DeepReadonly<T> | Absent<T>>
  | (T extends Whole ? never : { [K in keyof T]: ArgMaybe<T[K]> });
/** The call is skipped if a value is needed and the reference has none. A parameter that may be left out is not needed. */
type Absent<T> = undefined extends T ? never : null | undefined;

// Aliases over a naked parameter, so that an optional group (`X | undefined`) is mapped and does not become `{}`. Path and query take no
// reference as a whole: the compiler's "Did you mean" would be lost.
type Group<X> = X extends undefined ? never : { [K in keyof X]: Arg<X[K]> };
type GroupMaybe<X> = X extends undefined ? never : { [K in keyof X]: ArgMaybe<X[K]> };

/** Parameters of the query that the contract does not declare. */
type Rest = Readonly<Record<string, string | readonly string[]>>;

/** The input of an operation, where each value may be a reference; `rest` passes on parameters that the contract does not declare. */
export type Args<In> = { [G in keyof In]: G extends 'body' ? Arg<In[G]> : Group<In[G]> } & { rest?: Arg<Rest> };
export type ArgsMaybe<In> = { [G in keyof In]: G extends 'body' ? ArgMaybe<In[G]> : GroupMaybe<In[G]> } & {
  rest?: ArgMaybe<Rest>;
};

const isPlainObject = (x: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null;
};

const derived = new WeakMap<object, readonly unknown[]>();

/**
 * The idempotency key of a write, derived from values: equal for equal values, and a UUID (RFC 9562 section 5.8). Undefined, and so left out,
 * where the first value is. In an `each`, name the member that identifies the item: `idempotencyKey(header['idempotency-key'], line.sku)`.
 */
export function idempotencyKey(...of: readonly [KeyPart, ...KeyPart[]]): Ref<string> {
  const key: object = Object.freeze({});
  derived.set(key, of);
  // References are typed by phantoms: `toArgument` knows the object by its identity.
  return key as Ref<string>;
}
type KeyPart = string | number | Ref<unknown>;

/**
 * Reads an argument tree once, at start. Subtrees without references become one literal.
 * @throws {TypeError} for a function, which cannot be sent
 */
export function toArgument(x: unknown, where: string): Argument {
  const field = fieldPathOf(x);
  if (field !== undefined) return { kind: 'reference', field };
  const parts = typeof x === 'object' && x !== null ? derived.get(x) : undefined;
  if (parts !== undefined) return { kind: 'key', of: parts.map((part) => toArgument(part, where)) };
  if (typeof x === 'function')
    throw new TypeError(`${where} is a function, which cannot be sent: compute the value in step(...)`);
  if (Array.isArray(x)) {
    const items = x.map((item: unknown, index) => toArgument(item, `${where}[${index}]`));
    return items.every((item) => item.kind === 'literal')
      ? { kind: 'literal', value: items.map((item) => item.value) }
      : { kind: 'list', items };
  }
  if (typeof x === 'object' && x !== null && isPlainObject(x)) {
    const members = Object.entries(x).map(([key, member]) => [key, toArgument(member, `${where}.${key}`)] as const);
    if (
      !members.every(
        (member): member is readonly [string, Argument & { kind: 'literal' }] => member[1].kind === 'literal',
      )
    )
      return { kind: 'object', members };
    return { kind: 'literal', value: Object.fromEntries(members.map(([key, member]) => [key, member.value])) };
  }
  return { kind: 'literal', value: x };
}

/** The arguments within one that are known per request, each as a whole: a text, and not the values that it is made of. */
export function leavesIn(argument: Argument): readonly Argument[] {
  switch (argument.kind) {
    case 'literal':
      return [];
    case 'object':
      return argument.members.flatMap(([, member]) => leavesIn(member));
    case 'list':
      return argument.items.flatMap(leavesIn);
    default:
      return [argument];
  }
}

/** The values that one is made of: itself, or those that its combinator takes. */
export function readsOf(field: FieldPath): readonly FieldPath[] {
  const { node } = field;
  return node.kind === 'local' && node.of !== undefined ? [...node.of.values()].flatMap(readsOf) : [field];
}

/** Every field path that an argument reads. */
export const fieldPathsIn = (argument: Argument): readonly FieldPath[] => referencesIn(argument).flatMap(readsOf);

/** The same, where what a combinator makes of several is one. */
export function referencesIn(argument: Argument): readonly FieldPath[] {
  switch (argument.kind) {
    case 'literal':
      return [];
    case 'reference':
      return [argument.field];
    case 'object':
      return argument.members.flatMap(([, member]) => referencesIn(member));
    case 'list':
      return argument.items.flatMap(referencesIn);
    case 'key':
      return argument.of.flatMap(referencesIn);
  }
}
