import type { PartHeaders } from '../../model/node-traits.js';
import type { HeadersExpression } from '../../view/expressions.js';
import type { Evaluate, ExpressionCompiler } from '../scope/expression-compiler.js';
import { ABSENT } from '../scope/evaluation-scope.js';

const none = Object.freeze({});
const isList = (headers: PartHeaders): headers is readonly (PartHeaders | null)[] => Array.isArray(headers);

/** The declared headers of a response. They are missing with their part or their item; a value that is a fallback has none. */
export function compileHeaders(compiler: ExpressionCompiler, { of, part, place }: HeadersExpression): Evaluate {
  const value = compiler.raw(of);
  const indexes = place.map((index) => compiler.raw(index));
  const { position } = part;
  // An entry of a list is none where the list has no such entry.
  const mayBeNoEntry = of.kind === 'at';
  return (scope) => {
    const there = value(scope);
    if (there === ABSENT) return ABSENT;
    let found: PartHeaders | null | undefined = scope.headers?.get(position);
    for (const index of indexes) {
      const at = index(scope);
      found = found && isList(found) && typeof at === 'number' ? found[at] : undefined;
    }
    return found ?? (mayBeNoEntry && there === undefined ? undefined : none);
  };
}
