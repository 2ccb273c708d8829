import { ABSENT, isInherited, isObject, open, type EvaluationScope } from '../scope/evaluation-scope.js';
import type { Evaluate, ExpressionCompiler } from '../scope/expression-compiler.js';
import { scalarTypesOf } from '../../schema/schema-kinds.js';
import { holdsParts, isolatesItems } from '../../view/expression-reading.js';
import { outerItems } from '../../view/expression-branches.js';
import type {
  DistinctExpression,
  EqualExpression,
  Expression,
  FilterExpression,
  ItemExpression,
  TableExpression,
} from '../../view/expressions.js';
import { compileItems, isNothing, noItems } from './evaluate-lists.js';
import { compileKey } from './keys.js';

/** Puts an item where the expressions of its body look for it. */
function itemSetter(compiler: ExpressionCompiler, item: ItemExpression): (slots: unknown[], value: unknown) => void {
  const slot = compiler.slotOf(item);
  const parts = holdsParts(item.of);
  if (!isolatesItems(item.of) && !parts) return (slots, value) => void (slots[slot] = value);
  return (slots, value) => {
    slots[slot] = parts ? open(value) : value;
    slots[slot + 1] = value;
  };
}

export function compileTable(compiler: ExpressionCompiler, e: TableExpression): Evaluate {
  const items = compileItems(compiler, e.of);
  const setItem = itemSetter(compiler, e.item);
  const keyOf = compileKey(compiler, e.key);
  const add = e.kind === 'indexBy' ? addOne : addToGroup;
  const plain = plainKey(compiler, e);
  return (scope) => {
    const of = items(scope);
    if (isNothing(of)) return of;
    const table = new Map<unknown, never>();
    for (const item of of) {
      let key: unknown = plain === undefined || !isObject(item) ? undefined : item[plain.name];
      if (plain === undefined || typeof key !== plain.type) {
        setItem(scope.slots, item);
        key = keyOf(scope);
      }
      if (key !== undefined && key !== ABSENT) add(table, key, item);
    }
    return table;
  };
}

/** A member of the item, and the type that it usually has: such a key needs no further look. */
function plainKey(
  { shapes }: ExpressionCompiler,
  { of, item, key }: TableExpression,
): { readonly name: string; readonly type: string } | undefined {
  if (key.kind !== 'field' || key.of !== item || isInherited(key.key) || isolatesItems(of)) return undefined;
  const [type] = scalarTypesOf(shapes.of(key).schema, shapes.document) ?? [];
  return type === undefined ? undefined : { name: key.key, type };
}

const addOne = (table: Map<unknown, unknown>, key: unknown, item: unknown): void => void table.set(key, item);

function addToGroup(table: Map<unknown, unknown[]>, key: unknown, item: unknown): void {
  const known = table.get(key);
  if (known === undefined) table.set(key, [item]);
  else known.push(item);
}

export function compileFilter(compiler: ExpressionCompiler, e: FilterExpression): Evaluate {
  return compileJoin(compiler, e) ?? compileCondition(compiler, e);
}

/** A condition that compares a key of the item with a value from outside: the items are looked up in a table. */
function compileJoin(compiler: ExpressionCompiler, e: FilterExpression): Evaluate | undefined {
  const sides = e.condition.kind === 'equal' ? sidesOf(e.condition, e.item) : undefined;
  if (sides === undefined) return undefined;
  const table = compiler.raw({ kind: 'groupBy', of: e.over, item: e.item, key: sides.inner });
  const keyOf = compileKey(compiler, sides.outer);
  return (scope) => {
    const groups = table(scope);
    if (!(groups instanceof Map)) return groups;
    const key = keyOf(scope);
    if (key === ABSENT) return ABSENT;
    return (key === undefined ? undefined : (groups.get(key) as unknown)) ?? noItems;
  };
}

/** The side that is made of the item, and the one that is not. */
function sidesOf(
  { left, right }: EqualExpression,
  item: Expression,
): { readonly inner: Expression; readonly outer: Expression } | undefined {
  const [onLeft, onRight] = [outerItems(left).has(item), outerItems(right).has(item)];
  if (onLeft === onRight) return undefined;
  return onLeft ? { inner: left, outer: right } : { inner: right, outer: left };
}

function compileCondition(compiler: ExpressionCompiler, e: FilterExpression): Evaluate {
  const items = compileItems(compiler, e.over);
  const setItem = itemSetter(compiler, e.item);
  const condition = compiler.raw(e.condition);
  return (scope) => {
    const of = items(scope);
    if (isNothing(of)) return of;
    const kept: unknown[] = [];
    for (const item of of) {
      setItem(scope.slots, item);
      const holds = condition(scope);
      if (holds === ABSENT) return ABSENT;
      if (holds === true) kept.push(item);
    }
    return kept;
  };
}

export function compileEqual(compiler: ExpressionCompiler, e: EqualExpression): Evaluate {
  const left = compileKey(compiler, e.left);
  const right = compileKey(compiler, e.right);
  return (scope) => {
    const one = left(scope);
    const other = right(scope);
    if (one === ABSENT || other === ABSENT) return ABSENT;
    return one !== undefined && one === other;
  };
}

export function compileDistinct(compiler: ExpressionCompiler, e: DistinctExpression): Evaluate {
  const items = compileItems(compiler, e.of);
  const { by } = e;
  const setItem = by && itemSetter(compiler, by.item);
  const keyOf = by && compileKey(compiler, by.key);
  const keyIn = (item: unknown, scope: EvaluationScope): unknown => {
    if (setItem === undefined || keyOf === undefined) return item;
    setItem(scope.slots, item);
    return keyOf(scope);
  };
  return (scope) => {
    const of = items(scope);
    if (isNothing(of)) return of;
    const seen = new Set<unknown>();
    return of.filter((item) => {
      const key = keyIn(item, scope);
      if (keyOf !== undefined && (key === undefined || key === ABSENT)) return true;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  };
}

/** The members of several objects. Where all members of an object are made in one order, some of them are undefined: they replace nothing. */
export function compileMerge(parts: readonly Evaluate[]): Evaluate {
  return (scope) => {
    const made: Record<string, unknown> = {};
    for (const part of parts) {
      const value = part(scope);
      if (value === ABSENT) return ABSENT;
      if (!isObject(value)) continue;
      for (const name of Object.keys(value)) {
        const member = value[name];
        // An assignment to this name sets the prototype.
        if (member !== undefined && name !== '__proto__') made[name] = member;
      }
    }
    return made;
  };
}
