import { mayBeMissing } from '../../model/absence.js';
import type { HeadersExpression } from '../../view/expressions.js';
import type { Evaluate } from '../scope/expression-compiler.js';
import { ABSENT, open } from '../scope/evaluation-scope.js';

const none = Object.freeze({});

/** The declared headers of a response. They are missing with their part; a part whose value is a fallback has none. */
export function compileHeaders({ of: { position, node } }: HeadersExpression): Evaluate {
  const unsure = mayBeMissing(node);
  return (scope) =>
    unsure && open(scope.values[position]) === ABSENT ? ABSENT : (scope.headers?.get(position) ?? none);
}
