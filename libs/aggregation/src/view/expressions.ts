import type { PartNode } from '../model/nodes.js';
import type { Schema } from '../model/schema.js';

/**
 * A view as data: the references that the callback of `screen` wrote down. The response schema, the compiled view, the list of fields that
 * are read and the drawings are all made from this tree.
 */
export type Expression =
  | PartExpression
  | HeadersExpression
  | InputExpression
  | ItemExpression
  | IndexExpression
  | FieldExpression
  | LiteralExpression
  | PickExpression
  | ObjectExpression
  | ArrayExpression
  | ListExpression
  | WithinExpression
  | OtherwiseExpression
  | ComputeExpression
  | TextExpression
  | WhenExpression
  | EnumExpression
  | ByKindExpression
  | TakeExpression
  | SortExpression
  | CountExpression
  | AtExpression
  | NamedExpression
  | JoinedExpression;

/** Joins of lists, values made of whole lists, and merged objects. */
export type JoinedExpression =
  | WhereExpression
  | FilterExpression
  | EqualExpression
  | TableExpression
  | ConcatExpression
  | FlattenExpression
  | DistinctExpression
  | FoldExpression
  | OmitExpression
  | MergeExpression;

/** A part of the plan. `position` is its index in `plan.parts` and in the values of a run. */
export interface PartExpression {
  readonly kind: 'part';
  readonly name: string;
  readonly position: number;
  readonly node: PartNode;
}
/** The declared headers of a response: of a part, or of one item of it. Of a part with several calls, those of all calls. */
export interface HeadersExpression {
  readonly kind: 'headers';
  /** The value that came with them. */
  readonly of: Expression;
  readonly part: PartExpression;
  /** The indexes that lead from the part to the item. */
  readonly place: readonly Expression[];
}
/** A member of the plan's input. */
interface InputExpression {
  readonly kind: 'input';
  readonly name: string;
  readonly schema: Schema<unknown>;
}
/** Inside a body: the item of a list (`each`), or the value that `within` or `byKind` found. Its identity distinguishes bodies. */
export interface ItemExpression {
  readonly kind: 'item';
  readonly of: Expression;
  readonly each: boolean;
  /** The index of an item of `list`. */
  readonly index?: IndexExpression;
  /** The variant of a union that this body belongs to. */
  readonly variant?: { readonly tag: string; readonly value: string };
}
/** Inside the body of a list: the index of the item, from 0. */
export interface IndexExpression {
  readonly kind: 'index';
  readonly of: Expression;
}
export interface FieldExpression {
  readonly kind: 'field';
  readonly of: Expression;
  readonly key: string;
}
interface LiteralExpression {
  readonly kind: 'literal';
  readonly value: unknown;
}
/** The named fields of an object. */
interface PickExpression {
  readonly kind: 'pick';
  readonly of: Expression;
  readonly keys: readonly string[];
}
interface ObjectExpression {
  readonly kind: 'object';
  readonly members: readonly (readonly [name: string, value: Expression])[];
}
interface ArrayExpression {
  readonly kind: 'array';
  readonly items: readonly Expression[];
}
export interface ListExpression {
  readonly kind: 'list';
  readonly over: Expression;
  readonly item: ItemExpression;
  readonly index: IndexExpression;
  readonly body: Expression;
}
interface WithinExpression {
  readonly kind: 'within';
  readonly over: Expression;
  readonly item: ItemExpression;
  readonly body: Expression;
}
/** `orElse`, `orNull`, `orOmit`. */
interface OtherwiseExpression {
  readonly kind: 'otherwise';
  readonly of: Expression;
  readonly other: Expression;
}
export interface ComputeExpression {
  readonly kind: 'compute';
  /** Absent for a condition. */
  readonly schema?: Schema<unknown>;
  readonly dependencies: readonly (readonly [name: string, value: Expression])[];
  readonly run: (seen: never) => unknown;
}
export interface TextExpression {
  readonly kind: 'text';
  readonly strings: readonly string[];
  readonly values: readonly Expression[];
  /** In a plan: there is no text where a value is null or missing, instead of one with that word. */
  readonly isWhole?: true;
}
export interface WhenExpression {
  readonly kind: 'when';
  readonly condition: Expression;
  readonly consequent: Expression;
  readonly alternate: Expression;
}
export interface EnumExpression {
  readonly kind: 'enum';
  readonly of: Expression;
  readonly map: ReadonlyMap<string, unknown>;
  /** Empty, or the one value for everything else. */
  readonly other: readonly unknown[];
}
export interface ByKindExpression {
  readonly kind: 'byKind';
  readonly of: Expression;
  readonly tag: string;
  readonly cases: readonly { readonly value: string; readonly item: ItemExpression; readonly body: Expression }[];
  /** The body of every other value of the tag; without it, such a value violates the contract. */
  readonly other?: { readonly item: ItemExpression; readonly body: Expression };
}
export interface TakeExpression {
  readonly kind: 'take';
  readonly of: Expression;
  readonly count: number;
}
export interface WhereExpression {
  readonly kind: 'where';
  readonly of: Expression;
  readonly keys: readonly string[];
  readonly keep: (item: never) => boolean;
}
export interface SortExpression {
  readonly kind: 'sort';
  readonly of: Expression;
  readonly key: string;
  readonly order: 'ascending' | 'descending';
}
export interface CountExpression {
  readonly kind: 'count';
  readonly of: Expression;
}
/** `indexBy`: one item per key; `groupBy`: the list of items per key. Items without a key stand in neither. */
export interface TableExpression {
  readonly kind: 'indexBy' | 'groupBy';
  readonly of: Expression;
  readonly item: ItemExpression;
  /** The key of one item. */
  readonly key: Expression;
}
/** `at` and `first`. */
export interface AtExpression {
  readonly kind: 'at';
  readonly of: Expression;
  readonly key: Expression;
}
interface NamedExpression {
  readonly kind: 'named';
  readonly name: string;
  readonly of: Expression;
}
/** `where` with a condition over references. */
export interface FilterExpression {
  readonly kind: 'filter';
  readonly over: Expression;
  readonly item: ItemExpression;
  readonly condition: Expression;
}
/** True if two keys are the same. */
export interface EqualExpression {
  readonly kind: 'equal';
  readonly left: Expression;
  readonly right: Expression;
}
/** The items of several lists, one list after the other. */
export interface ConcatExpression {
  readonly kind: 'concat';
  readonly lists: readonly Expression[];
}
/** The items of the lists in a list. */
export interface FlattenExpression {
  readonly kind: 'flatten';
  readonly of: Expression;
}
/** Each value once, or one item per key. */
export interface DistinctExpression {
  readonly kind: 'distinct';
  readonly of: Expression;
  /** Absent: the items are compared themselves. */
  readonly by?: { readonly item: ItemExpression; readonly key: Expression };
}
/** One value of all values of a list. */
export interface FoldExpression {
  readonly kind: 'sum' | 'min' | 'max';
  readonly of: Expression;
}
/** All members of an object but these. `all` leaves out none. */
export interface OmitExpression {
  readonly kind: 'omit';
  readonly of: Expression;
  readonly keys: readonly string[];
}
/** The members of several objects; of equal names the last one counts. */
export interface MergeExpression {
  readonly kind: 'merge';
  readonly parts: readonly Expression[];
  /** It is an object with others spread into it, whose members stand in the order in which they were written. */
  readonly isSpread?: true;
}
