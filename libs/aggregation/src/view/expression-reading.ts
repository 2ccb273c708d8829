import { below } from './expression-branches.js';
import type { Expression } from './expressions.js';
import { isListOfParts, traitsOf } from '../model/node-traits.js';
import { mayBeMissing } from '../model/nodes.js';

/** How an expression is called in messages: `orders.items[].ship.city`. */
export function expressionText(e: Expression): string {
  switch (e.kind) {
    case 'part':
    case 'input':
      return e.name;
    case 'field':
      return `${expressionText(e.of)}.${e.key}`;
    case 'item':
      return e.each ? `${expressionText(e.of)}[]` : expressionText(e.of);
    case 'index':
      return `the index of ${expressionText(e.of)}`;
    case 'list':
      return `${expressionText(e.over)}[]`;
    case 'within':
      return expressionText(e.over);
    case 'at':
      return e.key.kind === 'literal' ? `${expressionText(e.of)}[${String(e.key.value)}]` : `${expressionText(e.of)}[]`;
    case 'literal':
    case 'object':
    case 'array':
    case 'compute':
    case 'text':
    case 'when':
      return e.kind;
    default:
      return expressionText(e.of);
  }
}

/** Are the items of this list parts of their own, each of which may be missing? */
export function holdsParts(e: Expression): boolean {
  switch (e.kind) {
    case 'part':
      return isListOfParts(e.node);
    case 'take':
    case 'where':
    case 'sort':
      return holdsParts(e.of);
    default:
      return false;
  }
}

/** Does one item of this list fail for itself, because each has an optional call of its own? */
export function isolatesItems(e: Expression): boolean {
  switch (e.kind) {
    case 'part':
      return traitsOf(e.node).isolatesItems;
    case 'take':
    case 'where':
    case 'sort':
      return isolatesItems(e.of);
    default:
      return false;
  }
}

/** May this be absent, because a part that it reads is missing? Then something must say what stands in its place. */
export function absentPart(e: Expression): Expression | undefined {
  switch (e.kind) {
    case 'part':
      return mayBeMissing(e.node) ? e : undefined;
    case 'item':
      return e.each && holdsParts(e.of) ? e : undefined;
    case 'at':
      return holdsParts(e.of) ? e : (absentPart(e.of) ?? absentPart(e.key));
    case 'otherwise':
      return absentPart(e.other);
    case 'compute':
      return undefined;
    default:
      return firstAbsent(below(e));
  }
}

function firstAbsent(expressions: readonly Expression[]): Expression | undefined {
  for (const e of expressions) {
    const found = absentPart(e);
    if (found !== undefined) return found;
  }
  return undefined;
}
