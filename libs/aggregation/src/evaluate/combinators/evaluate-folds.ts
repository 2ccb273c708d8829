import { ABSENT, found, reject, type EvaluationScope, type Origin } from '../scope/evaluation-scope.js';
import { itemOrigin } from '../scope/evaluation-origin.js';
import type { Evaluate, ExpressionCompiler } from '../scope/expression-compiler.js';
import { expressionText } from '../../view/expression-reading.js';
import type { ConcatExpression, FlattenExpression, FoldExpression } from '../../view/expressions.js';
import { compileItems, isNothing } from './evaluate-lists.js';
import { exactSum } from './exact-sum.js';

/** @param evaluates one per list, in its order */
export function compileConcat(
  compiler: ExpressionCompiler,
  e: ConcatExpression,
  evaluates: readonly Evaluate[],
): Evaluate {
  const origins = e.lists.map((list) => compiler.originOf(list));
  return (scope) => {
    const made: unknown[] = [];
    for (let i = 0; i < evaluates.length; i += 1) {
      const items = evaluates[i]?.(scope);
      if (items === ABSENT) return ABSENT;
      const origin = origins[i];
      if (!addAll(made, items) && origin !== undefined) reject(scope, origin, notAList(items));
    }
    return made;
  };
}

/** @param evaluate gives the list of lists */
export function compileFlatten(compiler: ExpressionCompiler, e: FlattenExpression, evaluate: Evaluate): Evaluate {
  const origin = compiler.originOf(e.of);
  const slot = compiler.slotOf(e);
  const ofItem: Origin = { ...itemOrigin(e.of, slot, compiler), path: `${expressionText(e.of)}[]` };
  return (scope) => {
    const lists = evaluate(scope);
    if (isNothing(lists)) return lists;
    if (!Array.isArray(lists)) return reject(scope, origin, notAList(lists));
    const made: unknown[] = [];
    for (const items of lists as readonly unknown[]) {
      if (addAll(made, items)) continue;
      scope.slots[slot] = items;
      reject(scope, ofItem, notAList(items));
    }
    return made;
  };
}

const notAList = (value: unknown): string => `${found(value)}, where the contract says a list`;

/** A list that is null adds nothing. @returns false for something else */
function addAll(made: unknown[], items: unknown): boolean {
  if (items === null || items === undefined) return true;
  if (!Array.isArray(items)) return false;
  for (const item of items as readonly unknown[]) made.push(item);
  return true;
}

export function compileFold(compiler: ExpressionCompiler, e: FoldExpression): Evaluate {
  const items = compileItems(compiler, e.of);
  const slot = compiler.slotOf(e);
  const origin: Origin = { ...itemOrigin(e.of, slot, compiler), path: expressionText(e) };
  const refuse = (value: unknown, warning: string, scope: EvaluationScope): never => {
    scope.slots[slot] = value;
    return reject(scope, origin, warning);
  };
  const kinds = e.kind === 'sum' ? ['number'] : ['number', 'string'];
  const fold = e.kind === 'sum' ? exactSum : e.kind === 'min' ? least : most;
  return (scope) => {
    const of = items(scope);
    if (isNothing(of)) return of;
    const values = of.filter((value) => value !== null && value !== undefined);
    const [first] = values;
    const type = typeof first;
    for (const value of values) {
      if (!kinds.includes(typeof value))
        refuse(value, `${found(value)}, where the contract says ${kinds.join(' or ')}`, scope);
      if (typeof value !== type) refuse(value, `${found(value)} beside one of type ${type}`, scope);
    }
    // The loop above has checked their types.
    const made = fold(values as never);
    return made === undefined && first !== undefined
      ? refuse(first, 'has a sum that a double cannot hold', scope)
      : made;
  };
}

function least<T extends number | string>(values: readonly T[]): T | undefined {
  return values.reduce<T | undefined>((found, one) => (found === undefined || one < found ? one : found), undefined);
}
function most<T extends number | string>(values: readonly T[]): T | undefined {
  return values.reduce<T | undefined>((found, one) => (found === undefined || one > found ? one : found), undefined);
}
