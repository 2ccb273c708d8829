import { atOnce } from '@frontage/core';
import {
  ABSENT,
  BadPayload,
  found,
  isObject,
  open,
  ownMember,
  reject,
  type EvaluationScope,
  type Origin,
} from '../scope/evaluation-scope.js';
import type { Evaluate, ExpressionCompiler } from '../scope/expression-compiler.js';
import { checkerOf, type Checker } from './evaluate-choices.js';
import { holdsParts, isolatesItems } from '../../view/expression-reading.js';
import type {
  AtExpression,
  CountExpression,
  Expression,
  ListExpression,
  SortExpression,
  TakeExpression,
  WhereExpression,
} from '../../view/expressions.js';

export type Nothing = typeof ABSENT | null | undefined;
export const isNothing = (x: unknown): x is Nothing => x === ABSENT || x === null || x === undefined;

/** The list of an expression, or the reason why there is none. */
export function compileItems(
  compiler: ExpressionCompiler,
  e: Expression,
): (scope: EvaluationScope) => readonly unknown[] | Nothing {
  const evaluate = compiler.raw(e);
  const origin = compiler.originOf(e);
  return (scope) => {
    const items = evaluate(scope);
    if (Array.isArray(items)) return items;
    return isNothing(items) ? items : reject(scope, origin, `${found(items)}, where the contract says a list`);
  };
}

export function compileList(compiler: ExpressionCompiler, e: ListExpression): Evaluate {
  const items = compileItems(compiler, e.over);
  const itemSlot = compiler.slotOf(e.item);
  const indexSlot = compiler.slotOf(e.index);
  const body = compiler.kept(e.body);
  // A list in an item may be missing without failing alone: its own items do.
  const element = isolatesItems(e.over) || holdsParts(e.over) ? isolated(body, itemSlot, e.over) : body;
  const mayBeOmitted = compiler.shapes.of(e.body).optional;
  return (scope) => {
    const over = items(scope);
    if (isNothing(over)) return over;
    const { slots } = scope;
    const made: unknown[] = [];
    for (let i = 0; i < over.length; i += 1) {
      slots[itemSlot] = over[i];
      slots[indexSlot] = i;
      const value = element(scope);
      if (value === ABSENT) return ABSENT;
      made[i] = value;
    }
    return mayBeOmitted ? made.filter((value) => value !== undefined) : made;
  };
}

/** Each item has a call of its own: an item whose response is unreadable is missing, the others stay. */
function isolated(body: Evaluate, itemSlot: number, over: Expression): Evaluate {
  const parts = holdsParts(over);
  if (over.kind !== 'part' && over.kind !== 'take') {
    // The list was made of the items before: it is made again without the unreadable one.
    return (scope) => {
      const { slots } = scope;
      slots[itemSlot + 1] = slots[itemSlot];
      if (parts) slots[itemSlot] = open(slots[itemSlot]);
      return body(scope);
    };
  }
  return (scope) => {
    const { slots } = scope;
    const item = slots[itemSlot];
    if (parts) slots[itemSlot] = open(item);
    slots[itemSlot + 1] = item;
    try {
      return body(scope);
    } catch (error) {
      if (!(error instanceof BadPayload) || error.item !== item) throw error;
      const fallback = scope.repair(error);
      if (fallback === undefined) throw error;
      slots[itemSlot] = parts ? ABSENT : fallback.value;
      slots[itemSlot + 1] = undefined;
      return body(scope);
    }
  };
}

export function compileTake(compiler: ExpressionCompiler, e: TakeExpression): Evaluate {
  const items = compileItems(compiler, e.of);
  const { count } = e;
  return (scope) => {
    const of = items(scope);
    return isNothing(of) ? of : of.slice(0, count);
  };
}

/** Checks that an item is an object whose named fields have the types that a function of ours, or a comparison, expects. */
function compileItemCheck(
  compiler: ExpressionCompiler,
  of: Expression,
  keys: readonly string[],
): (item: unknown, scope: EvaluationScope) => void {
  if (holdsParts(of)) return () => undefined;
  const item: Expression = { kind: 'item', of, each: true };
  const fields = keys.map((key) => checkerOf(compiler, { kind: 'field', of: item, key }));
  const origin: Origin = compiler.originOf(item);
  const slot = compiler.slotOf(item);
  const checks: readonly (readonly [string, Checker])[] = keys.flatMap((key, i) => {
    const check = fields[i];
    return check === undefined ? [] : [[key, check] as const];
  });
  return (value, scope) => {
    // The origin of a rejected item is found by what stands here.
    scope.slots[slot] = value;
    scope.slots[slot + 1] = value;
    if (!isObject(value))
      return reject(scope, origin, `has an item that ${found(value)}, where the contract says an object`);
    for (const [key, check] of checks) check(ownMember(value, key), scope);
    return undefined;
  };
}

export function compileWhere(compiler: ExpressionCompiler, e: WhereExpression): Evaluate {
  const items = compileItems(compiler, e.of);
  const check = compileItemCheck(compiler, e.of, e.keys);
  return (scope) => {
    const of = items(scope);
    if (isNothing(of)) return of;
    return of.filter((item) => {
      check(item, scope);
      // The types were checked where the screen was written; here it is one function of many.
      return atOnce(e.keep(item as never), 'a function of where(...)');
    });
  };
}

export function compileSort(compiler: ExpressionCompiler, e: SortExpression): Evaluate {
  const items = compileItems(compiler, e.of);
  const check = compileItemCheck(compiler, e.of, [e.key]);
  const direction = e.order === 'ascending' ? 1 : -1;
  const keyOf = (item: unknown): unknown => (isObject(item) ? ownMember(item, e.key) : undefined);
  return (scope) => {
    const of = items(scope);
    if (isNothing(of)) return of;
    for (const item of of) check(item, scope);
    return of.toSorted((a, b) => compare(keyOf(a), keyOf(b), direction));
  };
}

/** Numbers by size, texts by code unit. Items without a key come last in both directions. */
function compare(a: unknown, b: unknown, direction: number): number {
  if (isNothing(a) || isNothing(b)) return Number(isNothing(a)) - Number(isNothing(b));
  if (typeof a === 'number' && typeof b === 'number') return (a - b) * direction;
  const left = sortText(a);
  const right = sortText(b);
  if (left === right) return 0;
  return left < right ? -direction : direction;
}

const sortText = (x: unknown): string => (typeof x === 'string' ? x : JSON.stringify(x));

export function compileCount(compiler: ExpressionCompiler, e: CountExpression): Evaluate {
  const items = compileItems(compiler, e.of);
  return (scope) => {
    const of = items(scope);
    return isNothing(of) ? of : of.length;
  };
}

export function compileAt(compiler: ExpressionCompiler, e: AtExpression): Evaluate {
  const of = compiler.raw(e.of);
  const keyOf = compiler.raw(e.key);
  const origin = compiler.originOf(e.of);
  const itemSlot = isolatesItems(e.of) ? compiler.slotOf(e) + 1 : undefined;
  const parts = holdsParts(e.of);
  // A key without items has the empty list.
  const none = e.of.kind === 'groupBy' ? noItems : undefined;
  const isTable = e.of.kind === 'groupBy' || e.of.kind === 'indexBy';
  return (scope) => {
    const table = of(scope);
    if (isNothing(table)) return table === ABSENT ? ABSENT : none;
    const key = keyOf(scope);
    if (isNothing(key)) return key === ABSENT ? ABSENT : none;
    const entry = (isTable && table instanceof Map ? (table.get(key) as unknown) : entryOf(table, key)) ?? none;
    if (entry === NOT_A_TABLE)
      return reject(scope, origin, `${found(table)}, where the contract says a list or a dictionary`);
    if (itemSlot !== undefined) scope.slots[itemSlot] = entry;
    return parts ? open(entry) : entry;
  };
}

export const noItems: readonly unknown[] = Object.freeze([]);
const NOT_A_TABLE = Symbol('not a table');
function entryOf(table: unknown, key: unknown): unknown {
  if (table instanceof Map) return table.get(key) as unknown;
  if (Array.isArray(table)) return table[Number(key)] as unknown;
  return isObject(table) ? ownMember(table, String(key)) : NOT_A_TABLE;
}
