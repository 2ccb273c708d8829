import { below } from './expression-branches.js';
import type { Expression } from './expressions.js';
import { traitsOf } from '../model/node-traits.js';
import { itemsMayBeMissing, mayBeMissing } from '../model/absence.js';
import { levelsOf, type EachNode } from '../model/nodes.js';

/** The text of an expression in messages: `orders.items[].ship.city`. */
export function expressionText(e: Expression): string {
  switch (e.kind) {
    case 'part':
    case 'input':
      return e.name;
    case 'field':
      return `${expressionText(e.of)}.${e.key}`;
    case 'headers':
      return `headersOf(${expressionText(e.of)})`;
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

/** True if the items of this list are parts of their own, each of which may be missing. */
export function holdsParts(e: Expression): boolean {
  const list = listOfEach(e);
  return list !== undefined && itemsMayBeMissing(list.node, list.depth);
}

/** True if items of this list, or of the lists in its items, are parts of their own. */
export function showsParts(e: Expression): boolean {
  const list = listOfEach(e);
  return (
    list !== undefined &&
    levelsOf(list.node).some((_, depth) => depth >= list.depth && itemsMayBeMissing(list.node, depth))
  );
}

/** The `each` whose list this is, or a list in its items, by depth. */
function listOfEach(e: Expression): { readonly node: EachNode; readonly depth: number } | undefined {
  switch (e.kind) {
    case 'part':
      return e.node.kind === 'each' ? { node: e.node, depth: 0 } : undefined;
    case 'item':
      return e.each ? innerList(e.of) : undefined;
    case 'flatten':
      return innerList(e.of);
    case 'filter':
      return listOfEach(e.over);
    case 'take':
    case 'where':
    case 'sort':
    case 'distinct':
    case 'otherwise':
    case 'named':
      return listOfEach(e.of);
    default:
      return undefined;
  }
}

function innerList(of: Expression): ReturnType<typeof listOfEach> {
  const around = listOfEach(of);
  if (around === undefined || around.depth + 1 >= levelsOf(around.node).length) return undefined;
  return { node: around.node, depth: around.depth + 1 };
}

/** True if one item of this list fails alone, because each item has an optional call of its own. */
export function isolatesItems(e: Expression): boolean {
  const list = listOfEach(e);
  if (list !== undefined) return traitsOf(list.node).isolatesItems && list.depth + 1 === levelsOf(list.node).length;
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
