import { isExactNumber } from '@frontage/core';
import { ABSENT, found, reject } from '../scope/evaluation-scope.js';
import type { Evaluate, ExpressionCompiler } from '../scope/expression-compiler.js';
import { scalarTypesOf } from '../../schema/schema-kinds.js';
import type { Expression } from '../../view/expressions.js';

/**
 * A key of a join: a string, a number or a boolean of the type that its contract declares. Undefined where it is null or missing. A table
 * with a prototype has no part in it: keys stand in a `Map`.
 */
export function compileKey(compiler: ExpressionCompiler, e: Expression): Evaluate {
  const { shapes } = compiler;
  const evaluate = compiler.raw(e);
  const origin = compiler.originOf(e);
  const declared = scalarTypesOf(shapes.of(e).schema, shapes.document);
  const types = new Set<string>(declared ?? ['string', 'number', 'boolean']);
  const [usual] = types;
  return (scope) => {
    const key = evaluate(scope);
    if (typeof key === usual) return key;
    if (key === ABSENT) return ABSENT;
    if (key === null || key === undefined) return undefined;
    if (types.has(typeof key) || (types.has('number') && isBigNumber(key))) return key;
    return reject(scope, origin, `${found(key)}, where the contract says ${[...types].join(' or ')}`);
  };
}

const isNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A number that a double cannot hold, which policy has passed on as a text. */
const isBigNumber = (key: unknown): boolean =>
  typeof key === 'string' && isNumber.test(key) && !isExactNumber(Number(key), key);
