import { branchesOf } from '../view/expression-branches.js';
import type { Expression } from '../view/expressions.js';
import { traitsOf } from '../model/node-traits.js';
import type { PartNode } from '../model/nodes.js';

/** A field of the response of a part. */
export interface FieldSource {
  readonly part: string;
  readonly node: PartNode;
  /** `items[].id`; empty for the whole response. */
  readonly path: string;
}

/** The use of a value: it is sent, or a function gets it. `passed` only leads to a member below. */
type ReadPurpose = 'kept' | 'computed' | 'passed';

/** Told each value that is read from a response, and its use. */
type Note = (e: Expression, how: 'kept' | 'computed') => void;

/** Names every value of responses below an expression, and what it is used for. */
export function walkReads(e: Expression, how: ReadPurpose, note: Note): void {
  if (how !== 'passed' && (e.kind === 'part' || e.kind === 'item' || e.kind === 'field' || e.kind === 'at'))
    note(e, how);
  if (e.kind === 'item') return;
  const { source, computed, shown, lookedAt } = branchesOf(e);
  for (const one of lookedAt) note(one, 'computed');
  for (const one of computed) walkReads(one, 'computed', note);
  for (const one of shown) walkReads(one, how, note);
  if (source !== undefined && !computed.includes(source) && !shown.includes(source)) walkReads(source, 'passed', note);
}

/** The fields of responses that an expression refers to; none for a value that is made here. */
export function sourcesOf(e: Expression): readonly FieldSource[] {
  switch (e.kind) {
    case 'part':
      return [{ part: e.name, node: e.node, path: traitsOf(e.node).member }];
    case 'field':
      return sourcesOf(e.of).map((of) => ({ ...of, path: of.path === '' ? e.key : `${of.path}.${e.key}` }));
    case 'item':
      return e.each ? itemsOf(e.of) : sourcesOf(e.of);
    case 'at':
      // The entry of a table of groups is a list itself.
      return e.of.kind === 'groupBy' ? sourcesOf(e.of.of) : itemsOf(e.of);
    case 'filter':
      return sourcesOf(e.over);
    case 'concat':
      return e.lists.flatMap(sourcesOf);
    case 'otherwise':
      return [...sourcesOf(e.of), ...sourcesOf(e.other)];
    case 'take':
    case 'where':
    case 'sort':
    case 'distinct':
    case 'indexBy':
    case 'groupBy':
    case 'omit':
    case 'named':
      return sourcesOf(e.of);
    default:
      return [];
  }
}

/** The items of a list. Each item of an `each` is a whole response. */
function itemsOf(e: Expression): readonly FieldSource[] {
  switch (e.kind) {
    case 'list':
      return sourcesOf(e.body);
    case 'flatten':
      return e.of.kind === 'list' ? itemsOf(e.of.body) : itemsOf(e.of).map(oneItem);
    case 'concat':
      return e.lists.flatMap(itemsOf);
    case 'otherwise':
      return [...itemsOf(e.of), ...itemsOf(e.other)];
    default:
      return isEachItself(e) ? sourcesOf(e) : sourcesOf(e).map(oneItem);
  }
}

const oneItem = (of: FieldSource): FieldSource => ({ ...of, path: `${of.path}[]` });

const isEachItself = (e: Expression): boolean => {
  switch (e.kind) {
    case 'part':
      return traitsOf(e.node).yields === 'responses';
    case 'filter':
      return isEachItself(e.over);
    case 'take':
    case 'where':
    case 'sort':
    case 'distinct':
    case 'indexBy':
    case 'groupBy':
      return isEachItself(e.of);
    case 'at':
      return e.of.kind === 'groupBy' && isEachItself(e.of.of);
    default:
      return false;
  }
};
