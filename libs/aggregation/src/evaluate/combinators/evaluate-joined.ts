import { ABSENT, isObject } from '../scope/evaluation-scope.js';
import type { Evaluate, ExpressionCompiler } from '../scope/expression-compiler.js';
import { outerItems } from '../../view/expression-branches.js';
import type { Expression, JoinedExpression, OmitExpression } from '../../view/expressions.js';
import { compileConcat, compileFlatten, compileFold } from './evaluate-folds.js';
import { compileDistinct, compileEqual, compileFilter, compileMerge, compileTable } from './evaluate-joins.js';
import { compileItems, compileWhere } from './evaluate-lists.js';

/** The value of a join, a fold or a merged object, to be gone through or to be computed with. */
export function compileJoined(compiler: ExpressionCompiler, e: JoinedExpression): Evaluate {
  switch (e.kind) {
    case 'where':
      return compileWhere(compiler, e);
    case 'filter':
      return compileFilter(compiler, e);
    case 'indexBy':
    case 'groupBy':
      return compileTable(compiler, e);
    case 'equal':
      return compileEqual(compiler, e);
    case 'distinct':
      return compileDistinct(compiler, e);
    case 'concat':
      return compileConcat(
        compiler,
        e,
        e.lists.map((list) => compileItems(compiler, list)),
      );
    case 'flatten':
      return compileFlatten(compiler, e, compileItems(compiler, e.of));
    case 'sum':
    case 'min':
    case 'max':
      return compileFold(compiler, e);
    case 'omit':
      return compileOmit(compiler, e);
    case 'merge':
      return compileMerge(e.parts.map((part) => compiler.raw(part)));
  }
}

/** The same to be sent, for those whose parts are pruned one by one; undefined for those that are pruned as a whole, or not at all. */
export function compileKeptJoined(compiler: ExpressionCompiler, e: JoinedExpression): Evaluate | undefined {
  switch (e.kind) {
    case 'concat':
      return compileConcat(
        compiler,
        e,
        e.lists.map((list) => compiler.kept(list)),
      );
    case 'flatten':
      return compileFlatten(compiler, e, compiler.kept(e.of));
    case 'merge':
      return compileMerge(e.parts.map((part) => compiler.kept(part)));
    default:
      return undefined;
  }
}

function compileOmit(compiler: ExpressionCompiler, e: OmitExpression): Evaluate {
  const evaluate = compiler.raw(e.of);
  const omitted = new Set(e.keys);
  if (omitted.size === 0) return evaluate;
  return (scope) => {
    const value = evaluate(scope);
    if (value === ABSENT || !isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([name]) => !omitted.has(name)));
  };
}

/**
 * A value that depends on no item is the same for all items: it is made at first use and kept in a slot. So is a table, which is made
 * again only where an item that it depends on is another one.
 */
export function compileOnce(compiler: ExpressionCompiler, e: Expression, evaluate: Evaluate): Evaluate {
  const items = [...outerItems(e)].map((item) => compiler.slotOf(item));
  const slot = compiler.slotOf(e);
  if (items.length === 0) return (scope) => (scope.slots[slot] ??= evaluate(scope));
  return e.kind === 'groupBy' || e.kind === 'indexBy' ? oncePerItems(items, slot, evaluate) : evaluate;
}

/** The second slot holds the items that the value was made for. */
function oncePerItems(items: readonly number[], slot: number, evaluate: Evaluate): Evaluate {
  return (scope) => {
    const { slots } = scope;
    const madeFor = slots[slot + 1];
    if (Array.isArray(madeFor) && items.every((item, i) => Object.is(slots[item], madeFor[i]))) return slots[slot];
    const current = items.map((item) => slots[item]);
    const value = evaluate(scope);
    slots[slot] = value;
    slots[slot + 1] = current;
    return value;
  };
}
