import { ABSENT, type EvaluationScope } from '../scope/evaluation-scope.js';
import type { ExpressionCompiler } from '../scope/expression-compiler.js';
import type { Expression } from '../../view/expressions.js';

/** The value of an expression as JSON, undefined for no value, `ABSENT` where a part that it needs is missing. */
export type Write = (scope: EvaluationScope) => string | undefined | typeof ABSENT;

/** Writes the value that may be sent. */
export function compileWrite(compiler: ExpressionCompiler, e: Expression): Write {
  const evaluate = compiler.kept(e);
  return (scope) => {
    const value = evaluate(scope);
    return value === ABSENT ? ABSENT : textOf(value);
  };
}

/** Quotes, backslashes, control characters and halves of surrogate pairs. */
const needsEscape = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** As `JSON.stringify` writes it, which takes longer for a scalar. */
function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return needsEscape.test(value) ? JSON.stringify(value) : `"${value}"`;
    case 'number':
      return Number.isFinite(value) ? `${value}` : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return undefined;
    default:
      return JSON.stringify(value);
  }
}
