import { below } from './expression-branches.js';
import type { Expression } from './expressions.js';
import { isListOfParts, traitsOf } from '../model/node-traits.js';
import { mayBeMissing } from '../model/nodes.js';

/** The text of an expression in messages: `orders.items[].ship.city`. */
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
    case 'filter':
      return expressionText(e.over);
    case 'at':
      return e.key.kind === 'literal' ? `${expressionText(e.of)}[${String(e.key.value)}]` : `${expressionText(e.of)}[]`;
    case 'literal':
    case 'object':
    case 'array':
    case 'compute':
    case 'text':
    case 'when':
    case 'equal':
    case 'merge':
      return e.kind;
    case 'concat':
      return `concat(${e.lists.map(expressionText).join(', ')})`;
    case 'sum':
    case 'min':
    case 'max':
      return `${e.kind}(${expressionText(e.of)})`;
    default:
      return expressionText(e.of);
  }
}

/** Whether the items of this list are parts of their own, each of which may be missing. */
export function holdsParts(e: Expression): boolean {
  switch (e.kind) {
    case 'part':
      return isListOfParts(e.node);
    case 'filter':
      return holdsParts(e.over);
    case 'take':
    case 'where':
    case 'sort':
    case 'distinct':
    case 'otherwise':
    case 'named':
      return holdsParts(e.of);
    default:
      return false;
  }
}

/** Whether one item of this list fails alone, because each item has an optional call of its own. */
export function isolatesItems(e: Expression): boolean {
  switch (e.kind) {
    case 'part':
      return traitsOf(e.node).isolatesItems;
    case 'filter':
      return isolatesItems(e.over);
    case 'take':
    case 'where':
    case 'sort':
    case 'distinct':
    case 'otherwise':
    case 'named':
      return isolatesItems(e.of);
    case 'at':
      // The list of one key.
      return e.of.kind === 'groupBy' && isolatesItems(e.of.of);
    default:
      return false;
  }
}

/**
 * The part because of which this expression may be missing; undefined where it is always present. Then the view must say what to send
 * instead.
 */
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
